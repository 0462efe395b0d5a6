"""Brackets of k kinds: which ones close what is open (Dyck-k)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError, WordError
from pushpop.tasks.draws import Draws
from pushpop.tasks.task import MOST_SYMBOLS, Transduction, Word

PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))


@dataclass(frozen=True, kw_only=True)
class Dyck(Transduction):
    """Close all brackets of a text that are open, the last one first: one word says what closes it.

    Each symbol of a word opens a bracket, of any kind, or closes the last one, by a coin; where none is open it opens
    one. So depths grow with the root of the length, and to answer is to know the whole stack of what is open. Published
    nets say, at each symbol of a closed word, which may follow; lengths are theirs (Suzgun et al. 2019).

    `kinds`  how many kinds of brackets there are.

    >>> task = Dyck()
    >>> " ".join(task.spelled(task.answer(task.check(["(", "[", "]", "["]))))
    '] )'
    """

    shortest: int = 2
    longest: int = 50
    test_shortest: int = 52
    test_longest: int = 100
    kinds: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.kinds <= MOST_SYMBOLS // 2:
            raise ConfigError(f"task.kinds: {self.kinds} kinds of brackets cannot be; give 1 to {MOST_SYMBOLS // 2}")

    @property
    def symbols(self) -> int:
        return 2 * self.kinds

    @property
    def answer_symbols(self) -> int:
        return self.kinds

    @property
    def names(self) -> tuple[str, ...]:
        """Those that open, then those that close; from the fifth kind on they are (5 and )5."""
        return tuple(self._name(end, kind) for end in (0, 1) for kind in range(self.kinds))

    @property
    def answer_names(self) -> tuple[str, ...]:
        return self.names[self.kinds :]

    def word(self, draws: Draws, length: int) -> Word:
        coins, kinds = draws.below(2, length).tolist(), draws.below(self.kinds, length).tolist()
        waiting, found = list[int](), list[int]()
        for opens, kind in zip(coins, kinds, strict=True):
            if opens or not waiting:
                waiting.append(kind)
                found.append(kind)
            else:
                found.append(self.kinds + waiting.pop())
        return np.array(found)

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        return np.array(self._open(word, "word")[::-1], dtype=np.int64)

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        self._open(found, place)
        return found

    def _open(self, word: Word, place: str) -> list[int]:
        """The kinds of what is open at the end, the outermost first."""
        waiting = list[int]()
        for number, symbol in enumerate(word.tolist(), 1):
            if symbol < self.kinds:
                waiting.append(symbol)
            elif not waiting or waiting.pop() != symbol - self.kinds:
                raise WordError(f"{place}: symbol {number}, {self.names[symbol]}, closes what is not open; change it")
        return waiting

    @staticmethod
    def _name(end: int, kind: int) -> str:
        return PAIRS[kind][end] if kind < len(PAIRS) else f"{PAIRS[0][end]}{kind + 1}"
