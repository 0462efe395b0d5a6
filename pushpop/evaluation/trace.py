"""A memory at work on one word: what is pushed, popped and read at every step.

Axes: T steps (START a1..ak SEPARATOR, then what the model says), N cells of the memory, R numbers in a read, K
superposition stacks, D cells read from each, W numbers in a cell.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from pushpop.errors import PushpopError, WordError
from pushpop.evaluation.evaluate import demand_memory, device_of, resting
from pushpop.evaluation.holding import maps_of, symbols_in
from pushpop.memory import Superposition
from pushpop.memory.lists import Memory
from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import END, decode_answer, encode_answer, label, prompts
from pushpop.tasks.task import Word, WordTask

LONGEST_TRACED = 500  # every step lists all cells so far: a trace grows with the square of the length


class Watched(Protocol):
    """What a memory model shows of one step, for B words."""

    action: Any  # what was done, as the interface says it
    read: Tensor  # [B, R]
    memory: Any  # after it


class Watchable(Protocol):
    """A model whose memory can be watched."""

    def state(self, batch: int) -> Any:
        """The state before the first symbol."""

    def watch(self, state: Any, symbol: Tensor, *, rounded: bool = False) -> tuple[Any, Tensor, Watched]:
        """`step`, and what the memory did in it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What there is to say of a step whatever the memory."""

    fed: str  # the symbol read, by its name or as users type it, or S1, S2, S3
    phase: Literal["reading", "writing"]  # writing begins at the separator
    read: tuple[float, ...]  # [R]
    predicted: str  # the likeliest next symbol: said when writing, ignored when reading
    probability: float  # of the predicted symbol
    wanted: str | None  # None when reading
    correct: bool | None  # None when reading


@dataclass(frozen=True, kw_only=True)
class Bottom:
    """What is done at the other end of a DeQue; it pops after the top has."""

    push: float
    pop: float
    weights: tuple[float, ...]  # [N]


@dataclass(frozen=True, kw_only=True)
class ListStep(Step):
    """A step of a stack or queue, or a DeQue's at its top. Cells are oldest first, or from the bottom up."""

    push: float
    pop: float
    strengths: tuple[float, ...]  # [N] after pops and pushes; 0 once popped out
    weights: tuple[float, ...]  # [N] how much of each cell is read
    bottom: Bottom | None = None


@dataclass(frozen=True, kw_only=True)
class Stacked:
    """What is done to one superposition stack, as shares that add up to 1."""

    push: float
    pop: float
    keep: float  # 0 where there is no such action
    top: tuple[tuple[float, ...], ...]  # [D, W] the cells that are read, the top one first


@dataclass(frozen=True, kw_only=True)
class SuperpositionStep(Step):
    """A step of superposition stacks."""

    stacks: tuple[Stacked, ...]  # [K]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A word, its answers, and every step between, as plain data. Symbols are numbers, or names if they have any."""

    memory: str  # Stack, Queue, DeQue or Superposition
    word: tuple[int | str, ...]
    wanted: tuple[int | str, ...]
    said: tuple[int | str, ...]
    rounded: bool
    steps: tuple[Step, ...]
    decoded: tuple[tuple[str, ...], ...] = ()
    """For each hand of the memory, the symbol that each cell of the last step speaks for; () where that is unknown."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The symbol at which each cell of the last step was pushed; of a list, which has one a step and end."""
        fed = tuple(step.fed for step in self.steps)
        match self.steps[-1]:
            case ListStep(bottom=None):
                return fed
            case ListStep():
                return fed[::-1] + fed
        return ()

    @property
    def first_error(self) -> int | None:
        """The step (from 0) at which something else than wanted was said; None if the answer is wholly right."""
        return next((n for n, step in enumerate(self.steps) if step.correct is False), None)

    def to_dict(self) -> dict[str, Any]:
        """All of it for JSON, `cells` and `first_error` included."""
        return {**asdict(self), "cells": list(self.cells), "first_error": self.first_error}


