"""Binary words in two classes: the other data sets of the UvA assignment (Deep Learning, fall 2020, assignment 2).

Axes: N numbers or words, K positions of the longest.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from jaxtyping import Bool, Int64

from pushpop.errors import ConfigError, WordError
from pushpop.tasks.classification import Candidates, Classification, Padding, expect_size
from pushpop.tasks.draws import LARGEST_BOUND, Draws
from pushpop.tasks.task import Word, expect_lengths

KEPT = 0.016724  # of numbers outside the sequence; makes the classes even at size 6, and is used at every size
DIGITS = ("0", "1", "10", "11", "100", "101", "110", "111", "1000")  # 9 is never drawn


@dataclass(frozen=True, kw_only=True)
class Binary(Classification):
    """Words of 0 and 1, class 0 or 1."""

    padding: Padding = "left"

    def __post_init__(self) -> None:
        self.whole_numbers("size")
        if self.padding not in get_args(Padding):
            raise ConfigError(f"task.padding: {self.padding!r} is not known; give {' or '.join(get_args(Padding))}")

    @property
    def symbols(self) -> int:
        return 2

    @property
    def classes(self) -> int:
        return 2

    @property
    def frame(self) -> int:
        return self.widest if self.padding == "left" else 0

    @property
    @abstractmethod
    def widest(self) -> int:
        """The positions of the assignment's data."""


@dataclass(frozen=True, kw_only=True)
class BaumSweet(Binary):
    """Whether a binary number has no block of zeros of odd length (Baum and Sweet 1976): class 1, else class 0.

    Numbers are drawn from 10 to 10^size; those of class 1 are kept, those of class 0 with probability 0.016724.
    Longer words, of any length, are of either class as often; of class 0 half are random and half one bit off class 1.

    `size`     decimal digits (L): numbers go from 10 to 10^L.
    `padding`  "left": shorter numbers are filled up to 4 L positions on their left with a third symbol, as in the
               assignment; "none": they are as long as they are.

    >>> [BaumSweet().answer(np.array(word)).item() for word in ([1, 0, 0, 1], [1, 0, 1])]
    [1, 0]
    """

    size: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_size(self.size, 2, 9, "numbers go from 10 to 10^size")

    @property
    def lengths(self) -> tuple[int, int]:
        return 4, (10**self.size).bit_length()

    @property
    def widest(self) -> int:
        return 4 * self.size

    @property
    def far(self) -> tuple[int, ...]:
        longest = self.lengths[1]
        return 2 * longest, 4 * longest, 8 * longest

    @property
    def baseline(self) -> float:
        inside = members(10**self.size) - members(9)
        share = inside / (inside + KEPT * (10**self.size - 9 - inside))
        return max(share, 1 - share)

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        asked = shortest, longest
        return expect_lengths(range(max(shortest, 2), longest + 1), asked, "1 alone is in class 1; give 2 or more")

    def candidates(self, draws: Draws, count: int) -> Candidates:
        share = (members(10**self.size) - members(9)) / (10**self.size - 9)
        tried = int(count / (share + KEPT))
        numbers = draws.below(10**self.size - 9, tried) + 10
        spared = draws.below(LARGEST_BOUND, tried) < KEPT * LARGEST_BOUND
        bits = numbers[even_numbers(numbers) | spared, None] >> np.arange(self.lengths[1] - 1, -1, -1) & 1
        return Candidates(bits, bits.shape[1] - bits.argmax(1))

    def word(self, draws: Draws, length: int) -> Word:
        kind, flipped = draws.below(4, 1).item(), draws.below(length - 1, 1).item() + 1
        if kind == 0:  # almost none of these is of class 1 once they are long
            while True:
                bits = np.append(1, draws.below(2, length - 1))
                if not even_blocks(bits):
                    return bits
        bits = tiling(draws, length)
        if kind == 1:
            bits[flipped] = 1 - bits[flipped]  # whichever it is, a block becomes or leaves an odd one
        return bits

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return np.array([int(even_blocks(word))])

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if found[0] != 1:
            raise WordError(f"{place}: it begins with 0; give a binary number, which begins with 1")
        return found


