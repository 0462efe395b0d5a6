"""Words of the tasks on expressions by the hundred, and their answers: what `word` and `answer` say of one, compiled.

Axes: N words, F symbols of all of them, C numbers drawn.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Int64, UInt64

from pushpop.kernels.expressions import Marks, draw_expressions, value_expressions
from pushpop.tasks.draws import LARGEST_BOUND, Draws
from pushpop.tasks.encoding import lengths_of, runs
from pushpop.tasks.formal.expressions import CLOSE, EQUALS, IN_EQUATION, IN_EXPRESSION, OPEN, UNKNOWN
from pushpop.tasks.formal.regular import MINUS, MODULUS, PLUS
from pushpop.tasks.task import Word

MARKS = Marks(MODULUS, PLUS, MINUS, OPEN, CLOSE, LARGEST_BOUND)


def ends_of(lengths: Int64[np.ndarray, " N"]) -> Int64[np.ndarray, " N+1"]:
    """Where words of these lengths begin in a flat array, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)])


def expressions(
    bits: UInt64[np.ndarray, " C"], begins: Int64[np.ndarray, " N"], lengths: Int64[np.ndarray, " N"], operators: int
) -> Int64[np.ndarray, " F"]:
    """Expressions of these lengths, one after the other; each has the bits from its own beginning on."""
    ends = ends_of(lengths)
    symbols = np.empty(ends[-1], dtype=np.int64)
    still = np.empty(lengths.max(initial=0) + 4, dtype=np.int64)
    draw_expressions((), MARKS, operators, bits, begins, ends, still, symbols)
    return symbols


def values(symbols: Int64[np.ndarray, " F"], lengths: Int64[np.ndarray, " N"]) -> Int64[np.ndarray, " N"]:
    """The value modulo 5 of each of the expressions of these lengths."""
    around, found = np.empty((2, lengths.max(initial=0)), dtype=np.int64), np.empty(len(lengths), dtype=np.int64)
    value_expressions((), MARKS, symbols, ends_of(lengths), *around, found)
    return found


def cut(symbols: Int64[np.ndarray, " F"], lengths: Int64[np.ndarray, " N"]) -> list[Word]:
    """Words of these lengths, out of a flat array."""
    ends = ends_of(lengths).tolist()
    return [symbols[first:last] for first, last in pairwise(ends)]


Change = Callable[[Int64[np.ndarray, " F"], Int64[np.ndarray, " N"], int, Draws], Int64[np.ndarray, " F"]]


def as_they_are(symbols: Int64[np.ndarray, " F"], *_: object) -> Int64[np.ndarray, " F"]:
    """By the benchmark's law."""
    return symbols


def alike(
    symbols: Int64[np.ndarray, " F"], lengths: Int64[np.ndarray, " N"], operators: int, draws: Draws
) -> Int64[np.ndarray, " F"]:
    """Of each expression two digits at most, drawn for it, in place of all five, and one operator in place of all, or,
    as often as each of these, operators as they are."""
    drawn = draws.below(LARGEST_BOUND, 8 * len(lengths)).reshape(-1, 8)
    digits = np.take_along_axis(drawn[:, :2] % MODULUS, drawn[:, 2:7] % 2, 1)  # [N, 5] of each what it becomes
    word, before = np.repeat(np.arange(len(lengths)), lengths), np.concatenate([[OPEN], symbols[:-1]])
    before[ends_of(lengths)[:-1][lengths > 0]] = OPEN
    digit = symbols < MODULUS
    joins = (symbols >= PLUS) & (symbols < PLUS + operators) & ((before < MODULUS) | (before == CLOSE))
    only = drawn[word, 7] % (operators + 1)
    of_one = np.where(joins & (only < operators), PLUS + only, symbols)
    return np.where(digit, digits[word, np.where(digit, symbols, 0)], of_one)


def arithmetic(draws: Draws, lengths: Sequence[int], change: Change = as_they_are) -> list[Word]:
    """An expression of each of these lengths, of all three operators."""
    sizes = np.array(lengths, dtype=np.int64)
    drawn = expressions(draws.bits(sizes.sum()), ends_of(sizes)[:-1], sizes, operators=3)
    return cut(change(drawn, sizes, 3, draws), sizes)


def results(words: Sequence[Word]) -> list[np.ndarray]:
    """The values of expressions, as answers."""
    return list(values(np.concatenate(words), lengths_of(words))[:, None])


def equations(draws: Draws, lengths: Sequence[int], change: Change = as_they_are) -> list[Word]:
    """An equation of each of these lengths; those of 1 and 2 symbols are zeros, for which nothing is drawn."""
    whole = np.array(lengths, dtype=np.int64)
    real, starts = whole > 2, ends_of(whole)[:-1]
    sizes, numbers = np.where(real, whole - 2, 0), np.where(real, whole - 1, 0)
    bits, begins = draws.bits(numbers.sum()), ends_of(numbers)[:-1]
    drawn = change(expressions(bits, begins, sizes, operators=2), sizes, 2, draws)
    flat = np.zeros(whole.sum(), dtype=np.int64)
    flat[runs(starts, sizes)] = IN_EQUATION[drawn]
    flat[(starts + sizes)[real]] = EQUALS
    flat[(starts + sizes)[real] + 1] = values(drawn, sizes)[real]
    places, first, size = bits[(begins + sizes)[real]], ends_of(sizes)[:-1][real], sizes[real]
    at = (places % size.astype(np.uint64)).astype(np.int64)
    while (no_digit := drawn[first + at] >= MODULUS).any():
        at = np.where(no_digit, (at + 1) % size, at)
    flat[starts[real] + at] = UNKNOWN
    return cut(flat, whole)


def solutions(words: Sequence[Word]) -> list[np.ndarray]:
    """What x is in each equation."""
    whole, flat = lengths_of(words), np.concatenate(words)
    sizes, ends = np.where(whole > 2, whole - 2, 0), ends_of(whole)
    left = flat[runs(ends[:-1], sizes)]
    symbols = IN_EXPRESSION[left]
    without = values(symbols, sizes)
    symbols[left == UNKNOWN] = 1
    slope = values(symbols, sizes) - without  # 1 or -1 modulo 5, since there is no *
    return list((np.where(whole > 2, slope * (flat[ends[1:] - 1] - without), 0) % MODULUS)[:, None])
