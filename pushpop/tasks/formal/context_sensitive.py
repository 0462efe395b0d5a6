"""Context-sensitive tasks on strings: more than one stack is needed, or a tape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from pushpop.errors import WordError
from pushpop.tasks.draws import Draws
from pushpop.tasks.formal.family import Formal, Level
from pushpop.tasks.task import Word

HIDDEN, FILLING = 2, 3


@dataclass(frozen=True, kw_only=True)
class ContextSensitive(Formal):
    """A tape is enough."""

    level: ClassVar[Level] = "context-sensitive"
    heard: ClassVar[int] = 2
    said: ClassVar[int] = 2

    def word(self, draws: Draws, length: int) -> Word:
        return draws.below(self.heard, length)


@dataclass(frozen=True, kw_only=True)
class DuplicateString(ContextSensitive):
    """Say the bits twice.

    >>> DuplicateString().answer(np.array([0, 1, 1])).tolist()
    [0, 1, 1, 0, 1, 1]
    """

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.concatenate([word, word])


@dataclass(frozen=True, kw_only=True)
class MissingDuplicate(ContextSensitive):
    """A string of bits twice over, one bit of which is hidden (?): say that bit. Odd lengths end with a dot.

    Of length 1 it is 1, and the answer 1.

    >>> task = MissingDuplicate()
    >>> task.answer(task.check("0 1 1 0 ? 1 .".split())).item()
    1
    """

    heard: ClassVar[int] = 4
    spelling: ClassVar[tuple[str, ...]] = tuple("01?.")

    def word(self, draws: Draws, length: int) -> Word:
        if length == 1:
            return np.ones(1, dtype=np.int64)
        half, at = draws.below(2, length // 2), draws.below(length // 2 * 2, 1).item()
        word = np.concatenate([half, half, np.full(length % 2, FILLING)])
        word[at] = HIDDEN
        return word

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        if len(word) == 1:
            return word.copy()
        half, at = len(word) // 2, int((word == HIDDEN).argmax())
        return word[[at - half if at >= half else at + half]]

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        half = len(found) // 2
        if len(found) % 2 and found[-1] != (FILLING if half else 1):
            rule = "a word of odd length ends with a dot" if half else "of length 1 there is 1 alone"
            raise self.misplaced(place, found, len(found) - 1, rule)
        bits = found[: 2 * half]
        hidden = np.flatnonzero(bits == HIDDEN)
        if half and len(hidden) != 1:
            raise WordError(f"{place}: {len(hidden)} of its bits are hidden (?); hide one")
        unlike = np.flatnonzero((bits[:half] != bits[half:]) & (bits[:half] != HIDDEN) & (bits[half:] != HIDDEN))
        if len(unlike):
            raise self.misplaced(place, found, half + int(unlike[0]), "both halves are the same but for the hidden bit")
        if (wrong := np.flatnonzero(bits == FILLING)).size:
            raise self.misplaced(place, found, int(wrong[0]), "a dot fills up a word of odd length, at its end alone")
        return found


@dataclass(frozen=True, kw_only=True)
class OddsFirst(ContextSensitive):
    """Say every second bit, the second one first, then the others: x2 x4 ... x1 x3 ... (in the paper the other way).

    >>> OddsFirst().answer(np.array([0, 0, 1, 1, 0, 1, 0, 1])).tolist()
    [0, 1, 1, 1, 0, 1, 0, 0]
    """

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.concatenate([word[1::2], word[::2]])


@dataclass(frozen=True, kw_only=True)
class BucketSort(ContextSensitive):
    """Say symbols 0 to 4 in order, the least first.

    >>> BucketSort().answer(np.array([4, 2, 1, 0, 3, 2])).tolist()
    [0, 1, 2, 2, 3, 4]
    """

    heard: ClassVar[int] = 5
    said: ClassVar[int] = 5

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.sort(word)
