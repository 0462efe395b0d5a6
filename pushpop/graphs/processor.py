"""Rounds of messages with the same weights in each, so that more of them can be run than were trained with.

Axes: N nodes, I numbers given of a node, W width of a state, G graphs.
"""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError, meant
from pushpop.graphs.aggregators import Aggregator, expect_states
from pushpop.graphs.graph import Graphs
from pushpop.memory.shapes import expect, expect_size

Carry = Literal["own", "neighbours"]
Rounds = int | Tensor


class Processor(nn.Module):
    """A recurrent net at every node whose time is rounds: a GRU, its weights shared by all nodes and all rounds.

    `carry`  own: h_i <- GRU([x_i, what the neighbours say], h_i), each node with a memory of its own;
             neighbours: h_i <- GRU(x_i, what the neighbours say), so what a node was is forgotten, and the state walks
             along the edges: on a directed path this is the GRU over the string of x_i.

    A state is [N, W]. While training, `noise` is the standard deviation of what each round adds to it, drawn from
    `chance`: both are put there by the net whose processor it is. ConfigError for impossible settings.
    """

    def __init__(self, inputs: int, width: int, aggregator: Aggregator, carry: str = "own") -> None:
        super().__init__()
        expect_size("processor: inputs", inputs)
        expect_size("processor: width", width)
        if carry not in get_args(Carry):
            hint = meant(carry, get_args(Carry))
            raise ConfigError(f"carry: {carry!r} is not known; {hint}give one of {', '.join(get_args(Carry))}")
        self.inputs, self.width, self.carry, self.aggregator = inputs, width, carry, aggregator
        self.cell = nn.GRUCell(inputs + width * (carry == "own"), width)
        self.noise, self.chance = 0.0, torch.Generator()

    def start(self, graphs: Graphs) -> Tensor:
        """The state before the first round: 0."""
        like = self.cell.weight_hh
        return like.new_zeros(graphs.nodes, self.width)

    def step(self, state: Tensor, inputs: Tensor, graphs: Graphs) -> Tensor:
        """One round: the state after it. `inputs` [N, I] are given anew in each."""
        expect_states(inputs, graphs, self.inputs)
        expect_states(state, graphs, self.width)
        heard = self.aggregator(state, graphs)
        if self.carry == "neighbours":
            return self.stirred(self.cell(inputs, heard))
        return self.stirred(self.cell(torch.cat([inputs, heard], 1), state))

    def stirred(self, state: Tensor) -> Tensor:
        """The state with noise, while training."""
        if not self.training or not self.noise:
            return state
        return state + self.noise * torch.randn(state.shape, generator=self.chance).to(state)

    def forward(self, inputs: Tensor, graphs: Graphs, rounds: Rounds, state: Tensor | None = None) -> Tensor:
        """The state [N, W] after so many rounds, of each graph its own where `rounds` is [G] (int64), from `state`."""
        state = self.start(graphs) if state is None else state
        whole, own = rounds_of(rounds, graphs)
        for number in range(whole):
            after = self.step(state, inputs, graphs)
            state = after if own is None else torch.where((number < own)[:, None], after, state)
        return state


def rounds_of(rounds: Rounds, graphs: Graphs) -> tuple[int, Tensor | None]:
    """How many rounds are to be run, and of them each node's own [N], where graphs differ. ConfigError for none."""
    if isinstance(rounds, Tensor):
        expect("rounds", rounds, (graphs.count,), torch.int64, graphs.edges.device)
        if int(rounds.min()) < 0:
            raise ConfigError(f"rounds: {int(rounds.min())} is no number of rounds; give 0 or more")
        alike = int(rounds.min()) == int(rounds.max())
        return int(rounds.max()), None if alike else rounds[graphs.graph]
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 0:
        raise ConfigError(f"rounds: {rounds!r} is no number of rounds; give 0 or more")
    return rounds, None
