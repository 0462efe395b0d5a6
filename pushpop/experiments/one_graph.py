"""A network trained on one graph: how well it does there, and what it says of any of its nodes or pairs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from pushpop.errors import RunError
from pushpop.experiments import store
from pushpop.experiments.answering import listed
from pushpop.experiments.papers import judge_of, known_of, read
from pushpop.experiments.trained import Trained
from pushpop.graphs.papers import products
from pushpop.tasks.graphs.papers import Links, OneGraph


@dataclass(frozen=True, kw_only=True)
class TrainedOneGraph(Trained):
    """A network that has read one graph, and reads it again to answer."""

    task: OneGraph

    @cached_property
    def found(self) -> Tensor:
        """What it makes of every node: scores of classes, or a vector."""
        return read(self.model, known_of(self.task))

    def evaluate(self) -> dict[str, Any]:
        """Scores on validation and test, and what needs no learning. RunError where the graph has changed."""
        judge = judge_of(self.task)
        if judge.hashes() != store.read_config(self.path).words:
            raise RunError(f"{self.path}: its graph {self.task.graph} has changed; restore it, or train on the new one")
        return {name: found for name, found in judge.final(self.model).items() if name != "solved"}

    def predict(self, words: object) -> Any:
        """The classes of a list of nodes, or of several such lists; of links, how likely a pair of nodes is an edge
        (0 to 1), or each of several pairs.

        Raises WordError for what is none of the graph's.
        """
        given = listed(words)
        one = not given or not hasattr(given[0], "__iter__")
        asked = [self.task.check(nodes, f"word {n}") for n, nodes in enumerate([given] if one else given, 1)]
        answers = [self.answer(nodes) for nodes in asked]
        return answers[0] if one else answers

    def answer(self, nodes: np.ndarray) -> list[int] | float:
        """What it says of nodes that are known to be the graph's."""
        if isinstance(self.task, Links):
            return products(self.found, torch.from_numpy(nodes)[:, None]).sigmoid().item()
        found: list[int] = self.found[torch.from_numpy(nodes)].argmax(1).tolist()
        return found

    def generate(self, *_given: Any, **_chosen: Any) -> NoReturn:
        """PushpopError: it writes no text."""
        raise self.refuse("generate")

    def trace(self, *_given: Any, **_chosen: Any) -> NoReturn:
        """PushpopError: it has no memory to show."""
        raise self.refuse("trace")
