"""A batch of graphs, as the one graph that they are side by side.

Axes: N nodes of all graphs, E edges, F features of one node, G graphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Self

import torch
from torch import Tensor

from pushpop.errors import GraphError
from pushpop.memory.shapes import expect, spell
from pushpop.tasks.graphs.edges import Doubtful, Edges, checked_edges, two_rows


@dataclass(frozen=True, eq=False, repr=False)
class Graphs:
    """Graphs side by side: no edge leads from one to another, so nothing does. A value: nothing changes it.

    Edges are source -> target and stand by target; those of one target stand in the order in which they were given,
    which is the natural order of its neighbours. What is undirected has both directions. `Graphs.of` makes it.
    """

    features: Tensor  # [N, F]
    edges: Tensor  # [2, E] int64, sources and targets
    graph: Tensor  # [N] int64: which graph each node is of, 0 to G - 1, ascending
    kinds: Tensor  # [E] int64: of which kind each edge is; 0 where all are alike
    count: int  # graphs, G

    @classmethod
    def of(
        cls,
        features: Tensor,
        edges: object,
        graph: Tensor | None = None,
        kinds: Tensor | None = None,
        *,
        doubles: Doubtful = "refuse",
        loops: Doubtful = "refuse",
    ) -> Self:
        """Nodes with features [N, F], and edges [2, E] between them, in any order; checked.

        `graph` [N] says which graph each node is of: all of one if not given. `doubles` and `loops` say what becomes of
        an edge that is there already (each one kept counts for itself) and of an edge from a node to itself.

        Raises:
            ShapeError: features are not [N, F] of floats, or `graph` or `kinds` not as many whole numbers.
            GraphError: no nodes, an edge to a node that is not there or in another graph, a graph without nodes, a
                negative kind, or what is to be refused.
        """
        if not isinstance(features, Tensor) or features.ndim != 2 or not features.is_floating_point():
            expect("Graphs.of: features", features, ("N", "F"), torch.get_default_dtype())
        device, nodes = features.device, len(features)
        given = two_rows(edges.cpu().numpy() if isinstance(edges, Tensor) else edges, "Graphs.of: edges")
        found = checked_edges(nodes, given, doubles=doubles, loops=loops, place="Graphs.of: edges")
        if graph is None:
            graph = torch.zeros(nodes, dtype=torch.int64, device=device)
        expect("Graphs.of: graph", graph, (nodes,), torch.int64, device)
        count = expect_graphs(graph, found)
        kinds = torch.zeros(given.shape[1], dtype=torch.int64, device=device) if kinds is None else kinds
        expect("Graphs.of: kinds", kinds, given.shape[1:], torch.int64, device)
        if len(kinds) and int(kinds.min()) < 0:
            raise GraphError(f"Graphs.of: kinds: {int(kinds.min())} is no kind of edge; give 0 or more")
        order = torch.from_numpy(found.order).to(device)
        return cls(features, torch.from_numpy(found.ends).to(device), graph, kinds[order], count)

    @classmethod
    def together(cls, graphs: Sequence[Self]) -> Self:
        """Several batches as one, in this order. GraphError for none, ShapeError for features of different widths."""
        if not graphs:
            raise GraphError("Graphs.together: no graphs; give 1 or more")
        first = graphs[0].features
        for number, one in enumerate(graphs):
            place = f"Graphs.together: features of graphs {number}"
            expect(place, one.features, ("N", first.shape[1]), first.dtype, first.device)
        nodes = offsets([one.nodes for one in graphs])
        counts = offsets([one.count for one in graphs])
        return cls(
            torch.cat([one.features for one in graphs]),
            torch.cat([one.edges + before for one, before in zip(graphs, nodes, strict=True)], 1),
            torch.cat([one.graph + before for one, before in zip(graphs, counts, strict=True)]),
            torch.cat([one.kinds for one in graphs]),
            sum(one.count for one in graphs),
        )

    def alone(self, number: int) -> Self:
        """One graph of the batch by itself. GraphError if there is none of that number."""
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < self.count:
            raise GraphError(f"Graphs.alone: {number!r} is no graph of these; give 0 to {self.count - 1}")
        own = self.graph == number
        first = int(own.nonzero()[0])
        inside = own[self.targets]
        nothing = torch.zeros_like(self.graph[own])
        return replace(
            self, features=self.features[own], edges=self.edges[:, inside] - first, graph=nothing,
            kinds=self.kinds[inside], count=1,
        )  # fmt: skip

    def relabelled(self, places: Tensor) -> Self:
        """The same graphs with node v called places[v]: a permutation [N] (int64) that keeps to each graph's own nodes.

        A target's neighbours keep their order. Raises GraphError for what is no such permutation.
        """
        expect("Graphs.relabelled: places", places, (self.nodes,), torch.int64, self.features.device)
        back = torch.argsort(places)
        known = torch.arange(self.nodes, device=places.device)
        if not torch.equal(places[back], known) or not torch.equal(self.graph[back], self.graph):
            raise GraphError("Graphs.relabelled: places: not a permutation of each graph's own nodes; give one")
        ends = places[self.edges]
        order = torch.argsort(ends[1], stable=True)
        return replace(self, features=self.features[back], edges=ends[:, order], kinds=self.kinds[order])

    def reordered(self, order: Tensor) -> Self:
        """With the edges given in another order [E] (int64): a target's neighbours stand in it."""
        order = order[torch.argsort(self.targets[order], stable=True)]
        return replace(self, edges=self.edges[:, order], kinds=self.kinds[order])

    def carrying(self, features: Tensor) -> Self:
        """The same nodes and edges with other features [N, F]."""
        expect("Graphs.carrying: features", features, (self.nodes, "F"), features.dtype, self.features.device)
        return replace(self, features=features)

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """The same graphs on another device, features of another type, or both."""
        moved = {name: getattr(self, name).to(device=device) for name in ("edges", "graph", "kinds")}
        return replace(self, features=self.features.to(device=device, dtype=dtype), **moved)

    @property
    def nodes(self) -> int:
        """Nodes of all graphs, N."""
        return len(self.features)

    @property
    def sources(self) -> Tensor:
        """Where each edge comes from: [E] int64."""
        return self.edges[0]

    @property
    def targets(self) -> Tensor:
        """Where each edge leads: [E] int64, ascending."""
        return self.edges[1]

    @property
    def degrees(self) -> Tensor:
        """How many edges lead to each node: [N] int64."""
        return torch.bincount(self.targets, minlength=self.nodes)

    @property
    def sizes(self) -> Tensor:
        """Nodes of each graph: [G] int64."""
        return torch.bincount(self.graph, minlength=self.count)

    def __repr__(self) -> str:
        return f"Graphs({self.count} of {self.nodes} nodes, {self.edges.shape[1]} edges, {spell(self.features)})"


def expect_graphs(graph: Tensor, edges: Edges) -> int:
    """How many graphs there are. GraphError unless they are 0, 1, ..., each with nodes, and edges keep to one."""
    steps = torch.diff(graph, prepend=graph.new_tensor([-1]))
    wrong = (steps < 0) | (steps > 1)
    wrong[0] = steps[0] != 1
    if bool(wrong.any()):
        at = int(wrong.int().argmax())
        rule = "nodes stand graph by graph, the first in graph 0, and no graph is left out"
        raise GraphError(f"Graphs.of: graph: node {at} is of graph {int(graph[at])}; {rule}: give them in order")
    owner = graph.cpu().numpy()
    across = owner[edges.ends[0]] != owner[edges.ends[1]]
    if across.any():
        at = int(edges.order[across].min())
        source, target = edges.ends[:, edges.order == at][:, 0]
        graphs = f"from graph {owner[source]} to graph {owner[target]}"
        raise GraphError(f"Graphs.of: edges: edge {at} is {source} -> {target}, {graphs}; give edges inside one graph")
    return int(graph[-1]) + 1


def offsets(sizes: Sequence[int]) -> list[int]:
    """How much stands before each: 0, the first, the first two, ..."""
    return [0, *accumulate(sizes[:-1])]
