"""Which number is missing: the first data set of the UvA assignment (Deep Learning, fall 2020, assignment 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np
from jaxtyping import Int64

from pushpop.errors import WordError
from pushpop.tasks.classification import FEW, Candidates, Classification, expect_size
from pushpop.tasks.draws import Draws
from pushpop.tasks.task import Word, expect_lengths

LARGEST = 1_024


@dataclass(frozen=True, kw_only=True)
class RandomCombinations(Classification):
    """All of 0 to size - 1 but one, in any order: the class is the one that is missing.

    `size`  how many numbers there are (N); a word has one less, and there are as many classes. Up to 6 there are at
            most 720 words, all of them trained on and tested.

    >>> RandomCombinations(size=6).answer(np.array([5, 0, 3, 1, 4])).tolist()
    [2]
    """

    size: int = 6

    def __post_init__(self) -> None:
        self.whole_numbers("size")
        expect_size(self.size, 2, LARGEST, "one number of two or more is missing")

    @property
    def symbols(self) -> int:
        return self.size

    @property
    def classes(self) -> int:
        return self.size

    @property
    def baseline(self) -> float:
        return 1 / self.size

    @property
    def lengths(self) -> tuple[int, int]:
        return self.size - 1, self.size - 1

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        own = [self.size - 1] if shortest <= self.size - 1 <= longest else []
        rule = f"with {self.size} numbers every word has {self.size - 1}; longer ones would bring symbols and classes "
        return expect_lengths(own, (shortest, longest), rule + "never seen: train with another task.size")

    def candidates(self, draws: Draws, count: int) -> Candidates:
        """Fisher and Yates: every order of all numbers is as likely; the last one is left off."""
        order = np.tile(np.arange(self.size), (count, 1))
        rows = np.arange(count)
        for place in range(self.size - 1, 0, -1):
            other = draws.below(place + 1, count)
            order[rows, other], order[rows, place] = order[rows, place], order[rows, other]
        return Candidates(order[:, :-1], np.full(count, self.size - 1))

    def all_words(self) -> list[Word] | None:
        if factorial(min(self.size, 20)) > FEW:
            return None
        return [np.array(order[:-1]) for order in permutations(range(self.size))]

    def word(self, draws: Draws, length: int) -> Word:
        assert length == self.size - 1, f"no word of {self.size} numbers has {length}"
        return self.candidates(draws, 1).symbols[0]

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return np.array([self.size * (self.size - 1) // 2 - word.sum()])

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if len(found) != self.size - 1 or len(set(found.tolist())) < len(found):
            rule = f"give {self.size - 1} different numbers from 0 to {self.size - 1}, so that one is missing"
            raise WordError(f"{place}: {' '.join(map(str, found[:12].tolist()))}: not such a word; {rule}")
        return found
