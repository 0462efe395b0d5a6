"""Grammars of two languages at once, written as papers print them; and words of the first, drawn at a wanted length.

A line is `1/5 S -> S1 rpi S2 VT3 | S1 rpo S2 VT3`: a probability, the symbol, and what it becomes in each language;
digits pair the two sides and mean nothing else. Symbols that have lines become others, classes (given by name, with the
two stems and how many words) become one word of theirs, anything else is a word itself.

Words are drawn exactly: of length n with the probability the grammar gives them, divided by that of length n. It is
known for each symbol and length by sums over what the symbol's rules make of it ("inside" probabilities: Lari and Young
1990). They are added in a fixed order, number by number, so that words keep their hash on every machine.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int64

from pushpop.tasks.draws import LARGEST_BOUND, Draws

LONGEST = 10_000  # symbols; far beyond, probabilities are below the smallest number
KEPT = 128  # up to this length what a symbol may become is listed once and for all


class Class(NamedTuple):
    """Words of one kind, as likely each: si1 to si33 in the first language, so1 to so33 in the second."""

    first: str
    second: str
    count: int


class Rule(NamedTuple):
    """What a symbol becomes in the first language; at most two of the parts are symbols again."""

    probability: float
    parts: tuple[str | int, ...]  # symbols, and words or classes by their number
    within: tuple[str, ...]  # the symbols alone
    words: int  # how many parts are words


@dataclass(frozen=True)
class Grammar:
    """A grammar by its printed `lines`, the first of which has the symbol that words come from, and its `classes`."""

    lines: str
    classes: tuple[tuple[str, Class], ...]

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The words of each language: class after class, then the others as the lines have them."""
        found = []
        for side in (0, 1):
            own = [f"{kind[side]}{n}" for _, kind in self.classes for n in range(1, kind.count + 1)]
            found.append((*own, *self.others[side]))
        return found[0], found[1]

    @cached_property
    def others(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The words of no class in each language."""
        symbols, classes = {symbol for symbol, _, _ in self._rows}, dict(self.classes)
        sides: tuple[dict[str, None], dict[str, None]] = {}, {}
        for _, _, texts in self._rows:
            for side, text in zip(sides, texts, strict=True):
                side.update({part: None for part in text.split() if _unpaired(part, {*symbols, *classes}) is None})
        return tuple(sides[0]), tuple(sides[1])

    @cached_property
    def kinds(self) -> Int64[np.ndarray, " symbols"]:
        """What each word of the first language is: the number of its class, or for others the numbers after these."""
        sizes = [kind.count for _, kind in self.classes] + [1] * len(self.others[0])
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def firsts(self) -> Int64[np.ndarray, " kinds+1"]:
        """The first word of each of these kinds, and how many words there are."""
        return np.searchsorted(self.kinds, np.arange(self.kinds[-1] + 2))

    @cached_property
    def rules(self) -> dict[str, list[Rule]]:
        """The rules of each symbol, in the order of the lines."""
        symbols = {symbol for symbol, _, _ in self._rows}
        numbers = {name: n for n, name in enumerate([*dict(self.classes), *self.others[0]])}
        found: dict[str, list[Rule]] = {}
        for symbol, probability, (text, _) in self._rows:
            names = [_unpaired(part, {*symbols, *dict(self.classes)}) or part for part in text.split()]
            parts = tuple(name if name in symbols else numbers[name] for name in names)
            within = tuple(part for part in parts if isinstance(part, str))
            assert len(within) <= 2, f"more than two symbols in {text}"
            found.setdefault(symbol, []).append(Rule(float(probability), parts, within, len(parts) - len(within)))
        return found

    @cached_property
    def start(self) -> str:
        """The symbol that words come from."""
        return self._rows[0][0]

    @cached_property
    def _rows(self) -> list[tuple[str, Fraction, tuple[str, str]]]:
        rows = list(self._read())
        for symbol in {symbol for symbol, _, _ in rows}:
            assert sum(p for name, p, _ in rows if name == symbol) == 1, f"{symbol}: probabilities that are not 1"
        return rows

    def _read(self) -> Iterator[tuple[str, Fraction, tuple[str, str]]]:
        for line in self.lines.strip().splitlines():
            head, sides = line.split("->")
            probability, symbol = head.split()
            first, second = sides.split("|")
            yield symbol, Fraction(probability), (first, second)


def _unpaired(part: str, known: set[str]) -> str | None:
    """The symbol or class that a part such as `S1` names; None where it is a word."""
    name = part.rstrip("0123456789")
    return name if name in known else None


class Chances:
    """How likely each symbol of a grammar becomes so many words, up to `longest`; and what it may become then."""

    def __init__(self, grammar: Grammar, longest: int) -> None:
        """Once the chance of a symbol at a length is known, it goes at once to all longer ones that have it as a part:
        every sum is of products of two known numbers, one after another."""
        self.grammar = grammar
        self.by_rule = {name: np.zeros((len(rules), longest + 1)) for name, rules in grammar.rules.items()}
        self.of = {name: np.zeros(longest + 1) for name in grammar.rules}
        self._small = dict[tuple[str, int], tuple[list[float], list[Made]]]()
        wholes = {name: list[tuple[Rule, np.ndarray]]() for name in grammar.rules}
        for whole, rules in grammar.rules.items():
            for rule, table in zip(rules, self.by_rule[whole], strict=True):
                if not rule.within and rule.words <= longest:
                    table[rule.words] = rule.probability
                for name in set(rule.within):
                    wholes[name].append((rule, table))
        for length in range(1, longest + 1):
            for name in reversed(list(grammar.rules)):  # the last line's first: a symbol may become one other alone
                value = 0.0
                for table in self.by_rule[name]:
                    value += float(table[length])
                self.of[name][length] = value
                for rule, table in wholes[name] if value > 0.0 else ():
                    self._pass_on(rule, name, length, table)

    def _pass_on(self, rule: Rule, name: str, length: int, table: np.ndarray) -> None:
        """Add to a rule's `table` what it makes of a part `name` of `length` words, now known."""
        value, start = rule.probability * self.of[name][length], length + rule.words
        if len(rule.within) == 1:
            if start < len(table):
                table[start] += value
            return
        other = rule.within[rule.within[0] == name]
        most = min(length, len(table) - 1 - start)
        if most > 0:
            shares = value * self.of[other][1 : most + 1]
            if other == name:
                shares[: length - 1] *= 2.0  # either part may be the longer one
            table[start + 1 : start + 1 + most] += shares

    def marks(self, name: str, size: int) -> Float[np.ndarray, " made"]:
        """What a symbol may become at this length, as ends of intervals of 0 to 2**32: rule after rule, and in a rule
        of two symbols by the length of the first."""
        shares = [np.zeros(0)]
        for rule, table in zip(self.grammar.rules[name], self.by_rule[name], strict=True):
            if len(rule.within) == 2:
                first, second = (self.of[part][1 : max(1, size - rule.words)] for part in rule.within)
                shares.append(rule.probability * first * second[::-1])
            else:
                shares.append(table[size : size + 1])
        ends = np.cumsum(np.concatenate(shares))
        return ends * (LARGEST_BOUND / ends[-1])

    def made(self, name: str, size: int, place: int) -> "Made":
        """What stands at this place of `marks`: words and symbols with their lengths, the last one first."""
        for rule in self.grammar.rules[name]:
            left = size - rule.words
            count = max(0, left - 1) if len(rule.within) == 2 else 1
            if place < count:
                sizes = iter([place + 1, left - place - 1] if len(rule.within) == 2 else [left])
                parts = [part if isinstance(part, int) else self._known((part, next(sizes))) for part in rule.parts]
                return tuple(reversed(parts))
            place -= count
        raise AssertionError(f"{name} of {size}: fewer things than that can be made")

    def become(self, one: tuple[str, int], number: int) -> "Made":
        """What a symbol of some length becomes by a number of 0 to 2**32 - 1."""
        name, size = one
        if size > KEPT:
            return self.made(name, size, int(np.searchsorted(self.marks(name, size), number, side="right")))
        if one not in self._small:
            ends = self.marks(name, size).tolist()
            self._small[one] = ends, [self.made(name, size, place) for place in range(len(ends))]
        ends, things = self._small[one]
        return things[bisect_right(ends, number)]

    def _known(self, one: tuple[str, int]) -> "int | tuple[str, int]":
        """The symbol, or the word that it is bound to become."""
        name, size = one
        if size == 1:
            rules = zip(self.grammar.rules[name], self.by_rule[name], strict=True)
            able = [rule.parts[0] for rule, table in rules if table[1] > 0.0]
            if len(able) == 1 and isinstance(able[0], int):
                return able[0]
        return one


Made = tuple[int | tuple[str, int], ...]


@lru_cache(maxsize=4)
def chances(grammar: Grammar, room: int) -> Chances:
    """Those of lengths up to `room`."""
    return Chances(grammar, room)


def room(length: int) -> int:
    """The next multiple of 128: few tables serve all lengths."""
    return -(-length // 128) * 128


def draw_lengths(grammar: Grammar, draws: Draws, lengths: range, count: int) -> list[int]:
    """`count` lengths among these, each as likely as the grammar has it."""
    known = chances(grammar, room(lengths[-1])).of[grammar.start]
    ends = np.cumsum(known[lengths[0] : lengths[-1] + 1])
    places = draws.below(LARGEST_BOUND, count) * (ends[-1] / LARGEST_BOUND)
    found: list[int] = (lengths[0] + np.searchsorted(ends, places, side="right")).tolist()
    return found


def draw_words(grammar: Grammar, draws: Draws, lengths: Sequence[int]) -> list[Int64[np.ndarray, " length"]]:
    """Words of the first language, of these lengths."""
    table, start, most = chances(grammar, room(max(lengths))), grammar.start, sum(lengths)
    numbers, found = draws.below(LARGEST_BOUND, 2 * most).tolist(), list[int]()
    for length in lengths:
        waiting: list[int | tuple[str, int]] = [(start, length)]
        while waiting:
            one = waiting.pop()
            if isinstance(one, int):
                found.append(one)
            else:
                waiting += table.become(one, numbers.pop())
    kinds = np.array(found)
    firsts = grammar.firsts
    symbols = firsts[kinds] + draws.below(LARGEST_BOUND, most) % np.diff(firsts)[kinds]
    ends = np.cumsum(lengths).tolist()
    return [symbols[end - length : end] for end, length in zip(ends, lengths, strict=True)]
