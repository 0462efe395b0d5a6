"""A recurrent net that reads a node's neighbours one after another, and never a place where none is.

Axes: N nodes, E edges, M nodes with neighbours, W width of a state.
"""

from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from pushpop.errors import ConfigError, meant
from pushpop.graphs.aggregators import Aggregator, expect_kinds, expect_states
from pushpop.graphs.graph import Graphs
from pushpop.memory.shapes import expect_size

Order = Literal["natural", "random", "key"]


class InOrder(Aggregator):
    """The state of an LSTM after a node's last neighbour; before the first it is a learned one, so that is what a node
    without neighbours gets.

    `order`  natural: as the edges were given; random: another at each call in training (fixed by `seed` and how many
             there were), the natural one else; key: by the sources' number in column `key` of the graphs' features,
             ascending, equal ones in their natural order.
    `kinds`  of edges; with more than one, a learned vector of the edge's own is added to what is read of a neighbour.

    What it says depends on the order unless the order follows from the graph, as with a key. Raises ConfigError.
    """

    calls: Tensor

    def __init__(self, width: int, order: str = "natural", key: int = 0, seed: int = 0, kinds: int = 1) -> None:
        super().__init__()
        expect_size("in order: width", width)
        expect_size("in order: kinds", kinds)
        if order not in get_args(Order):
            hint = meant(order, get_args(Order))
            raise ConfigError(f"order: {order!r} is not known; {hint}give one of {', '.join(get_args(Order))}")
        self.width, self.order, self.key, self.seed = width, order, key, seed
        self.cell = nn.LSTM(width, width, batch_first=True)
        self.kinds, self.kind = kinds, nn.Embedding(kinds, width) if kinds > 1 else None
        self.start = nn.Parameter(torch.zeros(2, width))  # state and cell
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.width)
        read = self.ordered(graphs)
        said = states[read.sources]
        if self.kind is not None:
            expect_kinds(graphs, self.kinds)
            said = said + self.kind(read.kinds)
        degrees = graphs.degrees
        longest = torch.argsort(degrees, descending=True, stable=True)[: int((degrees > 0).sum())]  # [M]
        nothing = self.start[0].expand(graphs.nodes, self.width)
        if not len(longest):
            return nothing.clone()
        neighbours = packed(said, degrees, longest)
        start = self.start[:, None, None].expand(2, 1, len(longest), self.width).contiguous()
        _, (last, _) = self.cell(neighbours, (start[0], start[1]))
        return nothing.index_copy(0, longest, last[0])

    def ordered(self, graphs: Graphs) -> Graphs:
        """The graphs with each target's edges in the order in which they are read."""
        if self.order == "key":
            if not 0 <= self.key < graphs.features.shape[1]:
                rule = f"there are {graphs.features.shape[1]} features"
                raise ConfigError(f"key: {self.key!r} is no column; {rule}: give 0 to {graphs.features.shape[1] - 1}")
            keys = graphs.features[graphs.sources, self.key]
            return graphs.reordered(torch.argsort(keys, stable=True))
        if self.order == "random" and self.training:
            drawn = torch.Generator().manual_seed(self.seed * 1_000_003 + int(self.calls))
            self.calls += 1
            shuffled = torch.randperm(graphs.edges.shape[1], generator=drawn)
            return graphs.reordered(shuffled.to(graphs.edges.device))
        return graphs

    def extra_repr(self) -> str:
        return f"{self.width}, order={self.order!r}"


def packed(said: Tensor, degrees: Tensor, longest: Tensor) -> PackedSequence:
    """What is said along each edge [E, W], step by step, to the nodes `longest` [M], most neighbours first: no step has
    a gap. Edges stand by target, as those of graphs do."""
    sizes = degrees[longest]
    first = degrees.cumsum(0)[longest] - sizes
    steps = torch.arange(int(sizes[0]), device=sizes.device)
    there = steps[:, None] < sizes  # [steps, M]: the nodes that have so many neighbours, which come first
    places = (first + steps[:, None])[there]
    return PackedSequence(said[places], there.sum(1).cpu())
