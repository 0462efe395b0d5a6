"""The switch between ways to compute a memory that is worked step by step: the same numbers from each.

`reference` is scalar Python to be read beside the paper, `eager` is PyTorch for whole batches on any device. (`fused`
is not here: it compiles the whole unroll of a controller with its memory.)

Axes: B words, N cells (oldest first), W width of one value; in stacks side by side K stacks, H cells of each (top
first), C actions.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from pushpop.errors import ConfigError, meant
from pushpop.memory import eager, reference, reference_superposition
from pushpop.memory.cells import End


class Engine(NamedTuple):
    """The equations: of a list, and of stacks in superposition. What the memories do with them is the same for any."""

    drain: Callable[[Tensor, Tensor, End], Tensor]  # strengths [B, N], amount [B] -> strengths left [B, N]
    weigh: Callable[[Tensor, End], Tensor]  # strengths [B, N] -> read weights [B, N]
    add_up: Callable[[Sequence[Tensor], Tensor, range], Tensor]  # N values [B, W], weights [B, N], settled -> [B, W]
    # cells [B, H, K, W], actions [B, K, C], value [B, K, W], what is below -> cells [B, H + 1, K, W]
    superpose: Callable[[Tensor, Tensor, Tensor, float], Tensor]


def drain_one_by_one(strengths: Float[Tensor, "B N"], amount: Float[Tensor, " B"], end: End) -> Float[Tensor, "B N"]:
    """`eager.drain`, word by word and cell by cell."""
    pop = reference.pop_stack if end is End.NEW else reference.pop_queue
    return _table([pop(s.unbind(), u) for s, u in zip(strengths, amount, strict=True)], strengths, amount)


def weigh_one_by_one(strengths: Float[Tensor, "B N"], end: End) -> Float[Tensor, "B N"]:
    """`eager.weigh`, word by word and cell by cell."""
    read = reference.read_stack if end is End.NEW else reference.read_queue
    return _table([read(s.unbind()) for s in strengths], strengths)


def add_up_one_by_one(
    values: Sequence[Float[Tensor, "B W"]], weights: Float[Tensor, "B N"], _settled: range
) -> Float[Tensor, "B W"]:
    """`eager.add_up`, word by word and over all cells, whichever matter."""
    words = zip(torch.stack(list(values), dim=1), weights, strict=True)
    return torch.stack([reference.read(V.unbind(), w.unbind()) for V, w in words])


def superpose_one_by_one(
    cells: Float[Tensor, "B H K W"], actions: Float[Tensor, "B K C"], value: Float[Tensor, "B K W"], empty: float
) -> Float[Tensor, "B H+1 K W"]:
    """`eager.superpose`, stack by stack and cell by cell."""
    stacks = zip(cells.transpose(1, 2).flatten(0, 1), actions.flatten(0, 1), value.flatten(0, 1), strict=True)
    columns = [reference_superposition.work(s.unbind(), a.unbind(), v, empty) for s, a, v in stacks]
    return torch.stack([torch.stack(column) for column in columns]).unflatten(0, value.shape[:2]).transpose(1, 2)


def _table(rows: list[list[Tensor | int]], like: Tensor, *others: Tensor) -> Tensor:
    """Scalars as one tensor. Where Python's `max(0, x)` says 0 it is an int: here one that autograd can follow."""
    zero = sum(((x - x).sum() for x in (like, *others)), start=like.new_zeros(()))
    scalars = [zero + x for row in rows for x in row]
    return torch.stack(scalars).view(like.shape) if scalars else like


ENGINES = {
    "reference": Engine(drain_one_by_one, weigh_one_by_one, add_up_one_by_one, superpose_one_by_one),
    "eager": Engine(eager.drain, eager.weigh, eager.add_up, eager.superpose),
}


def find_engine(name: object) -> Engine:
    """The engine of that name; ConfigError if there is none."""
    if isinstance(name, str) and name in ENGINES:
        return ENGINES[name]
    way_out = f"{meant(name, ENGINES)}give one of {', '.join(ENGINES)}"
    raise ConfigError(f"engine: {name!r} does not work a memory step by step; {way_out}")
