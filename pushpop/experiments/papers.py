"""A run on one graph: the whole of it is every batch, its training part is learned from, and it is judged by the rest.

Weights are kept by validation alone: the highest accuracy (of links, area under the ROC curve), of equals the lowest
loss (of links, the highest average precision), of these the last. Test nodes and pairs are scored for the curves.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pushpop.errors import ConfigError
from pushpop.evaluation import citation_floors as floors
from pushpop.evaluation import links
from pushpop.evaluation.evaluate import device_of, resting
from pushpop.experiments.seeds import of_step
from pushpop.graphs import papers
from pushpop.graphs.papers import Known, products
from pushpop.models import catalogue
from pushpop.models.paper_settings import LinkSettings, PaperSettings
from pushpop.tasks.graphs.edges import both_ways
from pushpop.tasks.graphs.papers import Links, Nodes, OneGraph
from pushpop.training.loop import Observer, Run, Scores
from pushpop.training.parallel import Team
from pushpop.training.schedule import Plan


def known_of(task: OneGraph) -> Known:
    """What nets may know of the task's graph: of links, the edges that are left."""
    return Known.of(task.citations, both_ways(task.hidden.left.T) if isinstance(task, Links) else None)


def build(kind: str, settings: Any, task: OneGraph, seed: int) -> papers.OneGraphNet:
    """The untrained net for a task; its first weights follow from all that is given here."""
    found = catalogue.kind_of(kind, task.answers)
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    graph = task.citations
    if isinstance(settings, LinkSettings):
        return papers.build_links(kind, settings, graph.vocabulary, seed)
    assert isinstance(settings, PaperSettings), f"{kind} reads no single graph"
    return papers.build_papers(kind, settings, graph.vocabulary, graph.classes, seed)


class OneGraphFeed:
    """The whole graph at every step; what is left out at random is a function of the seed and the step."""

    counted: tuple[int, str] = 1, "epochs"

    def __init__(self, task: OneGraph, batch: int, seed: int, team: Team, device: torch.device) -> None:
        if batch != 1:
            raise ConfigError(f"training.batch: {batch}: a batch is the whole graph; give 1")
        if team.size > 1:
            raise ConfigError(f"training: one graph is not shared among {team.size} processes; start one")
        self._known, self._seed, self._right = known_of(task).to(device), seed, torch.zeros(0)
        if isinstance(task, Nodes):
            nodes = task.citations.splits["training"]
            wanted = nodes, task.citations.labels[nodes]
        else:
            assert isinstance(task, Links), f"no feed for {task}"
            wanted = (task.hidden.left,)
        self.wanted = [torch.from_numpy(array).to(device) for array in wanted]

    def make(self, step: int, _reach: float, /) -> tuple[int, float]:
        return step, 1.0

    def loss(self, model: nn.Module, batch: int) -> Tensor:
        net = cast("papers.OneGraphNet", model)
        net.begin(of_step(self._seed, batch))
        if isinstance(net, papers.Links):
            return net.loss(self._known, *self.wanted)
        cost, self._right = cast("papers.Papers", net).loss(self._known, *self.wanted)
        return cost

    def observers(self) -> Sequence[Observer]:
        return [self._note]

    def starts(self) -> Sequence[Observer]:
        return []

    def diaries(self, _path: Path, _plan: Plan, /) -> Sequence[AbstractContextManager[Observer]]:
        return []

    def found(self, run: Run) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def _note(self, run: Run) -> None:
        if len(self._right):
            run.shares.append(self._right.double().mean().item())


class OneGraphJudge(ABC):
    """Scores validation and test from one reading of the graph; validation alone decides."""

    def __init__(self, task: OneGraph) -> None:
        self._known, self._parts, self._hashes = known_of(task), task.parts(), task.hashes()

    def hashes(self) -> dict[str, str]:
        return self._hashes

    def score(self, model: nn.Module) -> Scores:
        found = read(model, self._known)
        return {split: self.scored(found, *part) for split, part in self._parts.items()}

    def right(self, _scores: Scores, /) -> bool:
        return False

    def final(self, model: Any) -> dict[str, Any]:
        """Both parts once more, and what needs no learning."""
        return {"solved": None, **self.score(model), "floors": {"rows": self.floors()}}

    @abstractmethod
    def scored(self, found: Tensor, asked: np.ndarray, right: np.ndarray) -> dict[str, float]:
        """What the net made of the nodes, held against the right answers to what is asked."""

    @abstractmethod
    def rank(self, scores: Scores, step: int, /) -> tuple[float, ...]: ...

    @abstractmethod
    def floors(self) -> list[dict[str, Any]]:
        """A row for each rule that needs no learning, on the test."""


class NodeJudge(OneGraphJudge):
    """How many classes are named right, beside always naming the commonest; and the loss (mean nats)."""

    def __init__(self, task: Nodes) -> None:
        super().__init__(task)
        self._task = task

    def scored(self, found: Tensor, asked: np.ndarray, right: np.ndarray) -> dict[str, float]:
        scores, wanted = found[torch.from_numpy(asked)], torch.from_numpy(right)
        named = (scores.argmax(1) == wanted).double().mean().item()
        loss = cross_entropy(scores.double(), wanted).item()
        return {"accuracy": named, "baseline": floors.commonest(right), "loss": loss, "nodes": len(right)}

    def rank(self, scores: Scores, _step: int, /) -> tuple[float, ...]:
        return scores["validation"]["accuracy"], -scores["validation"]["loss"]

    def floors(self) -> list[dict[str, Any]]:
        nodes, labels = self._parts["test"]
        spread = floors.spread_labels(self._task.citations)[nodes] == labels
        return [
            {"floor": "the commonest class", "accuracy": floors.commonest(labels)},
            {"floor": "labels spread along edges", "accuracy": float(spread.mean())},
        ]


class LinkJudge(OneGraphJudge):
    """How well edges that were taken out are told from other pairs."""

    def __init__(self, task: Links) -> None:
        super().__init__(task)
        self._task = task

    def scored(self, found: Tensor, asked: np.ndarray, right: np.ndarray) -> dict[str, float]:
        scores = products(found.double(), torch.from_numpy(asked)).numpy()
        return asdict(links.score(scores, right))

    def rank(self, scores: Scores, _step: int, /) -> tuple[float, ...]:
        return scores["validation"]["auc"], scores["validation"]["ap"]

    def floors(self) -> list[dict[str, Any]]:
        (pairs, right), left = self._parts["test"], self._task.hidden.left
        graph = self._task.citations
        return [{"floor": name, **asdict(links.score(floor(graph, left, pairs), right))}
                for name, floor in floors.PAIR_FLOORS.items()]  # fmt: skip


def judge_of(task: OneGraph) -> OneGraphJudge:
    """The judge of a task on one graph."""
    if isinstance(task, Nodes):
        return NodeJudge(task)
    assert isinstance(task, Links), f"no judge for {task}"
    return LinkJudge(task)


def read(model: nn.Module, known: Known) -> Tensor:
    """What a net makes of every node, nothing left out, on the CPU."""
    device = device_of(model)
    with resting(model):
        found: Tensor = model(known if device.type == "cpu" else known.to(device))
    return found.cpu()
