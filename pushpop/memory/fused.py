"""The compiled unroll of an LSTM and its stack as a torch op, `pushpop::unroll`, with its gradients.

Axes: B words, T positions, M wanted positions, S symbols, H hidden units, W width of a value, n cells held before the
first symbol, P phases of the recurrent weights. Inside, H and W are filled up to whole vectors with zeros.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pushpop.memory.layout import Run, begin, finish, gradients

OPS = torch.library.Library("pushpop", "DEF")  # kept: an op dies with its library
OPS.define(
    "unroll(Tensor table, Tensor hidden, Tensor read, Tensor value, Tensor value_bias, Tensor strength, "
    "Tensor strength_bias, Tensor h, Tensor c, Tensor r, Tensor values, Tensor strengths, Tensor symbols, "
    "Tensor writing, Tensor lengths, Tensor positions, int separator, bool memory) "
    "-> (Tensor out, Tensor last, Tensor last_c, Tensor values, Tensor strengths)"
)


class Net(NamedTuple):
    """An LSTM of one layer and its interface, gates in torch's order."""

    table: Tensor  # [2, S, 4H] what each symbol adds to the gates, by phase, biases included
    hidden: Tensor  # [P, H, 4H] from h to the gates
    read: Tensor  # [P, W, 4H] from the read to the gates
    value: Tensor  # [W, H]
    value_bias: Tensor  # [W]
    strength: Tensor  # [2, H] push, pop
    strength_bias: Tensor  # [1 or 2, 2] by phase


class Start(NamedTuple):
    """The state before the first symbol."""

    h: Tensor  # [B, H]
    c: Tensor  # [B, H]
    r: Tensor  # [B, W]
    values: Tensor  # [B, n, W] of the cells held
    strengths: Tensor  # [B, n]


class Unrolled(NamedTuple):
    """What an unroll gives."""

    out: Tensor  # [M, H + W] (h, r) at the wanted positions
    last: Tensor  # [B, H + W] (h, r) at each word's end
    last_c: Tensor  # [B, H]
    values: Tensor  # [B, n + T, W] the memory at each word's end, where it was asked for; otherwise [B, 0, W]
    strengths: Tensor  # [B, n + T], 0 where nothing is left; otherwise [B, 0]


class _Unroll(torch.autograd.Function):
    """What autograd needs to know."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> tuple[Tensor, ...]:
        run = begin(given)
        ctx.run = run
        ctx.set_materialize_grads(False)
        return finish(run)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:
        run: Run = ctx.run
        if all(gradient is None for gradient in upstream):
            return (None,) * len(run.given)
        made = gradients(run, upstream)
        return (*made, *[None] * (len(run.given) - len(made)))


def _plain(*given: Any) -> tuple[Tensor, ...]:
    return finish(begin(given))


OPS.impl("unroll", _plain, "CPU")
OPS.impl("unroll", _Unroll.apply, "AutogradCPU")


@torch.library.register_fake("pushpop::unroll")
def _shapes(*given: Any) -> tuple[Tensor, ...]:
    """Shapes without numbers, for torch's tracers."""
    value, h, values, symbols, positions, memory = given[3], given[7], given[10], given[12], given[15], given[17]
    width, hidden = value.shape
    cells = values.shape[1] + symbols.shape[1] if memory else 0
    words = len(h)
    sizes = ((len(positions), hidden + width), (words, hidden + width), (words, hidden), (words, cells, width))
    return tuple(h.new_empty(size) for size in (*sizes, (words, cells)))


def unroll(
    net: Net,
    start: Start,
    symbols: Tensor,
    writing: Tensor,
    lengths: Tensor,
    positions: Tensor,
    *,
    separator: int,
    memory: bool,
) -> Unrolled:
    """Unroll an LSTM with a stack over words [B, T] (int64) of `lengths` [B]; differentiable in `net` and `start`.

    `writing` [B] (int64) is 1 for words whose writing phase began before; it begins at `separator`. `positions` [M] are
    flat places b * T + t, each at most once; where one is past its word's end, `out` is 0. `memory`: whether the memory
    at the end is wanted.
    """
    return Unrolled(
        *torch.ops.pushpop.unroll(*net, *start, symbols, writing, lengths, positions, separator, memory)
    )
