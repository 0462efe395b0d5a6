"""The loss of a batch whose parts have a thread each, from first layer to last gradient.

A recurrent layer waits for its threads at every step: two of them were slower than one on the products of a small net,
where two parts side by side took half the time.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Shared(NamedTuple):
    """What a part has come to: its loss, and whatever else it has to say, with no gradient."""

    loss: Tensor
    other: Any


def spans(rows: int, threads: int, fewest: int) -> list[slice]:
    """The rows of each part: as many parts as threads, of `fewest` rows or more."""
    parts = max(1, min(threads, rows // fewest))
    return [slice(rows * n // parts, rows * (n + 1) // parts) for n in range(parts)]


def mean_of(
    work: Callable[[slice], Shared], parts: Sequence[slice], weights: Sequence[Tensor]
) -> tuple[Tensor, list[Any]]:
    """The mean of the parts' losses by their rows, differentiable in `weights` alone, and what else each part says.

    Gradients are computed here and now, and added in the parts' order: the same on every run.
    """
    other: list[Any] = []
    loss: Tensor = _Mean.apply(work, parts, other, *weights)
    return loss, other


class _Mean(torch.autograd.Function):
    """Forward, every part computes its gradients too; backward only hands them on."""

    @staticmethod
    def forward(  # pyrefly: ignore[bad-override]
        ctx: Any, work: Callable[[slice], Shared], parts: Sequence[slice], other: list[Any], *weights: Tensor
    ) -> Tensor:
        rows = parts[-1].stop

        def part(span: slice) -> tuple[Tensor, tuple[Tensor, ...], Any]:
            with torch.enable_grad():
                found = work(span)
                cost = found.loss * ((span.stop - span.start) / rows)
                return cost.detach(), torch.autograd.grad(cost, weights), found.other

        found = list(_threads(len(parts)).map(part, parts))
        other += [said for _, _, said in found]
        ctx.gradients = [torch.stack(same).sum(0) for same in zip(*(each for _, each, _ in found), strict=True)]
        return torch.stack([cost for cost, _, _ in found]).sum()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Any, ...]:  # pyrefly: ignore[bad-override]
        return (None, None, None, *(gradient * upstream for gradient in ctx.gradients))


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    """So many threads, in each of which torch has one."""
    return ThreadPoolExecutor(count, "texts", initializer=torch.set_num_threads, initargs=(1,))