def trace(
    model: SequenceModel[Any], task: WordTask, word: Sequence[int | str] | np.ndarray, rounded: bool = False
) -> Trace:
    """Watch `model` answer `word`, free-running and greedy, until its end symbol or the right answer's length + 1.

    Raises PushpopError for a model without a memory or with one that cannot be watched, WordError for a word not of
    `task` or too long to be watched.
    """
    demand_memory(model, "trace")
    asked = task.check(word)
    demand_watchable(asked, "word")
    wanted = encode_answer(task.answer(asked)).tolist()
    reading = prompts([asked]).symbols[0].tolist()
    watchable, device = cast(Watchable, model), device_of(model)
    choice = {"rounded": True} if rounded else {}
    steps: list[Step] = []
    said: list[int] = []
    with resting(model):
        state, symbol = watchable.state(1), reading[0]
        kind = demand_known(state.memory)
        while len(said) < len(wanted) and END not in said:
            state, scores, watched = watchable.watch(state, torch.tensor([symbol], device=device), **choice)
            writing = len(steps) + 1 >= len(reading)
            predicted = int(scores[0].argmax())
            of_fed = task.names if len(steps) < len(reading) else task.answer_names
            labels = (label(symbol, of_fed), label(predicted, task.answer_names))
            wants = label(wanted[len(said)], task.answer_names) if writing else None
            steps.append(_step((*labels, wants), predicted, scores[0], watched))
            if writing:
                said.append(predicted)
            symbol = predicted if writing else reading[len(steps)]
    made = Trace(
        memory=kind,
        word=_named(asked.tolist(), task.names),
        wanted=_named(decode_answer(wanted), task.answer_names),
        said=_named(decode_answer(said), task.answer_names),
        rounded=rounded,
        steps=tuple(steps),
        decoded=_decoded(model, state.memory, task.answer_names),
    )
    assert all(len(step.strengths) == len(made.cells) for step in steps[-1:] if isinstance(step, ListStep)), (
        "a memory to watch keeps one cell a step and end, popped out or not"
    )
    return made


def demand_watchable(word: Word, place: str) -> None:
    """WordError that begins with `place` for a word that is too long to be watched."""
    if len(word) > LONGEST_TRACED:
        raise WordError(f"{place}: {len(word)} symbols are too many to watch; give {LONGEST_TRACED} or fewer")


def demand_known(memory: Any) -> str:
    """The name of a memory whose steps can be told; PushpopError unless it is a list or superposition stacks."""
    kind = type(memory).__name__
    if not isinstance(memory, Memory | Superposition):
        raise PushpopError(
            f"trace: {kind} is no list of cells and no superposition stacks; give a run with one of these"
        )
    return kind


def _named(symbols: Sequence[int], names: Sequence[str]) -> tuple[int | str, ...]:
    return tuple(names[symbol] if 0 <= symbol < len(names) else symbol for symbol in symbols)


def _decoded(model: SequenceModel[Any], memory: Any, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The symbol in each cell of a memory of one word, by each hand's own map."""
    held = (symbols_in(memory.values[0], read).tolist() for read in maps_of(model))
    return tuple(tuple(label(symbol, names) for symbol in symbols) for symbols in held)


def _step(labels: tuple[str, str, str | None], predicted: int, scores: Tensor, watched: Watched) -> Step:
    """The record of a step: its symbols (fed, predicted, and the one wanted or None when reading) and scores [O]."""
    fed, said, wanted = labels
    found: dict[str, Any] = {
        "fed": fed,
        "phase": "reading" if wanted is None else "writing",
        "read": tuple(watched.read[0].tolist()),
        "predicted": said,
        "probability": float(scores.double().softmax(0)[predicted]),
        "wanted": wanted,
        "correct": None if wanted is None else said == wanted,
    }
    if isinstance(watched.memory, Superposition):
        return SuperpositionStep(**found, stacks=_stacks(watched))
    first, *other = [
        {"push": float(push), "pop": float(pop), "weights": tuple(watched.memory.weights(hand)[0].tolist())}
        for hand, (push, pop) in enumerate(zip(watched.action.push[0], watched.action.pop[0], strict=True))
    ]
    bottom = Bottom(**other[0]) if other else None
    return ListStep(**found, **first, strengths=tuple(watched.memory.strengths[0].tolist()), bottom=bottom)


def _stacks(watched: Watched) -> tuple[Stacked, ...]:
    """What is done to each superposition stack, and its top cells."""
    actions, width = watched.action.actions[0], watched.action.value.shape[2]
    tops = watched.read[0].view(-1, len(actions), width).transpose(0, 1).tolist()
    shares = torch.nn.functional.pad(actions, (0, 3 - actions.shape[1])).tolist()
    return tuple(
        Stacked(push=push, pop=pop, keep=keep, top=tuple(map(tuple, top)))
        for (push, pop, keep), top in zip(shares, tops, strict=True)
    )
