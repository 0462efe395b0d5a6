"""The counting tasks of Joulin and Mikolov (2015), as questions with an answer.

There a net reads strings run together and says each next symbol; scored is what can be known: of aaabbb all after the
first b, and the first symbol of the next string. Here it reads what cannot be known (aaa), and a separator, for the
first b; it answers with all the rest (bbb), and the end mark, for the next string. So an answer is wholly right in the
very cases that count there. Lengths are those of the word, n there: 2-19 are trained on, and the test goes on to 59.
Their memorisation task is `reverse` with few symbols.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from pushpop.errors import WordError
from pushpop.tasks.draws import Draws
from pushpop.tasks.task import Part, Transduction, Word, expect_lengths

ONE, PLUS = 1, 2


@dataclass(frozen=True, kw_only=True)
class Counting(Transduction):
    """Letters are counted, and said back."""

    heard: ClassVar[tuple[str, ...]]
    said: ClassVar[tuple[str, ...]]

    shortest: int = 2
    longest: int = 19
    test_shortest: int = 20
    test_longest: int = 59

    @property
    def symbols(self) -> int:
        return len(self.heard)

    @property
    def answer_symbols(self) -> int:
        return len(self.said)

    @property
    def names(self) -> tuple[str, ...]:
        return self.heard

    @property
    def answer_names(self) -> tuple[str, ...]:
        return self.said


@dataclass(frozen=True, kw_only=True)
class OneLetter(Counting):
    """A word is one letter, n times. Its fixed words are one of each length."""

    heard: ClassVar[tuple[str, ...]] = ("a",)
    times: ClassVar[tuple[int, ...]]
    """How many times n each letter is said, one letter after the other."""

    def word(self, draws: Draws, length: int) -> Word:  # noqa: ARG002 - nothing is drawn
        return np.zeros(length, dtype=np.int64)

    def fixed(self, draws: Draws, part: Part) -> list[Word]:
        lengths = self.test_lengths if part == "test" else self.lengths
        return [self.word(draws, length) for length in self.sizes(*lengths)]

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.repeat(np.arange(len(self.times)), np.array(self.times) * len(word))


@dataclass(frozen=True, kw_only=True)
class AnBn(OneLetter):
    """As many b as there are a.

    >>> task = AnBn()
    >>> " ".join(task.spelled(task.answer(task.check(["a", "a", "a"]))))
    'b b b'
    """

    said: ClassVar[tuple[str, ...]] = ("b",)
    times: ClassVar[tuple[int, ...]] = (1,)


@dataclass(frozen=True, kw_only=True)
class AnBnCn(OneLetter):
    """As many b as there are a, and then as many c.

    >>> AnBnCn().answer(np.zeros(2, dtype=np.int64)).tolist()
    [0, 0, 1, 1]
    """

    said: ClassVar[tuple[str, ...]] = ("b", "c")
    times: ClassVar[tuple[int, ...]] = (1, 1)


@dataclass(frozen=True, kw_only=True)
class AnBnCnDn(OneLetter):
    """As many b as there are a, then as many c, then as many d.

    >>> AnBnCnDn().answer(np.zeros(2, dtype=np.int64)).tolist()
    [0, 0, 1, 1, 2, 2]
    """

    said: ClassVar[tuple[str, ...]] = ("b", "c", "d")
    times: ClassVar[tuple[int, ...]] = (1, 1, 1)


@dataclass(frozen=True, kw_only=True)
class AnB2n(OneLetter):
    """Twice as many b as there are a.

    >>> AnB2n().answer(np.zeros(2, dtype=np.int64)).tolist()
    [0, 0, 0, 0]
    """

    said: ClassVar[tuple[str, ...]] = ("b",)
    times: ClassVar[tuple[int, ...]] = (2,)


@dataclass(frozen=True, kw_only=True)
class AnBmCnm(Counting):
    """As many c as there are a and b together; one or more of both, every share of them as likely.

    >>> task = AnBmCnm()
    >>> " ".join(task.spelled(task.answer(task.check(["a", "a", "b"]))))
    'c c c'
    """

    heard: ClassVar[tuple[str, ...]] = ("a", "b")
    said: ClassVar[tuple[str, ...]] = ("c",)

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        return expect_lengths(
            range(max(shortest, 2), longest + 1), (shortest, longest), "a and b are 2; give 2 or more"
        )

    def word(self, draws: Draws, length: int) -> Word:
        letters = draws.below(length - 1, 1).item() + 1
        return (np.arange(length) >= letters).astype(np.int64)

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.zeros(len(word), dtype=np.int64)

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if found[0] != 0 or found[-1] != 1 or (np.diff(found) < 0).any():
            raise WordError(f"{place}: not a number of a and then one of b; give such as: a a b")
        return found


@dataclass(frozen=True, kw_only=True)
class Addition(Counting):
    """The sum of two binary numbers, its lowest digit first; they begin with 1, and any two lengths are as likely.

    >>> task = Addition()
    >>> " ".join(task.spelled(task.answer(task.check(["1", "0", "1", "+", "1"]))))
    '0 1 1'
    """

    heard: ClassVar[tuple[str, ...]] = ("0", "1", "+")
    said: ClassVar[tuple[str, ...]] = ("0", "1")

    shortest: int = 3
    longest: int = 20
    test_shortest: int = 21
    test_longest: int = 60

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        return expect_lengths(range(max(shortest, 3), longest + 1), (shortest, longest), "1 + 1 are 3; give 3 or more")

    def word(self, draws: Draws, length: int) -> Word:
        bits, plus = draws.below(2, length), draws.below(length - 2, 1).item() + 1
        bits[[0, plus, plus + 1]] = ONE, PLUS, ONE
        return bits

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        one, other = "".join(map(str, word.tolist())).split(str(PLUS))
        return np.array([int(bit) for bit in f"{int(one, 2) + int(other, 2):b}"[::-1]])

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        starts = np.append(0, np.flatnonzero(found == PLUS) + 1)
        if len(starts) != 2 or starts[1] == len(found) or (found[starts] != ONE).any():
            raise WordError(f"{place}: no sum of two binary numbers that begin with 1; give such as: 1 0 1 + 1")
        return found
