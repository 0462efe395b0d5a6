"""What a node gets from its neighbours: from the states of all nodes to one of the same width for each.

A node's neighbours are where its edges come from. All of these, but the ordered one, know no order among them; none is
touched by a node that no edge leads from. Axes: N nodes, E edges, W width of a state.
"""

from abc import ABC, abstractmethod
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError, meant
from pushpop.graphs.graph import Graphs
from pushpop.graphs.segments import expect_reduction, reduce, total
from pushpop.memory.shapes import expect, expect_size

Norm = Literal["sym", "row", "none"]


class Aggregator(nn.Module, ABC):
    """What all ways to hear one's neighbours share: states in, as many of the same width out."""

    @abstractmethod
    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        """What each node gets [N, W] of its neighbours, whose states are rows of `states` [N, W]."""


class Reduce(Aggregator):
    """The sum, mean or max of the neighbours' states; 0 for a node without neighbours. ConfigError for another name."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = expect_reduction(how, "aggregator")

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs)
        return reduce(self.how, states[graphs.sources], graphs.targets, graphs.nodes)

    def extra_repr(self) -> str:
        return repr(self.how)


class Normalised(Aggregator):
    """The product with the augmented adjacency A + lambda I, scaled by the degrees in it (Kipf and Welling 2017).

    `norm`       sym: by 1 / sqrt(D_i D_j), their own; row: by 1 / D_i, so that rows sum to 1 and this is an average;
                 none: not at all.
    `self_loop`  lambda, what a node's own state weighs: 0 or more, or "learn" (from 1 on; what is learned is its
                 logarithm, so it stays above 0). A self loop among the edges adds 1 to it.

    D_i is the sum of row i: of edges to i, and lambda. A node for which it is 0 gets 0. With edges of one direction
    alone D_j is still the sum of row j, as both ends' degrees are where all edges have both. Raises ConfigError.
    """

    def __init__(self, norm: str = "sym", self_loop: float | str = 1.0) -> None:
        super().__init__()
        if norm not in get_args(Norm):
            raise ConfigError(f"norm: {norm!r} is not known; {meant(norm, get_args(Norm))}give one of sym, row, none")
        self.norm = norm
        learned = self_loop == "learn"
        if not learned and (isinstance(self_loop, bool | str) or not 0 <= self_loop < float("inf")):
            raise ConfigError(f'self_loop: {self_loop!r} is no weight; give 0 or more, or "learn"')
        self.logarithm = nn.Parameter(torch.zeros(())) if learned else None
        self.fixed = 1.0 if isinstance(self_loop, str) else float(self_loop)

    @property
    def self_loop(self) -> Tensor | float:
        """Lambda."""
        return self.fixed if self.logarithm is None else self.logarithm.exp()

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs)
        ends, own = self.scales(states, graphs)
        heard = total(states[graphs.sources] * ends[:, None], graphs.targets, graphs.nodes)
        return heard + self.self_loop * own[:, None] * states

    def scales(self, like: Tensor, graphs: Graphs) -> tuple[Tensor, Tensor]:
        """By what each edge's state is multiplied [E], and, beside lambda, a node's own [N]."""
        if self.norm == "none":
            return like.new_ones(graphs.edges.shape[1]), like.new_ones(graphs.nodes)
        rows = graphs.degrees.to(like.dtype) + self.self_loop
        there = rows > 0
        inverse = torch.where(there, 1 / torch.where(there, rows, 1.0), 0.0)
        if self.norm == "row":
            return inverse[graphs.targets], inverse
        roots = torch.where(there, torch.where(there, inverse, 1.0).sqrt(), 0.0)
        return roots[graphs.sources] * roots[graphs.targets], inverse

    def extra_repr(self) -> str:
        loop = "learn" if self.logarithm is not None else self.fixed
        return f"{self.norm!r}, self_loop={loop}"


class Messages(Aggregator):
    """What a small net says of both ends of an edge and of its kind, reduced: sum, mean or max.

    message = W2 tanh(W1 [h_target, h_source, kind] + b1) + b2, of `hidden` and then `width` numbers; `kinds` is how
    many kinds of edges there are. The message-passing net of Gilmer et al. 2017. Raises ConfigError.
    """

    def __init__(self, width: int, hidden: int, kinds: int = 1, how: str = "max") -> None:
        super().__init__()
        for name, size in (("width", width), ("hidden", hidden), ("kinds", kinds)):
            expect_size(f"messages: {name}", size)
        self.how, self.kinds = expect_reduction(how, "aggregator"), kinds
        self.target, self.source = nn.Linear(width, hidden), nn.Linear(width, hidden, bias=False)
        self.kind = nn.Embedding(kinds, hidden) if kinds > 1 else None
        self.out = nn.Linear(hidden, width)

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.out.out_features)
        heard = self.target(states)[graphs.targets] + self.source(states)[graphs.sources]
        if self.kind is not None:
            expect_kinds(graphs, self.kinds)
            heard = heard + self.kind(graphs.kinds)
        return reduce(self.how, self.out(heard.tanh()), graphs.targets, graphs.nodes)


def expect_states(states: object, graphs: Graphs, width: int | str = "W") -> None:
    """ShapeError unless these are states [N, W] of the graphs' nodes."""
    dtype = states.dtype if isinstance(states, Tensor) and states.is_floating_point() else graphs.features.dtype
    expect("states", states, (graphs.nodes, width), dtype, graphs.edges.device)


def expect_kinds(graphs: Graphs, kinds: int) -> None:
    """ConfigError where an edge is of a kind that the layer was not built for; on a CPU, a GPU would be waited for."""
    if graphs.kinds.device.type == "cpu" and len(graphs.kinds) and int(graphs.kinds.max()) >= kinds:
        raise ConfigError(
            f"kinds: an edge is of kind {int(graphs.kinds.max())}; give the layer more than {kinds} kinds"
        )
