"""Deterministic context-free tasks on strings: a stack is enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import Draws
from pushpop.tasks.formal.family import Formal, Level
from pushpop.tasks.task import Word

POP, PUSH = 2, 3  # PUSH + bit


@dataclass(frozen=True, kw_only=True)
class ContextFree(Formal):
    """A stack is enough."""

    level: ClassVar[Level] = "context-free"


@dataclass(frozen=True, kw_only=True)
class ReverseString(ContextFree):
    """Say the bits backwards.

    >>> ReverseString().answer(np.array([0, 1, 1])).tolist()
    [1, 1, 0]
    """

    heard: ClassVar[int] = 2
    said: ClassVar[int] = 2

    def word(self, draws: Draws, length: int) -> Word:
        return draws.below(self.heard, length)

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return word[::-1].copy()


@dataclass(frozen=True, kw_only=True)
class StackManipulation(ContextFree):
    """A stack of bits, bottom first, then what is done to it. Say what is left, top first.

    A pop of the empty stack does nothing.

    >>> task = StackManipulation()
    >>> task.answer(task.check([0, 1, 1, 0, "push-1", "pop", "pop"])).tolist()
    [1, 1, 0]
    """

    heard: ClassVar[int] = 5
    spelling: ClassVar[tuple[str, ...]] = ("0", "1", "pop", "push-0", "push-1")
    said: ClassVar[int] = 2
    ended: ClassVar[bool] = True

    def word(self, draws: Draws, length: int) -> Word:
        bits = 1 + draws.below(max(length - 1, 1), 1).item()
        word = draws.below(6, length)  # of 6 both halves and thirds are as likely
        word[:bits] %= 2
        word[bits:] = POP + word[bits:] % 3
        return word

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        stack = list[int]()
        for symbol in word.tolist():
            if symbol != POP:
                stack.append(symbol % PUSH)
            elif stack:
                stack.pop()
        return np.array(stack[::-1], dtype=np.int64)

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        acts = found >= POP
        wrong = np.flatnonzero(np.logical_or.accumulate(acts) & ~acts)
        if acts[0]:
            raise self.misplaced(place, found, 0, "a word begins with what lies on the stack, 0 and 1, bottom first")
        if len(wrong):
            raise self.misplaced(place, found, int(wrong[0]), "after an action come actions alone: pop, push-0, push-1")
        return found
