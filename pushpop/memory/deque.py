"""The DeQue: a list with a hand at either end.

Axes: B words, N cells (bottom to top), W width of one value.
"""

from typing import ClassVar, Self

from torch import Tensor

from pushpop.memory.cells import End, Hand
from pushpop.memory.lists import Memory

TOP, BOTTOM = Hand(put=End.NEW, take=End.NEW), Hand(put=End.OLD, take=End.OLD)


class DeQue(Memory):
    """Pushed, popped and read at its top and at its bottom (Grefenstette et al. 2015, equations 6 to 11).

    Within one step of a network: pop at the top, pop at the bottom, both pushes, both reads, as `work` and `reads` do.
    Below a strength of 2 in all, both reads see some of the same cells.

    >>> import torch
    >>> a, b, c = torch.eye(3)[:, None]
    >>> whole = torch.tensor([1.0])
    >>> deque = DeQue.empty(batch=1, width=3).push_top(a, whole).push_top(b, whole).push_bottom(c, whole)
    >>> deque.read_top().tolist(), deque.read_bottom().tolist()
    ([[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    >>> deque.pop_bottom(whole / 4).read_bottom().tolist()
    [[0.25, 0.0, 0.75]]
    """

    hands: ClassVar[tuple[Hand, ...]] = (TOP, BOTTOM)

    def pop_top(self, amount: Tensor) -> Self:
        """Take `amount` [B] away from the cells' strengths, from the top down; at most what is there."""
        return self._expect_amount("pop_top", amount)._popped(TOP, amount)

    def pop_bottom(self, amount: Tensor) -> Self:
        """Take `amount` [B] away from the cells' strengths, from the bottom up; at most what is there."""
        return self._expect_amount("pop_bottom", amount)._popped(BOTTOM, amount)

    def push_top(self, value: Tensor, strength: Tensor) -> Self:
        """Add a cell on top: value [B, W], strength [B]."""
        return self._expect_cell("push_top", value, strength)._pushed(TOP, value, strength)

    def push_bottom(self, value: Tensor, strength: Tensor) -> Self:
        """Add a cell at the bottom: value [B, W], strength [B]."""
        return self._expect_cell("push_bottom", value, strength)._pushed(BOTTOM, value, strength)

    def read_top(self) -> Tensor:
        """The values [B, W] within a strength of 1 of the top; weaker the less there is, 0 with no cells."""
        return self._read(self.hands.index(TOP))

    def read_bottom(self) -> Tensor:
        """The values [B, W] within a strength of 1 of the bottom; weaker the less there is, 0 with no cells."""
        return self._read(self.hands.index(BOTTOM))
