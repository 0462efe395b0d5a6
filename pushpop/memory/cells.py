"""What every list is made of: cells, each a value and a strength, from the oldest (a DeQue's bottom) to the newest.

Axes: B words, N cells, W width of one value.
"""

from bisect import bisect_left
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class End(Enum):
    """An end of a list: where its oldest cell is (the bottom of a DeQue), or its newest (the top)."""

    OLD = "old"
    NEW = "new"


class Hand(NamedTuple):
    """What works on a list once a step: the end that it pushes at, and the end that it pops and reads at."""

    put: End
    take: End


class Cells(NamedTuple):
    """The content of a list. Cells are added at its ends and never moved.

    One tensor per value, shared by every later handle: a push copies no value but its own. Strengths do change with
    every step, so they are one tensor.
    """

    values: tuple[Tensor, ...]  # N times [B, W]
    strengths: Tensor  # [B, N]
    below: int  # of them, how many came at the old end: by it, handles of one list line up
    settled: range  # cells at these places have been popped over since they came: at strength 0 they are gone for good

    def put(self, value: Tensor, strength: Tensor, end: End) -> "Cells":
        """One cell more, at `end`: value [B, W], strength [B]."""
        row = strength[:, None]
        if end is End.NEW:
            return self._replace(values=(*self.values, value), strengths=torch.cat([self.strengths, row], dim=1))
        strengths = torch.cat([row, self.strengths], dim=1)
        return Cells((value, *self.values), strengths, self.below + 1, _shifted(self.settled, 1))

    def where(self, active: Tensor, old: "Cells") -> "Cells":
        """Rows from self where active [B], else from `old`; a cell that only one of them has has strength 0 there."""
        mine, theirs = self._beside(old), old._beside(self)
        rows = active[:, None]
        # a value that an earlier handle has too is the very same tensor: shared, neither compared nor copied
        values = tuple(
            a if a is b else torch.where(rows, a, b) for a, b in zip(mine.values, theirs.values, strict=True)
        )
        settled = range(max(mine.settled.start, theirs.settled.start), min(mine.settled.stop, theirs.settled.stop))
        return Cells(values, torch.where(rows, mine.strengths, theirs.strengths), mine.below, settled)

    def _beside(self, other: "Cells") -> "Cells":
        """These cells with those that only `other` has, at strength 0: so the two line up."""
        lower = max(0, other.below - self.below)
        upper = max(0, len(other.values) - other.below - (len(self.values) - self.below))
        values = (*other.values[:lower], *self.values, *other.values[len(other.values) - upper :])
        return Cells(values, F.pad(self.strengths, (lower, upper)), self.below + lower, _shifted(self.settled, lower))

    def keep(self, places: list[int]) -> "Cells":
        """The cells at these places, which are in order, alone."""
        return Cells(
            tuple(self.values[place] for place in places),
            self.strengths[:, places],
            bisect_left(places, self.below),
            range(bisect_left(places, self.settled.start), bisect_left(places, self.settled.stop)),
        )

    def map(self, change: Callable[[Tensor], Tensor]) -> "Cells":
        """`change` applied to every value and to the strengths."""
        return self._replace(values=tuple(map(change, self.values)), strengths=change(self.strengths))


def _shifted(places: range, by: int) -> range:
    return range(places.start + by, places.stop + by)
