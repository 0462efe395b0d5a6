"""The compiled unroll of an LSTM and its stack as a torch op, `pushpop::unroll`, with its gradients.

Axes: B words, T positions, M wanted positions, S symbols, H hidden units, W width of a value, n cells held before the
first symbol, P phases of the recurrent weights. Inside, H and W are filled up to whole vectors with zeros.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pushpop.memory.layout import Net, Start, Words
from pushpop.memory.passes import Run, begin, finish, gradients

OPS = torch.library.Library("pushpop", "DEF")  # kept: an op dies with its library
OPS.define(
    "unroll(Tensor table, Tensor hidden, Tensor read, Tensor value, Tensor value_bias, Tensor strength, "
    "Tensor strength_bias, Tensor h, Tensor c, Tensor r, Tensor values, Tensor strengths, Tensor symbols, "
    "Tensor writing, Tensor lengths, Tensor positions, int separator, bool memory) "
    "-> (Tensor out, Tensor last, Tensor last_c, Tensor values, Tensor strengths)"
)


class Unrolled(NamedTuple):
    """What an unroll gives."""

    out: Tensor  # [M, H + W] (h, r) at the wanted positions
    last: Tensor  # [B, H + W] (h, r) at each word's end
    last_c: Tensor  # [B, H]
    values: Tensor  # [B, n + T, W] the memory at each word's end, where it was asked for; otherwise [B, 0, W]
    strengths: Tensor  # [B, n + T], 0 where nothing is left; otherwise [B, 0]


def _parts(given: tuple[Any, ...]) -> tuple[Net, Start, Words]:
    net, start = len(Net._fields), len(Net._fields) + len(Start._fields)
    return Net(*given[:net]), Start(*given[net:start]), Words(*given[start:])


class _Unroll(torch.autograd.Function):
    """What autograd needs to know."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> tuple[Tensor, ...]:  # pyrefly: ignore[bad-override]
        ctx.run = begin(*_parts(given))
        ctx.set_materialize_grads(False)
        return finish(ctx.run)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:  # pyrefly: ignore[bad-override]
        run: Run = ctx.run
        made = () if all(gradient is None for gradient in upstream) else gradients(run, upstream)
        return (*made, *[None] * (len(run.net) + len(run.start) + len(run.words) - len(made)))


def _plain(*given: Any) -> tuple[Tensor, ...]:
    return finish(begin(*_parts(given)))


OPS.impl("unroll", _plain, "CPU")
OPS.impl("unroll", _Unroll.apply, "AutogradCPU")


@torch.library.register_fake("pushpop::unroll")
def _shapes(*given: Any) -> tuple[Tensor, ...]:
    """Shapes without numbers, for torch's tracers."""
    net, start, asked = _parts(given)
    (width, hidden), words = net.value.shape, len(start.h)
    cells = start.strengths.shape[1] + asked.symbols.shape[1] if asked.memory else 0
    sizes = (
        (len(asked.positions), hidden + width),
        (words, hidden + width),
        (words, hidden),
        (words, cells, width),
        (words, cells),
    )
    return tuple(start.h.new_empty(size) for size in sizes)


def unroll(net: Net, start: Start, words: Words) -> Unrolled:
    """Unroll an LSTM with a stack over words; differentiable in `net` and `start`.

    Where a wanted position is past its word's end, `out` is 0 there.
    """
    return Unrolled(*torch.ops.pushpop.unroll(*net, *start, *words))
