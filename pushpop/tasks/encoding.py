"""Words and answers as the arrays a model reads: one joint sequence, START a1..ak SEPARATOR y1..ym, that ends in END.

Axes: B words, T positions (the longest word's), M wanted outputs, k and m symbols of a word and of its answer.
END is only ever wanted, never read: the sequence of a word has k + m + 2 positions, and m + 1 outputs are wanted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

START, SEPARATOR, END = 0, 1, 2
NO_SEPARATOR = -1  # no symbol: of tasks whose answer is not written but read off where the word ends
MARKS = 3  # a user's symbol a is a + MARKS in the vocabulary
MARK_LABELS = ("S1", "S2", "S3")


@dataclass(frozen=True)
class Batch:
    """Words padded to one length, and what is wanted where."""

    symbols: Int64[np.ndarray, "B T"]  # vocabulary, padded with 0
    lengths: Int64[np.ndarray, " B"]  # positions that are not padding
    positions: Int64[np.ndarray, " M"]  # flat b * T + t, word after word, in time's order, from the separator on
    targets: Int64[np.ndarray, " M"]  # the output wanted there: y1..ym END


class Prompts(NamedTuple):
    """What a model is given to answer: START a1..ak SEPARATOR, padded with 0."""

    symbols: Int64[np.ndarray, "B T"]
    lengths: Int64[np.ndarray, " B"]


class Alphabet(NamedTuple):
    """What a model reads and says."""

    inputs: int  # symbols it reads, marks included
    outputs: int  # scores it gives
    separator: int  # the symbol with which writing begins, or NO_SEPARATOR


def vocabulary(symbols: int) -> int:
    """How many symbols a model reads and says, marks included."""
    return symbols + MARKS


def encode(words: Sequence[np.ndarray], answers: Sequence[np.ndarray]) -> Batch:
    """Words [k] and their answers [m] as one batch to train on, teacher-forced."""
    assert len(words) == len(answers) > 0, f"{len(words)} words with {len(answers)} answers"
    asked, wanted = lengths_of(words), lengths_of(answers)
    lengths = asked + wanted + 2
    symbols = np.zeros((len(words), lengths.max()), dtype=np.int64)
    flat, rows = symbols.reshape(-1), np.arange(len(words)) * symbols.shape[1]
    separators = rows + asked + 1
    said = np.concatenate(answers) + MARKS
    flat[rows] = START
    flat[runs(rows + 1, asked)] = np.concatenate(words) + MARKS
    flat[separators] = SEPARATOR
    flat[runs(separators + 1, wanted)] = said
    ends = np.cumsum(wanted + 1) - 1
    targets = np.full(ends[-1] + 1, END, dtype=np.int64)
    targets[runs(ends - wanted, wanted)] = said
    return Batch(symbols, lengths, runs(separators, wanted + 1), targets)


def heard(batch: Batch) -> tuple[Int64[np.ndarray, " N"], Int64[np.ndarray, " N"]]:
    """Where words are read (flat, as in `Batch`), and the symbol that comes next there: at START the first one, at a
    word's last symbol the separator."""
    read = np.arange(batch.symbols.shape[1]) < (batch.symbols == SEPARATOR).argmax(1)[:, None]
    positions = np.flatnonzero(read)
    return positions, batch.symbols.reshape(-1)[positions + 1]


def some(batch: Batch, first: int, last: int) -> Batch:
    """The words from `first` on and before `last` of a batch, padded to the longest of them."""
    return chosen(batch, np.arange(first, last))


def chosen(batch: Batch, rows: Int64[np.ndarray, " N"]) -> Batch:
    """The words with these numbers, which go up, of a batch, padded to the longest of them."""
    lengths, width = batch.lengths[rows], batch.symbols.shape[1]
    longest = lengths.max()
    symbols = np.ascontiguousarray(batch.symbols[rows, :longest])
    words, places = np.divmod(batch.positions, width)
    wanted = np.isin(words, rows)
    words = np.searchsorted(rows, words[wanted])
    return Batch(symbols, lengths, words * longest + places[wanted], batch.targets[wanted])


def prompts(words: Sequence[np.ndarray]) -> Prompts:
    """Words [k] as a model reads them before it answers."""
    assert len(words) > 0, "no words"
    asked = lengths_of(words)
    symbols = np.zeros((len(words), asked.max() + 2), dtype=np.int64)
    flat, rows = symbols.reshape(-1), np.arange(len(words)) * symbols.shape[1]
    flat[rows] = START
    flat[runs(rows + 1, asked)] = np.concatenate(words) + MARKS
    flat[rows + asked + 1] = SEPARATOR
    return Prompts(symbols, asked + 2)


def encode_classes(words: Sequence[np.ndarray], classes: Sequence[int] | np.ndarray, frame: int = 0) -> Batch:
    """Words [k] with one class each, wanted at the last symbol.

    With a `frame`, words shorter than it are filled up to it on their left with 0, and a user's symbol a is a + 1.
    """
    assert len(words) == len(classes) > 0, f"{len(words)} words with {len(classes)} classes"
    own = lengths_of(words)
    lengths = np.maximum(own, frame)
    symbols = np.zeros((len(words), lengths.max()), dtype=np.int64)
    ends = np.arange(len(words)) * symbols.shape[1] + lengths
    symbols.reshape(-1)[runs(ends - own, own)] = np.concatenate(words) + (frame > 0)
    return Batch(symbols, lengths, ends - 1, np.asarray(classes, dtype=np.int64))


def encode_answer(answer: np.ndarray) -> Int64[np.ndarray, " m+1"]:
    """An answer [m] in the vocabulary, its END included."""
    return np.append(np.asarray(answer, dtype=np.int64) + MARKS, END)


def decode_answer(said: Sequence[int] | np.ndarray) -> list[int]:
    """What a model said, up to its END, as users type it.

    A START or SEPARATOR said in the midst of it, always a mistake, shows as -3 or -2.

    >>> decode_answer([102, 20, 8, 2])
    [99, 17, 5]
    """
    symbols = np.asarray(said).tolist()
    return [symbol - MARKS for symbol in (symbols[: symbols.index(END)] if END in symbols else symbols)]


def label(symbol: int, names: Sequence[str] = ()) -> str:
    """One symbol of the vocabulary as people read it: S1, S2, S3 for the marks, else its name or the number users
    type."""
    if symbol < MARKS:
        return MARK_LABELS[symbol]
    return names[symbol - MARKS] if symbol - MARKS < len(names) else str(symbol - MARKS)


def lengths_of(arrays: Sequence[np.ndarray]) -> Int64[np.ndarray, " B"]:
    return np.fromiter(map(len, arrays), dtype=np.int64, count=len(arrays))


def runs(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """start, start + 1, ..., start + size - 1 of each run, one run after another."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())
