"""A sweep folder as a report reads it: what was varied, how its trials stand, its configurations from best to worst."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pushpop.errors import RunError
from pushpop.experiments.store import held, read_json
from pushpop.reporting.costs import share
from pushpop.reporting.measures import measures
from pushpop.reporting.ranking import is_right, ranked, right_on_validation
from pushpop.reporting.records import SWEEP, Say, folders, varying
from pushpop.reporting.runs import SPLITS, Group, Record, tally
from pushpop.reporting.tables import runs_of, spread, total
from pushpop.reporting.writing import Cell, Table, noted

VARIANT = "variant"


@dataclass(frozen=True)
class Swept:
    """One sweep: what its `sweep.json` says, and the trials that have begun, grouped by configuration."""

    path: Path
    about: Mapping[str, Any]
    groups: tuple[Group, ...]
    running: bool  # a scheduler holds it

    @property
    def name(self) -> str:
        return str(self.about.get("name") or self.path.resolve().name)

    @cached_property
    def records(self) -> list[Record]:
        return [record for group in self.groups for record in group.records]

    @property
    def is_text(self) -> bool:
        return bool(self.groups) and all(group.is_text for group in self.groups)

    @cached_property
    def axes(self) -> list[str]:
        """The settings that were varied, by dotted names: those the sweep names, or else those that differ."""
        variants = [one for one in self.about.get("variants") or [] if isinstance(one, Mapping)]
        named = [name for variant in variants for name in variant.get("over") or {}]
        found = varying([group.first for group in self.groups])
        told = [name for name in dict.fromkeys(named) if name in found] or found
        return [*([VARIANT] if len({group.first.variant for group in self.groups}) > 1 else []), *told]

    def value(self, record: Record, axis: str) -> Any:
        """Where a trial stands on an axis; None if it has no such setting."""
        return record.variant if axis == VARIANT else record.settings.get(axis)

    def state(self) -> str:
        """What is searched, and how the trials stand, in words."""
        search, seeds = self.about.get("search") or "?", runs_of([record.seed for record in self.records])
        over = ", ".join(self.axes) or "the seed alone"
        if not self.records:
            return f"Search: {search}. No trial has begun yet."
        counts = tally([record.status for record in self.records])
        now = " It is still running." if self.running else ""
        return f"Search: {search}, over {over}; seeds {seeds}. {len(self.records):,} trials have begun: {counts}.{now}"


def read_sweeps(paths: Iterable[Path], groups: Sequence[Group], say: Say | None = None) -> list[Swept]:
    """Every sweep at or below these folders, with those of the groups that have a run in it."""
    found = {}
    for path in paths:
        for folder in sorted(folders(path, {SWEEP})):
            found.setdefault(folder.resolve(), folder)
    sweeps = []
    for resolved, folder in found.items():
        try:
            about = read_json(folder / SWEEP)
        except RunError as error:
            if say:
                say(f"{error}; its runs are shown, what was swept is not")
            about = dict[str, Any]()
        inside = [within(group, resolved) for group in groups]
        sweeps.append(Swept(folder, about, tuple(group for group in inside if group.records), held(folder)))
    return sweeps


def within(group: Group, folder: Path) -> Group:
    """The runs of a group that lie in a folder."""
    return Group(group.name, tuple(one for one in group.records if folder in one.path.resolve().parents))


def configurations(sweep: Swept) -> Table:
    """Every configuration, best first: its place on each axis, how many seeds were right, in how many words."""
    if sweep.is_text:
        return of_text(sweep)
    names = measures(sweep.records)
    columns = ("rank", "model", *sweep.axes, "right on validation", "share (95 % Wilson)", "median words", "solved",
               *(f"{split} {name}" for split in SPLITS for name in names), "hash")  # fmt: skip
    rows = tuple(
        (rank, group.first.model, *(exactly(sweep.value(group.first, axis)) for axis in sweep.axes),
         *came_to(group, names), group.first.hash)
        for rank, group in enumerate(ranked(sweep.groups), 1)
    )  # fmt: skip
    return Table(
        f"Configurations of {sweep.name}, best first",
        columns,
        rows,
        "Ranked by validation words alone: the share of seeds that are wholly right on them, of those that have "
        "ended, then the median words these took; where none is right, the mean score. Test scores stand beside and "
        "choose nothing. Scores are medians over seeds, with the lowest and highest beneath.",
    )


def of_text(sweep: Swept) -> Table:
    """The same of runs on text, of which none is right."""
    names = [name for name in measures(sweep.records) if name != "accuracy"]
    columns = ("rank", "model", *sweep.axes, "seeds done", *(f"{split} {name}" for split in SPLITS for name in names),
               "hash")  # fmt: skip
    rows = tuple(
        (rank, group.first.model, *(exactly(sweep.value(group.first, axis)) for axis in sweep.axes),
         noted(group.count, group.cut_short),
         *(spread(record.scores(split).get(name) for record in group.records) for split in SPLITS for name in names),
         group.first.hash)
        for rank, group in enumerate(ranked(sweep.groups), 1)
    )  # fmt: skip
    caption = (
        "Ranked by the nats of the validation part alone (where there is none, as they were given); those of the test "
        "stand beside and choose nothing. Medians over seeds, with the lowest and highest beneath."
    )
    return Table(f"Configurations of {sweep.name}, best first", columns, rows, caption)


def exactly(value: Any) -> str | None:
    """A setting as it was given, however small; a share or a count would be rounded."""
    return f"{value:.6g}" if isinstance(value, float) else value if value is None else str(value)


def came_to(group: Group, names: Sequence[str]) -> tuple[Cell, ...]:
    ended, right = sum(record.status != "unfinished" for record in group.records), right_on_validation(group)
    return (
        noted(f"{right} of {ended}", group.cut_short),
        share(right, ended),
        None if right == 0 else int(group.rank[1]),
        group.count,
        *(spread(record.scores(split).get(name) for record in group.records) for split in SPLITS for name in names),
    )


def pruning(sweep: Swept) -> Table | None:
    """How much pruning stopped, and how often it would have been wrong; None if nothing was ever to be pruned."""
    stopped = [record for record in sweep.records if record.status == "pruned"]
    spared = [record for record in sweep.records if record.spared]
    if not (stopped or spared or sweep.about.get("pruning")):
        return None
    ended = [record for record in spared if record.finished]
    solved = sum(record.solved for record in ended)
    rows: list[tuple[Cell, ...]] = [
        ("trials stopped", len(stopped)),
        ("words they had used, median", spread(total(record, "words") for record in stopped)),
        ("trials spared: doomed, but let go on", len(spared)),
        ("of those have ended", len(ended)),
        ("of those were right on validation", sum(map(is_right, ended)) if ended else None),
        ("of those were solved", solved if ended else None),
        ("false-prune rate (95 % Wilson)", share(solved, len(ended)) or "not measured"),
    ]
    caption = (
        "A share of the trials that the pruner would have stopped goes on to its end: of those, the share that is "
        "solved all the same says how often pruning is wrong."
    )
    if not ended:
        caption += " None of them has ended: how often pruning is wrong was not measured."
    return Table(f"Pruning in {sweep.name}", ("", "trials"), tuple(rows), caption)
