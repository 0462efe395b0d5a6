"""What the runs of a study came to: a group for each configuration, and a row for each run."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pushpop.experiments import store
from pushpop.experiments.settings import UNCOUNTED, Settings
from pushpop.experiments.sweep import Configuration, Sweep
from pushpop.experiments.sweep_folder import RUNS
from pushpop.reporting.records import flat, read_json, read_run, short
from pushpop.reporting.runs import Group, Record

KEPT = ("solved", "steps", "words", "seconds", "validation", "test")


class Findings(NamedTuple):
    """A study so far: its sweep, its configurations in order with the runs that have begun, and its summary."""

    sweep: Sweep
    groups: Sequence[Group]
    summary: Mapping[str, Any]

    @property
    def records(self) -> list[Record]:
        return [record for group in self.groups for record in group.records]

    def of(self, part: str) -> list[Group]:
        """The groups whose variant begins so."""
        return [group for group in self.groups if group.name.startswith(part)]


def trials(sweep: Sweep, folder: Path) -> Iterator[tuple[Configuration, Settings, Path]]:
    """Each run of a grid: its configuration, its own settings, and where the sweep in `folder` keeps it."""
    for configuration in sweep.configurations():
        (variant,) = (each for each in sweep.variants if each.name == configuration.variant)
        for seed in sweep.seeds_of(variant):
            settings = configuration.seeded(seed, sweep.threads)
            yield configuration, settings, store.folder_of(settings, folder / RUNS)


def grouped(sweep: Sweep, folder: Path) -> list[Group]:
    """The runs that have begun, by configuration. Raises RunError for one that is damaged."""
    together: dict[str, list[Record]] = {}
    for configuration, _, run in trials(sweep, folder):
        if (run / store.CONFIG).exists():
            together.setdefault(name(configuration), []).append(read_run(run))
    return [Group(title, tuple(records)) for title, records in together.items()]


def name(configuration: Configuration) -> str:
    """A configuration by its variant and its place on the axes, shortly."""
    values = (f"{place.rpartition('.')[2]} {short(value)}" for place, value in configuration.chosen.items())
    return ", ".join([configuration.variant, *values])


def rows(sweep: Sweep, folder: Path, root: Path) -> Iterator[dict[str, Any]]:
    """What came of each run, as plain data; folders are told from `root`."""
    for configuration, settings, run in trials(sweep, folder):
        result: dict[str, Any] = {"model": settings.model.kind, "seed": settings.seed,
                                  "variant": configuration.variant, "configuration": dict(configuration.chosen),
                                  "run": str(run.relative_to(root)), "failure": failure(run)}  # fmt: skip
        result["command"] = command(settings)
        if result["failure"] is None:
            trained = store.read_metrics(run) or {}
            result |= {**{key: trained.get(key) for key in KEPT}, "by_length": []}
        yield result


def failure(run: Path) -> str | None:
    """Why a run has no result, in a line; None if it has one."""
    if (run / store.METRICS).exists():
        return None
    if (run / store.FAILURE).exists():
        return str(read_json(run / store.FAILURE).get("error", "it failed"))
    return "it has not ended"


def command(settings: Settings) -> str:
    """What one types to train such a run."""
    usual = Settings.from_dict({"task": settings.task.kind, "model": settings.model.kind})
    known, wanted = flat(usual.to_dict()), flat(settings.to_dict())
    said = ["pushpop", "train", settings.task.kind, "--model", settings.model.kind]
    for place, value in wanted.items():
        if place not in UNCOUNTED and place != "seed" and value != known[place]:
            said += [f"--{place}".replace("_", "-"), str(value)]
    return shlex.join([*said, "--seed", str(settings.seed)])
