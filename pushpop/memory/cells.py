"""What every memory is made of: cells, each a value and a strength, oldest first. Append-only.

Axes: B words, N cells, W width of one value.
"""

from collections.abc import Callable
from enum import Enum
from operator import is_
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class End(Enum):
    """The end of a list that is popped and read."""

    OLD = "old"
    NEW = "new"


class Cells(NamedTuple):
    """The content of a memory.

    One tensor per value, shared by every later handle: a push copies no value but its own. Strengths do change with
    every step, so they are one tensor.
    """

    values: tuple[Tensor, ...]  # N times [B, W]
    strengths: Tensor  # [B, N]
    settled: int  # cells before this place have been popped since they came: at strength 0 they are gone for good

    def append(self, value: Tensor, strength: Tensor) -> "Cells":
        """One cell more, at the new end: value [B, W], strength [B]."""
        return self._replace(
            values=(*self.values, value), strengths=torch.cat([self.strengths, strength[:, None]], dim=1)
        )

    def where(self, active: Tensor, old: "Cells") -> "Cells":
        """Rows from self where active [B], else from `old`; a cell that only one of them has has strength 0 there."""
        shorter, longer = sorted((self.values, old.values), key=len)
        if all(map(is_, shorter, longer)):  # what an earlier handle's cells are: values are shared, not compared
            values = longer
        else:
            merged = (torch.where(active[:, None], a, b) for a, b in zip(self.values, old.values, strict=False))
            values = (*merged, *longer[len(shorter) :])
        mine, theirs = (F.pad(c.strengths, (0, len(values) - len(c.values))) for c in (self, old))
        return Cells(values, torch.where(active[:, None], mine, theirs), min(self.settled, old.settled))

    def map(self, change: Callable[[Tensor], Tensor]) -> "Cells":
        """`change` applied to every value and to the strengths."""
        return self._replace(values=tuple(map(change, self.values)), strengths=change(self.strengths))
