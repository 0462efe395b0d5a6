"""Regular tasks: a finite memory is enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import Draws
from pushpop.tasks.formal.family import Formal, Level
from pushpop.tasks.task import Word, expect_lengths

MODULUS = 5
PLUS, MINUS, TIMES = 5, 6, 7


@dataclass(frozen=True, kw_only=True)
class Regular(Formal):
    """One symbol is the answer."""

    level: ClassVar[Level] = "regular"

    def word(self, draws: Draws, length: int) -> Word:
        return draws.below(self.heard, length)


@dataclass(frozen=True, kw_only=True)
class EvenPairs(Regular):
    """Whether the number of unequal neighbours is odd: 1 where the first symbol is not the last.

    >>> EvenPairs().answer(np.array([0, 1, 1, 0, 1])).item()
    1
    """

    heard: ClassVar[int] = 2
    said: ClassVar[int] = 2

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return np.array([int(word[0] != word[-1])])


@dataclass(frozen=True, kw_only=True)
class ParityCheck(Regular):
    """The number of 1s, modulo 2.

    >>> ParityCheck().answer(np.array([1, 1, 0, 1])).item()
    1
    """

    heard: ClassVar[int] = 2
    said: ClassVar[int] = 2

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return word.sum(keepdims=True) % 2


@dataclass(frozen=True, kw_only=True)
class CycleNavigation(Regular):
    """Where one stands after walking on a circle of 5 places from place 0.

    >>> task = CycleNavigation()
    >>> task.answer(task.check(["on", "on", "stay", "back", "back", "back"])).item()
    4
    """

    heard: ClassVar[int] = 3
    spelling: ClassVar[tuple[str, ...]] = ("back", "stay", "on")
    said: ClassVar[int] = MODULUS

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return (word.sum(keepdims=True) - len(word)) % MODULUS


@dataclass(frozen=True, kw_only=True)
class ModularArithmetic(Regular):
    """The value modulo 5 of digits 0 to 4 with + - * between them; * binds first.

    Words have odd lengths (the benchmark takes 1 off an even one).

    >>> task = ModularArithmetic()
    >>> task.answer(task.check("1 + 2 * 3".split())).item()
    2
    """

    heard: ClassVar[int] = 8
    spelling: ClassVar[tuple[str, ...]] = tuple("01234+-*")
    said: ClassVar[int] = MODULUS

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        odd = range(shortest | 1, longest + 1, 2)
        return expect_lengths(odd, (shortest, longest), "words begin and end with a digit; give an odd number")

    def word(self, draws: Draws, length: int) -> Word:
        drawn = draws.below(3 * MODULUS, length // 2 + 1)
        symbols = np.empty(2 * len(drawn), dtype=np.int64)
        symbols[::2], symbols[1::2] = drawn % MODULUS, PLUS + drawn // MODULUS
        return symbols[:-1].copy()

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        symbols = word.tolist()
        total, term = 0, symbols[0]
        for operator, digit in zip(symbols[1::2], symbols[2::2], strict=True):
            if operator == TIMES:
                term = term * digit % MODULUS
            else:
                total, term = total + term, digit if operator == PLUS else -digit
        return np.array([(total + term) % MODULUS])

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        for at, symbol in enumerate(found.tolist()):
            if (symbol < PLUS) != (at % 2 == 0) or (at % 2 and at == len(found) - 1):
                raise self.misplaced(place, found, at, "digits 0-4 and operators take turns, digits first and last")
        return found
