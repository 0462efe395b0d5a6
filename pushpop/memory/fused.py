"""The compiled unroll of a controller and its memory as a torch op, `pushpop::unroll`, with its gradients.

Axes: as in layout.py. Inside, H and W are filled up to whole vectors with zeros.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from pushpop.errors import PushpopError
from pushpop.kernels.lists import HANDS
from pushpop.memory.layout import Kind, Net, Run, Start, Words
from pushpop.memory.passes import begin, finish, gradients

OPS = torch.library.Library("pushpop", "DEF")  # kept: an op dies with its library
OPS.define(
    "unroll(Tensor table, Tensor hidden, Tensor read, Tensor upper, Tensor upper_bias, Tensor value, "
    "Tensor value_bias, Tensor action, Tensor action_bias, Tensor h, Tensor c, Tensor r, Tensor values, "
    "Tensor strengths, Tensor symbols, Tensor writing, Tensor lengths, Tensor positions, str cell, str store, "
    "int separator, bool memory, int stacks, int depth, bool keep, str value_squash, float empty, float margin) "
    "-> (Tensor out, Tensor h, Tensor c, Tensor r, Tensor values, Tensor strengths)"
)


class Unrolled(NamedTuple):
    """What an unroll gives."""

    out: Tensor  # [M, H + V] the top layer's (h, r) at the wanted positions
    h: Tensor  # [L, B, H] at each word's end
    c: Tensor  # [L, B, H or 0], as `Start` has it
    r: Tensor  # [B, V]
    values: Tensor  # [B, n + A T, W] the memory at each word's end, where it was asked for; otherwise [B, 0, W]
    strengths: Tensor  # [B, n + A T], 0 where nothing is left; otherwise, and of superposition stacks, [B, 0]


def _parts(given: tuple[Any, ...]) -> tuple[Net, Start, Words, Kind]:
    net = len(Net._fields)
    start, words = net + len(Start._fields), net + len(Start._fields) + len(Words._fields)
    return Net(*given[:net]), Start(*given[net:start]), Words(*given[start:words]), Kind(*given[words:])


def first_only(place: str) -> None:
    """PushpopError where a backward pass is to be differentiated itself: torch would take its result for a constant."""
    if torch.is_grad_enabled():
        raise PushpopError(f"{place}: the engine fused cannot differentiate twice; give the model the engine eager")


class _Unroll(torch.autograd.Function):
    """What autograd needs to know."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> tuple[Tensor, ...]:  # pyrefly: ignore[bad-override]
        ctx.run = begin(*_parts(given))
        ctx.set_materialize_grads(False)
        return finish(ctx.run)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:
        first_only("unroll")
        run: Run = ctx.run
        made = () if all(gradient is None for gradient in upstream) else gradients(run, upstream)
        return (*made, *[None] * (len(run.net) + len(run.start) + len(run.words) + len(run.kind) - len(made)))


def _plain(*given: Any) -> tuple[Tensor, ...]:
    return finish(begin(*_parts(given)))


OPS.impl("unroll", _plain, "CPU")
OPS.impl("unroll", _Unroll.apply, "AutogradCPU")


@torch.library.register_fake("pushpop::unroll")
def _shapes(*given: Any) -> tuple[Tensor, ...]:
    """Shapes without numbers, for torch's tracers."""
    net, start, words, kind = _parts(given)
    (values, hidden), held = net.value.shape, start.values.shape[1]
    width, cells = values // kind.pushed, held + kind.pushed * words.symbols.shape[1] if kind.memory else 0
    sizes = (
        (len(words.positions), hidden + kind.hands * width),
        tuple(start.h.shape),
        tuple(start.c.shape),
        tuple(start.r.shape),
        (len(start.r), cells, width),
        (len(start.r), cells if kind.store in HANDS else 0),
    )
    return tuple(start.h.new_empty(size) for size in sizes)


def unroll(net: Net, start: Start, words: Words, kind: Kind) -> Unrolled:
    """Unroll a controller with its memory over words; differentiable in `net` and `start`.

    Where a wanted position is past its word's end, `out` is 0 there.
    """
    return Unrolled(*torch.ops.pushpop.unroll(*net, *start, *words, *kind))
