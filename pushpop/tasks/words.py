"""Which words are trained on, validated and tested on: each a function of its key alone.

No key names a task, so two tasks on the same strings are asked the very same words.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import Batch, encode
from pushpop.tasks.task import Task, Word, draw_words

FIXED_WORDS = 1_000

Split = Literal["validation", "test"]


def training_batch(task: Task, seed: int, k: int, size: int, lengths: tuple[int, int] | None = None) -> Batch:
    """Batch number `k` (from 0) of `seed`: `size` words, of `lengths` (both included) or else the task's own."""
    words = draw_words(task, Draws("training", seed, k), lengths or task.lengths, size)
    return encode(words, [task.answer(word) for word in words])


def fixed_words(task: Task, split: Split) -> list[Word]:
    """The 1,000 words of "validation" (training lengths) or "test": the same for every model and seed."""
    lengths = {"validation": task.lengths, "test": task.test_lengths}[split]
    return draw_words(task, Draws("fixed words", split), lengths, FIXED_WORDS)


def words_of(task: Task, lengths: tuple[int, int], count: int, seed: int = 0) -> list[Word]:
    """`count` words of `lengths` (both included) for accuracy by length; each range and seed has words of its own."""
    return draw_words(task, Draws("words of", *lengths, seed), lengths, count)


def word_set_hash(words: Sequence[np.ndarray]) -> str:
    """16 hexadecimal digits that two lists of words share only if they are the same, in the same order."""
    text = "".join(" ".join(map(str, word.tolist())) + "\n" for word in words)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
