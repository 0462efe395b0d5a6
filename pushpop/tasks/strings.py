"""Tasks on strings of meaningless symbols, each drawn uniformly (Grefenstette et al. 2015, section 4)."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import Draws
from pushpop.tasks.task import Transduction, Word


@dataclass(frozen=True, kw_only=True)
class Reverse(Transduction):
    """Say the word backwards: what a stack is for.

    >>> Reverse().answer(np.array([5, 17, 99])).tolist()
    [99, 17, 5]
    """

    def word(self, draws: Draws, length: int) -> Word:
        return draws.below(self.symbols, length)

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return word[::-1].copy()  # not a view: torch takes no negative strides
