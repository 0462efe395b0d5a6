"""What a text costs without a network: counts of what followed what, and the compressors everybody has.

A character c after the context h of k characters is given, by the method of Witten and Bell (their method C,
"The zero-frequency problem", IEEE Transactions on Information Theory 37, 1991),
    P_k(c | h) = (n(hc) + u(h) P_k-1(c | h')) / (n(h) + u(h)),
where n counts in the training text, u(h) is how many different characters followed h, h' is h without its oldest
character, and P_-1 is 1 / (size of the vocabulary). After an h that never was, P_k is P_k-1.

Axes: N characters of the training text, n of the tail; grams are all strings of one length, numbered.
The last 5,000,000 characters of the training text are counted, and the first 1,000,000 of the tail are scored: a text
of any length takes half a minute at most, in less than 1 GB, and `Floors` says how many it were.
"""

import bz2
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64, Integer

from pushpop.evaluation.text import Predicted, TextScores, score
from pushpop.tasks.vocabulary import Vocabulary

MOST_COUNTED = 5_000_000
MOST_SCORED = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Floors:
    """Bits a character of the tail, but for `bz2` and `xz`: these are of training text and tail together, as one file.

    `xz_tail` is how much longer the file gets by the tail. A compressor learns from the tail as it goes on.
    """

    counts: dict[int, TextScores]  # by order: how many characters a context has
    bz2: float
    xz: float
    xz_tail: float
    counted: int  # characters of the training text
    scored: int  # and of the tail

    @property
    def lowest(self) -> int:
        """The order whose counts do best."""
        return min(self.counts, key=lambda order: self.counts[order].bits_per_character)


def floors(
    training: Integer[np.ndarray, " N"],
    tail: Integer[np.ndarray, " n"],
    vocabulary: Vocabulary,
    orders: Sequence[int] = (3, 4, 5, 6),
) -> Floors:
    """What there is to beat on a tail that follows its training text, both in numbers of the vocabulary."""
    training, tail = training[-MOST_COUNTED:], tail[:MOST_SCORED]
    model = CountModel(training, tail, vocabulary.size, max(orders))
    head, whole = (_bytes(vocabulary, text) for text in (training, np.concatenate([training, tail])))
    packed = len(_xz(whole))
    return Floors(
        counts={order: score(model.predicted(order)) for order in orders},
        bz2=8 * len(bz2.compress(whole)) / (len(training) + len(tail)),
        xz=8 * packed / (len(training) + len(tail)),
        xz_tail=8 * (packed - len(_xz(head))) / len(tail),
        counted=len(training),
        scored=len(tail),
    )


class Seen(NamedTuple):
    """Of each character of the tail and one order: what its context says."""

    pair: Int64[np.ndarray, " n"]  # n(hc)
    context: Int64[np.ndarray, " n"]  # n(h)
    followers: Int64[np.ndarray, " n"]  # u(h)
    right: Bool[np.ndarray, " n"]  # whether it is the likeliest; the smallest number, of several


class CountModel:
    """The counts of a training text, and what they say of the tail that follows it."""

    def __init__(
        self, training: Integer[np.ndarray, " N"], tail: Integer[np.ndarray, " n"], size: int, highest: int = 6
    ) -> None:
        """Orders 0 to `highest`, of an alphabet of `size` symbols."""
        assert len(training) > highest, f"a training text of {len(training)} characters has no contexts of {highest}"
        self.size, self.highest, self.characters = size, highest, len(tail)
        self.seen = list(_counts(np.concatenate([training, tail]).astype(np.int64), len(training), size, highest))

    def predicted(self, order: int, window: int = 0) -> Predicted:
        """The cost [n] of each character of the tail, and whether it was the likeliest.

        With a `window`: of each character after the first [n - 1], in windows of so many side by side, none of which
        knows what was before its first character; that one is only read.
        """
        assert 0 <= order <= self.highest, f"orders 0 to {self.highest} were counted, not {order}"
        place = np.arange(self.characters)
        known = (place - 1) % window + 1 if window else np.full(self.characters, order)
        chance, right = np.full(self.characters, 1 / self.size), np.zeros(self.characters, dtype=bool)
        for k, seen in enumerate(self.seen[: order + 1]):
            use = (known >= k) & (seen.context > 0)
            mixed = (seen.pair + seen.followers * chance) / np.maximum(seen.context + seen.followers, 1)
            chance, right = np.where(use, mixed, chance), np.where(use, seen.right, right)
        first = 1 if window else 0
        return Predicted(-np.log(chance[first:]), right[first:])


