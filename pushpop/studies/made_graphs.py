"""Tables of graphs that are made here: how right each configuration is at every size, beside what needs no learning."""

from pushpop.reporting.runs import Group
from pushpop.reporting.writing import Cell, Table
from pushpop.studies.findings import Findings
from pushpop.studies.sized import at_size, known, percent, rules_of

SCORED = (
    "Whole graphs of the test right at each size, in percent; where a graph has several answers, the share of these "
    "in brackets. Mean ± standard deviation over seeds. Sizes in bold are trained on; weights are kept by validation "
    "on these, of paths and searches on twice the largest too. "
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
    for rule, at in rules_of(ended).items():
        shares = (percent([known(at[size])]) if size in at else None for size in sizes)
        rows.append((f"without learning: {rule}", None, *shares))
    columns = ("configuration", "runs", *(f"**{size}**" if size in KNOWN[name] else f"{size}" for size in sizes))
    return Table(HEADINGS[name], columns, tuple(rows), SCORED + SIZES[name])


def cell(group: Group, size: int) -> str | None:
    """Graphs, and answers where a graph has several."""
    whole, single = (at_size(group.records, score, size) for score in ("graph", "node"))
    if not whole:
        return None
    return percent(whole) if whole == single else f"{percent(whole)} ({percent(single)})"
