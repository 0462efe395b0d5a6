"""Depth-first search: who is every node's predecessor, and the call stack that finds them.

Axes: N nodes, S steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import happens, permutation, shares
from pushpop.tasks.graphs.instance import FEW, MANY, Instance, Part, Pointing, Sequence, alike, heard
from pushpop.tasks.graphs.listing import edge_list
from pushpop.tasks.graphs.search import Step, brackets, depth_first, following

LARGEST = 4_096
LARGE = 32  # nodes from which on fewer graphs are fixed
FACTORS = (1, 3, 5, 10)  # of the largest size trained on: sizes of the test


class Trace(NamedTuple):
    """A search step by step, S = 3 N: what a net with a call stack is taught."""

    operations: Int64[np.ndarray, " S"]  # -1 pop, 0 nothing, 1 push
    nodes: Int64[np.ndarray, " S"]  # which node the step is at
    parents: Int64[np.ndarray, " S"]  # who called that node
    visited: Bool[np.ndarray, "S N"]  # after the step
    heights: Int64[np.ndarray, " S"]  # of the call stack after it


@dataclass(frozen=True, kw_only=True)
class DepthFirst(Pointing):
    """Every node points to its predecessor; the root of each tree to itself.

    The search starts at the lowest node not visited and goes from a node to the lowest one that it leads to and that is
    not visited; where there is none it returns. So the whole order follows from the graph.

    `graphs`  er: directed, every edge (self loops too) with chance 0.3; tree: each node has one child and, with chance
              0.3, a second one, named at random; mixed: 15 of 100 are trees.
    `size`    nodes of the largest graphs trained on.
    `reach`   how many times as large the largest of the test are: 1, 3, 5 or 10.

    Graph view: the index as a number, node / nodes; edges lead from caller to callee. An answer is a node: one that
    leads to it, or itself. Sequence view: the list of edges in a drawn order, and every node, answered at each. There
    is the search step by step (`trace`), and the same as a Dyck word (`brackets`).

    After Juerss, Jayalath, Velickovic 2023 (Recursive Algorithmic Reasoning); instances are our own. The trace has 3 n
    steps as theirs has: beside visits, pushes and pops a root has one step more, at which the search starts anew.
    """

    graphs: str = "mixed"
    size: int = 32
    reach: int = 10

    def __post_init__(self) -> None:
        self.expect_between("size", 2, LARGEST // 10)
        self.expect_one_of("graphs", ("er", "tree", "mixed"))
        self.expect_between("reach", 1, FACTORS[-1])
        if self.reach not in FACTORS:
            raise ConfigError(f"task.reach: {self.reach} is not known; give one of 1, 3, 5, 10")

    @property
    def columns(self) -> tuple[int, ...]:
        return ()

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = tuple(sorted({max(2, self.size * part // 8) for part in (1, 2, 4, 6, 8)}))
        test = tuple(factor * self.size for factor in FACTORS if factor <= self.reach)
        return {"training": known, "validation": (self.size, self.size * 3 // 2), "test": test}

    def fixed(self, size: int) -> int:
        """Fewer than of other tasks: one who searches takes 3 steps for each node, one after another."""
        return MANY if size < LARGE else FEW

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:  # noqa: ARG002
        is_tree = self.graphs == "tree" or (self.graphs == "mixed" and bool(happens(draws, 0.15, 1)[0]))
        edges = branching(draws, size) if is_tree else crossing(draws, size)
        return self.of(size, edges)

    def of(self, size: int, edges: Int64[np.ndarray, "2 E"]) -> Instance:
        """The instance that asks about these edges, caller to callee."""
        edges = edges[:, np.lexsort((edges[0], edges[1]))]
        return Instance(
            symbols=np.zeros((size, 0), dtype=np.int64),
            numbers=np.arange(size)[:, None] / size,
            edges=edges,
            kinds=alike(edges),
            asked=np.arange(size)[None],
            answers=np.array(depth_first(following(size, edges.T))[0]),
            choices=heard(edges, size),
        )

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        return edge_list(instance, draws, [], undirected=False)

    def trace(self, instance: Instance) -> Trace:
        """The search step by step."""
        return traced(instance.nodes, instance.edges)

    def brackets(self, instance: Instance) -> str:
        """The calls and returns of the search as a Dyck word."""
        return brackets(self.steps(instance))

    def steps(self, instance: Instance) -> list[Step]:
        return depth_first(following(instance.nodes, instance.edges.T))[1]

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """The lowest node that leads to each; itself where none does."""
        found = np.arange(instance.nodes)
        for source, target in instance.edges.T[::-1].tolist():
            found[target] = source
        return {"lowest caller": found}

    def guesses(self, instance: Instance) -> Mapping[str, float]:
        """The share of right answers of one who takes any of a node's callers, as likely."""
        degrees = np.bincount(instance.edges[1], minlength=instance.nodes)
        callers = set(zip(*instance.edges.tolist(), strict=True)) if instance.edges.size else set()
        likely = [1 / max(1, degrees[node]) if (int(parent), node) in callers or not degrees[node] else 0.0
                  for node, parent in enumerate(instance.answers)]  # fmt: skip
        return {"any caller": float(np.mean(likely))}


def traced(size: int, edges: Int64[np.ndarray, "2 E"]) -> Trace:
    """The search of a graph of that many nodes, whose edges lead from caller to callee."""
    steps = depth_first(following(size, edges.T))[1]
    visited = np.zeros((len(steps), size), dtype=bool)
    for number, step in enumerate(steps):
        visited[number, list(step.visited)] = True
    columns = zip(*((step.operation, step.node, step.parent, step.height) for step in steps), strict=True)
    operations, nodes, parents, heights = (np.array(column) for column in columns)
    return Trace(operations, nodes, parents, visited, heights)


def crossing(draws: Draws, size: int) -> Int64[np.ndarray, "2 E"]:
    """Every edge with chance 0.3, from a node to itself too."""
    sources, targets = np.divmod(np.flatnonzero(happens(draws, 0.3, size * size)), size)
    return np.stack([sources, targets])


def branching(draws: Draws, size: int) -> Int64[np.ndarray, "2 E"]:
    """Level by level each node has a child and, with chance 0.3, another, until all are there; named at random."""
    edges, second = list[tuple[int, int]](), (shares(draws, size) < 0.3).tolist()
    for node in range(size):
        for _ in range(1 + second[node]):
            if len(edges) + 1 < size:
                edges.append((node, len(edges) + 1))
    return permutation(draws, size)[np.array(edges, dtype=np.int64).reshape(-1, 2).T]
