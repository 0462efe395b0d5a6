"""A memory at work on one word: what is pushed, popped and read at every step.

Axes: T steps (START a1..ak SEPARATOR, then what the model says), N cells of the memory (one a step, oldest first), W
width of a value.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from pushpop.errors import WordError
from pushpop.evaluation.evaluate import demand_memory, device_of, resting
from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import END, decode_answer, encode_answer, label, prompts
from pushpop.tasks.task import Task

LONGEST_TRACED = 500  # every step lists all cells so far: a trace grows with the square of the length


class Watched(Protocol):
    """What a memory model shows of one step, for B words."""

    push: Tensor  # [B]
    pop: Tensor  # [B]
    read: Tensor  # [B, W]
    strengths: Tensor  # [B, N], one cell a step so far, oldest first; 0 once popped out


class Watchable(Protocol):
    """A model whose memory can be watched."""

    def state(self, batch: int) -> Any:
        """The state before the first symbol."""

    def watch(self, state: Any, symbol: Tensor, *, rounded: bool = False) -> tuple[Any, Tensor, Watched]:
        """`step`, and what the memory did in it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step; cell i of `strengths` and `weights` was pushed at step i."""

    fed: str  # the symbol read, as users type it, or S1, S2, S3
    phase: Literal["reading", "writing"]  # writing begins at the separator
    push: float
    pop: float
    strengths: tuple[float, ...]  # [N] after the pop and the push
    weights: tuple[float, ...]  # [N] how much of each cell is read
    read: tuple[float, ...]  # [W]
    predicted: str  # the likeliest next symbol: said when writing, ignored when reading
    probability: float  # of the predicted symbol
    wanted: str | None  # None when reading
    correct: bool | None  # None when reading


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A word, its answers, and every step between, as plain data."""

    word: tuple[int, ...]
    wanted: tuple[int, ...]
    said: tuple[int, ...]
    rounded: bool
    steps: tuple[Step, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The symbol at which each cell was pushed."""
        return tuple(step.fed for step in self.steps)

    @property
    def first_error(self) -> int | None:
        """The step (from 0) at which something else than wanted was said; None if the answer is wholly right."""
        return next((n for n, step in enumerate(self.steps) if step.correct is False), None)

    def to_dict(self) -> dict[str, Any]:
        """All of it for JSON, `cells` and `first_error` included."""
        return {**asdict(self), "cells": list(self.cells), "first_error": self.first_error}


def trace(model: SequenceModel[Any], task: Task, word: Sequence[int] | np.ndarray, rounded: bool = False) -> Trace:
    """Watch `model` answer `word`, free-running and greedy, until its end symbol or the right answer's length + 1.

    Raises PushpopError for a model without a memory, WordError for a word not of `task` or too long to be watched.
    """
    demand_memory(model, "trace")
    asked = task.check(word)
    if len(asked) > LONGEST_TRACED:
        raise WordError(f"word: {len(asked)} symbols are too many to watch; give {LONGEST_TRACED} or fewer")
    wanted = encode_answer(task.answer(asked)).tolist()
    reading = prompts([asked]).symbols[0].tolist()
    watchable, device = cast(Watchable, model), device_of(model)
    choice = {"rounded": True} if rounded else {}
    steps: list[Step] = []
    said: list[int] = []
    with resting(model):
        state, symbol = watchable.state(1), reading[0]
        while len(said) < len(wanted) and END not in said:
            state, scores, watched = watchable.watch(state, torch.tensor([symbol], device=device), **choice)
            writing = len(steps) + 1 >= len(reading)
            predicted = int(scores[0].argmax())
            steps.append(_step((symbol, predicted, wanted[len(said)] if writing else None), scores[0], watched))
            assert len(steps[-1].strengths) == len(steps), "a memory to watch keeps one cell a step, popped out or not"
            if writing:
                said.append(predicted)
            symbol = predicted if writing else reading[len(steps)]
    return Trace(
        word=tuple(asked.tolist()),
        wanted=tuple(decode_answer(wanted)),
        said=tuple(decode_answer(said)),
        rounded=rounded,
        steps=tuple(steps),
    )


def _step(symbols: tuple[int, int, int | None], scores: Tensor, watched: Watched) -> Step:
    """The record of a step: its symbols (fed, predicted, and the one wanted or None when reading) and scores [O]."""
    fed, predicted, wanted = symbols
    strengths = watched.strengths[0].tolist()
    return Step(
        fed=label(fed),
        phase="reading" if wanted is None else "writing",
        push=float(watched.push[0]),
        pop=float(watched.pop[0]),
        strengths=tuple(strengths),
        weights=tuple(read_weights(strengths)),
        read=tuple(watched.read[0].tolist()),
        predicted=label(predicted),
        probability=float(scores.double().softmax(0)[predicted]),
        wanted=None if wanted is None else label(wanted),
        correct=None if wanted is None else predicted == wanted,
    )


def read_weights(strengths: Sequence[float]) -> list[float]:
    """How much of each cell of a stack is read, oldest first: min(s, relu(1 - what is newer)) (eq. 3)."""
    weights, newer = list[float](), 0.0
    for strength in reversed(strengths):
        weights.append(min(strength, max(0.0, 1.0 - newer)))
        newer += strength
    return weights[::-1]
