"""What the tasks of the Chomsky benchmark have in common (Delétang et al. 2022; code: google-deepmind).

Where the paper and its code disagree the tasks are those of the code, from which the published scores come.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from pushpop.errors import WordError
from pushpop.tasks.draws import LARGEST_BOUND, Draws
from pushpop.tasks.task import FIXED_WORDS, Part, Transduction, Word

Level = Literal["regular", "context-free", "context-sensitive"]


@dataclass(frozen=True, kw_only=True)
class Formal(Transduction):
    """A task of a formal language: lengths 1-40 are trained on, 41-500 tested, every length alike.

    The benchmark reads an answer off as many blanks as it has symbols; here it is written after a separator, each
    symbol seen by the next step, up to an end mark.
    """

    level: ClassVar[Level]
    heard: ClassVar[int]
    """Symbols that words are made of."""
    said: ClassVar[int]
    """Symbols that answers are made of."""
    spelling: ClassVar[tuple[str, ...]] = ()
    """Names of the symbols of words; those of answers are numbers."""
    ended: ClassVar[bool] = False
    """Whether the benchmark's score counts the end mark: where a word's length does not tell its answer's."""

    shortest: int = 1
    longest: int = 40
    test_shortest: int = 41
    test_longest: int = 500

    @property
    def symbols(self) -> int:
        return self.heard

    @property
    def answer_symbols(self) -> int:
        return self.said

    @property
    def names(self) -> tuple[str, ...]:
        return self.spelling

    @property
    def answer_names(self) -> tuple[str, ...]:
        return ()

    @property
    def chance(self) -> float:
        """What the benchmark says that guessing gets; where answers are sorted or end in zeros it gets more."""
        return 1 / self.said

    def fixed(self, draws: Draws, part: Part) -> list[Word]:
        """Test words: as many of each length, 1,000 or a few more in all; any first ones are of many lengths.

        Where there are more lengths than that, 1,000 words of lengths drawn from them.
        """
        sizes = self.sizes(*self.test_lengths)
        if part != "test" or len(sizes) > FIXED_WORDS:
            return super().fixed(draws, part)
        order = np.argsort(draws.below(LARGEST_BOUND, len(sizes)), kind="stable").tolist()
        return [self.word(draws, sizes[n]) for _ in range(-(-FIXED_WORDS // len(sizes))) for n in order]

    def misplaced(self, place: str, word: Word, at: int, rule: str) -> WordError:
        """What to raise where symbol number `at` (from 0) of a word cannot stand there."""
        symbol = self.names[word[at]] if self.names else word[at]
        return WordError(f"{place}: symbol {at + 1} is {symbol}; {rule}: change it")
