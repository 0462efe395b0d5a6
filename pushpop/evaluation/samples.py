"""What a sample is worth: whether its words are words, how much of it is copied, and how much it repeats itself.

A low loss can be memory and a fluent sample a quotation, so none of these stands alone: the same measures of held-out
text say what they should be.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pushpop.evaluation.sampling import AGAIN

LENGTHS = (30, 300, 3_000)  # a window of the UvA 2020 study, ten, and a hundred
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # letters, with apostrophes between them


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What samples of `characters` each come to, all together.

    `known`    share of their words that stand in the training text, as they are written; None where there is no word.
               A word that either end of a sample may have cut is left out.
    `copied`   characters of the longest stretch of a sample that stands in the training text.
    `repeated` share of characters in stretches of 24 or more that stood earlier in the same sample.
    """

    characters: int
    known: float | None
    copied: int
    repeated: float


@dataclass(frozen=True)
class TrainingText:
    """What a model has read, to be searched for what it writes."""

    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(match[0] for match in WORD.finditer(self.text))


def qualities(samples: Sequence[str], training: TrainingText, lengths: Iterable[int] = LENGTHS) -> list[Quality]:
    """The first characters of samples, as many as each of `lengths` says, for those that every sample has."""
    shortest = min(map(len, samples))
    return [quality([one[:length] for one in samples], training) for length in lengths if length <= shortest]


def quality(samples: Sequence[str], training: TrainingText) -> Quality:
    """Of samples of one length."""
    assert len({len(one) for one in samples}) == 1, "samples of one length each, at least one"
    words = [word for one in samples for word in whole_words(one)]
    characters = len(samples[0])
    return Quality(
        characters=characters,
        known=sum(word in training.words for word in words) / len(words) if words else None,
        copied=max(longest_copy(one, training.text) for one in samples),
        repeated=sum(map(repeats, samples)) / max(1, characters * len(samples)),
    )


def whole_words(sample: str) -> list[str]:
    """Its words but one that touches an end.

    >>> whole_words("nted man's right to spea")
    ["man's", 'right', 'to']
    """
    return [match[0] for match in WORD.finditer(sample) if match.start() > 0 and match.end() < len(sample)]


def longest_copy(sample: str, text: str) -> int:
    """How long the longest stretch of `sample` is that stands in `text`.

    A stretch one longer than the best so far is sought, from where the last one failed on: only what `text` does not
    hold of it costs a look through all of `text`, and what it does hold of its end says how far to move.
    """
    best = start = 0
    while start + best < len(sample):
        end = start + best + 1
        held = bisect_left(range(start, end), True, key=lambda at: sample[at:end] in text) + start
        if held == start:
            while end < len(sample) and sample[start : end + 1] in text:
                end += 1
            best = end - start
            held = start + 1
        start = held
    return best


def repeats(sample: str, least: int = AGAIN) -> int:
    """How many characters are in stretches of `least` or more that stood earlier in the sample, if only by one place.

    >>> repeats("to be or not to be", least=5)
    5
    """
    seen: set[str] = set()
    counted = until = 0
    for start in range(len(sample) - least + 1):
        stretch = sample[start : start + least]
        if stretch in seen:
            counted += start + least - max(until, start)
            until = start + least
        seen.add(stretch)
    return counted
