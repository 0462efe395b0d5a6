"""Deterministic context-free tasks on expressions in brackets, modulo 5."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import LARGEST_BOUND, Draws
from pushpop.tasks.formal.context_free import ContextFree
from pushpop.tasks.formal.regular import MINUS, MODULUS, PLUS, TIMES
from pushpop.tasks.task import Word

MANY = 32  # words, or answers, from which on compiled loops make them; fewer are had sooner without a compiler
OPEN, CLOSE = 8, 9
UNKNOWN, EQUALS = 9, 10  # of equations, whose brackets are 7 and 8: they have no *
IN_EQUATION = np.array([*range(TIMES), 0, 7, 8])  # symbols of an expression without * as those of an equation
IN_EXPRESSION = np.array([*range(TIMES), OPEN, CLOSE, 0, 0])  # and back, the unknown as 0


@dataclass(frozen=True, kw_only=True)
class ModularArithmeticBrackets(ContextFree):
    """The value modulo 5 of an expression of digits 0 to 4, with brackets round every operation.

    Of 1 to 4 symbols it is z, -z, (z) or (-z); longer ones are (left operator right), |left| as likely 1 to L - 4.

    >>> task = ModularArithmeticBrackets()
    >>> task.answer(task.check("( 4 * ( - 2 ) )".split())).item()
    2
    """

    heard: ClassVar[int] = 10
    spelling: ClassVar[tuple[str, ...]] = tuple("01234+-*()")
    said: ClassVar[int] = MODULUS

    def word(self, draws: Draws, length: int) -> Word:
        return np.array(expression(draws, length, operators=3))

    def words(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        return by_hundreds().arithmetic(draws, lengths) if many(lengths) else super().words(draws, lengths)

    def alike(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        return by_hundreds().arithmetic(draws, lengths, by_hundreds().alike)

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        return np.array([value(word.tolist())])

    def answers_to(self, words: Sequence[Word]) -> Sequence[Int64[np.ndarray, " 1"]]:
        return by_hundreds().results(words) if many(words) else super().answers_to(words)

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if at := first_fault(found.tolist()):
            raise self.misplaced(place, found, at - 1, RULE)
        return found


@dataclass(frozen=True, kw_only=True)
class SolveEquation(ContextFree):
    """The digit that x stands for in an equation modulo 5: an expression without *, and after = its value.

    Of 1 or 2 symbols it is 0 or 0 0, and the answer 0.

    >>> task = SolveEquation()
    >>> task.answer(task.check("( x + 2 ) = 1".split())).item()
    4
    """

    heard: ClassVar[int] = 11
    spelling: ClassVar[tuple[str, ...]] = tuple("01234+-()x=")
    said: ClassVar[int] = MODULUS

    def word(self, draws: Draws, length: int) -> Word:
        if length < 3:
            return np.zeros(length, dtype=np.int64)
        drawn = expression(draws, length - 2, operators=2)
        right = value(drawn)
        word = np.array([*IN_EQUATION[drawn], EQUALS, right])
        place = draws.below(len(drawn), 1).item()
        while drawn[place] >= MODULUS:
            place = (place + 1) % len(drawn)
        word[place] = UNKNOWN
        return word

    def words(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        return by_hundreds().equations(draws, lengths) if many(lengths) else super().words(draws, lengths)

    def alike(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        return by_hundreds().equations(draws, lengths, by_hundreds().alike)

    def answers_to(self, words: Sequence[Word]) -> Sequence[Int64[np.ndarray, " 1"]]:
        return by_hundreds().solutions(words) if many(words) else super().answers_to(words)

    def answer(self, word: Word) -> Int64[np.ndarray, " 1"]:
        if len(word) < 3:
            return np.zeros(1, dtype=np.int64)
        symbols = IN_EXPRESSION[word[:-2]]
        without = value(symbols.tolist())
        symbols[word[:-2] == UNKNOWN] = 1
        slope = value(symbols.tolist()) - without  # 1 or -1, since there is no *
        return np.array([slope * (int(word[-1]) - without) % MODULUS])

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        if len(found) < 3:
            if found.any():
                raise self.misplaced(place, found, int(found.argmax()), "of 1 or 2 symbols all are 0")
            return found
        if found[-2] != EQUALS:
            raise self.misplaced(place, found, len(found) - 2, "an equation ends with = and a digit")
        if found[-1] >= MODULUS:
            raise self.misplaced(place, found, len(found) - 1, "an equation ends with = and a digit")
        left = found[:-2]
        wrong = np.flatnonzero((left == EQUALS) | ((left == UNKNOWN) & (np.cumsum(left == UNKNOWN) > 1)))
        if len(wrong):
            raise self.misplaced(place, found, int(wrong[0]), "x and = stand in an equation once")
        if not (left == UNKNOWN).any():
            raise self.misplaced(place, found, 0, "x stands in an equation once, for one of its digits")
        if at := first_fault(IN_EXPRESSION[left].tolist()):
            raise self.misplaced(place, found, at - 1, RULE)
        return found


def many(of: Sequence[object]) -> bool:
    """Whether so many are made by compiled loops."""
    return len(of) >= MANY and find_spec("numba") is not None


def by_hundreds() -> ModuleType:
    """What makes many words at once; asked for when they are, since it brings the compiler along."""
    return import_module("pushpop.tasks.formal.many_expressions")


RULE = "an expression is a digit, -digit, or one such or two joined by an operator in brackets"


def expression(draws: Draws, length: int, operators: int) -> list[int]:
    """A random expression of `length` symbols, by the benchmark's law; its operators are the first so many of + - *."""
    chances = iter(draws.below(LARGEST_BOUND, length).tolist())  # there are no more digits, splits and operators
    said, still = list[int](), [length]  # of what is still to be said a size is above 0, a symbol kept below it
    while still:
        size = still.pop()
        if size < 0:
            said.append(-size)
        elif size > 4:
            left = 1 + next(chances) % (size - 4)
            said.append(OPEN)
            still += (-CLOSE, size - 3 - left, -PLUS - next(chances) % operators, left)
        else:
            digit = next(chances) % MODULUS
            said += ((digit,), (MINUS, digit), (OPEN, digit, CLOSE), (OPEN, MINUS, digit, CLOSE))[size - 1]
    return said


