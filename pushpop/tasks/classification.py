"""Tasks whose answer is one of a few classes: where their words come from, and which of them are kept from training.

Axes: N candidates, K positions of the longest.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from jaxtyping import Int64, UInt64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import NO_SEPARATOR, Alphabet, Batch, encode_classes
from pushpop.tasks.task import FIXED_WORDS, Answers, Part, Word, WordTask

TEST_WORDS = 25_600  # 200 batches of 128: none wrong bounds the share of errors below 1.2e-4 (95 %)
FEW = 1_000  # words of so small a task are all trained on and all tested
EIGHTHS = {"validation": (0,), "test": (1,), "training": (2, 3, 4, 5, 6, 7)}
Padding = Literal["left", "none"]


class Candidates(NamedTuple):
    """Words as they are drawn, each at the right end of its row, 0 in front of it."""

    symbols: Int64[np.ndarray, "N K"]
    lengths: Int64[np.ndarray, " N"]


@dataclass(frozen=True, kw_only=True)
class Classification(WordTask):
    """A word, and the class it belongs to, wanted at its last symbol.

    Words are drawn without end. One in eight, by a hash of the word, is kept for validation and one in eight for the
    test, so that what is tested was never trained on; where there are no more than 1,000, all serve for everything.
    """

    answers: ClassVar[Answers] = "class"

    size: int = 0

    @property
    @abstractmethod
    def classes(self) -> int:
        """How many classes there are."""

    @property
    @abstractmethod
    def baseline(self) -> float:
        """Accuracy of always saying the likeliest class, on words as they are drawn: exact."""

    @property
    def frame(self) -> int:
        """Positions that shorter words are filled up to on their left, with a symbol of its own; 0: none are."""
        return 0

    @property
    def far(self) -> tuple[int, ...]:
        """Lengths beyond those of training at which the class is still defined."""
        return ()

    @abstractmethod
    def candidates(self, draws: Draws, count: int) -> Candidates:
        """The next words by the task's law, about `count` of them."""

    def all_words(self) -> list[Word] | None:
        """Every word there is, where these are few."""
        return None

    @property
    def test_lengths(self) -> tuple[int, int]:
        return self.lengths

    @property
    def alphabet(self) -> Alphabet:
        return Alphabet(self.symbols + (self.frame > 0), self.classes, NO_SEPARATOR)

    def encode(self, words: Sequence[Word]) -> Batch:
        return encode_classes(words, [int(self.answer(word)[0]) for word in words], self.frame)

    def draw(self, draws: Draws, part: Part, count: int, lengths: tuple[int, int] | None = None) -> list[Word]:
        """`count` words as the task has them; all of its lengths at once, so `lengths` are to be its own."""
        assert lengths in (None, self.lengths), f"{type(self).__name__} has no words of {lengths} symbols alone"
        shared, found = self.all_words() is not None, list[Word]()
        while len(found) < count:
            missing = count - len(found)
            symbols, sizes = self.candidates(draws, missing + 16 if shared else 16 + 9 * missing // len(EIGHTHS[part]))
            own = np.arange(len(sizes)) if shared else np.flatnonzero(np.isin(eighth(symbols, sizes), EIGHTHS[part]))
            found += [row[-size:].copy() for row, size in zip(symbols[own], sizes[own].tolist(), strict=True)]
        return found[:count]

    def fixed(self, draws: Draws, part: Part) -> list[Word]:
        return self.all_words() or self.draw(draws, part, TEST_WORDS if part == "test" else FIXED_WORDS)


def eighth(symbols: Int64[np.ndarray, "N K"], lengths: Int64[np.ndarray, " N"]) -> UInt64[np.ndarray, " N"]:
    """Which eighth (0 to 7) each word is in: a hash of its symbols and its length, the same wherever it is drawn."""
    places = np.arange(symbols.shape[1], 0, -1, dtype=np.uint64)
    factors = mixed(places * np.uint64(0x9E3779B97F4A7C15))
    return mixed((symbols.astype(np.uint64) * factors).sum(1) + lengths.astype(np.uint64)) >> np.uint64(61)


def mixed(numbers: UInt64[np.ndarray, " N"]) -> UInt64[np.ndarray, " N"]:
    """Every bit of a number made to depend on all others (the finaliser of Steele et al., "SplitMix", 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def expect_size(size: int, smallest: int, largest: int, rule: str) -> None:
    """ConfigError with the rule for a size outside these two."""
    if not smallest <= size <= largest:
        raise ConfigError(f"task.size: {size} cannot be; {rule}: give {smallest} to {largest}")
