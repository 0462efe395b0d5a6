"""How the words of a batch are laid out for the kernels: packed, without padding, in groups that do not touch.

Axes: N positions that are real, B words, S steps (of all groups together), G groups, M wanted positions.

Words are dealt to groups by falling length, so that groups have like work and, within a group, the words still
running at a step are the first ones. A position's row is offset[step] + the word's rank in its group.
"""

from typing import NamedTuple

import numpy as np

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
    words, hands = len(lengths), deal(lengths, workers)
    counts: list[np.ndarray] = []
    sources: list[np.ndarray] = []
    for hand in hands:
        own = lengths[hand]
        running = np.arange(own[0])[:, None] < own[None, :]
        counts.append(running.sum(1))
        sources.append((hand[None, :] * longest + np.arange(own[0])[:, None])[running])
    count, source = np.concatenate(counts), np.concatenate(sources)
    wanted = np.full(words * longest, -1)
    wanted[positions] = np.arange(len(positions))
    return Plan(
        order=np.concatenate(hands),
        first_word=np.cumsum([0, *map(len, hands)]),
        first_step=np.cumsum([0, *map(len, counts)]),
        count=count,
        offset=np.cumsum(count) - count,
        source=source,
        wanted=wanted[source],
    )
