"""Tasks on strings of meaningless symbols, each drawn uniformly (Grefenstette et al. 2015, section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError, WordError
from pushpop.tasks.draws import Draws
from pushpop.tasks.task import MOST_SYMBOLS, Transduction, Word, expect_lengths


@dataclass(frozen=True, kw_only=True)
class Strings(Transduction):
    """A question about strings of symbols that mean nothing, any of them at any place.

    `symbols`  how many symbols words are made of: 0 to symbols - 1.

    Raises ConfigError where an alphabet cannot be.
    """

    symbols: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.symbols <= MOST_SYMBOLS:
            raise ConfigError(f"task.symbols: {self.symbols} is not an alphabet's size; give 1 to {MOST_SYMBOLS}")

    def word(self, draws: Draws, length: int) -> Word:
        return draws.below(self.symbols, length)


@dataclass(frozen=True, kw_only=True)
class Copy(Strings):
    """Say the word over again: what a queue is for.

    >>> Copy().answer(np.array([5, 17, 99])).tolist()
    [5, 17, 99]
    """

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return word.copy()


@dataclass(frozen=True, kw_only=True)
class Reverse(Strings):
    """Say the word backwards: what a stack is for.

    >>> Reverse().answer(np.array([5, 17, 99])).tolist()
    [99, 17, 5]
    """

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return word[::-1].copy()  # not a view: torch takes no negative strides


@dataclass(frozen=True, kw_only=True)
class BigramFlip(Strings):
    """Say the word with the two symbols of each pair in turn exchanged. Words have even lengths.

    >>> BigramFlip().answer(np.array([5, 17, 99, 3])).tolist()
    [17, 5, 3, 99]
    """

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        even = range(shortest + shortest % 2, longest + 1, 2)
        return expect_lengths(even, (shortest, longest), "words of bigram-flip are pairs; give an even number")

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return word.reshape(-1, 2)[:, ::-1].ravel()

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if len(found) % 2:
            raise WordError(f"{place}: {len(found)} symbols are no pairs; give an even number of them")
        return found
