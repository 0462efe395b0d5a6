"""What a model answers, and how right it is: free-running greedy decoding, each word until its own end symbol.

Every answer is cut at the right one's length + 1 (its end symbol), so a wrong one costs no more than the right one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import torch

from pushpop.evaluation.metrics import Scores, by_position, score
from pushpop.models.contract import NOTHING, SequenceModel, no_memory
from pushpop.tasks.encoding import END, decode_answer, encode_answer, prompts
from pushpop.tasks.formal.family import Formal
from pushpop.tasks.task import WordTask

POSITIONS = 2**17  # padded positions, read and said, of one call: bounds memory, and larger calls were not faster


class Answered(NamedTuple):
    """For each word, in the words' order: the answer wanted and the one said, in the vocabulary, END included."""

    wanted: list[np.ndarray]
    said: list[np.ndarray]


def evaluate(
    model: SequenceModel[Any],
    task: WordTask,
    words: Sequence[Sequence[int | str] | np.ndarray],
    rounded: bool = False,
    positions: int = POSITIONS,
) -> Scores:
    """Accuracies of `model` on `words`. Raises WordError for a word not of `task`."""
    return score(*ask(model, task, words, rounded, positions))


def scored(task: WordTask, words: Sequence[Sequence[int | str] | np.ndarray], answered: Answered) -> dict[str, float]:
    """Accuracies of answers already given; of a benchmark's task its own score too, `position`."""
    found: dict[str, float] = asdict(score(*answered))
    if isinstance(task, Formal):
        found["position"] = by_position([len(word) for word in words], *answered, ended=task.ended)
    return found


def split_by_length(
    task: WordTask, words: Sequence[Sequence[int | str] | np.ndarray], answered: Answered
) -> list[tuple[int, dict[str, float]]]:
    """The same on the words of each length, shortest first."""
    places: dict[int, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(len(word), []).append(place)
    wanted, said = answered
    return [
        (length, scored(task, [words[n] for n in at], Answered([wanted[n] for n in at], [said[n] for n in at])))
        for length, at in sorted(places.items())
    ]


def predict(
    model: SequenceModel[Any],
    task: WordTask,
    words: Sequence[Sequence[int | str] | np.ndarray],
    rounded: bool = False,
    positions: int = POSITIONS,
) -> list[list[int]]:
    """What `model` answers to each word, as users type it; see `decode_answer` for a mark said in error."""
    return [decode_answer(said) for said in ask(model, task, words, rounded, positions).said]


def ask(
    model: SequenceModel[Any],
    task: WordTask,
    words: Sequence[Sequence[int | str] | np.ndarray],
    rounded: bool = False,
    positions: int = POSITIONS,
) -> Answered:
    """Put all words to the model, words of similar length together, at most `positions` (or one word) a call.

    Raises WordError for a word not of `task`, PushpopError where `rounded` is asked of a model without a memory.
    """
    if rounded:
        demand_memory(model, "rounded")
    checked = [task.check(word, f"word {n}") for n, word in enumerate(words, 1)]
    wanted = [encode_answer(task.answer(word)) for word in checked]
    said: list[np.ndarray] = [np.empty(0, dtype=np.int64)] * len(checked)
    device = device_of(model)
    with resting(model):
        for group in groups([(len(w) + 2, len(a)) for w, a in zip(checked, wanted, strict=True)], positions):
            symbols, lengths = (torch.from_numpy(array).to(device) for array in prompts([checked[n] for n in group]))
            limits = torch.tensor([len(wanted[n]) for n in group], device=device)
            rows = model.answer(symbols, lengths, limits, END, rounded=rounded).cpu().numpy()
            for n, row in zip(group, rows, strict=True):
                said[n] = row[row != NOTHING]
    return Answered(wanted, said)


def groups(sizes: Sequence[tuple[int, int]], positions: int) -> Iterator[list[int]]:
    """Places of words of similar size (positions read, positions said), as many as fit once padded to one size."""
    group: list[int] = []
    longest = (0, 0)
    for n in sorted(range(len(sizes)), key=lambda n: sizes[n]):
        read, said = max(longest[0], sizes[n][0]), max(longest[1], sizes[n][1])
        if group and (len(group) + 1) * (read + said) > positions:
            yield group
            group, (read, said) = list[int](), sizes[n]
        group.append(n)
        longest = (read, said)
    if group:
        yield group


def demand_memory(model: SequenceModel[Any], place: str) -> None:
    """Raise PushpopError, beginning with `place`, if `model` has no memory to look into."""
    if not hasattr(model, "watch"):
        raise no_memory(model, place)


def device_of(model: torch.nn.Module) -> torch.device:
    """Where the model's weights are."""
    weight = next(model.parameters(), None)
    return torch.device("cpu") if weight is None else weight.device


@contextmanager
def resting(model: torch.nn.Module) -> Iterator[None]:
    """The model as it answers: no dropout, no gradients; afterwards it trains on if it was training."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)
