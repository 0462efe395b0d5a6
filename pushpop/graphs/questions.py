"""Instances of a graph task as one batch: graphs, what is asked about them, and how much of it is answered right.

Axes: N nodes, K ends of what is asked, A answers, M choices, G graphs, W width of a state, C classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from pushpop.errors import GraphError
from pushpop.graphs.graph import Graphs, offsets
from pushpop.graphs.segments import first_largest, log_softmax, total
from pushpop.memory.shapes import expect, expect_size
from pushpop.tasks.graphs.instance import GraphTask, Instance


@dataclass(frozen=True, eq=False)
class Questions:
    """What is asked about a batch of graphs, and the right answers: classes, or nodes by their number in the batch."""

    graphs: Graphs
    asked: Tensor  # [K, A] int64: nodes, or pairs of them
    answers: Tensor  # [A] int64
    owner: Tensor  # [A] int64: the graph that each is about
    choices: Tensor  # [2, M] int64: of which answer, which node may be pointed to; of classes there are none

    @classmethod
    def of(
        cls, task: GraphTask, instances: Sequence[Instance], *, dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Self:  # fmt: skip
        """These instances, in this order. GraphError for none."""
        if not instances:
            raise GraphError("Questions.of: no instances; give 1 or more")
        whole = side_by_side(instances, points=task.points)
        graph, owner = (
            torch.from_numpy(np.repeat(np.arange(len(instances)), sizes))
            for sizes in ([one.nodes for one in instances], [len(one.answers) for one in instances])
        )
        features, kinds = torch.from_numpy(whole.features(task.columns)), torch.from_numpy(whole.kinds)
        graphs = Graphs.of(features, whole.edges, graph, kinds, loops="keep").to(device, dtype)
        asked, answers, choices = map(torch.from_numpy, (whole.asked, whole.answers, whole.choices))
        return cls(graphs, *(some.to(device) for some in (asked, answers, owner, choices)))

    def shares(self, said: Tensor) -> Tensor:
        """Of each graph the share of right answers [G], of those said [A]: node accuracy is their mean, and graph
        accuracy how many of them are 1."""
        expect("Questions.shares: said", said, tuple(self.answers.shape), torch.int64, self.answers.device)
        count = self.graphs.count
        right = total((said == self.answers).to(self.graphs.features.dtype), self.owner, count)
        return right / torch.bincount(self.owner, minlength=count)

    def ends(self, states: Tensor) -> Tensor:
        """The states [N, W] at what is asked about, both ends of a pair side by side: [A, K W]."""
        return torch.cat([states[nodes] for nodes in self.asked], 1)


def side_by_side(instances: Sequence[Instance], *, points: bool) -> Instance:
    """All of them as one, whose answers are nodes where they are `points`."""
    nodes = offsets([one.nodes for one in instances])
    counts = offsets([len(one.answers) for one in instances])
    placed = list(zip(instances, nodes, counts, strict=True))
    return Instance(
        symbols=np.concatenate([one.symbols for one in instances]),
        numbers=np.concatenate([one.numbers for one in instances]),
        edges=np.concatenate([one.edges + node for one, node, _ in placed], 1),
        kinds=np.concatenate([one.kinds for one in instances]),
        asked=np.concatenate([one.asked + node for one, node, _ in placed], 1),
        answers=np.concatenate([one.answers + node * int(points) for one, node, _ in placed]),
        choices=np.concatenate([one.choices + np.array([[answer], [node]]) for one, node, answer in placed], 1),
    )


class Pointer(nn.Module):
    """Scores each choice: w . tanh(Q h_asked + P h_choice + b). Additive attention with one node as its answer.

    ConfigError for a width that is none.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        expect_size("pointer: width", width)
        self.asked, self.choice = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.score = nn.Linear(width, 1, bias=False)

    def forward(self, states: Tensor, questions: Questions) -> Tensor:
        """Scores of all choices: [M]."""
        which, nodes = questions.choices
        return self.score((self.asked(questions.ends(states))[which] + self.choice(states)[nodes]).tanh())[:, 0]


def pointed_loss(scores: Tensor, questions: Questions) -> Tensor:
    """Mean cross entropy (nats) of the right choice among those of each answer, of scores [M]."""
    which, nodes = questions.choices
    logs = log_softmax(scores, which, len(questions.answers))
    return -logs[nodes == questions.answers[which]].mean()


def pointed(scores: Tensor, questions: Questions) -> Tensor:
    """The node of the highest score for each answer [A]; of equal ones the first."""
    which, nodes = questions.choices
    return nodes[first_largest(scores, which, len(questions.answers))]
