"""The equations of `reference` for whole batches, in PyTorch.

Axes: B words, N cells (oldest first), W width of one value; in stacks side by side K stacks, H cells of each (top
first), C actions.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from pushpop.memory.cells import End


def nearer(strengths: Float[Tensor, "B N"], end: End) -> Float[Tensor, "B N"]:
    """For each cell, the sum of the strengths between it and `end`.

    A sum of just those cells, from the end on. The total less the other cells would be the same number on paper, and in
    float32 mostly rounding error where it matters: close to the end of a long list.
    """
    if end is End.OLD:
        return F.pad(strengths[:, :-1].cumsum(1), (1, 0))
    return F.pad(strengths[:, 1:].flip(1).cumsum(1).flip(1), (0, 1))


def drain(strengths: Float[Tensor, "B N"], amount: Float[Tensor, " B"], end: End) -> Float[Tensor, "B N"]:
    """What is left once `amount` has been taken, cell by cell from `end` (equations 2 and 4)."""
    still_owed = F.relu(amount[:, None] - nearer(strengths, end))
    return F.relu(strengths - still_owed)


def weigh(strengths: Float[Tensor, "B N"], end: End) -> Float[Tensor, "B N"]:
    """What each cell gives to a read of 1 from `end` (equations 3 and 5)."""
    rest = F.relu(1 - nearer(strengths, end))
    # on a tie all the gradient is the strength's; one that is no number stays so
    return torch.where(strengths > rest, rest, strengths)


def add_up(
    values: Sequence[Float[Tensor, "B W"]], weights: Float[Tensor, "B N"], settled: range
) -> Float[Tensor, "B W"]:
    """The sum of the values, each times its weight: of those that can matter, so that no step copies all of them.

    They are the cells that some word of the batch reads, and those that came after the last pop (at both sides of the
    `settled` ones), whose strength has a derivative even where it is 0.
    """
    matters = (weights.detach() != 0).any(0)  # a weight that is not a number matters
    matters[: settled.start] = True
    matters[settled.stop :] = True
    near = matters.nonzero().squeeze(1)
    places = near.tolist()
    if not places:
        return torch.zeros_like(values[0])
    window = torch.stack([values[place] for place in places], dim=1)
    return (weights.index_select(1, near)[:, None] @ window).squeeze(1)


def superpose(
    cells: Float[Tensor, "B H K W"], actions: Float[Tensor, "B K C"], value: Float[Tensor, "B K W"], empty: float
) -> Float[Tensor, "B H+1 K W"]:
    """Every stack pushed, popped and, if there are three actions, kept, in these proportions: one cell higher."""
    batch, height, stacks, width = cells.shape
    column = torch.cat([value[:, None], cells, cells.new_full((batch, 2, stacks, width), empty)], dim=1)
    push, pop, *keep = actions[:, None, :, :, None].unbind(3)
    moved = push * column[:, : height + 1] + pop * column[:, 2:]
    return moved + keep[0] * column[:, 1:-1] if keep else moved
