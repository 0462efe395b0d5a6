"""What nets answer to questions about graphs, and how right it is: by node and by graph, always both.

Nets that read graphs and those that read their sequence view are asked the same instances.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from pushpop.evaluation.evaluate import POSITIONS, device_of, groups, resting
from pushpop.graphs.questions import Questions
from pushpop.models.contract import SequenceModel
from pushpop.tasks.graphs.instance import GraphTask, Instance, right
from pushpop.tasks.graphs.sequences import encoded, meant, told

PARTS = 2**17  # nodes and edges of one call


@dataclass(frozen=True, kw_only=True)
class GraphScores:
    """Accuracies over a list of graphs; graph <= node, always."""

    graph: float  # share of graphs answered wholly right
    node: float  # mean share of a graph's answers that are right
    words: int  # graphs: what a budget counts as words


def say(model: Any, task: GraphTask, instances: Sequence[Instance], *key: int | str) -> list[np.ndarray]:
    """The answers [A] to each instance: classes, or nodes where the task points.

    A model that reads sequences gets them in orders that follow from the key.
    """
    with resting(model):
        if isinstance(model, SequenceModel):
            return heard(model, task, instances, *key)
        return seen(model, task, instances)


def seen(net: Any, task: GraphTask, instances: Sequence[Instance]) -> list[np.ndarray]:
    """What a net that reads graphs answers."""
    found = list[np.ndarray]()
    for group in together(instances):
        questions = Questions.of(task, group, device=device_of(net))
        said = net.answer(questions).cpu().numpy()
        ends = np.cumsum([len(one.answers) for one in group])[:-1]
        first = np.cumsum([0, *(one.nodes for one in group[:-1])]) if task.points else np.zeros(len(group), dtype=int)
        found += [own - node for own, node in zip(np.split(said, ends), first, strict=True)]
    return found


def heard(
    model: SequenceModel[Any], task: GraphTask, instances: Sequence[Instance], *key: int | str
) -> list[np.ndarray]:
    """What a model that reads sequences answers; those of similar length go together."""
    sequences, device = told(task, instances, *key), device_of(model)
    found = [np.empty(0, dtype=np.int64)] * len(instances)
    for group in groups([(len(one.symbols), 0) for one in sequences], POSITIONS):
        own = [sequences[place] for place in group]
        batch = encoded([instances[place] for place in group], own)
        arrays = (torch.from_numpy(array).to(device) for array in (batch.symbols, batch.lengths, batch.positions))
        said = model(*arrays).argmax(1).cpu().numpy()
        for place, answers in zip(group, meant(said, own), strict=True):
            found[place] = answers
    return found


def together(instances: Sequence[Instance]) -> Iterator[list[Instance]]:
    """As many at a time, in their order, as have no more than PARTS nodes and edges; one at least."""
    group, parts = list[Instance](), 0
    for one in instances:
        own = one.nodes + one.edges.shape[1]
        if group and parts + own > PARTS:
            yield group
            group, parts = list[Instance](), 0
        group.append(one)
        parts += own
    if group:
        yield group


def score(instances: Sequence[Instance], said: Sequence[np.ndarray]) -> GraphScores:
    """Node and graph accuracy of what was said."""
    found = right(said, instances)
    return GraphScores(graph=found.graph, node=found.node, words=len(instances))
