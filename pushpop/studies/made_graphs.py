"""Tables of graphs that are made here: how right each configuration is at every size, beside what needs no learning."""

import statistics
from collections.abc import Sequence

from pushpop.reporting.runs import Group, Record
from pushpop.reporting.writing import Cell, Table
from pushpop.studies.findings import Findings

SCORED = (
    "Whole graphs of the test right at each size, in percent; where a graph has several answers, the share of these "
    "in brackets. Mean ± standard deviation over seeds. Sizes in bold are trained on; by validation, which is of them "
    "alone, weights are kept. "
)
HEADINGS = {
    "path-parity": "Parity along a path, from its root on",
    "bfs": "Breadth-first search: every node's parent",
    "expression": "Expressions: the value of a - b modulo 7, nested",
    "sums": "Expressions: the control, a + b",
    "lookup": "A dictionary: pairings never seen",
    "kinship": "Kinship: what the last of a chain is to the first",
    "zero-shot": "Classes never seen, told by a graph of knowledge",
    "temporal": "Histories and relations",
}
SIZES = {
    "path-parity": "Sizes are nodes; edges have both directions, but where it says directed.",
    "bfs": "Sizes are nodes of random graphs, connected, 4 to 5 steps deep at 1,600; our own instances. Published at "
    "1,600, nodes and whole graphs: GIN 86.5 and 0, PGN 98.5 and 0, DNAR (with hints) 100 and 100.",
    "expression": "Sizes are depths of trees.",
    "sums": "Sizes are depths of trees.",
    "lookup": "Sizes are keys; every test graph has a pair of key and value that no training graph had.",
    "kinship": "Sizes are steps; shuffled: the same facts in a drawn order.",
    "zero-shot": "Sizes are classes; those of the test were never seen as answers.",
    "temporal": "Sizes are visits of each patient.",
}
KNOWN = {
    "path-parity": [10], "bfs": [4, 7, 11, 13, 16],
    "expression": range(1, 5), "sums": range(1, 5), "lookup": [10], "kinship": range(2, 5), "zero-shot": [24],
    "temporal": range(1, 9),
}  # fmt: skip


def made_table(found: Findings, name: str) -> Table:
    """A row for each configuration of a part, then one for each rule that needs no learning; a column for each size."""
    groups = found.of(f"{name}, ")
    ended = [record for group in groups for record in group.records if record.finished]
    sizes = sorted({row["length"] for record in ended for row in record.lengths()})
    rows: list[tuple[Cell, ...]] = [
        (group.name.partition(", ")[2], f"{sum(one.finished for one in group.records)} of {len(group.records)}",
         *(cell(group, size) for size in sizes))
        for group in groups
    ]  # fmt: skip
    rows += [(f"without learning: {rule}", None, *(percent(shares[size]) if size in shares else None for size in sizes))
             for rule, shares in unlearned(ended).items()]  # fmt: skip
    columns = ("configuration", "runs", *(f"**{size}**" if size in KNOWN[name] else f"{size}" for size in sizes))
    return Table(HEADINGS[name], columns, tuple(rows), SCORED + SIZES[name])


def shares(group: Group, size: int, score: str) -> list[float]:
    """Of each run that has ended."""
    return [row[score] for record in group.records for row in record.lengths() if row["length"] == size]


def cell(group: Group, size: int) -> str | None:
    """Graphs, and answers where a graph has several."""
    whole, single = shares(group, size, "graph"), shares(group, size, "node")
    if not whole:
        return None
    return percent(whole) if whole == single else f"{percent(whole)} ({percent(single)})"


def percent(found: Sequence[float]) -> str:
    """Mean and standard deviation.

    >>> percent([1.0, 0.99]), percent([0.5])
    ('99.5 ± 0.7', '50.0')
    """
    spread = f" ± {100 * statistics.stdev(found):.1f}" if len(set(found)) > 1 else ""
    return f"{100 * statistics.fmean(found):.1f}{spread}"


def unlearned(records: Sequence[Record]) -> dict[str, dict[int, list[float]]]:
    """What each rule gets at each size: of answers, the same for all runs of a task."""
    found: dict[str, dict[int, list[float]]] = {}
    for record in records:
        for row in (record.metrics or {}).get("floors") or ():
            found.setdefault(row["rule"], {})[row["length"]] = [row.get("node", row.get("share"))]
    return found
