"""The neural stack of Grefenstette et al. as others have written it, for `bench` to be measured against.

Each is built of (batch, width, like) and steps: pop, push, read. On a tie `torch.minimum` halves the gradient where the
paper gives it to the left argument; sums that run downwards by subtraction round where ours do not.

Axes: B words, t cells so far, W width of a value.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import linear, relu


class PublishedStack:
    """The stack of the CS281 reversal study (2019), equations 5-8: Grefenstette et al.'s sums as a product with a t x t
    triangular matrix, made anew for every pop and every read; values [B, t, W] and strengths [B, t, 1] grow by
    concatenation, from one row of zeros.
    """

    def __init__(self, batch: int, width: int, like: Tensor) -> None:
        self.values = like.new_zeros(batch, 1, width)
        self.strengths = like.new_zeros(batch, 1, 1)

    def step(self, value: Tensor, push: Tensor, pop: Tensor) -> Tensor:
        """Pop, push, read: value [B, W], push and pop [B, 1] to read [B, W]."""
        left = torch.relu(self.strengths - torch.relu(pop[:, None] - self._newer()))
        self.values = torch.cat([self.values, value[:, None]], 1)
        self.strengths = torch.cat([left, push[:, None]], 1)
        weights = torch.minimum(self.strengths, torch.relu(1 - self._newer())).squeeze(-1)
        return torch.matmul(weights[:, None], self.values).squeeze(1)

    def _newer(self) -> Tensor:
        """For each cell the strength above it: A s, with A the ones strictly above the diagonal."""
        cells = self.strengths.shape[1]
        above = torch.triu(self.strengths.new_ones(cells, cells), diagonal=1)
        return torch.matmul(above, self.strengths)


class StudyListStack:
    """What the CS281 study had before: lists of values [B, W] and strengths [B, 1], also from a row of zeros.

    For each cell the strengths above it are added up anew, cell by cell, for the pop and once more for the read: some
    t^2 additions a step, where the triangular matrix takes two products.
    """

    def __init__(self, batch: int, width: int, like: Tensor) -> None:
        self.values = [like.new_zeros(batch, width)]
        self.cells = [like.new_zeros(batch, 1)]

    @property
    def strengths(self) -> Tensor:
        """[B, t]."""
        return torch.cat(self.cells, 1)

    def step(self, value: Tensor, push: Tensor, pop: Tensor) -> Tensor:
        """As `PublishedStack`."""
        left = [relu(own - relu(pop - added_up(newer, like=push))) for own, newer in self._each()]
        self.values, self.cells = [*self.values, value], [*left, push]
        read = torch.zeros_like(value)
        for stored, (own, newer) in zip(self.values, self._each(), strict=True):
            read = read + torch.minimum(own, relu(1 - added_up(newer, like=push))) * stored
        return read

    def _each(self) -> list[tuple[Tensor, list[Tensor]]]:
        """Every cell's strength, and those above it."""
        return [(own, self.cells[place + 1 :]) for place, own in enumerate(self.cells)]


def added_up(strengths: Sequence[Tensor], like: Tensor) -> Tensor:
    """Their sum, one after the other, in the shape of `like`."""
    total = torch.zeros_like(like)
    for strength in strengths:
        total += strength
    return total


class ListStack:
    """The stack of rau and of stack-attention: a list of (value [B, W], strength [B]), made anew at every step.

    It is walked in Python from the newest cell down, what is still owed growing less: four calls a cell for the pop and
    five for the read, on tensors of B numbers.
    """

    def __init__(self, batch: int, width: int, like: Tensor) -> None:
        self.cells: list[tuple[Tensor, Tensor]] = []
        self.nothing = like.new_zeros(batch, width)
        self.whole = like.new_ones(batch)

    @property
    def strengths(self) -> Tensor:
        """[B, t]."""
        return torch.stack([strength for _, strength in self.cells], 1)

    def step(self, value: Tensor, push: Tensor, pop: Tensor) -> Tensor:
        """As `PublishedStack`."""
        owed = pop.squeeze(1)
        left: list[tuple[Tensor, Tensor]] = []
        for stored, strength in reversed(self.cells):
            left.append((stored, relu(strength - relu(owed))))
            owed = owed - strength
        self.cells = [*reversed(left), (value, push.squeeze(1))]
        read, rest = self.nothing, self.whole
        for stored, strength in reversed(self.cells):
            read = read + stored * torch.minimum(strength, relu(rest))[:, None]
            rest = rest - strength
        return read


class TriangularStack:
    """`PublishedStack` with strengths [B, t] as rows, so that one matrix product with the triangle serves all words."""

    def __init__(self, batch: int, width: int, like: Tensor) -> None:
        self.values = like.new_zeros(batch, 0, width)
        self.strengths = like.new_zeros(batch, 0)

    def step(self, value: Tensor, push: Tensor, pop: Tensor) -> Tensor:
        """As `PublishedStack`."""
        left = torch.relu(self.strengths - torch.relu(pop - self._newer()))
        self.values = torch.cat([self.values, value[:, None]], 1)
        self.strengths = torch.cat([left, push], 1)
        weights = torch.minimum(self.strengths, torch.relu(1 - self._newer()))
        return torch.bmm(weights[:, None], self.values).squeeze(1)

    def _newer(self) -> Tensor:
        """For each cell the strength above it: A s, with A the ones strictly above the diagonal."""
        cells = self.strengths.shape[1]
        above = torch.triu(self.strengths.new_ones(cells, cells), diagonal=1)
        return linear(self.strengths, above)
