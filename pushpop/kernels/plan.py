"""How the words of a batch are laid out for the kernels: packed, without padding, in groups that do not touch.

Axes: N positions that are real, B words, S steps (of all groups together), G groups, M wanted positions.

Words are dealt to groups by falling length, so that groups have like work and, within a group, the words still
running at a step are the first ones. A position's row is offset[step] + the word's rank in its group.
"""

from typing import NamedTuple

import numpy as np

from pushpop.kernels.cache import Kernel

LARGEST_GROUP = 32  # words whose rows stay in the first-level cache together


class Plan(NamedTuple):
    """Where everything is."""

    order: np.ndarray  # [B] which word has each rank, group by group
    first_word: np.ndarray  # [G + 1] first rank of each group
    first_step: np.ndarray  # [G + 1] first step of each group
    count: np.ndarray  # [S] words running at each step
    offset: np.ndarray  # [S] row of the first of them
    source: np.ndarray  # [N] flat place b * T + t of each row
    wanted: np.ndarray  # [N] which wanted output the row gives, or -1

    @property
    def rows(self) -> int:
        """Real positions."""
        return len(self.source)

    def endings(self, lengths: np.ndarray) -> np.ndarray:
        """[B] the row of each word's last symbol, in the words' own order."""
        ranks = np.arange(len(self.order))
        group = np.searchsorted(self.first_word, ranks, side="right") - 1
        rows = np.empty_like(self.order)
        rows[self.order] = (
            self.offset[self.first_step[group] + lengths[self.order] - 1] + ranks - self.first_word[group]
        )
        return rows

    @property
    def groups(self) -> int:
        """Groups, each one unit of work for a thread."""
        return len(self.first_word) - 1


def deal(lengths: np.ndarray, workers: int) -> list[np.ndarray]:
    """Words [B] dealt to groups of like work for `workers` threads, each group's longest first."""
    words = len(lengths)
    groups = min(words, workers * -(-words // (workers * LARGEST_GROUP)))
    falling = np.argsort(-lengths, kind="stable")
    return [falling[group::groups] for group in range(groups)]


def plan(lengths: np.ndarray, longest: int, positions: np.ndarray, workers: int) -> Plan:
    """Lay out words of `lengths` [B] (1 or more), padded to `longest`; `positions` [M] are the wanted flat places."""
    hands = deal(lengths, workers)
    order, longest_of = np.concatenate(hands), [int(lengths[hand[0]]) for hand in hands]
    first_word, first_step = _ends([len(hand) for hand in hands]), _ends(longest_of)
    count, offset = np.empty(first_step[-1], np.int64), np.empty(first_step[-1], np.int64)
    source = np.empty(int(lengths.sum()), np.int64)
    lay("lay", order, first_word, first_step, lengths, longest, count, offset, source)
    wanted = np.full(len(lengths) * longest, -1)
    wanted[positions] = np.arange(len(positions))
    return Plan(order, first_word, first_step, count, offset, source, wanted[source])


def _ends(sizes: list[int]) -> np.ndarray:
    """[G + 1] where each begins, and the last ends."""
    return np.cumsum([0, *sizes])


@Kernel
def lay(order, first_word, first_step, lengths, longest, count, offset, source):
    """Fill count, offset and source, step by step."""
    row = 0
    for group in range(len(first_word) - 1):
        for step in range(first_step[group], first_step[group + 1]):
            offset[step] = row
            for rank in range(first_word[group], first_word[group + 1]):
                place = step - first_step[group]
                if lengths[order[rank]] <= place:
                    break
                source[row] = order[rank] * longest + place
                row += 1
            count[step] = row - offset[step]
