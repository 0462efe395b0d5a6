"""Breadth-first search where it is deep: nets trained on random graphs, a few steps deep, on trees, grids and paths.

Kept beside a run, in `deep.json`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pushpop.errors import RunError
from pushpop.evaluation.graphs import say, score
from pushpop.experiments import store
from pushpop.experiments.loading import load
from pushpop.reporting.runs import Group
from pushpop.reporting.writing import Cell, Table
from pushpop.studies.sized import percent
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.instance import drawn

DEEP = "deep.json"
SHAPES = ("tree", "grid", "path")
SIZES = {160: 50, 1_600: 2}  # nodes, and how many graphs: a path of 1,600 may take 3,200 rounds
TINY_SIZES = {16: 2}
TITLE = "Breadth-first search where it is deep"


def tried(task: BreadthFirst, net: Any, sizes: dict[int, int]) -> list[dict[str, Any]]:
    """Scores on graphs of each shape and size, the test's own of a task with such graphs."""
    rows = []
    for shape in SHAPES:
        other = replace(task, graphs=shape)
        for size, count in sizes.items():
            instances = drawn(other, "test", size, count)
            found = score(instances, say(net, other, instances))
            depth = max(other.depth(one) for one in instances)
            rows.append({"graphs": shape, "length": size, "node": found.node, "graph": found.graph, "words": count,
                         "deepest": depth})  # fmt: skip
    return rows


def measure(run: Path, quick: bool) -> None:
    """Score a run that has ended on deep graphs, unless that is done."""
    trained = load(run)
    assert isinstance(trained.task, BreadthFirst), f"{run} is no run on bfs"
    if not found(run):
        rows = tried(trained.task, trained.model, TINY_SIZES if quick else SIZES)
        store.write_json(run / DEEP, {"rows": rows})


def found(run: Path) -> list[dict[str, Any]]:
    """What was measured beside a run; nothing if it was not, or is damaged."""
    try:
        rows = store.read_json(run / DEEP).get("rows")
        return rows if isinstance(rows, list) else []
    except RunError:
        return []


def table(groups: Sequence[Group]) -> Table | None:
    """A row for each shape and size; None where nothing was measured."""
    measured: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in (row for group in groups for record in group.records for row in found(record.path)):
        measured.setdefault((row["graphs"], row["length"]), []).append(row)
    if not measured:
        return None
    rows: list[tuple[Cell, ...]] = [
        (shape, size, max(row["deepest"] for row in some), len(some), some[0]["words"],
         percent([row["node"] for row in some]), percent([row["graph"] for row in some]),
         f"{100 * min(row['node'] for row in some):.1f}")
        for (shape, size), some in measured.items()
    ]  # fmt: skip
    caption = (
        "Trained on random graphs of up to 16 nodes. Mean ± standard deviation over seeds, in percent; lowest: of the "
        "seeds, by node."
    )
    return Table(TITLE, ("graphs", "nodes", "deepest", "seeds", "graphs each", "nodes right", "graphs right", "lowest"),
                 tuple(rows), caption)  # fmt: skip
