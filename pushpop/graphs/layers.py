"""Graph layers: what a node's next state is, from its own and from what an aggregator gives it of its neighbours.

Axes: N nodes, I numbers of a state, O of the next one. None has a nonlinearity behind it: that is the net's business.
"""

from abc import ABC, abstractmethod
from typing import TypeVar

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError
from pushpop.graphs.aggregators import Aggregator, Normalised, Reduce, expect_kinds, expect_states
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.segments import expect_reduction, reduce
from pushpop.memory.shapes import expect_size

M = TypeVar("M", bound=nn.Module)


class Layer(nn.Module, ABC):
    """What all layers share: states of nodes in, their next states out."""

    @abstractmethod
    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        """The next states [N, O], from states [N, I]. ShapeError where they are not of these graphs."""


class GCN(Layer):
    """H' = A^ H W + b, A^ the adjacency with self loops of weight lambda, normalised (Kipf and Welling 2017)."""

    def __init__(
        self, inputs: int, outputs: int, *, norm: str = "sym", self_loop: float | str = 1.0, bias: bool = True
    ) -> None:
        super().__init__()
        sized(inputs, outputs)
        self.project = nn.Linear(inputs, outputs, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.aggregator = Normalised(norm, self_loop)

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.project.in_features)
        heard = self.aggregator(self.project(states), graphs)
        return heard if self.bias is None else heard + self.bias


class GAT(Layer):
    """h_i' = sum over j of alpha_ij W h_j + b, the node itself among its neighbours; heads side by side.

    The score is static (Velickovic et al. 2018): all nodes rank their neighbours alike. ConfigError where `heads` do
    not divide `outputs`.
    """

    dynamic = False

    def __init__(
        self, inputs: int, outputs: int, heads: int = 1, *, self_loop: bool = True, uniform: bool = False,
        bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        sized(inputs, outputs)
        self.project = nn.Linear(inputs, outputs, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.attention = Attention(
            outputs, heads, dynamic=self.dynamic, asks=inputs, self_loop=self_loop, uniform=uniform
        )

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.project.in_features)
        heard = self.attention(self.project(states), graphs, states)
        return heard if self.bias is None else heard + self.bias


class GATv2(GAT):
    """The same with a score of which each node can rank its neighbours in its own way (Brody et al. 2022)."""

    dynamic = True


class GIN(Layer):
    """h_i' = MLP((1 + eps) h_i + sum of the neighbours' h_j), an MLP of one hidden ReLU layer (Xu et al. 2019).

    `eps` is fixed, or learned from that value on. With 0, nodes that have the same neighbours, themselves counted, come
    out the same.
    """

    def __init__(self, inputs: int, outputs: int, hidden: int = 0, *, eps: float = 0.0, learned: bool = False) -> None:
        super().__init__()
        sized(inputs, outputs, *([hidden] if hidden else []))
        self.eps = nn.Parameter(torch.tensor(float(eps)), requires_grad=learned)
        self.net = nn.Sequential(nn.Linear(inputs, hidden or outputs), nn.ReLU(), nn.Linear(hidden or outputs, outputs))
        self.inputs, self.aggregator = inputs, Reduce("sum")

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.inputs)
        return self.net((1 + self.eps) * states + self.aggregator(states, graphs))


class Neighbours(Layer):
    """h_i' = W h_i + V aggregated h_j + b: the node's own state is kept apart (GraphSAGE, Hamilton et al. 2017).

    The aggregator sees the states as they are, of width `inputs`: a name (sum, mean, max) or one that is made.
    """

    def __init__(self, inputs: int, outputs: int, aggregator: str | Aggregator = "mean") -> None:
        super().__init__()
        sized(inputs, outputs)
        self.aggregator = Reduce(aggregator) if isinstance(aggregator, str) else aggregator
        self.own, self.heard = nn.Linear(inputs, outputs), nn.Linear(inputs, outputs, bias=False)

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.own.in_features)
        return self.own(states) + self.heard(self.aggregator(states, graphs))


class Relational(Layer):
    """h_i' = W h_i + sum over kinds k of V_k (the neighbours over edges of kind k, reduced) + b.

    A matrix for each of `kinds` kinds of edges (Schlichtkrull et al. 2018): it tells left from right. ConfigError from
    a graph with an edge of a kind beyond them.
    """

    def __init__(self, inputs: int, outputs: int, kinds: int, how: str = "mean") -> None:
        super().__init__()
        sized(inputs, outputs, kinds)
        self.how, self.kinds = expect_reduction(how, "aggregator"), kinds
        self.own = nn.Linear(inputs, outputs)
        self.heard = nn.Linear(inputs * kinds, outputs, bias=False)

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        expect_states(states, graphs, self.own.in_features)
        expect_kinds(graphs, self.kinds)
        places = graphs.targets * self.kinds + graphs.kinds
        heard = reduce(self.how, states[graphs.sources], places, graphs.nodes * self.kinds)
        return self.own(states) + self.heard(heard.unflatten(0, (graphs.nodes, self.kinds)).flatten(1))


def sized(*sizes: int) -> None:
    """ConfigError for a size that is none."""
    for size in sizes:
        expect_size("layer: size", size)


def first_weights(module: M, seed: int) -> M:
    """The module with weights that follow from `seed` alone: Glorot's for matrices, vectors as they are made without
    chance: 0 for biases.

    Parameters that no chance made (a learned self loop or eps) stay what they are.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f"seed: {seed!r} is no seed; give 0 or more")
    generator = torch.Generator().manual_seed(seed)
    for name, weights in module.named_parameters():
        if weights.ndim >= 2 and not name.endswith("start"):
            nn.init.xavier_uniform_(weights.detach().flatten(0, -2), generator=generator)
        elif name.rpartition(".")[2].startswith("bias"):
            nn.init.zeros_(weights)
    return module
