"""Claim 4b: how much twins matter on citation graphs. Wants their files."""

from collections import Counter
from pathlib import Path

import torch

from pushpop.errors import GraphError
from pushpop.graphs.graph import Graphs
from pushpop.graphs.structure import twins
from pushpop.studies.ledger import Entry, found
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.graphs.citation import Citations, read_citations

NODES = "*.nodes.tsv"


def entry(folder: Path) -> Entry:
    """The line of the ledger for the graphs of this folder, NAME.nodes.tsv and NAME.edges.tsv each.

    Raises GraphError where there are none, or for files that are none.
    """
    names = sorted(path.name.removesuffix(NODES[1:]) for path in folder.glob(NODES))
    if not names:
        raise GraphError(f"{folder}: no citation graphs there; give a folder with NAME.nodes.tsv and NAME.edges.tsv")
    graphs = {name: read_citations(folder / f"{name}.nodes.tsv", folder / f"{name}.edges.tsv") for name in names}
    return Entry(
        number="4b",
        says="On citation graphs twins hardly matter.",
        rule="Of the test nodes fewer than 1 in 100 must be wrong because all of a group of twins get one label.",
        judge=lambda: [hardly(name, graph) for name, graph in graphs.items()],
    )


def hardly(name: str, citations: Citations) -> Outcome:
    """Counts of twins, and the errors that they force."""
    graph = Graphs.of(torch.zeros(citations.nodes, 1), citations.edges)
    groups = twins(graph)
    tested = set(citations.splits["test"].tolist())
    isolated = sum(bool((graph.degrees[group] == 1).all()) and len(group) == 2 for group in groups)
    inside = sum(node in tested for group in groups for node in group)
    forced = sum(forced_errors(citations, group, tested) for group in groups)
    counted = f"{len(groups)} groups ({isolated} of them isolated pairs), {sum(map(len, groups))} nodes"
    said = f"{name}: {counted}, {inside} of them tested, {forced} forced errors of {len(tested)}"
    return found(bool(tested) and forced * 100 < len(tested), said)


def forced_errors(citations: Citations, group: list[int], tested: set[int]) -> int:
    """How many tested nodes of a group are wrong whatever the one label is that all of it gets."""
    labels = Counter(int(citations.labels[node]) for node in group if node in tested)
    return labels.total() - max(labels.values(), default=0)
