"""Two branches: a graph net over what nodes are, and an LSTM over what happened to each, joined for the answer.

Axes: N nodes, F features, T events, S symbols of an event, W width of a state.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError
from pushpop.graphs.contract import GraphNet, Readable, features_of
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import Neighbours
from pushpop.graphs.questions import Questions
from pushpop.models.branch_settings import TwoBranchSettings


class TwoBranch(GraphNet):
    """What is known of a node goes through layers that hear its neighbours; its history through an LSTM, which no
    neighbour hears. The head reads both states side by side, or that of one branch alone."""

    def __init__(self, settings: TwoBranchSettings, task: Readable) -> None:
        self.branches = settings.branches
        super().__init__(settings, task, settings.hidden * (2 if settings.branches == "both" else 1))
        self.settings, self.slots = settings, task.history
        if not self.slots:
            raise ConfigError("task: has no histories for model two-branch; give one that has, such as temporal")
        self.symbols = task.columns[-1]
        self.split = sum(task.columns[: -self.slots]), self.slots * self.symbols, task.numbers
        widths = [features_of(task) - self.split[1], *[settings.hidden] * settings.layers]
        if settings.branches != "history":
            self.layers = nn.ModuleList(Neighbours(*pair, settings.aggregator) for pair in pairwise(widths))
        if settings.branches != "graph":
            self.cell = nn.LSTM(self.symbols, settings.hidden, batch_first=True)

    def states(self, inputs: Tensor, questions: Questions) -> Tensor:
        """[N, W], or [N, 2 W] of both branches: first the graph's."""
        known, events, numbers = inputs.split(self.split, 1)
        found = list[Tensor]()
        if self.branches != "history":
            found.append(self.heard(torch.cat([known, numbers], 1), questions.graphs))
        if self.branches != "graph":
            found.append(self.remembered(events.unflatten(1, (self.slots, self.symbols))))
        return self.left_out(torch.cat(found, 1), self.settings.dropout)

    def heard(self, state: Tensor, graphs: Graphs) -> Tensor:
        """What the graph's layers make of what nodes are [N, F]: [N, W]."""
        for layer in self.layers:
            state = layer(state, graphs).relu()
        return state

    def remembered(self, events: Tensor) -> Tensor:
        """What the LSTM has come to at each node's last event, of [N, slots, S]: [N, W]; 0 where there is none."""
        lengths = (events[:, :, -1] == 0).sum(1)
        whole, _ = self.cell(events[:, : max(1, int(lengths.max()))])
        last = whole[torch.arange(len(whole), device=whole.device), (lengths - 1).clamp(min=0)]
        return last * (lengths > 0)[:, None]


def build(_: str, settings: TwoBranchSettings, task: Readable) -> TwoBranch:
    """A `two-branch`."""
    return TwoBranch(settings, task)
