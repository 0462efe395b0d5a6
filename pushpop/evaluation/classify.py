"""Which class a model says a word is in, and how often it is right beside the best constant guess."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from pushpop.evaluation.evaluate import POSITIONS, device_of, groups, resting
from pushpop.models.contract import SequenceModel
from pushpop.tasks.classification import Classification
from pushpop.tasks.task import Word


@dataclass(frozen=True, kw_only=True)
class ClassScores:
    """Accuracy over a list of words, and what saying the commonest class of these very words would score."""

    accuracy: float
    baseline: float
    words: int


class Classified(NamedTuple):
    """For each word, in the words' order: the class it is in and the one said."""

    wanted: list[int]
    said: list[int]


def classify(
    model: SequenceModel[Any],
    task: Classification,
    words: Sequence[Sequence[int] | np.ndarray],
    positions: int = POSITIONS,
) -> Classified:
    """Put all words to the model. Raises WordError for a word not of `task`."""
    return say(model, task, [task.check(word, f"word {n}") for n, word in enumerate(words, 1)], positions)


def say(
    model: SequenceModel[Any], task: Classification, words: Sequence[Word], positions: int = POSITIONS
) -> Classified:
    """The same of words that are known to be the task's; those of similar length go together."""
    wanted, said = [0] * len(words), [0] * len(words)
    device = device_of(model)
    with resting(model):
        for group in groups([(max(len(word), task.frame), 1) for word in words], positions):
            batch = task.encode([words[n] for n in group])
            arrays = (torch.from_numpy(array).to(device) for array in (batch.symbols, batch.lengths, batch.positions))
            best = model(*arrays).argmax(1).tolist()
            for n, right, given in zip(group, batch.targets.tolist(), best, strict=True):
                wanted[n], said[n] = right, given
    return Classified(wanted, said)


def score(classified: Classified) -> ClassScores:
    """Accuracy and baseline of what was said."""
    wanted, said = classified
    assert len(wanted) == len(said) > 0, f"{len(said)} classes for {len(wanted)} words"
    right = sum(a == b for a, b in zip(wanted, said, strict=True))
    commonest = max(Counter(wanted).values())
    return ClassScores(accuracy=right / len(wanted), baseline=commonest / len(wanted), words=len(wanted))


def split_by_length(
    words: Sequence[Sequence[int] | np.ndarray], classified: Classified
) -> list[tuple[int, ClassScores]]:
    """Scores on the words of each length, shortest first."""
    places: dict[int, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(len(word), []).append(place)
    wanted, said = classified
    return [
        (length, score(Classified([wanted[n] for n in at], [said[n] for n in at])))
        for length, at in sorted(places.items())
    ]
