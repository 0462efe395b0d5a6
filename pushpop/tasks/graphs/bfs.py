"""Breadth-first search: who is every node's parent."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.edges import both_ways
from pushpop.tasks.graphs.instance import Instance, Part, Pointing, Sequence, alike, heard
from pushpop.tasks.graphs.listing import edge_list
from pushpop.tasks.graphs.search import breadth_first, following, parents_by_layer
from pushpop.tasks.graphs.shapes import UNDIRECTED

LARGEST = 10_000


@dataclass(frozen=True, kw_only=True)
class BreadthFirst(Pointing):
    """Every node points to its parent from a given source: its lowest neighbour one step nearer; the source to itself.

    `graphs`  er: sparse random ones, 4 to 5 steps deep even of 1,600 nodes, so that what gets hard is the tie; trees,
              grids and paths, which are deep.
    `size`    nodes of the largest graphs trained on.

    Graph view: a column that marks the source, and the index as a number, node / nodes; edges have both directions. An
    answer is a node: a net scores a node's neighbours and itself. Sequence view: the list of edges in a drawn order,
    the source, and every node in a drawn order, answered at each: nodes are names.

    As CLRS and SALSA-CLRS have it, but instances are our own.
    """

    graphs: str = "er"
    size: int = 16

    def __post_init__(self) -> None:
        self.expect_between("size", 4, LARGEST // 100)
        self.expect_one_of("graphs", UNDIRECTED)

    @property
    def columns(self) -> tuple[int, ...]:
        return (2,)

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = tuple(sorted({4, *(self.size * part // 16 for part in (7, 11, 13)), self.size} - {0, 1, 2, 3}))
        test = tuple(factor * self.size for factor in (1, 5, 10, 50, 100))
        return {"training": known, "validation": (self.size, 2 * self.size), "test": test}

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:  # noqa: ARG002
        pairs = UNDIRECTED[self.graphs](draws, size)
        source = int(draws.below(size, 1)[0])
        leads = following(size, pairs, undirected=True)
        edges = both_ways(pairs)
        return Instance(
            symbols=(np.arange(size) == source).astype(np.int64)[:, None],
            numbers=np.arange(size)[:, None] / size,
            edges=edges,
            kinds=alike(edges),
            asked=np.arange(size)[None],
            answers=np.array(parents_by_layer(leads, breadth_first(leads, source))),
            choices=heard(edges, size),
        )

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        return edge_list(instance, draws, [source_of(instance)], undirected=True)

    def depth(self, instance: Instance) -> int:
        """How many steps the furthest node is away."""
        leads = following(instance.nodes, instance.edges.T)
        return max(breadth_first(leads, source_of(instance)).values())

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """The source where it is a neighbour, else the lowest neighbour."""
        source = source_of(instance)
        leads = following(instance.nodes, instance.edges.T)
        near = [source if source in own or node == source else own[0] for node, own in enumerate(leads)]
        return {"lowest neighbour": np.array(near)}

    def guesses(self, instance: Instance) -> Mapping[str, float]:
        """Of nodes, how many have one possible parent alone; and what one gets who knows all but the tie."""
        leads = following(instance.nodes, instance.edges.T)
        far = breadth_first(leads, source_of(instance))
        counts = [max(1, sum(far[other] == far[node] - 1 for other in own)) for node, own in enumerate(leads)]
        return {"only parent": float(np.mean([count == 1 for count in counts])),
                "blind to ties": float(np.mean([1 / count for count in counts]))}  # fmt: skip


def source_of(instance: Instance) -> int:
    """The node that is marked."""
    return int(instance.symbols[:, 0].argmax())
