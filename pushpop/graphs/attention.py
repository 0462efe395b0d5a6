"""Attention over neighbours: weights that sum to 1 at each node, from a score of both ends.

Axes: N nodes, E edges, E' edges and a self loop at each node, W width of a state, K heads, D = W / K numbers of each.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from pushpop.errors import ConfigError
from pushpop.graphs.aggregators import Aggregator, expect_states
from pushpop.graphs.graph import Graphs
from pushpop.graphs.segments import softmax, total
from pushpop.memory.shapes import expect_size

SLOPE = 0.2  # of the leaky ReLU below 0, as both papers have it


class Weighed(NamedTuple):
    """Who is heard, by whom, and how much."""

    sources: Tensor  # [E'] int64
    targets: Tensor  # [E'] int64
    weights: Tensor  # [E', K], of one target 0 or more and 1 in all


class Attention(Aggregator):
    """The neighbours' states, and the node's own, each head with weights of its own over its share of the numbers.

    `dynamic=False`  GAT (Velickovic et al. 2018): score = leaky(a . h_i + b . h_j). One order of all neighbours, the
                     same for every i: attention is static.
    `dynamic=True`   GATv2 (Brody et al. 2022): score = a . leaky(W q_i + b + h_j), each node with an order of its own.
    `self_loop`      whether a node hears itself; without it, one without neighbours gets 0.
    `uniform`        equal weights instead of any score: the mean, as a control.

    h are the states given, so that a layer before this one makes them; so is q, of `asks` numbers, unless something
    else is given to ask with. Raises ConfigError.
    """

    def __init__(
        self, width: int, heads: int = 1, *, dynamic: bool, asks: int = 0, self_loop: bool = True, uniform: bool = False
    ) -> None:
        super().__init__()
        expect_size("attention: width", width)
        expect_size("attention: heads", heads)
        if width % heads:
            raise ConfigError(f"attention: heads: {heads} do not share width {width} evenly; give a divisor of it")
        self.width, self.heads, self.self_loop = width, heads, self_loop
        self.own = nn.Linear(asks or width, width) if dynamic and not uniform else None
        bound = (6 / (width // heads + 1)) ** 0.5
        first = torch.empty(1 if dynamic else 2, heads, width // heads).uniform_(-bound, bound)
        self.scores = None if uniform else nn.Parameter(first)

    def forward(self, states: Tensor, graphs: Graphs, asking: Tensor | None = None) -> Tensor:
        found = self.weigh(states, graphs, asking)
        heads = states.unflatten(1, (self.heads, -1))
        return total(found.weights[:, :, None] * heads[found.sources], found.targets, graphs.nodes).flatten(1)

    def weigh(self, states: Tensor, graphs: Graphs, asking: Tensor | None = None) -> Weighed:
        """The weights of all edges, those of self loops last; `asking` [N, asks] is q where that is not the states."""
        expect_states(states, graphs, self.width)
        sources, targets = graphs.edges
        if self.self_loop:
            nodes = torch.arange(graphs.nodes, device=sources.device)
            sources, targets = torch.cat([sources, nodes]), torch.cat([targets, nodes])
        scores = self.score(states, states if asking is None else asking, sources, targets)
        return Weighed(sources, targets, softmax(scores, targets, graphs.nodes))

    def score(self, states: Tensor, asking: Tensor, sources: Tensor, targets: Tensor) -> Tensor:
        """What each head makes of each pair: [E', K]."""
        heads = states.unflatten(1, (self.heads, -1))
        if self.scores is None:
            return states.new_zeros(len(sources), self.heads)
        if self.own is None:
            to, fro = (heads * self.scores[:, None]).sum(3)
            return leaky_relu(to[targets] + fro[sources], SLOPE)
        own = self.own(asking).unflatten(1, (self.heads, -1))
        return (leaky_relu(own[targets] + heads[sources], SLOPE) * self.scores[0]).sum(2)

    def extra_repr(self) -> str:
        kind = "uniform" if self.scores is None else "static" if self.own is None else "dynamic"
        return f"{self.width}, heads={self.heads}, {kind}, self_loop={self.self_loop}"
