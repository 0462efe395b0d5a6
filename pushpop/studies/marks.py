"""What a learning curve says in one number: when it reaches a level, and how much of its way goes the wrong way."""

import statistics
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf

from pushpop.reporting.runs import Record, Split

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95)  # of fine accuracy


def scores(record: Record, split: Split, measure: str = "fine") -> list[float]:
    """A score at each evaluation."""
    return [event[split][measure] for event in record.evaluations if measure in event.get(split, {})]


def losses(record: Record) -> list[float]:
    """The training loss at each evaluation: the mean over all steps since the one before."""
    found = [event.get("mean_loss", event.get("loss")) for event in record.evaluations]
    return [loss for loss in found if loss is not None]


def words_to(record: Record, level: float, measure: str = "fine") -> float:
    """The words after which validation first is at `level`; infinite if it never is."""
    reached = (event["words"] for event in record.evaluations if event.get("validation", {}).get(measure, -1) >= level)
    return next(reached, inf)


def score_at(record: Record, words: float, measure: str = "fine") -> float:
    """The score on validation at the last evaluation within so many words; 0 before the first."""
    found = [event["validation"][measure] for event in record.evaluations
             if event["words"] <= words and measure in event.get("validation", {})]  # fmt: skip
    return found[-1] if found else 0.0


def median_words_to(records: Iterable[Record], level: float, measure: str = "fine") -> float:
    """The median over runs; infinite where half of them never get there, or there are none."""
    found = sorted(words_to(record, level, measure) for record in records)
    return statistics.median_high(found) if found else inf


def highest_level(records: Iterable[Record]) -> float | None:
    """The highest of LEVELS that validation reaches in any of these runs; None if it is below them all."""
    best = max((score for record in records for score in scores(record, "validation")), default=0.0)
    return max((level for level in LEVELS if level <= best), default=None)


def way_down(values: Sequence[float]) -> float | None:
    """The share of all a curve's way, up and down, that goes down: 0 where it only rises, 1/2 where it gets nowhere.

    None for a curve that does not move.

    >>> way_down([0, 3, 2, 4])
    0.16666666666666666
    """
    moves = [after - before for before, after in pairwise(values)]
    whole = sum(map(abs, moves))
    return sum(-move for move in moves if move < 0) / whole if whole else None


def way_up(values: Sequence[float]) -> float | None:
    """The same of a curve that ought to fall, such as a loss: the share of its way that goes up."""
    return way_down([-value for value in values])
