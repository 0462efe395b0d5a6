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
from pushpop.kernels.unroll import Grads, Start, Tape, Weights, backward, forward
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


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().contiguous().numpy()


def _prepare(
    table: Tensor, recurrent: Tensor, interface: Tensor, bias: Tensor, x: Tensor, c: Tensor, strengths: Tensor
) -> tuple[Weights, Start]:
    weights = Weights(_array(table), _array(recurrent), _array(interface), _array(bias))
    return weights, Start(_array(x), _array(c), _array(strengths))


def _unroll(
    table: Tensor, recurrent: Tensor, interface: Tensor, bias: Tensor, x: Tensor, c: Tensor, values: Tensor,
    strengths: Tensor, token: Tensor, phase: Tensor, lengths: Tensor, positions: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, list[Tensor]]:  # fmt: skip
    weights, start = _prepare(table, recurrent, interface, bias, x, c, strengths)
    layout = plan(lengths.numpy(), token.shape[1], positions.numpy(), torch.get_num_threads())
    tape = _blank(weights, start, layout, token, phase, len(positions))
    tape.actions[: strengths.numel(), : values.shape[-1]] = _array(values).reshape(-1, values.shape[-1])
    each(lambda group: forward(table.dtype, group, layout, weights, start, tape), layout.groups, torch.get_num_threads())
    left = np.zeros(len(tape.actions), tape.strengths.dtype)
    live = np.arange(tape.cells.shape[1]) < tape.depth[:, :1]
    left[tape.cells[live]] = tape.strengths[live]
    kept = [*layout, *(part for name, part in tape._asdict().items() if name not in OUTPUTS)]
    made = [torch.from_numpy(getattr(tape, name)) for name in OUTPUTS]
    out, last, last_c, actions = made
    return out, last, last_c, actions, torch.from_numpy(left), [torch.from_numpy(part) for part in kept]


OUTPUTS = ("out", "last", "last_c", "actions")  # parts of the tape that callers see


def _blank(weights: Weights, start: Start, layout: Plan, token: Tensor, phase: Tensor, wanted: int) -> Tape:
    """A tape with room for everything, and the symbols and phases in the order of its rows."""
    rows, (words, hidden), dtype = layout.rows, start.c.shape, start.c.dtype
    depth, gate_row, action_row = start.x.shape[1], weights.table.shape[1], weights.interface.shape[1]
    room = (words, start.strengths.shape[1] + token.shape[1])
    return Tape(
        token=token.numpy().reshape(-1)[layout.source],
        phase=phase.numpy().reshape(-1)[layout.source],
        x=np.empty((rows, depth), dtype),
        gates=np.empty((rows, gate_row), dtype),
        c=np.empty((rows, hidden), dtype),
        h=np.empty((rows, hidden), dtype),
        actions=np.zeros((start.strengths.size + rows, action_row), dtype),
        taken=np.empty(rows, np.int64),
        cut=np.empty(rows, dtype),
        cells=np.empty(room, np.int64),
        strengths=np.empty(room, dtype),
        log_cells=np.empty(room, np.int64),
        log_strengths=np.empty(room, dtype),
        depth=np.empty((words, 2), np.int64),
        out=np.zeros((wanted, depth), dtype),
        last=np.empty((words, depth), dtype),
        last_c=np.empty((words, hidden), dtype),
    )


def _unroll_backward(
    table: Tensor, recurrent: Tensor, interface: Tensor, bias: Tensor, x: Tensor, c: Tensor, values: Tensor,
    strengths: Tensor, token: Tensor, phase: Tensor, lengths: Tensor, positions: Tensor, actions: Tensor, tape: list[Tensor],
    d_out: Tensor | None, d_last: Tensor | None, d_last_c: Tensor | None, d_actions: Tensor | None,
    d_left: Tensor | None,
) -> list[Tensor]:  # fmt: skip
    weights, start = _prepare(table, recurrent, interface, bias, x, c, strengths)
    layout = Plan(*map(_array, tape[: len(Plan._fields)]))
    rest = iter(tape[len(Plan._fields) :])
    unused = np.empty((0, 0), start.x.dtype)
    run = Tape(**{name: unused if name in OUTPUTS else _array(next(rest)) for name in Tape._fields})
    run = run._replace(actions=_array(actions), cells=run.cells.copy(), strengths=run.strengths.copy())
    run = run._replace(depth=run.depth.copy())  # the backward pass uses the lists up; it may be run again
    groups = layout.groups
    grads = Grads(
        out=_gradient(d_out, (len(positions), start.x.shape[1]), start.x),
        last=_gradient(d_last, start.x.shape, start.x),
        last_c=_gradient(d_last_c, start.c.shape, start.x),
        strengths=_gradient(d_left, run.actions.shape[:1], start.x),
        start=np.zeros_like(start.strengths),
        gates=np.empty_like(run.gates),
        actions=_gradient(d_actions, run.actions.shape, start.x),
        table=np.zeros((groups, *weights.table.shape), start.x.dtype),
        bias=np.zeros((groups, *weights.bias.shape), start.x.dtype),
    )
    threads = torch.get_num_threads()
    each(lambda group: backward(table.dtype, group, layout, weights, start, run, grads), groups, threads)
    held = strengths.numel()
    to_gates, to_actions = torch.from_numpy(grads.gates), torch.from_numpy(grads.actions)[held:]
    d_recurrent = torch.stack([_product(run, p, len(recurrent), to_gates) for p in range(len(recurrent))])
    d_values = torch.from_numpy(grads.actions[:held, : values.shape[-1]].copy()).view(values.shape)
    return [
        torch.from_numpy(grads.table.sum(0)), d_recurrent, torch.from_numpy(run.h).t() @ to_actions,
        torch.from_numpy(grads.bias.sum(0)), torch.from_numpy(grads.last), torch.from_numpy(grads.last_c),
        d_values, torch.from_numpy(grads.start),
    ]  # fmt: skip


def _gradient(given: Tensor | None, shape: tuple[int, ...], like: np.ndarray) -> np.ndarray:
    """A gradient that may be written to; where nothing depends on the output, there is none."""
    return np.zeros(shape, like.dtype) if given is None else _array(given).copy()


def _product(run: Tape, phase: int, phases: int, to_gates: Tensor) -> Tensor:
    """The recurrent weights' gradient: one product over all rows of the phase."""
    x = torch.from_numpy(run.x)
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
    place = torch.cat([first.flatten(), source // longest * room + held + source % longest])
    values = run.actions.new_zeros(words * room, width).index_copy(0, place, run.actions[:, :width])
    strengths = run.left.new_zeros(words * room).index_copy(0, place, run.left)
    return values.view(words, room, width), strengths.view(words, room)


OPS.impl("unroll", _unroll, "CPU")
OPS.impl("unroll_backward", _unroll_backward, "CPU")
torch.library.register_autograd("pushpop::unroll", _gradients, setup_context=_remember)
