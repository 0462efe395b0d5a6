"""How the words of a batch are laid out for the kernels: packed, without padding, in groups that do not touch.

Axes: N positions that are real, B words, S steps (of all groups together), G groups, M wanted positions, P parts of all
groups, R words in them: B, or where words are split more.

Words are dealt to groups by falling length, so that groups have like work. A group is one part, or two, one after the
other: its words while they read, and then while they write. Within a part the words still running at a step are the
first ones. A position's row is offset[step] + the word's rank in its part.
"""

from typing import NamedTuple

import numpy as np

from pushpop.kernels.cache import Kernel

LARGEST_GROUP = 32  # words whose rows stay in the first-level cache together


class Plan(NamedTuple):
    """Where everything is."""

    first_part: np.ndarray  # [G + 1] first part of each group
    order: np.ndarray  # [R] which word has each rank, part by part
    first_word: np.ndarray  # [P + 1] first rank of each part
    first_step: np.ndarray  # [P + 1] first step of each part
    count: np.ndarray  # [S] words running at each step
    offset: np.ndarray  # [S] row of the first of them
    source: np.ndarray  # [N] flat place b * T + t of each row
    wanted: np.ndarray  # [N] which wanted output the row gives, or -1
    before: np.ndarray  # [R] the row of the word's last symbol in the part before, or -1
    ends: np.ndarray  # [B] the row of each word's last symbol

    @property
    def rows(self) -> int:
        """Real positions."""
        return len(self.source)

    @property
    def groups(self) -> int:
        """Groups, each one unit of work for a thread."""
        return len(self.first_part) - 1


class Part(NamedTuple):
    """Words that run together, and from where to where in each; the one that runs longest is the first."""

    words: np.ndarray
    begin: np.ndarray
    lengths: np.ndarray


def deal(lengths: np.ndarray, workers: int, most: int = LARGEST_GROUP) -> list[np.ndarray]:
    """Words [B] dealt to groups of like work, of `most` words, for `workers` threads, each group's longest first."""
    words = len(lengths)
    groups = min(words, workers * -(-words // (workers * most)))
    falling = np.argsort(-lengths, kind="stable")
    return [falling[group::groups] for group in range(groups)]


def split(words: np.ndarray, lengths: np.ndarray, read: np.ndarray) -> list[Part]:
    """A group in two parts: up to the first `read` [B] positions of each word, and on from there. None is empty."""
    parts = []
    for begin, own in ((np.zeros_like(read), read), (read, lengths - read)):
        falling = words[np.argsort(-own[words], kind="stable")]
        falling = falling[own[falling] > 0]
        if len(falling):
            parts.append(Part(falling, begin[falling], own[falling]))
    return parts


def plan(
    lengths: np.ndarray,
    longest: int,
    positions: np.ndarray,
    workers: int,
    most: int = LARGEST_GROUP,
    read: np.ndarray | None = None,
) -> Plan:
    """Lay out words of `lengths` [B] (1 or more), padded to `longest`; `positions` [M] are the wanted flat places.

    With `read` [B], the first so many positions of each word are in another part of the group than the others.
    """
    hands = deal(lengths, workers, most)
    if read is None:
        groups = [[Part(hand, np.zeros_like(hand), lengths[hand])] for hand in hands]
    else:
        groups = [split(hand, lengths, read) for hand in hands]
    parts = [part for group in groups for part in group]
    order, begin, own = (np.concatenate(pieces) for pieces in zip(*parts, strict=True))
    first_word, first_step = _ends([len(part.words) for part in parts]), _ends([part.lengths[0] for part in parts])
    count, offset = np.empty(first_step[-1], np.int64), np.empty(first_step[-1], np.int64)
    source = np.empty(int(lengths.sum()), np.int64)
    lay("lay", order * longest + begin, own, first_word, first_step, count, offset, source)
    part = np.repeat(np.arange(len(parts)), np.diff(first_word))
    last = offset[first_step[part] + own - 1] + np.arange(len(order)) - first_word[part]
    ends, later = np.empty_like(lengths), begin > 0
    ends[order[~later]] = last[~later]
    before = np.where(later, ends[order], -1)
    ends[order[later]] = last[later]
    wanted = np.full(len(lengths) * longest, -1)
    wanted[positions] = np.arange(len(positions))
    first_part = _ends([len(group) for group in groups])
    return Plan(first_part, order, first_word, first_step, count, offset, source, wanted[source], before, ends)


def _ends(sizes: list[int]) -> np.ndarray:
    """[G + 1] where each begins, and the last ends."""
    return np.cumsum([0, *sizes])


@Kernel
def lay(begin, lengths, first_word, first_step, count, offset, source):
    """Fill count, offset and source, step by step, for words from `begin` (flat places) on, of so many positions."""
    row = 0
    for part in range(len(first_word) - 1):
        for step in range(first_step[part], first_step[part + 1]):
            offset[step] = row
            for rank in range(first_word[part], first_word[part + 1]):
                place = step - first_step[part]
                if lengths[rank] <= place:
                    break
                source[row] = begin[rank] + place
                row += 1
            count[step] = row - offset[step]
