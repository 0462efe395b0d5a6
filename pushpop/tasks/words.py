"""Which words are trained on, validated and tested on: each a function of its key alone.

No key names a task, so two tasks on the same strings are asked the very same words.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import Batch
from pushpop.tasks.task import Word, WordTask, draw_words

EXAMPLES = 50  # validation words of which the shortest is shown
Split = Literal["validation", "test"]


def training_batch(
    task: WordTask, seed: int, k: int, size: int, lengths: tuple[int, int] | None = None, beyond: int = 0
) -> Batch:
    """Batch number `k` (from 0) of `seed`: `size` words, of `lengths` (both included) or else the task's own; the last
    `beyond` of them are of the task's own lengths in any case."""
    words = task.draw(Draws("training", seed, k), "training", size - beyond, lengths)
    if beyond:
        words = [*words, *task.draw(Draws("training beyond", seed, k), "training", beyond)]
    return task.encode(words)


def candidates(task: WordTask, seed: int, k: int, size: int, alike: int) -> Batch:
    """Words of the task's own lengths of which step number `k` (from 0) of `seed` chooses: `size`, of which the last
    `alike` are made of few different symbols."""
    words = task.draw(Draws("training", seed, k), "training", size - alike)
    if alike:
        draws = Draws("training alike", seed, k)
        words = [*words, *task.alike(draws, task.draw_lengths(draws, task.lengths, alike))]
    return task.encode(words)


def fixed_words(task: WordTask, split: Split) -> list[Word]:
    """The words of "validation" (training lengths) or "test": the same for every model and seed."""
    return task.fixed(Draws("fixed words", split), split)


def words_of(task: WordTask, lengths: tuple[int, int], count: int, seed: int = 0) -> list[Word]:
    """`count` words of `lengths` (both included) for accuracy by length; each range and seed has words of its own."""
    return draw_words(task, Draws("words of", *lengths, seed), lengths, count)


def short_word(task: WordTask) -> Word:
    """One word that shows what the task's look like: the shortest of the first validation words."""
    return min(fixed_words(task, "validation")[:EXAMPLES], key=len)


def word_set_hash(words: Sequence[np.ndarray]) -> str:
    """16 hexadecimal digits that two lists of words share only if they are the same, in the same order."""
    text = "".join(" ".join(map(str, word.tolist())) + "\n" for word in words)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
