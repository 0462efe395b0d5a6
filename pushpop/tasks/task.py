"""What a task is; and tasks of words, each with its one right answer.

A word is a sequence of symbols 0..symbols-1, which users type as such or by their names, where a task names them; marks
and vocabulary are `encoding`'s business.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import index
from typing import Any, ClassVar, Literal

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError, WordError, meant
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import SEPARATOR, Alphabet, Batch, encode, vocabulary

FIXED_WORDS = 1_000
MOST_SYMBOLS = 65_536
LONGEST_WORD = 1_000_000

Word = Int64[np.ndarray, " k"]
Part = Literal["training", "validation", "test"]
Answers = Literal["written", "class", "text", "graph", "nodes", "links"]
"""What is asked: an answer written symbol by symbol, a class, what comes next in a text, answers about a graph; or of
one graph the classes of its nodes, or which of its pairs of nodes are edges."""


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """What is to be learned. Each kind of task is a frozen dataclass of its own settings."""

    answers: ClassVar[Answers] = "written"

    def whole_numbers(self, *names: str) -> None:
        """ConfigError for a setting of these that is no whole number."""
        usual = {field.name: field.default for field in fields(self)}
        for name in names:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise ConfigError(f"task.{name}: {value!r} is not a whole number; give one, such as {usual[name]}")

    @property
    @abstractmethod
    def alphabet(self) -> Alphabet:
        """What a model of this task reads and says."""


@dataclass(frozen=True, kw_only=True)
class WordTask(Task):
    """A question asked of words, and its one right answer."""

    @property
    @abstractmethod
    def symbols(self) -> int:
        """How many symbols words are made of: 0 to symbols - 1."""

    @property
    def answer_symbols(self) -> int:
        """How many symbols answers are made of; those of words, unless a task says otherwise."""
        return self.symbols

    @property
    def names(self) -> tuple[str, ...]:
        """What users call the symbols of words, each by its number; none where they are plain numbers.

        No name has a space or a comma in it. Where some are digits, what is typed is read by names alone.
        """
        return ()

    @property
    def answer_names(self) -> tuple[str, ...]:
        """The same of the symbols of answers."""
        return self.names

    @property
    @abstractmethod
    def lengths(self) -> tuple[int, int]:
        """The shortest and the longest word of training and validation."""

    @property
    @abstractmethod
    def test_lengths(self) -> tuple[int, int]:
        """The shortest and the longest word of the test."""

    @abstractmethod
    def word(self, draws: Draws, length: int) -> Word:
        """A word of `length` symbols."""

    @abstractmethod
    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        """The one right answer to `word`, without an end mark."""

    @abstractmethod
    def encode(self, words: Sequence[Word]) -> Batch:
        """Words as a model reads them, and what is wanted where."""

    def words(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        """A word of each of these lengths."""
        return [self.word(draws, length) for length in lengths]

    def alike(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        """A word of each of these lengths made of few different symbols, as words by chance hardly are.

        Raises:
            NotImplementedError: nobody has said what such words are.
        """
        raise NotImplementedError

    def draw_lengths(self, draws: Draws, lengths: tuple[int, int], count: int) -> list[int]:
        """The lengths of `count` words: each uniform from the first to the second, both included."""
        sizes = self.sizes(*lengths)
        return [sizes[n] for n in draws.below(len(sizes), count).tolist()]

    def draw(self, draws: Draws, part: Part, count: int, lengths: tuple[int, int] | None = None) -> list[Word]:
        """`count` words for training, validation or test; of `lengths` (both included) where these are given."""
        return draw_words(self, draws, lengths or (self.test_lengths if part == "test" else self.lengths), count)

    def fixed(self, draws: Draws, part: Part) -> list[Word]:
        """The words a model is judged by."""
        return self.draw(draws, part, FIXED_WORDS)

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        """The lengths that words can have, between these two. WordError where there are none."""
        return range(shortest, longest + 1)

    def spelled(self, answer: Sequence[int]) -> list[str]:
        """An answer as people read it: by names where the task has them, else by numbers."""
        names = self.answer_names
        return [names[symbol] if 0 <= symbol < len(names) else str(symbol) for symbol in answer]

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        """`word`, of numbers or names, as an array, if it is one of this task's. WordError that begins with `place`."""
        if isinstance(word, np.ndarray) and word.ndim == 1 and word.dtype.kind in "iu":
            symbols = word.tolist()
        else:
            symbols = [
                number_of(value, self.names, f"{place}: symbol {n}") for n, value in enumerate(_listed(word, place), 1)
            ]
        if not symbols:
            raise WordError(f"{place}: an empty word; give 1 symbol or more")
        if min(symbols) < 0 or max(symbols) >= self.symbols:
            at, value = next((n, s) for n, s in enumerate(symbols, 1) if not 0 <= s < self.symbols)
            rule = f"symbols are whole numbers from 0 to {self.symbols - 1}{or_names(self.names)}"
            settable = value >= 0 and "symbols" in {field.name for field in fields(self)}
            way_out = "change it, or train with more task.symbols" if settable else "change it"
            raise WordError(f"{place}: symbol {at} is {shown(value)}; {rule}: {way_out}")
        return np.array(symbols, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Transduction(WordTask):
    """A task whose answer is a word too, written symbol by symbol up to an end mark.

    `shortest`       length of the shortest words of training and validation.
    `longest`        length of the longest words of training and validation.
    `test_shortest`  length of the shortest words of the test.
    `test_longest`   length of the longest words of the test.

    Raises ConfigError where a range of lengths cannot be.
    """

    shortest: int = 8
    longest: int = 64
    test_shortest: int = 65
    test_longest: int = 128

    def __post_init__(self) -> None:
        self.whole_numbers(*(field.name for field in fields(self) if field.type is int))
        for low, high in (("shortest", "longest"), ("test_shortest", "test_longest")):
            shortest, longest = getattr(self, low), getattr(self, high)
            for name, value in ((low, shortest), (high, longest)):
                if not 1 <= value <= LONGEST_WORD:
                    raise ConfigError(f"task.{name}: {value} is not a word's length; give 1 to {LONGEST_WORD}")
            if shortest > longest:
                raise ConfigError(f"task.{low}: {shortest} is more than task.{high} {longest}; give {longest} or less")
            try:
                self.sizes(shortest, longest)
            except WordError as error:
                raise ConfigError(f"task.{low}: {str(error).removeprefix('lengths: ')}") from None

    @property
    def lengths(self) -> tuple[int, int]:
        return self.shortest, self.longest

    @property
    def test_lengths(self) -> tuple[int, int]:
        return self.test_shortest, self.test_longest

    @property
    def alphabet(self) -> Alphabet:
        # One numbering for both: what number 5 means in a word and in an answer is each phase's own embedding to say.
        size = vocabulary(max(self.symbols, self.answer_symbols))
        return Alphabet(size, size, SEPARATOR)

    def encode(self, words: Sequence[Word]) -> Batch:
        return encode(words, self.answers_to(words))

    def answers_to(self, words: Sequence[Word]) -> Sequence[Int64[np.ndarray, " m"]]:
        """The one right answer to each word."""
        return [self.answer(word) for word in words]


def draw_words(task: WordTask, draws: Draws, lengths: tuple[int, int], count: int) -> list[Word]:
    """`count` words of lengths from the first to the second of `lengths`, both included."""
    assert 1 <= lengths[0] <= lengths[1], f"no word has {lengths[0]} to {lengths[1]} symbols"
    return task.words(draws, task.draw_lengths(draws, lengths, count))


def shown(value: object) -> str:
    """`value` as an error message quotes it: on one line, and short."""
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a number of over 20 digits"  # int's own repr refuses thousands
    text = repr(value)
    return text if len(text) <= 24 else text[:21] + "..."


def _listed(word: Any, place: str) -> list[Any]:
    if isinstance(word, str | bytes) or not hasattr(word, "__iter__"):
        raise WordError(f"{place}: {shown(word)} is not a sequence of integers; give one, such as [5, 17, 99]")
    return list(word)


def number_of(value: Any, names: Sequence[str], place: str) -> int:
    """The number of a symbol given by its number or its name. WordError that begins with `place` for anything else."""
    if isinstance(value, str) and value in names:
        return names.index(value)
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except TypeError:
        known = f"{meant(value, names)}give whole numbers{or_names(names)}" if names else "give whole numbers alone"
        raise WordError(
            f"{place} is {shown(value)}; it is not an integer{' or a name' * bool(names)}: {known}"
        ) from None


def by_names_alone(names: Sequence[str]) -> bool:
    """Whether what is typed can only be names, because digits are some of them: what else would a 5 mean?"""
    return any(name.isdecimal() for name in names)


def or_names(names: Sequence[str]) -> str:
    """What a message adds to numbers where symbols have names too: a few of them."""
    return f", or names such as {', '.join(names[:: max(1, len(names) // 4)][:4])}" if names else ""


def expect_lengths(lengths: Sequence[int], asked: tuple[int, int], rule: str) -> Sequence[int]:
    """`lengths`, if there are any in what was `asked` for. Raises WordError with the rule."""
    if not lengths:
        raise WordError(f"lengths: {asked[0]}{f'-{asked[1]}' if asked[0] < asked[1] else ''}: {rule}")
    return lengths
