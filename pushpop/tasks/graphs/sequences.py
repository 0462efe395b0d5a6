"""Graph tasks in their sequence view: instances as a batch of words, and what was said there as answers.

Axes: B instances, T positions (the longest sequence's), M answers of all instances, A those of one.
"""

from collections.abc import Sequence as Several

import numpy as np

from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import Batch
from pushpop.tasks.graphs.instance import GraphTask, Instance, Sequence


def told(task: GraphTask, instances: Several[Instance], *key: int | str) -> list[Sequence]:
    """Each instance as a sequence; what has no order stands in one that follows from the key and its place."""
    return [task.sequence(one, Draws("sequence", *key, place)) for place, one in enumerate(instances)]


def encoded(instances: Several[Instance], sequences: Several[Sequence]) -> Batch:
    """The sequences [T each] padded to one length, and what is wanted where."""
    assert len(instances) == len(sequences) > 0, f"{len(sequences)} sequences of {len(instances)} instances"
    lengths = np.array([len(one.symbols) for one in sequences])
    symbols = np.zeros((len(sequences), int(lengths.max())), dtype=np.int64)
    for row, one in zip(symbols, sequences, strict=True):
        row[: len(one.symbols)] = one.symbols
    width = symbols.shape[1]
    positions = np.concatenate([one.positions + row * width for row, one in enumerate(sequences)])
    targets = np.concatenate([one.answers(graph) for one, graph in zip(sequences, instances, strict=True)])
    return Batch(symbols, lengths, positions, targets)


def meant(said: np.ndarray, sequences: Several[Sequence]) -> list[np.ndarray]:
    """Of what was said at all positions [M] the answers [A] of each instance, in its own order and its own names.

    A name that no node has is -1: no answer.
    """
    found, place = list[np.ndarray](), 0
    for one in sequences:
        count = len(one.positions)
        own = said[place : place + count]
        place += count
        if one.names is not None:
            nodes = np.full(max(int(one.names.max()), int(own.max(initial=0))) + 1, -1, dtype=np.int64)
            nodes[one.names] = np.arange(len(one.names))
            own = nodes[own]
        answers = np.empty(count, dtype=np.int64)
        answers[one.order] = own
        found.append(answers)
    return found
