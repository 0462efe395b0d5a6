"""What `pushpop eval` shows of a run on one graph, which is scored whole."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pushpop.reporting.writing import Table

SCORES = ("accuracy", "baseline", "auc", "ap", "loss")  # those that a task's kind has


def graph_table(title: str, found: Mapping[str, Any]) -> "Table":
    """A row for each part, then one for each rule that needs no learning."""
    from pushpop.reporting.writing import Table

    parts = [(name, found[name]) for name in ("validation", "test")]
    parts += [(row["floor"], row) for row in found["floors"]["rows"]]
    names = [name for name in SCORES if any(name in scores for _, scores in parts)]
    rows = tuple((name, *(scores.get(one) for one in names)) for name, scores in parts)
    return Table(title, ("part", *names), rows)
