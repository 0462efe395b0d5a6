"""Context-sensitive tasks on numbers in binary, of any length."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from pushpop.errors import WordError
from pushpop.tasks.draws import Draws
from pushpop.tasks.formal.context_sensitive import ContextSensitive
from pushpop.tasks.task import Word

BETWEEN = 2


@dataclass(frozen=True, kw_only=True)
class OfTwoNumbers(ContextSensitive):
    """Two numbers with an operator between them, lowest bits first; |a| as likely 1 to L - 2, neither of them 0.

    Of 1 or 2 symbols a word is one number, not all 1s.
    """

    heard: ClassVar[int] = 3
    ended: ClassVar[bool] = True

    def word(self, draws: Draws, length: int) -> Word:
        if length < 3:
            return bits(draws.below(2**length - 1, 1).item(), length)
        first = 1 + draws.below(length - 2, 1).item()
        return np.concatenate([above_zero(draws, first), [BETWEEN], above_zero(draws, length - 1 - first)])

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        if len(word) < 3:
            return self.of_one(word)
        first = int((word == BETWEEN).argmax())
        return bits(self.together(number(word[:first]), number(word[first + 1 :])))

    @abstractmethod
    def together(self, one: int, other: int) -> int:
        """What is asked of two numbers."""

    @abstractmethod
    def of_one(self, word: Word) -> Int64[np.ndarray, " m"]:
        """What the benchmark asks for where there is no room for two."""

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        between = np.flatnonzero(found == BETWEEN)
        if len(between) != (len(found) >= 3):
            there = "once, between two numbers" if len(found) >= 3 else "in words of 3 symbols or more"
            name = self.names[BETWEEN]
            raise WordError(f"{place}: {name} is in it {len(between)} times; it stands {there}: change it")
        if len(between) and between[0] in (0, len(found) - 1):
            raise self.misplaced(place, found, int(between[0]), "there is a number on either side of it")
        return found


@dataclass(frozen=True, kw_only=True)
class BinaryAddition(OfTwoNumbers):
    """The sum of two numbers, lowest bit first.

    >>> task = BinaryAddition()
    >>> task.answer(task.check("1 0 0 1 + 0 1 1".split())).tolist()  # 9 + 6
    [1, 1, 1, 1]
    """

    spelling: ClassVar[tuple[str, ...]] = tuple("01+")

    def together(self, one: int, other: int) -> int:
        return one + other

    def of_one(self, word: Word) -> Int64[np.ndarray, " m"]:
        return bits(number(word))


@dataclass(frozen=True, kw_only=True)
class BinaryMultiplication(OfTwoNumbers):
    """The product of two numbers, lowest bit first; of words too short for two nothing, or 0.

    >>> task = BinaryMultiplication()
    >>> task.answer(task.check("0 0 1 * 0 1 1 0 1".split())).tolist()  # 4 * 22
    [0, 0, 0, 1, 1, 0, 1]
    """

    spelling: ClassVar[tuple[str, ...]] = tuple("01*")

    def together(self, one: int, other: int) -> int:
        return one * other

    def of_one(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.zeros(len(word) - 1, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class ComputeSqrt(ContextSensitive):
    """The whole part of the root of a number above 0, both highest bit first (in the paper lowest), half as long.

    >>> ComputeSqrt().answer(np.array([1, 0, 0, 1, 0, 1])).tolist()  # of 37
    [1, 1, 0]
    """

    def word(self, draws: Draws, length: int) -> Word:
        return above_zero(draws, length)

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return bits(isqrt(number(word[::-1])), (len(word) + 1) // 2)[::-1].copy()


def above_zero(draws: Draws, length: int) -> Word:
    """Bits of a number that is any from 1 to 2^length - 1 alike."""
    while True:
        found = draws.below(2, length)
        if found.any():
            return found


def number(word: Word) -> int:
    """Bits, lowest first, as a number."""
    return int((word[::-1] + ord("0")).astype(np.uint8).tobytes(), 2)


def bits(value: int, length: int = 1) -> Int64[np.ndarray, " m"]:
    """A number's bits, lowest first, without zeros above the highest 1 but those that fill up `length`."""
    return (np.frombuffer(f"{value:0{length}b}".encode(), dtype=np.uint8)[::-1] - ord("0")).astype(np.int64)
