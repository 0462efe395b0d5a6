"""The lines of a figure as arrays: one per run, and the median over seeds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from pushpop.reporting.runs import Record, Split

Across = Literal["words", "seconds"]
Curve = tuple[np.ndarray, np.ndarray]  # where, how much: both [points]

POINTS = 240  # most points a curve is drawn with: a page with a hundred runs stays small


def scores(record: Record, split: Split, measure: str, across: Across) -> Curve:
    """A score at each evaluation."""
    rows = [event for event in record.evaluations if across in event and measure in event.get(split, {})]
    return thinned(places(record, rows, across), [row[split][measure] for row in rows])


def errors(record: Record, split: Split, measure: str, across: Across) -> Curve:
    """How much is wrong at each evaluation: 1 minus the score."""
    x, y = scores(record, split, measure, across)
    return x, 1 - y


def losses(record: Record, across: Across) -> Curve:
    """The training loss, averaged over stretches of steps where there are many."""
    rows = [event for event in record.events if across in event and event.get("loss") is not None]
    return thinned(places(record, rows, across), [row["loss"] for row in rows])


def training_accuracy(record: Record, across: Across) -> Curve:
    """The share of the training batches that was right, averaged likewise; nothing where the loss does not tell it."""
    rows = [event for event in record.events if across in event and event.get("accuracy") is not None]
    return thinned(places(record, rows, across), [row["accuracy"] for row in rows])


def places(record: Record, rows: Iterable[Mapping[str, Any]], across: Across) -> list[float]:
    """Where each event stands; of a text, words are windows of so many characters."""
    each = record.each if across == "words" else 1
    return [row[across] * each for row in rows]


def at_lengths(record: Record, measure: str, rounded: bool) -> Curve:
    """A final score at each length, the memory's strengths as they are or rounded to 0 and 1."""
    rows = [(row["length"], row.get("rounded") or {} if rounded else row) for row in record.lengths()]
    found = [(length, row[measure]) for length, row in rows if measure in row]
    return thinned([length for length, _ in found], [score for _, score in found])


def thinned(where: Iterable[float], values: Iterable[float], most: int = POINTS) -> Curve:
    """At most `most` points, each the mean of a stretch; what is not finite is left out."""
    x, y = np.array([*where], float), np.array([*values], float)
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) <= most:
        return x, y
    parts = np.array_split(np.arange(len(x)), most)
    return np.array([x[part].mean() for part in parts]), np.array([y[part].mean() for part in parts])


def median(curves: Sequence[Curve]) -> Curve:
    """The median over seeds from where all have a value; a run that has ended keeps its last value."""
    known = [curve for curve in curves if len(curve[0])]
    if not known:
        return np.array([]), np.array([])
    x = np.unique(np.concatenate([curve[0] for curve in known]))
    x = x[x >= max(curve[0][0] for curve in known)]
    x = x[np.unique(np.linspace(0, len(x) - 1, min(len(x), POINTS)).round().astype(int))]
    return x, np.median([np.interp(x, *curve) for curve in known], axis=0)


def trained_lengths(configs: Iterable[Mapping[str, Any]]) -> tuple[int, int] | None:
    """The lengths trained on, if all runs say them and agree."""
    tasks = [config["task"] for config in configs if isinstance(config.get("task"), Mapping)]
    found = {(task["shortest"], task["longest"]) for task in tasks if "shortest" in task and "longest" in task}
    return found.pop() if len(found) == 1 else None
