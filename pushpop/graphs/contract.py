"""What a net that reads graphs is: states of nodes, whatever makes them, and what is said of them.

Axes: N nodes, F features, W width of a state, A answers, M choices, C classes, K ends of what is asked.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pushpop.errors import ConfigError
from pushpop.graphs.layers import first_weights
from pushpop.graphs.questions import Pointer, Questions, pointed, pointed_loss
from pushpop.graphs.readout import read_out
from pushpop.graphs.trainable import Trainable
from pushpop.memory.shapes import expect
from pushpop.models.graph_settings import GraphSettings
from pushpop.tasks.graphs.instance import Level

RANKS = 10.0  # so that what tells ranks 1/16 apart needs no large weight; the arg max is exact at any distance


class Readable(Protocol):
    """What a net has to know of a task: any `GraphTask` says it, and so does a `Description`."""

    @property
    def columns(self) -> tuple[int, ...]: ...
    @property
    def numbers(self) -> int: ...
    @property
    def kinds(self) -> int: ...
    @property
    def classes(self) -> int: ...
    @property
    def points(self) -> bool: ...
    @property
    def level(self) -> Level: ...
    @property
    def history(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Description:
    """A task of which no more is known: kinds of symbols in each column, numbers of a node, kinds of edges, what is
    asked about, the classes that an answer is one of (none are needed where it is a node), and how many of the last
    columns are a history."""

    columns: tuple[int, ...] = ()
    numbers: int = 0
    kinds: int = 1
    classes: int = 0
    points: bool = False
    level: Level = "node"
    history: int = 0


class Reader(Trainable, ABC):
    """Reads a batch of questions about graphs, and answers them: what training and evaluation know of a net.

    Graphs of a batch never touch each other.
    """

    @abstractmethod
    def loss(self, questions: Questions) -> Tensor:
        """What training makes less of (nats)."""

    @abstractmethod
    def answer(self, questions: Questions) -> Tensor:
        """The likeliest answers [A] (int64): classes, or nodes by their number in the batch."""

    def begin(self, seed: int) -> Self:
        """With the first weights of that seed. ConfigError where it is none."""
        return first_weights(self, seed)


class GraphNet(Reader):
    """A net that scores all answers at once, from states of the nodes."""

    def __init__(self, settings: GraphSettings, task: Readable, width: int) -> None:
        """`width` is that of the states that answers are read from. ConfigError for what the task does not fit."""
        super().__init__()
        self.smoothing = settings.smoothing
        self.features = features_of(task)
        self.unseen = task.numbers if settings.numbers == "ranks" else 0
        self.encoder = encoder(self.features, settings)
        self.head = Pointing(task, settings, width) if task.points else Classes(task, settings, width)

    @abstractmethod
    def states(self, inputs: Tensor, questions: Questions) -> Tensor:
        """What each node has come to [N, W], from what the encoder made of its features [N, I]."""

    def forward(self, questions: Questions) -> Tensor:
        """Scores of classes [A, C]; where the task points, of all choices [M]. ShapeError for another task's graphs."""
        return self.head(self.states(self.inputs(questions), questions), questions)

    def inputs(self, questions: Questions) -> Tensor:
        """What states are made from [N, I]: encoded features, without numbers where these are ranks. ShapeError."""
        features = questions.graphs.features
        expect("features", features, ("N", self.features), next(self.parameters()).dtype)
        if self.unseen:
            features = torch.cat([features[:, : -self.unseen], torch.zeros_like(features[:, -self.unseen :])], 1)
        return self.encoder(features)

    def loss(self, questions: Questions) -> Tensor:
        """Mean cross entropy (nats) of the right answers; of classes with `smoothing`, where a net has it."""
        scores = self(questions)
        if isinstance(self.head, Pointing):
            return pointed_loss(scores, questions)
        return cross_entropy(scores, questions.answers, label_smoothing=self.smoothing)

    @torch.no_grad()
    def answer(self, questions: Questions) -> Tensor:
        """The likeliest answers [A] (int64): classes, or nodes by their number in the batch."""
        return self.highest(self(questions), questions)

    def highest(self, scores: Tensor, questions: Questions) -> Tensor:
        """The answers [A] (int64) of the highest scores, which are as `forward` gives them."""
        return pointed(scores, questions) if isinstance(self.head, Pointing) else scores.argmax(1)


class Classes(nn.Module):
    """Scores of classes, from the states at what is asked, both ends of a pair side by side; or from a read-out."""

    def __init__(self, task: Readable, settings: GraphSettings, width: int) -> None:
        super().__init__()
        if task.classes < 1:
            raise ConfigError(f"task.classes: {task.classes} is no number of classes; give 1 or more")
        if settings.read_out != "asked" and task.level != "graph":
            rule = f"is asked about each {task.level}; give asked"
            raise ConfigError(f"model.read_out: {settings.read_out!r} is for whole graphs, and this task {rule}")
        if settings.numbers != "seen":
            raise ConfigError(f"model.numbers: {settings.numbers!r} settle where a node is pointed to; give seen")
        self.read_out = settings.read_out
        self.classes = net((2 if task.level == "edge" else 1) * width, settings.decoder, task.classes)

    def forward(self, states: Tensor, questions: Questions) -> Tensor:
        """[A, C]."""
        if self.read_out == "asked":
            return self.classes(questions.ends(states))
        return self.classes(read_out(self.read_out, states, questions.graphs)[questions.owner])


class Pointing(Pointer):
    """Scores of choices, where a node is the answer."""

    def __init__(self, task: Readable, settings: GraphSettings, width: int) -> None:
        super().__init__(width)
        for name, wanted in (("read_out", "asked"), ("decoder", 0), ("smoothing", 0)):
            value = getattr(settings, name)
            if value != wanted:
                raise ConfigError(f"model.{name}: {value!r} is for classes, and this task points; give {wanted}")
        if settings.numbers == "ranks" and not task.numbers:
            raise ConfigError("model.numbers: 'ranks' of nodes that have no numbers settle nothing; give seen")
        if task.level == "edge":
            raise ConfigError("task.level: of a pair of nodes no third one can be pointed to; give node or graph")
        self.ranks = nn.Parameter(torch.zeros(task.numbers)) if settings.numbers == "ranks" else None

    def forward(self, states: Tensor, questions: Questions) -> Tensor:
        """[M]; where numbers are ranks, each choice's own count too: RANKS times a weight, from 0 on."""
        scores = super().forward(states, questions)
        if self.ranks is None:
            return scores
        own = questions.graphs.features[:, -len(self.ranks) :][questions.choices[1]]
        return scores + RANKS * own @ self.ranks


def features_of(task: Readable) -> int:
    """How many features a node has: a unit vector for each column of symbols, then its numbers."""
    count = sum(task.columns) + task.numbers
    if count < 1:
        raise ConfigError("task.columns: nodes without symbols or numbers are all alike; give 1 or more")
    return count


def encoder(features: int, settings: GraphSettings) -> nn.Module:
    """From features to what a net is given of each node; see `given`."""
    return net(features, settings.encoder, settings.hidden) if settings.encoder else nn.Identity()


def given(task: Readable, settings: GraphSettings) -> int:
    """How many numbers a net is given of each node, behind the encoder."""
    return settings.hidden if settings.encoder else features_of(task)


def net(inputs: int, hidden: int, outputs: int) -> nn.Module:
    """A net of one hidden layer of ReLU, or of none."""
    if not hidden:
        return nn.Linear(inputs, outputs)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
