"""The compiled unroll of an LSTM and its stack as a torch op, `pushpop::unroll`, with its gradients.

Axes: B words, T positions, N real positions, M wanted positions, H hidden and W width of a value (both filled up to a
multiple of 16 by the caller), K = H + W, Q = W + 16 (value, then push and pop), n cells held before the first symbol,
P phases of the recurrent weights, R rows of the table.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pushpop.kernels.plan import Plan, plan
from pushpop.kernels.threads import each
from pushpop.kernels.tape import Ends, Grads, Tape, Weights
from pushpop.kernels.unroll import forward
from pushpop.kernels.unwind import backward
from pushpop.kernels.vectors import PAD

OPS = torch.library.Library("pushpop", "DEF")  # kept: an op dies with its library
OPS.define(
    "unroll(Tensor table, Tensor recurrent, Tensor interface, Tensor bias, Tensor x, Tensor c, Tensor values, "
    "Tensor strengths, Tensor token, Tensor phase, Tensor lengths, Tensor positions) "
    "-> (Tensor out, Tensor last, Tensor last_c, Tensor actions, Tensor left, Tensor[] tape)"
)
OPS.define(
    "unroll_backward(Tensor table, Tensor recurrent, Tensor interface, Tensor bias, Tensor x, Tensor c, Tensor values, "
    "Tensor strengths, Tensor token, Tensor phase, Tensor lengths, Tensor positions, Tensor actions, Tensor[] tape, "
    "Tensor? d_out, Tensor? d_last, Tensor? d_last_c, Tensor? d_actions, Tensor? d_left) -> Tensor[]"
)


def filled(size: int) -> int:
    """`size` filled up to whole vectors."""
    return -(-size // PAD) * PAD


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    return tensor.detach().contiguous().numpy()


def _unroll(
    table: Tensor, recurrent: Tensor, interface: Tensor, bias: Tensor, x: Tensor, c: Tensor, values: Tensor,
    strengths: Tensor, token: Tensor, phase: Tensor, lengths: Tensor, positions: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, list[Tensor]]:  # fmt: skip
    weights = Weights(*map(_array, (table, recurrent, interface, bias)))
    threads = torch.get_num_threads()
    layout = plan(lengths.numpy(), token.shape[1], positions.numpy(), threads)
    tape = _blank(weights, layout, strengths.shape, token, phase)
    stride, rows = weights.bias.shape[1], layout.rows
    tape.actions.reshape(-1, stride)[rows:, : stride - PAD] = _array(values).reshape(strengths.numel(), stride - PAD)
    tape.c.reshape(-1, c.shape[1])[rows:] = _array(c)[layout.order]
    tape.x.reshape(-1, x.shape[1])[layout.beginnings()] = _array(x)[layout.order]
    dtype = weights.table.dtype
    ends = Ends(np.zeros(len(positions) * x.shape[1], dtype), np.empty(x.numel(), dtype), np.empty(c.numel(), dtype))
    held = _array(strengths).reshape(-1)
    each(lambda group: forward(dtype, group, layout, weights, held, tape, ends), layout.groups, threads)
    out, last, last_c = map(torch.from_numpy, ends)
    actions = torch.from_numpy(tape.actions).view(-1, stride)
    kept = [torch.from_numpy(part) for name, part in (layout._asdict() | tape._asdict()).items() if name != "actions"]
    return out.view(-1, x.shape[1]), last.view_as(x), last_c.view_as(c), actions, torch.from_numpy(_left(tape, len(actions))), kept


def _left(tape: Tape, cells: int) -> np.ndarray[Any, Any]:
    """The strength [N + B n] that each cell has left at its word's end."""
    words = len(tape.live)
    live = np.arange(len(tape.cells) // words) < tape.live[:, None]
    left = np.zeros(cells, tape.strengths.dtype)
    left[tape.cells.reshape(words, -1)[live]] = tape.strengths.reshape(words, -1)[live]
    return left


def _blank(
    weights: Weights, layout: Plan, held: torch.Size, token: Tensor, phase: Tensor
) -> Tape:
    """A tape with room for everything, and the symbols and phases in the order of its rows."""
    rows, words, dtype = layout.rows, len(layout.order), weights.table.dtype
    depth, hidden, stride = weights.recurrent.shape[1], weights.interface.shape[0], weights.bias.shape[1]
    room = words * (held[1] + token.shape[1])
    return Tape(
        token=token.numpy().reshape(-1)[layout.source],
        phase=phase.numpy().reshape(-1)[layout.source],
        x=np.empty(rows * depth, dtype),
        gates=np.empty(rows * 4 * hidden, dtype),
        c=np.empty((rows + words) * hidden, dtype),
        h=np.empty(rows * hidden, dtype),
        actions=np.zeros((rows + held.numel()) * stride, dtype),
        taken=np.empty(rows, np.int64),
        cut=np.empty(rows, dtype),
        cells=np.empty(room, np.int64),
        strengths=np.empty(room, dtype),
        log_cells=np.empty(room, np.int64),
        log_strengths=np.empty(room, dtype),
        live=np.empty(words, np.int64),
        logged=np.empty(words, np.int64),
    )


def _unroll_backward(
    table: Tensor, recurrent: Tensor, interface: Tensor, bias: Tensor, x: Tensor, c: Tensor, values: Tensor,
    strengths: Tensor, token: Tensor, phase: Tensor, lengths: Tensor, positions: Tensor, actions: Tensor,
    tape: list[Tensor], d_out: Tensor | None, d_last: Tensor | None, d_last_c: Tensor | None,
    d_actions: Tensor | None, d_left: Tensor | None,
) -> list[Tensor]:  # fmt: skip
    weights = Weights(*map(_array, (table, recurrent, interface, bias)))
    layout = Plan(*map(_array, tape[: len(Plan._fields)]))
    names = [name for name in Tape._fields if name != "actions"]
    run = Tape(actions=_array(actions).reshape(-1), **dict(zip(names, map(_array, tape[len(layout) :]), strict=True)))
    # the backward pass uses the lists up, and it may be run again
    run = run._replace(**{name: getattr(run, name).copy() for name in ("cells", "strengths", "live", "logged")})
    dtype, rows, groups = weights.table.dtype, layout.rows, layout.groups
    grads = Grads(
        out=_gradient(d_out, len(positions) * x.shape[1], dtype),
        x=_gradient(d_last, x.numel(), dtype),
        c=_gradient(d_last_c, c.numel(), dtype),
        left=_gradient(d_left, len(actions), dtype),
        held=np.zeros(strengths.numel(), dtype),
        gates=np.empty_like(run.gates),
        actions=_gradient(d_actions, actions.numel(), dtype),
        table=np.zeros((groups, *weights.table.shape), dtype),
        bias=np.zeros((groups, *weights.bias.shape), dtype),
    )
    each(lambda group: backward(dtype, group, layout, weights, run, grads), groups, torch.get_num_threads())
    to_gates, to_actions = torch.from_numpy(grads.gates).view(rows, -1), torch.from_numpy(grads.actions).view_as(actions)
    d_recurrent = torch.stack([_product(run, p, len(recurrent), to_gates) for p in range(len(recurrent))])
    d_interface = torch.from_numpy(run.h).view(rows, -1).t() @ to_actions[:rows]
    return [
        torch.from_numpy(grads.table.sum(0)), d_recurrent, d_interface, torch.from_numpy(grads.bias.sum(0)),
        torch.from_numpy(grads.x).view_as(x), torch.from_numpy(grads.c).view_as(c),
        to_actions[rows:, : values.shape[-1]].reshape(values.shape), torch.from_numpy(grads.held).view_as(strengths),
    ]  # fmt: skip


def _gradient(given: Tensor | None, size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A gradient that may be written to, flat; 0 where nothing depends on the output."""
    return np.zeros(size, dtype) if given is None else _array(given).reshape(-1).copy()


def _product(run: Tape, phase: int, phases: int, to_gates: Tensor) -> Tensor:
    """The recurrent weights' gradient: one product over all rows of the phase."""
    x = torch.from_numpy(run.x).view(len(to_gates), -1)
    if phases == 1:
        return x.t() @ to_gates
    rows = torch.from_numpy(run.phase == phase)
    return x[rows].t() @ to_gates[rows]


def _remember(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Any, ...]) -> None:
    actions, tape = output[3], output[5]
    ctx.save_for_backward(*inputs, actions, *tape)
    ctx.inputs = len(inputs)
    ctx.mark_non_differentiable(*tape)
    ctx.set_materialize_grads(False)


def _gradients(ctx: Any, d_out: Any, d_last: Any, d_last_c: Any, d_actions: Any, d_left: Any, _: Any) -> tuple[Any, ...]:
    saved = ctx.saved_tensors
    inputs, actions, tape = saved[: ctx.inputs], saved[ctx.inputs], list(saved[ctx.inputs + 1 :])
    grads = torch.ops.pushpop.unroll_backward(*inputs, actions, tape, d_out, d_last, d_last_c, d_actions, d_left)
    return (*grads, *[None] * (len(inputs) - len(grads)))


class Unrolled(NamedTuple):
    """What an unroll gives: (h, r) [M, K] at the wanted positions; [B, K] and c [B, H] at each word's end; the memory
    in the kernel's own layout, for `content`."""

    out: Tensor
    last: Tensor
    last_c: Tensor
    actions: Tensor
    left: Tensor
    source: Tensor


def unroll(
    table: Tensor, recurrent: Tensor, interface: Tensor, bias: Tensor, x: Tensor, c: Tensor, values: Tensor,
    strengths: Tensor, token: Tensor, phase: Tensor, lengths: Tensor, positions: Tensor,
) -> Unrolled:  # fmt: skip
    """Unroll an LSTM with a stack over words; differentiable in all that is not an index.

    table [R, 4H] what each symbol adds to the gates; recurrent [P, K, 4H] from (h, r); interface [H, Q] and its bias
    [2, Q] by phase; x [B, K] = (h, r) and c [B, H] before the first symbol; values [B, n, W] and strengths [B, n] of
    the cells held then; token and phase [B, T] (int64); lengths [B]; positions [M] flat places b * T + t, each once.
    """
    *made, tape = torch.ops.pushpop.unroll(
        table, recurrent, interface, bias, x, c, values, strengths, token, phase, lengths, positions
    )
    return Unrolled(*made, source=tape[Plan._fields.index("source")])


def content(run: Unrolled, held: int, longest: int, width: int) -> tuple[Tensor, Tensor]:
    """The memory at each word's end: values [B, n + T, W] and strengths [B, n + T], 0 where there is nothing left."""
    words, source = len(run.last), run.source
    room = held + longest
    first = torch.arange(words)[:, None] * room + torch.arange(held)
    place = torch.cat([source // longest * room + held + source % longest, first.flatten()])
    values = run.actions.new_zeros(words * room, width).index_copy(0, place, run.actions[:, :width])
    strengths = run.left.new_zeros(words * room).index_copy(0, place, run.left)
    return values.view(words, room, width), strengths.view(words, room)


OPS.impl("unroll", _unroll, "CPU")
OPS.impl("unroll_backward", _unroll_backward, "CPU")
torch.library.register_autograd("pushpop::unroll", _gradients, setup_context=_remember)
