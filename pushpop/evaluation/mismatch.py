"""How well pops undo pushes in a list, and how long a word may be before what they miss adds up to half a cell.

Axes: B words, T positions, A hands.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from pushpop.errors import PushpopError
from pushpop.evaluation.evaluate import demand_memory, device_of, resting
from pushpop.evaluation.trace import Watchable
from pushpop.memory.cells import End
from pushpop.memory.lists import Memory
from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import SEPARATOR
from pushpop.tasks.task import WordTask

HALF = 0.5  # of a cell: from there on a read has more of a neighbour than of its own
NOTHING = 1e-12  # a mismatch that no number of a memory shows, such as pops that are cut off have (LEAST_POP)


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """Strengths by the symbol, as means over words; a net that pops just what it has pushed has a mismatch of 0."""

    stored: float  # what a symbol of the word leaves at the end where most is pushed
    taken: float  # what a symbol of the answer takes off at the end where most is popped
    mismatch: float | None  # cells that reads are off, by the symbol of a word; None where nothing is stored

    @property
    def length(self) -> float | None:
        """Of the words at which reads are off by half a cell, did nothing steer them back; infinite for no mismatch."""
        if self.mismatch is None:
            return None
        return HALF / self.mismatch if self.mismatch else float("inf")

    def to_dict(self) -> dict[str, float | None]:
        """All of it for JSON, which has no infinite numbers: no length is None."""
        length = self.length
        return {**asdict(self), "length": None if length == float("inf") else length}


def has_list(model: SequenceModel[Any]) -> bool:
    """Whether its memory is a list of cells, as stack, queue and DeQue are, whose strengths are pushed and popped."""
    return hasattr(model, "watch") and isinstance(cast(Any, model.state(1)).memory, Memory)


def as_long(task: WordTask, words: Sequence[np.ndarray]) -> bool:
    """Whether the answer to each of these words is as long as the word: else nothing says that a symbol of it is to pop
    what a symbol of the word has pushed."""
    return all(len(task.answer(word)) == len(word) for word in words)


def mismatch(model: SequenceModel[Any], task: WordTask, words: Sequence[np.ndarray]) -> Mismatch:
    """Measured while `model` reads `words` and is told the right answers, which are `as_long`: strengths as they are,
    not rounded.

    Raises PushpopError for a model whose memory is no list.
    """
    demand_memory(model, "mismatch")
    if not has_list(model):
        rule = "it is measured of a stack, queue or DeQue"
        raise PushpopError(f"mismatch: {type(model).__name__} has another memory; {rule}: give a model with one")
    batch = task.encode(words)
    symbols, lengths = torch.from_numpy(batch.symbols), torch.from_numpy(batch.lengths)
    growth = grown(model, symbols)
    separator = (symbols == SEPARATOR).long().argmax(1)[:, None]
    time = torch.arange(symbols.shape[1])
    reading = (time > 0) & (time < separator)
    writing = (time > separator) & (time < lengths[:, None])
    asked = reading.sum(1).double()
    read, written = (
        {end: ((rows * phase).sum(1) / asked).mean().item() for end, rows in growth.items()}
        for phase in (reading, writing)
    )
    return off(read, written)


def grown(model: SequenceModel[Any], symbols: Tensor) -> dict[End, Tensor]:
    """By how much pushes are more than pops at each end of the list, [B, T], while symbols [B, T] are read."""
    watchable, device = cast(Watchable, model), device_of(model)
    pushed, popped = list[Tensor](), list[Tensor]()
    with resting(model):
        state = watchable.state(len(symbols))
        hands = state.memory.hands
        for symbol in symbols.to(device).unbind(1):
            state, _, watched = watchable.watch(state, symbol)
            pushed.append(watched.action.push.double().cpu())
            popped.append(watched.action.pop.double().cpu())
    growth: dict[End, Tensor] = {}
    none = torch.zeros(symbols.shape, dtype=torch.float64)
    for number, hand in enumerate(hands):
        growth[hand.put] = growth.get(hand.put, none) + torch.stack([one[:, number] for one in pushed], 1)
        growth[hand.take] = growth.get(hand.take, none) - torch.stack([one[:, number] for one in popped], 1)
    return growth


def off(read: dict[End, float], written: dict[End, float]) -> Mismatch:
    """From how much a list grows at each of its ends by the symbol of a word, while it is read and while its answer is
    written."""
    store, take = max(read, key=lambda end: read[end]), min(written, key=lambda end: written[end])
    stored, taken = read[store], -written[take]
    before = 0.0 if store is take else -read[take]  # what was gone from that end when the first symbol was said
    wrong = max(abs(before), abs(before + taken - stored))
    share = None if stored <= 0 else wrong / stored if wrong / stored > NOTHING else 0.0
    return Mismatch(stored=stored, taken=taken, mismatch=share)
