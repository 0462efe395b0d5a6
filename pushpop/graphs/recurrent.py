"""`recurrent-gnn`, `ordered-gnn` and those with a stack: rounds of messages with the same weights in each, as many as a
rule says of a graph.

Axes: N nodes, I numbers given of a node, W width of a state, G graphs.
"""

from abc import abstractmethod
from typing import Self

import torch
from torch import Tensor

from pushpop.graphs.aggregators import Aggregator, Messages, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.contract import GraphNet, Readable, given
from pushpop.graphs.graph import Graphs
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.processor import Processor
from pushpop.graphs.questions import Questions
from pushpop.graphs.rounds import RoundsOf
from pushpop.graphs.stacked import StackProcessor, Worked
from pushpop.models.rounds_settings import (
    OrderedGraphSettings,
    RecurrentGraphSettings,
    RoundsSettings,
    StackedGraphSettings,
)


class InRounds(GraphNet):
    """Nets whose states are those after as many rounds as `rounds` says: another rule may take its place at any time,
    since all rounds have the same weights."""

    def __init__(self, settings: RoundsSettings, task: Readable) -> None:
        super().__init__(settings, task, settings.hidden)
        self.settings, self.rounds = settings, RoundsOf.of(settings)

    @abstractmethod
    def after(self, inputs: Tensor, graphs: Graphs, rounds: Tensor) -> Tensor:
        """The states [N, W] after so many rounds of each graph [G]."""

    def states(self, inputs: Tensor, questions: Questions) -> Tensor:
        """[N, W]."""
        graphs = questions.graphs
        return self.left_out(self.after(inputs, graphs, self.run_for(graphs)), self.settings.dropout)

    def run_for(self, graphs: Graphs) -> Tensor:
        """Rounds of each graph [G]: as the rule says or, while training, a share of them that is drawn for all."""
        rounds, fewest = self.rounds(graphs), self.settings.fewest
        if not self.training or fewest == 1:
            return rounds
        share = fewest + (1 - fewest) * float(torch.rand((), generator=self.chance))
        return (rounds.double() * share).ceil().long()


class Recurrent(InRounds):
    """A processor under any aggregator."""

    def __init__(self, settings: RecurrentGraphSettings | OrderedGraphSettings, task: Readable) -> None:
        super().__init__(settings, task)
        heard = aggregator(settings, task)
        self.processor = Processor(given(task, settings), settings.hidden, heard, settings.carry)
        self.processor.noise, self.processor.chance = settings.noise, self.chance

    def after(self, inputs: Tensor, graphs: Graphs, rounds: Tensor) -> Tensor:
        return self.processor(inputs, graphs, rounds)


class Stacked(InRounds):
    """A processor that works a stack of each graph, or one at each node."""

    def __init__(self, settings: StackedGraphSettings, task: Readable, level: str) -> None:
        super().__init__(settings, task)
        self.processor = StackProcessor(
            given(task, settings), settings.hidden, settings.memory, aggregator(settings, task), level,
            settings.pooled, settings.carry,
        )  # fmt: skip
        self.processor.processor.noise, self.processor.processor.chance = settings.noise, self.chance
        self.biases = settings.push_bias, settings.pop_bias

    def begin(self, seed: int) -> Self:
        super().begin(seed)
        self.processor.strengths.bias.detach().copy_(torch.tensor(self.biases))
        return self

    def after(self, inputs: Tensor, graphs: Graphs, rounds: Tensor) -> Tensor:
        return self.worked(inputs, graphs, rounds).state.nodes

    def worked(self, inputs: Tensor, graphs: Graphs, rounds: Tensor, given: Tensor | None = None) -> Worked:
        """States, stacks, and the strengths that the net called for; `given` [R, G, 2] are done in their stead."""
        return self.processor(inputs, graphs, rounds, given)


def aggregator(settings: RecurrentGraphSettings | OrderedGraphSettings, task: Readable) -> Aggregator:
    """How a node hears its neighbours."""
    width = settings.hidden
    if isinstance(settings, OrderedGraphSettings):
        heard = task.kinds if settings.kinds == "yes" else 1
        return InOrder(width, settings.order, settings.key, kinds=heard)
    if settings.aggregator == "attention":
        return Attention(width, settings.heads, dynamic=True, self_loop=False)
    if settings.messages:
        return Messages(width, settings.messages, task.kinds, settings.aggregator)
    return Reduce(settings.aggregator)


def ordered(_: str, settings: OrderedGraphSettings, task: Readable) -> Recurrent:
    """An `ordered-gnn`."""
    return Recurrent(settings, task)


def stacked(kind: str, settings: StackedGraphSettings, task: Readable) -> Stacked:
    """A `graph-stack-gnn` or a `node-stack-gnn`."""
    return Stacked(settings, task, kind.partition("-")[0])
