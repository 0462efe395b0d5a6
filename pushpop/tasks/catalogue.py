"""The tasks there are."""

from collections.abc import Callable
from typing import NamedTuple

from pushpop.tasks.strings import Reverse
from pushpop.tasks.task import Task


class TaskKind(NamedTuple):
    """How a task is named, set and made. A task of strings is its own settings: frozen, keyword-only fields."""

    settings: type[Task]
    build: Callable[[Task], Task]
    description: str


def itself(settings: Task) -> Task:
    """The task that its own settings are."""
    return settings


TASKS: dict[str, TaskKind] = {
    "reverse": TaskKind(Reverse, itself, "say the word backwards (a stack's task)"),
}
