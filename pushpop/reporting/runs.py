"""One run as a report knows it, and runs that differ in nothing but their seed."""

import hashlib
import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pushpop.experiments import lengths
from pushpop.experiments.score import order
from pushpop.experiments.store import EVENTS, read_samples
from pushpop.training.durable import events

Split = Literal["validation", "test"]
SPLITS: tuple[Split, Split] = ("validation", "test")
Status = Literal["solved", "not solved", "done", "failed", "pruned", "unfinished"]
STATUSES: tuple[Status, ...] = ("solved", "not solved", "done", "failed", "pruned", "unfinished")
CUT_SHORT = STATUSES[3:]  # without a final score
TEXT = "text"  # the task of which there is no right answer: how well a run predicts is a matter of degree


@dataclass(frozen=True, kw_only=True)
class Record:
    """One run folder. Its log is read when it is first asked for: of a large sweep few curves are drawn."""

    path: Path
    config: Mapping[str, Any]
    metrics: Mapping[str, Any] | None  # None until the run has ended
    further: Sequence[Mapping[str, Any]] = ()  # rows by length that were scored after the run
    trial: Mapping[str, Any] | None = None  # what a sweep says of it: number, sweep, variant, configuration
    failure: Mapping[str, Any] | None = None
    pruned: Mapping[str, Any] | None = None

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
    def is_text(self) -> bool:
        """Whether it is a run on text: then it is done or not, never solved."""
        return self.task == TEXT

    @property
    def by_degree(self) -> bool:
        """Whether there is no right answer to reach: it is done or not, never solved; so it is on one graph too."""
        return self.is_text or (self.metrics is not None and self.metrics.get("solved", False) is None)

    @property
    def each(self) -> int:
        """What one of its words counts as: of a text a window, and so many characters."""
        window = self.settings.get("task.window")
        return window if self.is_text and type(window) is int and window > 0 else 1

    @property
    def variant(self) -> str:
        return str((self.trial or {}).get("variant") or "")

    @property
    def finished(self) -> bool:
        return self.metrics is not None

    @property
    def solved(self) -> bool:
        return self.metrics is not None and bool(self.metrics.get("solved"))

    @property
    def spared(self) -> bool:
        """Whether a pruner would have stopped it, but let it go on to measure how often that is wrong."""
        return bool((self.pruned or {}).get("spared"))

    @property
    def status(self) -> Status:
        if self.finished:
            return "done" if self.by_degree else "solved" if self.solved else "not solved"
        if self.failure is not None:
            return "failed"
        return "pruned" if self.pruned is not None and not self.spared else "unfinished"

    @cached_property
    def events(self) -> list[Mapping[str, Any]]:
        """The whole log, in order."""
        return [*sound(self.path)]

    @cached_property
    def evaluations(self) -> list[Mapping[str, Any]]:
        """The events that carry scores, in order."""
        return [event for event in self.events if any(split in event for split in SPLITS)]

    @cached_property
    def ending(self) -> Mapping[str, Any]:
        """The last event, with the scores of the last evaluation; the log is not kept for it."""
        found: dict[str, Any] = {}
        for event in sound(self.path):
            found = {**{split: found[split] for split in SPLITS if split in found}, **event}
        return found

    def total(self, name: Literal["steps", "words", "seconds"]) -> float | None:
        """What the run had used at its end, or at its last event if it has not ended."""
        if self.metrics is not None and name in self.metrics:
            return self.metrics[name]
        return self.ending.get("step" if name == "steps" else name)

    @property
    def seen(self) -> float | None:
        """The words that it has trained on; of a text, its characters."""
        used = self.total("words")
        return None if used is None else used * self.each

    def written(self) -> list[dict[str, Any]]:
        """What a model of text wrote as it learned."""
        return read_samples(self.path) if self.is_text else []

    def scores(self, split: Split) -> Mapping[str, float]:
        """The final scores, or those of the last evaluation if the run has not ended; empty if there was none."""
        if self.metrics is not None and isinstance(self.metrics.get(split), Mapping):
            return self.metrics[split]
        return self.ending.get(split, {})

    def lengths(self) -> list[Mapping[str, Any]]:
        """Scores by length, shortest first; empty where they were not measured. Later measurements replace earlier."""
        measured = (self.metrics or {}).get("by_length")
        found = [*(measured if isinstance(measured, list) else []), *self.further]
        rows = {row["length"]: row for row in found if lengths.is_row(row)}
        return [rows[length] for length in sorted(rows)]

    @cached_property
    def hash(self) -> str:
        """What the settings have in common over seeds: as stored, or else of task, model and training."""
        if self.config.get("hash"):
            return str(self.config["hash"])
        shared = {part: self.config.get(part) for part in ("task", "model", "training")}
        return hashlib.sha256(json.dumps(shared, sort_keys=True).encode()).hexdigest()[:8]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All that was set but the seed, by dotted names; of a run that failed too soon what its sweep says."""
        known = flat({part: self.config[part] for part in ("task", "model", "training") if part in self.config})
        return {**((self.trial or {}).get("configuration") or {}), **known}


@dataclass(frozen=True)
class Group:
    """Runs that differ in nothing but their seed, in order of seed."""

    name: str  # what tells this group from the others in the same report
    records: tuple[Record, ...]

    @cached_property
    def first(self) -> Record:
        """The one that speaks for all: the first whose settings are known in full."""
        return next((record for record in self.records if "training" in record.config), self.records[0])

    @cached_property
    def solved(self) -> int:
        return sum(record.solved for record in self.records)

    @property
    def is_text(self) -> bool:
        return self.first.is_text

    @property
    def by_degree(self) -> bool:
        return any(record.by_degree for record in self.records)

    @property
    def count(self) -> str:
        """Seeds solved (of what is a matter of degree: that are done) out of all, whatever became of the others."""
        done = sum(record.finished for record in self.records) if self.by_degree else self.solved
        return f"{done} of {len(self.records)}"

    @property
    def outcome(self) -> str:
        """The same in words, for a legend."""
        return f"{self.count} {'done' if self.by_degree else 'solved'}"

    @cached_property
    def cut_short(self) -> str:
        """How many have no final score, and why: "1 failed, 2 unfinished"; empty if all have."""
        return tally([record.status for record in self.records], CUT_SHORT)

    @cached_property
    def rank(self) -> tuple[float, float, float]:
        """What orders configurations, best first: share of seeds right on validation, then their median words.

        Of the seeds that have come to an end, as in the table of `pushpop sweep`.
        """
        return order([record.metrics for record in self.records if record.status != "unfinished"])

    def middle(self, split: Split, measure: str) -> float | None:
        """The median over seeds of a final score."""
        values = [record.scores(split)[measure] for record in self.records if measure in record.scores(split)]
        return statistics.median(values) if values else None


def sound(path: Path) -> Iterator[dict[str, Any]]:
    """The events in a run folder's log, in order, but for those whose scores are none."""
    return (event for event in events(path / EVENTS) if all(isinstance(event.get(split, {}), dict) for split in SPLITS))


def tally(statuses: Sequence[Status], which: Sequence[Status] = STATUSES) -> str:
    """How many of each, those that are there: "3 solved, 1 failed".

    >>> tally(["solved", "failed", "solved"])
    '2 solved, 1 failed'
    """
    return ", ".join(f"{count:,} {status}" for status in which if (count := statuses.count(status)))


def kind(config: Mapping[str, Any], part: str) -> str:
    """The kind of task or model; a bare name is taken as well as a table with `kind`."""
    given = config.get(part, "")
    return str(given.get("kind", "")) if isinstance(given, Mapping) else str(given)


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names, as on the command line."""
    out: dict[str, Any] = {}
    for name, value in settings.items():
        out |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return out
