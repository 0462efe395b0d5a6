"""A stack under a processor, one for each graph or one at each node: the very `Stack` of `pushpop.memory`.

Axes: N nodes, I numbers given of a node, W width of a state, V width of a value, G graphs, R rounds, B G or N.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError, meant
from pushpop.graphs.aggregators import Aggregator
from pushpop.graphs.graph import Graphs
from pushpop.graphs.processor import Processor, Rounds, rounds_of
from pushpop.graphs.readout import read_out
from pushpop.graphs.segments import expect_reduction
from pushpop.memory import Stack
from pushpop.memory.shapes import expect, expect_size

Level = Literal["graph", "node"]


@dataclass(frozen=True, eq=False)
class State:
    """Between two rounds: what nodes are in, and the memory of B words."""

    nodes: Tensor  # [N, W]
    memory: Stack


class Worked(NamedTuple):
    """What rounds have come to."""

    state: State
    push: Tensor  # [R, G]: strengths, as they were said by the net whoever gave those that were used
    pop: Tensor  # [R, G]


class StackProcessor(nn.Module):
    """A processor that reads, in every round, what is on top of a stack, and then pops and pushes.

    `level`     graph: each graph has one stack, what is pushed comes of a read-out, and all its nodes read its top;
                node: each node has one, pushes what comes of its own state and reads its own top. Either way a graph
                pops and pushes with strengths of its own, which all its nodes share: with one node both are the same.
    `read_out`  how a graph is made one: sum, mean, max.

    `carry`     as a processor's.

    A round: read r; h <- processor([x, r], h); push and pop strengths sigmoid(w . read-out of h + b); value tanh(V h).
    Memory semantics are the stack's own: pops come before pushes. ConfigError for impossible settings.
    """

    def __init__(
        self, inputs: int, width: int, value: int, aggregator: Aggregator, level: str = "node", how: str = "max",
        carry: str = "own",
    ) -> None:  # fmt: skip
        super().__init__()
        expect_size("stack: value", value)
        if level not in get_args(Level):
            raise ConfigError(f"level: {level!r} is not known; {meant(level, get_args(Level))}give graph or node")
        self.level, self.how = level, expect_reduction(how, "read_out")
        self.processor = Processor(inputs + value, width, aggregator, carry)
        self.strengths, self.value = nn.Linear(width, 2), nn.Linear(width, value)

    def start(self, graphs: Graphs) -> State:
        """The state before the first round: nothing in nodes or memory."""
        nodes = self.processor.start(graphs)
        words = graphs.count if self.level == "graph" else graphs.nodes
        return State(nodes, Stack.empty(words, self.value.out_features, dtype=nodes.dtype, device=nodes.device))

    def step(
        self, state: State, inputs: Tensor, graphs: Graphs, given: Tensor | None = None
    ) -> tuple[State, Tensor, Tensor]:
        """One round: the state after it, and the push and pop strengths [G] that the net calls for.

        `given` [G, 2], push and pop, are done in their stead: the operations of an algorithm that is taught.
        """
        top = state.memory.read()
        shared = self.level == "graph"
        nodes = self.processor.step(state.nodes, torch.cat([inputs, top[graphs.graph] if shared else top], 1), graphs)
        whole = read_out(self.how, nodes, graphs)
        said = torch.sigmoid(self.strengths(whole))
        if given is not None:
            expect("strengths", given, (graphs.count, 2), said.dtype, said.device)
        push, pop = (said if given is None else given).unbind(1)
        value = torch.tanh(self.value(whole if shared else nodes))
        if not shared:
            push, pop = push[graphs.graph], pop[graphs.graph]
        memory = state.memory.pop(pop).push(value, push)
        return State(nodes, memory), said[:, 0], said[:, 1]

    def forward(
        self,
        inputs: Tensor,
        graphs: Graphs,
        rounds: Rounds,
        given: Tensor | None = None,
        state: State | None = None,
    ) -> Worked:
        """So many rounds from `state` on, each graph its own number where `rounds` is [G]; `given` is [R, G, 2]."""
        state = self.start(graphs) if state is None else state
        whole, own = rounds_of(rounds, graphs)
        said = list[Tensor]()
        for number in range(whole):
            after, push, pop = self.step(state, inputs, graphs, None if given is None else given[number])
            if own is not None:
                active = number < own
                words = active if self.level == "node" else torch.as_tensor(number < rounds)
                nodes = torch.where(active[:, None], after.nodes, state.nodes)
                after = State(nodes, after.memory.where(words, state.memory))
            state, said = after, [*said, torch.stack([push, pop], 1)]
        push, pop = (torch.stack(said) if said else inputs.new_zeros(0, graphs.count, 2)).unbind(2)
        return Worked(state, push, pop)