@dataclass(frozen=True, kw_only=True)
class BinaryPalindrome(Binary):
    """The last bit of a palindrome, from all bits before it: the class is its very first bit.

    Half of a palindrome is size / 2 digits of 0 to 8 in binary, run together, and reversed by a coin. Longer words, of
    any odd length, are made of random bits.

    `size`     decimal digits of the palindrome (L), an even number.
    `padding`  "left": shorter words are filled up to 4 L + 1 positions on their left with a third symbol, as in the
               assignment; "none": they are as long as they are.

    >>> BinaryPalindrome().answer(np.array([1, 0, 0])).item()
    1
    """

    size: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_size(self.size, 2, 1_000, "a palindrome has 2 digits or more")
        if self.size % 2:
            way_out = f"give {self.size - 1} or {self.size + 1}"
            raise ConfigError(f"task.size: {self.size} is odd; a palindrome is two halves alike: {way_out}")

    @property
    def lengths(self) -> tuple[int, int]:
        return self.size - 1, 4 * self.size - 1

    @property
    def widest(self) -> int:
        return 4 * self.size + 1

    @property
    def far(self) -> tuple[int, ...]:
        return tuple(4 * self.size * times - 1 for times in (2, 4, 8))

    @property
    def baseline(self) -> float:
        return 2 / 3  # a half begins with 1 in 8 of 9 digits, and ends with it in 4 of 9

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        odd = range(shortest | 1, longest + 1, 2)
        return expect_lengths(odd, (shortest, longest), "a palindrome without its last bit has an odd number of them")

    def candidates(self, draws: Draws, count: int) -> Candidates:
        digits, turned = draws.below(9, count * (self.size // 2)), draws.below(2, count) == 1
        halves = ["".join(DIGITS[d] for d in row) for row in digits.reshape(count, -1).tolist()]
        halves = [half[::-1] if turn else half for half, turn in zip(halves, turned.tolist(), strict=True)]
        words = [half + half[:0:-1] for half in halves]
        text = "".join(word.rjust(self.lengths[1], "0") for word in words).encode()
        symbols = (np.frombuffer(text, dtype=np.uint8) - ord("0")).astype(np.int64).reshape(count, -1)
        lengths = np.fromiter(map(len, words), dtype=np.int64, count=count)
        return Candidates(symbols, lengths)

    def word(self, draws: Draws, length: int) -> Word:
        half = draws.below(2, (length + 1) // 2)
        return np.concatenate([half, half[:0:-1]])

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return word[:1].copy()

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if len(found) % 2 == 0 or (found[1:] != found[:0:-1]).any():
            raise WordError(f"{place}: not a palindrome without its last bit; give an odd number of bits, as 1 0 0")
        return found


def even_blocks(bits: Word) -> bool:
    """Whether every block of zeros has an even length."""
    return not any(len(block) % 2 for block in bits.astype(np.uint8).tobytes().split(b"\1"))


def even_numbers(numbers: Int64[np.ndarray, " N"]) -> Bool[np.ndarray, " N"]:
    """The same of many numbers (1 or more) at once: from the right, 1 and 00 are taken off until nothing is left."""
    found = np.zeros(len(numbers), dtype=bool)
    left, which = numbers, np.arange(len(numbers))
    while len(left):
        one = left & 1
        going = (one == 1) | (left & 3 == 0)
        left, which = left[going] >> (2 - one[going]), which[going]
        found[which[left == 0]] = True
        left, which = left[left > 0], which[left > 0]
    return found


def members(most: int) -> int:
    """How many of 1 to `most` have even blocks of zeros alone.

    >>> members(10_000) - members(9), members(1_000_000) - members(9)
    (719, 16718)
    """
    places = most.bit_length()
    ways = [1, 1]  # of so many bits after one that ends no block in the middle: tilings by 1 and 00
    while len(ways) < places:
        ways.append(ways[-1] + ways[-2])
    count, odd = sum(ways[: places - 1]), False
    for place in range(places - 2, -1, -1):
        if most >> place & 1:  # numbers that have 0 here, where `most` has 1, and agree before
            count += ways[place] if odd else (ways[place - 1] if place else 0)
            if odd:
                return count
        else:
            odd = not odd
    return count + (not odd)


def tiling(draws: Draws, length: int) -> Word:
    """A word of class 1, all of this length as likely: 1, then tiles 1 and 00, by how many ways there are to go on."""
    chances = draws.below(LARGEST_BOUND, length).tolist()
    ratios = [0.0, 1.0]  # of k cells, the share of tilings that begin with 1: F(k) / F(k + 1)
    while len(ratios) < length:
        ratios.append(1 / (1 + ratios[-1]))
    bits, left = [1], length - 1
    while left:
        tile = [1] if chances[left] < ratios[left] * LARGEST_BOUND else [0, 0]
        bits += tile
        left -= len(tile)
    return np.array(bits)
