"""What a step on words is learned from beside their answers: the words themselves, foretold symbol by symbol while they
are read, and words longer than a curriculum has come to.

Axes: B words, T positions, M outputs that count.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import Batch, heard

Words = tuple[Tensor, Tensor, Tensor, Tensor]  # see `tensors`


def tensors(batch: Batch, device: torch.device) -> Words:
    """Symbols [B, T], lengths [B], positions [M] and targets [M] of a batch, on the device."""
    arrays = batch.symbols, batch.lengths, batch.positions, batch.targets
    symbols, lengths, positions, targets = (torch.from_numpy(array).to(device) for array in arrays)
    return symbols, lengths, positions, targets


class Lesson(NamedTuple):
    """Words of a step as a model reads them, and what each output that is wanted of it counts."""

    symbols: Tensor  # [B, T]
    lengths: Tensor  # [B]
    positions: Tensor  # [M] flat: b * T + t
    targets: Tensor  # [M] the symbol wanted there
    weights: Tensor  # [M] of its cross entropy; they make means over the whole batch
    told: Tensor  # [M] bool: whether it is an answer within the curriculum's reach


def lesson(whole: Batch, part: Batch, first: int, reached: int, foretell: float, device: torch.device) -> Lesson:
    """Of a process's `part` of a batch, which begins at its word `first`, and whose first `reached` words are within a
    curriculum's reach.

    What is wanted are three things: the answers to those words, to the others, and, where `foretell` is above 0, what
    is read. Each is a mean over the whole batch; the last has this weight, the others have 1.
    """
    of_whole, of_part = whole.positions // whole.symbols.shape[1], part.positions // part.symbols.shape[1] + first
    within = int((of_whole < reached).sum())
    answers = np.where(of_part < reached, 1 / max(1, within), 1 / max(1, len(of_whole) - within))
    read, following = heard(part) if foretell else (part.positions[:0], part.targets[:0])
    each = foretell / len(heard(whole)[0]) if foretell else 0.0
    weights = np.concatenate([answers, np.full(len(read), each)])
    told = np.concatenate([of_part < reached, np.zeros(len(read), dtype=bool)])
    wanted = np.concatenate([part.positions, read]), np.concatenate([part.targets, following])
    arrays = (part.symbols, part.lengths, *wanted, weights, told)
    return Lesson(*(torch.from_numpy(array).to(device) for array in arrays))


def cost(model: SequenceModel[Any], given: Lesson) -> Tensor:
    """The loss (nats) of all that is wanted."""
    return _costs(model, given).sum()


def loss(model: SequenceModel[Any], given: Lesson) -> Tensor:
    """Its value is the mean cross entropy (nats) of the answers within reach, by which a curriculum goes on; its
    gradient is that of all that is wanted."""
    costs = _costs(model, given)
    rest = costs[~given.told].sum()
    return costs[given.told].sum() + rest - rest.detach()


def _costs(model: SequenceModel[Any], given: Lesson) -> Tensor:
    """What each output that is wanted costs, by its weight [M]."""
    scores = model(given.symbols, given.lengths, given.positions)
    return given.weights.to(scores.dtype) * cross_entropy(scores, given.targets, reduction="none")
