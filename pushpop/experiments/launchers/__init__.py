"""Where trials run. A launcher starts jobs and sees them end; what came of one is read from its folder, never asked.

Each is a module of its own, imported when it is chosen: the others' packages need not be there.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pushpop.errors import ConfigError
from pushpop.experiments.fields import one_of

LAUNCHERS = {
    "local": ("pushpop.experiments.launchers.local:build", "processes of this machine"),
    "ray": ("pushpop.experiments.launchers.ray:build", "tasks of a Ray cluster, or of this machine"),
    "slurm": ("pushpop.experiments.launchers.slurm:build", "jobs of a Slurm cluster"),
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """One trial, as any launcher can hand it to any process: plain values alone."""

    number: int
    settings: dict[str, Any]
    """As `Settings.to_dict` gives them."""
    folder: str
    """The run folder, absolute; on a cluster every machine sees it."""
    threads: int = 1
    """Cores that it claims."""


class Handle(Protocol):
    """A job that was started."""

    def ended(self) -> bool:
        """Whether its process is gone, however it ended."""
        ...

    def stop(self) -> None:
        """End it; a run in training makes a checkpoint first. Asked twice, the second time does nothing."""
        ...

    def reason(self) -> str:
        """Why it was lost, such as "killed by signal 9"; nothing if that is not known."""
        ...


class Launcher(Protocol):
    """Starts jobs."""

    slots: int
    """How many may run abreast."""

    def start(self, job: Job) -> Handle: ...

    def wait(self, handles: Sequence[Handle], seconds: float) -> None:
        """Return when one of them has ended, or the time is over."""
        ...

    def close(self) -> None:
        """Let go of all that was set up for the jobs; those still running are stopped."""
        ...


def choose(name: str, workers: int, options: Mapping[str, str] | None = None) -> Launcher:
    """The launcher of that name, for so many trials abreast; `options` are its own, such as a Slurm partition.

    Raises:
        ConfigError: there is none of that name, its package is not installed, or it has no such option.
    """
    one_of(name, LAUNCHERS, "launcher")
    if workers < 1:
        raise ConfigError(f"workers: {workers} is no number of trials abreast; give 1 or more")
    module, function = LAUNCHERS[name][0].split(":")
    launcher: Launcher = getattr(importlib.import_module(module), function)(workers, dict(options or {}))
    return launcher
