"""One unroll and its gradients: torch's tensors laid out, the kernels run by all threads, the results laid back.

Axes: as in layout.py; N real positions, Q = w + PAD.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pushpop.kernels.plan import Plan, plan
from pushpop.kernels.tape import Ends, Grads, Tape, Weights
from pushpop.kernels.threads import each
from pushpop.kernels.unroll import forward
from pushpop.kernels.unwind import backward
from pushpop.kernels.vectors import PAD
from pushpop.memory.layout import Array, Net, Start, Words, array, gather, join, net_arrays


class Run(NamedTuple):
    """One unroll: what was given, and what the kernel made."""

    net: Net
    start: Start
    words: Words
    weights: Weights
    layout: Plan
    tape: Tape
    ends: Ends


def begin(net: Net, start: Start, words: Words) -> Run:
    """Run the kernel: lay the words out, and fill the tape."""
    weights = net_arrays(net)
    h, c, r, values, strengths = map(array, start)
    symbols, writing, lengths, positions = map(array, words[:4])
    threads = torch.get_num_threads()
    layout = plan(lengths, symbols.shape[1], positions, threads)
    phase = np.minimum(np.cumsum(symbols == words.separator, 1) + writing[:, None], 1)
    tape = blank_tape(weights, layout, strengths.shape, symbols + phase * (len(weights.table) // 2), phase)
    high, wide = len(weights.interface), weights.bias.shape[1] - PAD
    rows, width, units = layout.rows, r.shape[1], h.shape[1]
    tape.actions.reshape(-1, wide + PAD)[rows:, :width] = values.reshape(-1, width)
    tape.c.reshape(-1, high)[rows:, :units] = c[layout.order]
    tape.x.reshape(-1, high + wide)[layout.beginnings()] = join(h, r, high, wide)[layout.order]
    ends = Ends(
        np.zeros(len(positions) * (high + wide), h.dtype),
        np.empty(len(h) * (high + wide), h.dtype),
        np.empty(len(h) * high, h.dtype),
    )
    held = strengths.reshape(-1)
    each(lambda group: forward(h.dtype, group, layout, weights, held, tape, ends), layout.groups, threads)
    return Run(net, start, words, weights, layout, tape, ends)


def blank_tape(weights: Weights, layout: Plan, held: tuple[int, ...], token: Array, phase: Array) -> Tape:
    """A tape with room for everything, and the symbols and phases in the order of its rows."""
    rows, words, dtype = layout.rows, len(layout.order), weights.table.dtype
    depth, hidden, stride = weights.recurrent.shape[1], weights.interface.shape[0], weights.bias.shape[1]
    room = words * (held[1] + token.shape[1])
    actions = np.empty((rows + words * held[1]) * stride, dtype)
    actions[rows * stride :] = 0
    cells = np.empty((rows + words) * hidden, dtype)
    cells[rows * hidden :] = 0
    return Tape(
        token=token.reshape(-1)[layout.source],
        phase=phase.reshape(-1)[layout.source],
        x=np.empty(rows * depth, dtype),
        gates=np.empty(rows * 4 * hidden, dtype),
        c=cells,
        h=np.empty(rows * hidden, dtype),
        actions=actions,
        taken=np.empty(rows, np.int64),
        cut=np.empty(rows, dtype),
        cells=np.empty(room, np.int64),
        strengths=np.empty(room, dtype),
        log_cells=np.empty(room, np.int64),
        log_strengths=np.empty(room, dtype),
        live=np.empty(words, np.int64),
        logged=np.empty(words, np.int64),
    )


def finish(run: Run) -> tuple[Tensor, ...]:
    """What `fused.Unrolled` says, from the ends and, where asked for, the tape."""
    units, width, words = run.start.h.shape[1], run.start.r.shape[1], len(run.layout.order)
    out, last = (torch.from_numpy(part.reshape(-1, run.weights.recurrent.shape[1])) for part in run.ends[:2])
    last_c = torch.from_numpy(run.ends.c.reshape(words, -1)[:, :units])
    if run.words.memory:
        values, strengths = map(torch.from_numpy, memory_left(run))
    else:
        values, strengths = out.new_empty(words, 0, width), out.new_empty(words, 0)
    return cut(out, run, units, width), cut(last, run, units, width), last_c, values, strengths


def cut(joined: Tensor, run: Run, units: int, width: int) -> Tensor:
    """(h, r) without what fills it up."""
    high = len(run.weights.interface)
    if joined.shape[1] == units + width:
        return joined
    return torch.cat([joined[:, :units], joined[:, high : high + width]], 1)


def places(run: Run) -> Array:
    """Where each row of `actions` is in a memory [B, n + T], flat."""
    held, longest = run.start.strengths.shape[1], run.words.symbols.shape[1]
    source, room = run.layout.source, held + longest
    first = np.arange(len(run.layout.order))[:, None] * room + np.arange(held)
    return np.concatenate([source // longest * room + held + source % longest, first.ravel()])


def memory_left(run: Run) -> tuple[Array, Array]:
    """Values [B, n + T, W] and strengths [B, n + T] at each word's end."""
    tape, words, width = run.tape, len(run.layout.order), run.start.r.shape[1]
    room, stride = len(tape.cells) // words, run.weights.bias.shape[1]
    live = np.arange(room) < tape.live[:, None]
    left = np.zeros(len(tape.actions) // stride, tape.strengths.dtype)
    left[tape.cells.reshape(words, room)[live]] = tape.strengths.reshape(words, room)[live]
    values, strengths = np.zeros((words * room, width), left.dtype), np.zeros(words * room, left.dtype)
    place = places(run)
    values[place] = tape.actions.reshape(-1, stride)[:, :width]
    strengths[place] = left
    return values.reshape(words, room, width), strengths.reshape(words, room)


def gradients(run: Run, upstream: tuple[Tensor | None, ...]) -> tuple[Tensor, ...]:
    """Of everything in `Net` and `Start`, from those of `fused.Unrolled`."""
    layout, weights, dtype = run.layout, run.weights, run.weights.table.dtype
    # the backward pass uses the lists up, and it may be run again
    used = ("cells", "strengths", "live", "logged")
    tape = run.tape._replace(**{name: getattr(run.tape, name).copy() for name in used})
    grads = blank_grads(run, upstream)
    each(lambda group: backward(dtype, group, layout, weights, tape, grads), layout.groups, torch.get_num_threads())
    return (*net_gradients(run, grads), *start_gradients(run, grads))


def blank_grads(run: Run, upstream: tuple[Tensor | None, ...]) -> Grads:
    """The upstream gradients in the kernels' layout, and room for the others."""
    d_out, d_last, d_last_c, d_values, d_strengths = (None if part is None else array(part) for part in upstream)
    units, width = run.start.h.shape[1], run.start.r.shape[1]
    high, stride, dtype = len(run.weights.interface), run.weights.bias.shape[1], run.ends.c.dtype
    cells = len(run.tape.actions) // stride
    actions, left = np.zeros((cells, stride), dtype), np.zeros(cells, dtype)
    if d_values is not None and d_values.size:  # empty where the memory was not asked for
        actions[:, :width] = d_values.reshape(-1, width)[places(run)]
    if d_strengths is not None and d_strengths.size:
        left[:] = d_strengths.reshape(-1)[places(run)]
    c = np.zeros((len(run.layout.order), high), dtype)
    if d_last_c is not None:
        c[:, :units] = d_last_c

    def joined(given: Array | None, size: int) -> Array:
        if given is None:
            return np.zeros(size, dtype)
        return join(given[:, :units], given[:, units:], high, stride - PAD).reshape(-1)

    return Grads(
        out=joined(d_out, len(run.ends.out)),
        x=joined(d_last, len(run.ends.x)),
        c=c.reshape(-1),
        left=left,
        held=np.zeros(run.start.strengths.numel(), dtype),
        gates=np.empty_like(run.tape.gates),
        actions=actions.reshape(-1),
        **{name: np.zeros((run.layout.groups, *part.shape), dtype) for name, part in run.weights._asdict().items()},
    )


def net_gradients(run: Run, grads: Grads) -> tuple[Tensor, ...]:
    """Of `Net`: each is a sum over the groups."""
    width, units = run.net.value.shape
    high, wide = len(run.weights.interface), run.weights.bias.shape[1] - PAD
    sums = [part[0] if len(part) == 1 else part.sum(0) for part in grads[-4:]]
    table, recurrent, interface, bias = sums
    strength_bias = bias[:, wide : wide + 2]
    if len(run.net.strength_bias) == 1:
        strength_bias = strength_bias.sum(0, keepdims=True)
    made = (
        gather(table, units).reshape(run.net.table.shape),
        gather(recurrent[:, :units], units),
        gather(recurrent[:, high : high + width], units),
        interface[:units, :width].T,
        bias[:, :width].sum(0),
        interface[:units, wide : wide + 2].T,
        strength_bias,
    )
    return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in made)


def start_gradients(run: Run, grads: Grads) -> tuple[Tensor, ...]:
    """Of `Start`."""
    units, width, words = run.start.h.shape[1], run.start.r.shape[1], len(run.layout.order)
    high, rows, stride = len(run.weights.interface), run.layout.rows, run.weights.bias.shape[1]
    x = grads.x.reshape(words, -1)
    values = grads.actions.reshape(-1, stride)[rows:, :width]
    made = (
        x[:, :units],
        grads.c.reshape(words, high)[:, :units],
        x[:, high : high + width],
        values.reshape(run.start.values.shape),
        grads.held.reshape(run.start.strengths.shape),
    )
    return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in made)
