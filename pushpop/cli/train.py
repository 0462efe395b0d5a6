"""`pushpop train`: every setting of the chosen task, model and training is an option."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from pushpop.cli.choices import chosen_before
from pushpop.cli.options import nested, options_of, whole
from pushpop.cli.screen import only_json, print_json, show
from pushpop.errors import ConfigError
from pushpop.experiments.settings import Settings, merge
from pushpop.tasks.catalogue import TASKS

SHORT = ("steps", "words", "seconds", "device", "corpus")  # settings that have a short name too
BY_DEGREE = {"text": "a text", "nodes": "a real graph", "links": "a real graph"}  # of which nothing is solved
RUN = Group("Run", sort_key=0)


def command(argv: Sequence[str]) -> Callable[..., int]:
    """The `train` command for these arguments: its options are those of the task, model and preset they name.

    Raises ConfigError where one of these is unknown, or the file cannot be read.
    """
    given_before = chosen_before(argv)
    before = Settings.from_dict(given_before)
    parts = [
        (f"Task {before.task.kind}", "task", before.task.settings, SHORT, None),
        (f"Model {before.model.kind}", "model", before.model.settings, (), None),
        ("Training", "training", before.training, SHORT, TASKS[before.task.kind].meanings),
    ]
    found: list[inspect.Parameter] = []
    for place, (heading, part, settings, short, said) in enumerate(parts, start=1):
        found += options_of(part, type(settings), asdict(settings), Group(heading, sort_key=place), short, said)

    def chosen(task: str = before.task.kind, **given: Any) -> int:
        return train(given_before, task, **given)

    return shaped(chosen, [*own_options(before), *found])


def own_options(before: Settings) -> list[inspect.Parameter]:
    """The parameters of `train` itself, with what is already known as their defaults."""
    usual = {"task": before.task.kind, "model": before.model.kind, "seed": before.seed}
    parameters = [*inspect.signature(train).parameters.values()][1:-1]
    return [each.replace(default=usual.get(each.name, each.default)) for each in parameters]


def shaped(work: Callable[..., Any], parameters: Sequence[inspect.Parameter]) -> Callable[..., Any]:
    """`work` as a function with these parameters, for a reader of signatures."""
    work.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    work.__annotations__ = {each.name: each.annotation for each in parameters}
    return work


def train(
    given_before: Mapping[str, object],
    task: Annotated[str, Parameter(group=RUN, help="What to learn; see `pushpop tasks`.")],
    /,
    *,
    model: Annotated[str, Parameter(group=RUN, help="What learns it; see `pushpop models`.")] = "",
    preset: Annotated[str | None, Parameter(group=RUN, help="Settings to start from; see `pushpop models`.")] = None,
    config: Annotated[Path | None, Parameter(group=RUN, help="Settings in a TOML file, over the preset's.")] = None,
    seed: Annotated[
        int | None,
        Parameter(group=RUN, converter=whole, help="Of the first weights and of all that is drawn."),
    ] = None,
    run: Annotated[Path | None, Parameter(group=RUN, help="Run folder; by default named by the settings.")] = None,
    resume: Annotated[bool, Parameter(group=RUN, help="Go on where the run folder stands.")] = False,
    require_solved: Annotated[bool, Parameter(group=RUN, help="Exit status 1 unless the run is solved.")] = False,
    quiet: Annotated[bool, Parameter(group=RUN, help="No progress bar.")] = False,
    json: Annotated[bool, Parameter(group=RUN, help="Print one JSON object and nothing else.")] = False,
    **given: Any,
) -> int:
    """Train, and say what it came to. What `model`, `preset` and `config` say is already in `given_before`."""
    before, asked = Settings.from_dict(given_before), nested(given)
    if (task, model or before.model.kind) != (before.task.kind, before.model.kind):
        raise ConfigError(f"train: {task!r} comes too late to be the task; give it first, as in: pushpop train {task}")
    settings = Settings.from_dict(merge(given_before, {**asked, "seed": before.seed if seed is None else seed}))
    if require_solved and before.task.settings.answers in BY_DEGREE:
        said = BY_DEGREE[before.task.settings.answers]
        raise ConfigError(f"train: --require-solved: {said} is never solved, only predicted; leave it out")
    from pushpop.experiments.trial import train_settings

    with only_json(json):
        trained = train_settings(settings, run=run, resume=resume, quiet=quiet or json)
    from pushpop.training.parallel import place

    if place()[0]:
        pass  # of the processes that torchrun started, the first shows the result
    elif json:
        print_json(trained.summary())
    else:
        from pushpop.reporting.tables import result_table

        show(result_table(trained.summary()))
        show(f"run: {trained.path}")
    return int(require_solved and not trained.solved)
