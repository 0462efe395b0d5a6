"""Expressions in brackets, many at a time: drawn, and their values. They have a twin for one, `expression` and `value`
of the tasks, where what they are is said.

Words lie one after the other in a flat array: word n from `ends[n]` on and before `ends[n + 1]`. Axes: N words, F
symbols of all of them, C numbers drawn.
"""

from typing import NamedTuple

import numpy as np

from pushpop.kernels.cache import Kernel
from pushpop.kernels.inner import inner


class Marks(NamedTuple):
    """Which number a symbol is; digits are 0 to `modulus` - 1, operators go from `plus` on."""

    modulus: int
    plus: int
    minus: int
    opening: int
    closing: int
    largest: int  # what a number drawn is first brought below


@inner
def chance(marks, drawn, at, bound):
    """Number `at` of those drawn, below a bound."""
    return np.int64(drawn[at] % np.uint64(marks.largest)) % bound


@inner
def spell(marks, operators, drawn, at, size, still, symbols, place):
    """One expression of `size` symbols, from `place` on; `still` is what is to be said, as in the twin."""
    still[0], waiting = size, 1
    while waiting:
        waiting -= 1
        size = still[waiting]
        if size < 0:
            symbols[place] = -size
            place += 1
        elif size > 4:
            left = 1 + chance(marks, drawn, at, size - 4)
            symbols[place] = marks.opening
            still[waiting], still[waiting + 1] = -marks.closing, size - 3 - left
            still[waiting + 2], still[waiting + 3] = -marks.plus - chance(marks, drawn, at + 1, operators), left
            place, at, waiting = place + 1, at + 2, waiting + 4
        else:
            if size > 2:
                symbols[place], symbols[place + size - 1] = marks.opening, marks.closing
            digit = place + size // 2
            if size % 2 == 0:
                symbols[digit - 1] = marks.minus
            symbols[digit] = chance(marks, drawn, at, marks.modulus)
            place, at = place + size, at + 1


@inner
def worth(marks, symbols, first, last, lefts, operators):
    """The value of the expression from `first` on and before `last`; `lefts` and `operators` are what stands around
    the brackets that are open, as in the twin."""
    depth, left, operator, expects = 0, 0, marks.plus, True
    for at in range(first, last):
        operand = symbols[at]
        if operand == marks.opening:
            lefts[depth], operators[depth] = left, operator
            depth, left, operator = depth + 1, 0, marks.plus
            continue
        if operand == marks.closing:
            depth -= 1
            operand, left, operator = left, lefts[depth], operators[depth]
        elif operand >= marks.plus:
            operator = -operator if expects else operand
            expects = True
            continue
        if operator < 0:
            operand, operator = -operand, -operator
        if operator == marks.plus:
            left = (left + operand) % marks.modulus
        elif operator == marks.minus:
            left = (left - operand) % marks.modulus
        else:
            left = left * operand % marks.modulus
        expects = False
    return left % marks.modulus


@Kernel
def draw_expressions(marks, operators, drawn, begins, ends, still, symbols):
    """Expressions of the first so many operators into `symbols` [F]; word n has the numbers of `drawn` [C] from
    `begins[n]` on."""
    for n in range(len(begins)):
        if ends[n] < ends[n + 1]:
            spell(marks, operators, drawn, begins[n], ends[n + 1] - ends[n], still, symbols, ends[n])


@Kernel
def value_expressions(marks, symbols, ends, lefts, operators, values):
    """The value of each expression into `values` [N]."""
    for n in range(len(values)):
        values[n] = worth(marks, symbols, ends[n], ends[n + 1], lefts, operators)
