"""Run folders as a report reads them: settings, events and scores, with nothing of torch and nothing written."""

import hashlib
import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pushpop.errors import RunError
from pushpop.experiments import lengths
from pushpop.experiments.store import CONFIG, EVENTS, read_json, read_metrics
from pushpop.training.durable import events

Split = Literal["validation", "test"]
SPLITS: tuple[Split, Split] = ("validation", "test")
ORDER = ["coarse", "fine", "token", "accuracy", "baseline", "nats", "bits_per_character", "node", "graph"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One run folder, read once."""

    path: Path
    config: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Any] | None  # None until the run has ended
    further: Sequence[Mapping[str, Any]] = ()  # rows by length that were scored after the run

    @property
    def task(self) -> str:
        return kind(self.config, "task")

    @property
    def model(self) -> str:
        return kind(self.config, "model")

    @property
    def seed(self) -> int:
        return int(self.config.get("seed", 0))

    @property
    def finished(self) -> bool:
        return self.metrics is not None

    @property
    def solved(self) -> bool:
        return self.metrics is not None and bool(self.metrics.get("solved"))

    @property
    def status(self) -> str:
        return "solved" if self.solved else "not solved" if self.finished else "unfinished"

    @cached_property
    def evaluations(self) -> list[Mapping[str, Any]]:
        """The events that carry scores, in order."""
        return [event for event in self.events if "validation" in event or "test" in event]

    def total(self, name: Literal["steps", "words", "seconds"]) -> float | None:
        """What the run had used at its end, or at its last event if it has not ended."""
        if self.metrics is not None and name in self.metrics:
            return self.metrics[name]
        return self.events[-1].get("step" if name == "steps" else name) if self.events else None

    def scores(self, split: Split) -> Mapping[str, float]:
        """The final scores, or those of the last evaluation if the run has not ended; empty if there was none."""
        if self.metrics is not None and isinstance(self.metrics.get(split), Mapping):
            return self.metrics[split]
        return next((event[split] for event in reversed(self.evaluations) if split in event), {})

    def lengths(self) -> list[Mapping[str, Any]]:
        """Scores by length, shortest first; empty where they were not measured. Later measurements replace earlier."""
        found = [*((self.metrics or {}).get("by_length") or []), *self.further]
        rows = {row["length"]: row for row in found if lengths.is_row(row)}
        return [rows[length] for length in sorted(rows)]

    @cached_property
    def hash(self) -> str:
        """What the settings have in common over seeds: as stored, or else of task, model and training."""
        if self.config.get("hash"):
            return str(self.config["hash"])
        shared = {part: self.config.get(part) for part in ("task", "model", "training")}
        return hashlib.sha256(json.dumps(shared, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Group:
    """Runs that differ in nothing but their seed, in order of seed."""

    name: str  # what tells this group from the others in the same report
    records: tuple[Record, ...]

    @property
    def first(self) -> Record:
        return self.records[0]

    @property
    def solved(self) -> int:
        return sum(record.solved for record in self.records)

    @property
    def unfinished(self) -> int:
        return sum(not record.finished for record in self.records)

    @property
    def count(self) -> str:
        """Seeds solved out of all, the unfinished among them."""
        return f"{self.solved} of {len(self.records)}"

    def middle(self, split: Split, measure: str) -> float | None:
        """The median over seeds of a final score."""
        values = [record.scores(split)[measure] for record in self.records if measure in record.scores(split)]
        return statistics.median(values) if values else None


def kind(config: Mapping[str, Any], part: str) -> str:
    """The kind of task or model; a bare name is taken as well as a table with `kind`."""
    given = config.get(part, "")
    return str(given.get("kind", "")) if isinstance(given, Mapping) else str(given)


def read_run(path: Path) -> Record:
    """One run folder. Raises RunError if it is missing, empty or damaged."""
    if not (path / CONFIG).exists():
        what = "not a run folder, it has no config.json" if path.is_dir() else "no such run folder"
        raise RunError(f"{path}: {what}; give a folder that `pushpop train` made")
    config = read_json(path / CONFIG)
    if type(config.get("seed", 0)) is not int:
        raise RunError(f"{path / CONFIG}: damaged, seed is no whole number; leave this run out or train it again")
    for part in ("task", "model"):
        if not kind(config, part):
            raise RunError(f"{path / CONFIG}: damaged, names no {part}; leave this run out or train it again")
    metrics = read_metrics(path)
    further = lengths.read(path / lengths.LENGTHS, path) if metrics is not None else []
    return Record(path=path, config=config, events=[*events(path / EVENTS)], metrics=metrics, further=further)


def read_runs(paths: Iterable[Path], say: Callable[[str], object] | None = None) -> list[Record]:
    """Every run in these folders: each is a run folder, or a folder with run folders below it.

    A `config.json` below them that is not a run's is left out, and `say` is told. Raises RunError.
    """
    found: dict[Path, Path] = {}  # resolved to as given: a run named twice is still one run
    for path in paths:
        inside = sorted(config.parent for config in path.rglob(CONFIG)) if path.is_dir() else []
        for run in inside or [path]:
            if run == path or ours(run):
                found.setdefault(run.resolve(), run)
            elif say:
                say(f"{run / CONFIG}: is not a run's; left out")
    if not found:
        raise RunError("report: no run folder given; give one or more folders that `pushpop train` made")
    return [read_run(run) for run in found.values()]


def ours(path: Path) -> bool:
    """Whether the config.json of a folder is a run's."""
    try:
        config = read_json(path / CONFIG)
    except RunError:
        return False
    return all(kind(config, part) for part in ("task", "model"))


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names, as on the command line."""
    out: dict[str, Any] = {}
    for name, value in settings.items():
        out |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return out


def grouped(records: Iterable[Record]) -> list[Group]:
    """Runs put together that differ only in their seed, named by model, and by what sets them apart where needed."""
    together: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        together.setdefault((record.task, record.model, record.hash), []).append(record)
    groups = []
    for (task, model, _), members in together.items():
        rivals = [other[0] for key, other in together.items() if key[:2] == (task, model) and other is not members]
        name = f"{model} ({apart(members[0], rivals)})" if rivals else model
        groups.append(Group(name, tuple(sorted(members, key=lambda record: (record.seed, str(record.path))))))
    return groups


def apart(record: Record, rivals: Sequence[Record]) -> str:
    """The settings that tell a run from others of the same model, shortly; its hash if they are too many."""
    mine, others = (settings(record), [settings(rival) for rival in rivals])
    named = [name for name, value in mine.items() if any(other.get(name) != value for other in others)]
    if not 0 < len(named) <= 3:
        return record.hash
    return ", ".join(f"{name.rpartition('.')[2]} {mine[name]}" for name in named)


def settings(record: Record) -> dict[str, Any]:
    """All that was set for a run but its seed, by dotted names."""
    return flat({part: record.config[part] for part in ("task", "model", "training") if part in record.config})


def measures(records: Iterable[Record]) -> list[str]:
    """The names of the scores these runs have, in the order a reader wants them."""
    found = {name for record in records for split in SPLITS for name in record.scores(split)}
    return [name for name in ORDER if name in found]