class _Best(NamedTuple):
    """Of each gram as a context: its likeliest follower, and the chance of that."""

    symbol: Int64[np.ndarray, " grams"]
    chance: Float64[np.ndarray, " grams"]


def _counts(text: np.ndarray, training: int, size: int, highest: int) -> Iterator[Seen]:
    """Order by order. `grams` numbers text[t : t + order] at each place t, and `pairs` text[t : t + order + 1]."""
    grams, rests = np.zeros(len(text) + 1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    chances, best = np.full(1, 1 / size), _Best(np.zeros(1, dtype=np.int64), np.zeros(1))
    for order in range(highest + 1):
        contexts, last, many = grams[:-1], text[order:], len(rests)
        pairs, kinds = _numbered(contexts * size + last)
        learned, scored = slice(0, training - order), slice(training - order, None)
        context, symbol, rest = (np.empty(kinds, dtype=np.int64) for _ in range(3))
        context[pairs], symbol[pairs], rest[pairs] = contexts, last, grams[1:]  # rest: without its oldest character
        count = np.bincount(pairs[learned], minlength=kinds)
        seen, total = np.flatnonzero(count), np.bincount(contexts[learned], minlength=many)
        followers = np.bincount(context[seen], minlength=many)
        among = np.maximum(total + followers, 1)
        chances = (count + followers[context] * chances[rest]) / among[context]
        before = _Best(best.symbol[rests], best.chance[rests] * followers / among)
        best = _likeliest(context[seen], symbol[seen], chances[seen], before)
        here = contexts[scored]
        yield Seen(count[pairs[scored]], total[here], followers[here], best.symbol[here] == last[scored])
        grams, rests = pairs, rest


def _likeliest(context: np.ndarray, symbol: np.ndarray, chance: np.ndarray, before: _Best) -> _Best:
    """Of all followers of each context, and of what the context without its oldest character says."""
    order = np.lexsort((-symbol, chance, context))
    top = order[np.append(np.diff(context[order]) > 0, True)]
    symbols, chances = before.symbol.copy(), before.chance.copy()
    where = context[top]
    better = (chance[top] > chances[where]) | ((chance[top] == chances[where]) & (symbol[top] < symbols[where]))
    symbols[where[better]], chances[where[better]] = symbol[top][better], chance[top][better]
    return _Best(symbols, chances)


def _numbered(keys: np.ndarray) -> tuple[np.ndarray, int]:
    """Equal keys get equal numbers from 0 on: the numbers, and how many there are."""
    if keys.max() < 4 * len(keys):  # no need to sort
        there = np.zeros(keys.max() + 1, dtype=bool)
        there[keys] = True
        numbers = np.cumsum(there) - 1
        return numbers[keys], int(numbers[-1]) + 1
    kinds, numbers = np.unique(keys, return_inverse=True)
    return numbers, len(kinds)


def _bytes(vocabulary: Vocabulary, text: np.ndarray) -> bytes:
    """As UTF-8; an unknown character is U+FFFD."""
    plain = vocabulary.decode(text)
    return plain if isinstance(plain, bytes) else plain.encode("utf-8", "surrogatepass")


def _xz(data: bytes) -> bytes:
    """At its best, without a file's header; a dictionary of 64 MB would serve no shorter text better."""
    best = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": max(1 << 12, len(data))}
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=[best])
