"""What runs on graphs have at one size of the test, how that is told, and what needs no learning there."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from pushpop.reporting.runs import Record


def of(records: Sequence[Record], variant: str, **settings: object) -> list[Record]:
    """Runs of a variant with these settings of the model."""
    return [
        record for record in records if record.variant == variant
        and all(record.settings.get(f"model.{name}") == value for name, value in settings.items())
    ]  # fmt: skip


def at_size(records: Sequence[Record], score: str, size: int) -> list[float]:
    """ "node" or "graph" accuracy on the test's graphs of that size, of each run that has it."""
    return [row[score] for record in records for row in record.lengths() if row["length"] == size]


def rules_of(records: Sequence[Record]) -> dict[str, dict[int, Mapping[str, Any]]]:
    """What rules that need no learning get, by rule and size; the same for all runs of a task."""
    found: dict[str, dict[int, Mapping[str, Any]]] = {}
    for record in records:
        for row in ((record.metrics or {}).get("floors") or {}).get("rows") or ():
            found.setdefault(row["floor"], {})[row["length"]] = row
    return found


def known(row: Mapping[str, Any]) -> float:
    """What a rule gets, by node; or what is to be expected of one who cannot see something."""
    return float(row.get("share", row.get("node")))


def percent(scores: Sequence[float]) -> str | None:
    """Mean and standard deviation; None where there are no scores.

    >>> percent([1.0, 0.99]), percent([0.5]), percent([1.0, 1.0])
    ('99.5 ± 0.7', '50.0', '100.0')
    """
    if not scores:
        return None
    spread = f" ± {100 * statistics.stdev(scores):.1f}" if len(set(scores)) > 1 else ""
    return f"{100 * statistics.fmean(scores):.1f}{spread}"