def value(symbols: Sequence[int]) -> int:
    """The value modulo 5 of an expression that is one."""
    around = list[tuple[int, int]]()  # of each bracket that is open: what stands left of it, and the operator between
    left, operator, expects = 0, PLUS, True
    for symbol in symbols:
        if symbol == OPEN:
            around.append((left, operator))
            left, operator = 0, PLUS
            continue
        if symbol == CLOSE:
            symbol = left
            left, operator = around.pop()
        elif symbol >= PLUS:
            # A minus where an operand is expected belongs to the digit after it.
            operator = -operator if expects else symbol
            expects = True
            continue
        if operator < 0:
            symbol, operator = -symbol, -operator
        if operator == PLUS:
            left += symbol
        elif operator == MINUS:
            left -= symbol
        else:
            left = left * symbol % MODULUS
        expects = False
    return left % MODULUS


def first_fault(symbols: Sequence[int]) -> int:
    """The number, from 1, of the first symbol that an expression cannot have there, of the last one where it ends too
    early; 0 where it is one."""
    around = list[bool]()  # of each bracket that is open, but for the innermost: whether its operator has come
    expects, signed, joined, bare = True, False, False, False
    for at, symbol in enumerate(symbols, 1):
        if expects:
            if symbol < MODULUS:
                expects, signed, bare = False, False, True
            elif symbol == MINUS and not signed:
                signed = True
            elif symbol == OPEN and not signed:
                around.append(joined)
                joined = False
            else:
                return at
        elif symbol == CLOSE and around and (joined or bare):
            joined, bare = around.pop(), False
        elif PLUS <= symbol <= TIMES and around and not joined:
            expects = joined = True
        else:
            return at
    return len(symbols) if expects or around else 0
