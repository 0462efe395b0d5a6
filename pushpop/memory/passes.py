"""One unroll and its gradients: torch's tensors laid out, the kernels run by all threads, the results laid back.

Axes: as in layout.py; N real positions, Q = A w + PAD.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pushpop.kernels.lists import HANDS, NEW, Lists
from pushpop.kernels.plan import Plan, plan
from pushpop.kernels.tape import Grads, Sizes, Tape, Weights
from pushpop.kernels.threads import each, workers
from pushpop.kernels.unroll import forward
from pushpop.kernels.unwind import backward
from pushpop.memory.layout import (
    Array,
    Kind,
    Net,
    Start,
    Words,
    array,
    gather,
    layers_of,
    net_arrays,
    net_gradients,
    put_state,
    sizes_of,
    spread,
    state_size,
    take_state,
)


class Run(NamedTuple):
    """One unroll: what was given, and what the kernel made."""

    net: Net
    start: Start
    words: Words
    kind: Kind
    sizes: Sizes
    weights: Weights
    layout: Plan
    tape: Tape


def begin(net: Net, start: Start, words: Words, kind: Kind) -> Run:
    """Lay the words out, and run the kernel, which fills the tape."""
    run = lay_out(net, start, words, kind)
    each(
        lambda group: forward(run.tape.state.dtype, group, run.layout, run.sizes, run.weights, run.tape),
        run.layout.groups, workers(torch.get_num_threads()),
    )  # fmt: skip
    return run


def lay_out(net: Net, start: Start, words: Words, kind: Kind) -> Run:
    """Everything in the kernels' layout, and a tape that is still blank."""
    sizes = sizes_of(net, kind)
    weights = net_arrays(net, sizes)
    symbols, writing, lengths, positions = map(array, words)
    layout = plan(lengths, symbols.shape[1], positions, workers(torch.get_num_threads()))
    phase = np.minimum(np.cumsum(symbols == kind.separator, 1) + writing[:, None], 1)
    token = symbols + phase * (len(weights.table) // 2)
    source, lists = layout.source, blank_lists(array(start.strengths), kind.lists, symbols.shape[1], layout)
    tape = blank_tape(sizes, token.reshape(-1)[source], phase.reshape(-1)[source], start, layout, lists)
    return Run(net, start, words, kind, sizes, weights, layout, tape)


def blank_lists(strengths: Array, kind: str, longest: int, layout: Plan) -> Lists:
    """Room for the lists of all words: each has what it held [B, n] and what it may push at either end."""
    hands = np.array(HANDS[kind])
    words, held = strengths.shape
    room, rows = held + longest * len(hands), layout.rows * len(hands)
    low = np.arange(words) * room + longest * (hands[:, 0] != NEW).sum()
    return Lists(
        hands=hands,
        held=strengths.reshape(-1),
        low=low,
        high=low.copy(),
        cells=np.empty(words * room, np.int64),
        strengths=np.empty(words * room, strengths.dtype),
        logged=np.empty(words, np.int64),
        log_cells=np.empty(words * room, np.int64),
        log_strengths=np.empty(words * room, strengths.dtype),
        taken=np.empty(rows, np.int64),
        cut=np.empty(rows, strengths.dtype),
    )


def blank_tape(sizes: Sizes, token: Array, phase: Array, start: Start, layout: Plan, lists: Lists) -> Tape:
    """A tape with room for everything, and each word's start behind its rows."""
    h, c, r, values = map(array, start[:4])
    rows, words, dtype = layout.rows, len(layout.order), h.dtype
    state = np.empty((rows + words) * state_size(sizes), dtype)
    put_state(state, slice(rows, None), h[:, layout.order], r[layout.order], sizes)
    carry = np.zeros((sizes.layers, rows + words, sizes.carried), dtype)
    if sizes.carried:
        carry[:, rows:, : c.shape[2]] = c[:, layout.order]
    held = spread(values, 1, sizes.width).reshape(-1)
    actions = np.empty(rows * sizes.stride + len(held), dtype)
    actions[rows * sizes.stride :] = held
    gates = np.empty(sizes.layers * rows * sizes.gates, dtype)
    return Tape(token, phase, state, carry.reshape(-1), gates, actions, lists)


def finish(run: Run) -> tuple[Tensor, ...]:
    """What `fused.Unrolled` says, from the tape."""
    sizes, layout, units, width = run.sizes, run.layout, run.start.h.shape[2], run.start.values.shape[2]
    ends = layout.endings(array(run.words.lengths))
    h, r = take_state(run.tape.state, ends, units, width, sizes)
    carry = run.tape.carry.reshape(sizes.layers, layout.rows + len(ends), sizes.carried)[
        :, ends, : run.start.c.shape[2]
    ]
    if run.kind.memory:
        values, strengths = memory_left(run)
    else:
        values, strengths = np.empty((len(ends), 0, width), h.dtype), np.empty((len(ends), 0), h.dtype)
    return (wanted(run), *(torch.from_numpy(np.ascontiguousarray(part)) for part in (h, carry, r, values, strengths)))


def wanted(run: Run) -> Tensor:
    """(h, r) [M, H + V] of the top layer at the wanted positions, 0 past a word's end."""
    sizes, layout, units, width = run.sizes, run.layout, run.start.h.shape[2], run.start.values.shape[2]
    rows = np.full(len(run.words.positions), -1)
    real = layout.wanted >= 0
    rows[layout.wanted[real]] = np.flatnonzero(real)
    lowest, upper = map(torch.from_numpy, layers_of(run.tape.state, sizes))
    if sizes.layers == 1 and sizes.hidden == units and sizes.width == width:
        out = lowest.index_select(0, torch.from_numpy(rows.clip(0)))
    else:
        read = torch.from_numpy(gather(lowest.numpy()[rows, sizes.hidden :], sizes.read // sizes.width, width))
        out = torch.cat([(upper[-1] if len(upper) else lowest)[rows, :units], read], 1)
    return out if (rows >= 0).all() else out.masked_fill_(torch.from_numpy(rows < 0)[:, None], 0)


def places(run: Run) -> Array:
    """Where each cell is in a memory [B, n + A T], flat: those pushed, row by row and hand by hand, then those held."""
    hands, (words, held), longest = run.tape.memory.hands, run.start.strengths.shape, run.words.symbols.shape[1]
    room, before = held + longest * len(hands), longest * int((hands[:, 0] != NEW).sum())
    word, step = run.layout.source // longest * room, run.layout.source % longest
    pushed = [word + (before + held + step if put == NEW else before - 1 - step) for put, _ in hands]
    first = np.arange(words)[:, None] * room + before + np.arange(held)
    return np.concatenate([np.stack(pushed, 1).ravel(), first.ravel()])


def memory_left(run: Run) -> tuple[Array, Array]:
    """Values [B, n + A T, W] and strengths [B, n + A T] at each word's end."""
    lists, (words, _, width) = run.tape.memory, run.start.values.shape
    room = len(lists.cells) // words
    flat = np.arange(words * room).reshape(words, room)
    live = (flat >= lists.low[:, None]) & (flat < lists.high[:, None])
    pushed = np.zeros(len(run.tape.actions), lists.strengths.dtype)  # by where each cell's value begins
    pushed[lists.cells[live.ravel()]] = lists.strengths[live.ravel()]
    values, strengths = np.zeros((words * room, width), pushed.dtype), np.zeros(words * room, pushed.dtype)
    place = places(run)
    values[place], strengths[place] = cells(run.tape.actions, run)[:, :width], cells(pushed, run)[:, 0]
    return values.reshape(words, room, width), strengths.reshape(words, room)


def cells(actions: Array, run: Run) -> Array:
    """The values in an array like `Tape.actions`: [A N + B n, w], in the order of `places`."""
    sizes, end = run.sizes, run.layout.rows * run.sizes.stride
    pushed = actions[:end].reshape(-1, sizes.stride)[:, : sizes.read]
    return np.concatenate([pushed.reshape(-1, sizes.width), actions[end:].reshape(-1, sizes.width)])


def gradients(run: Run, upstream: tuple[Tensor | None, ...]) -> tuple[Tensor, ...]:
    """Of everything in `Net` and `Start`, from those of `fused.Unrolled`."""
    layout, lists = run.layout, run.tape.memory
    # the backward pass uses the lists up, and it may be run again
    used = ("low", "high", "cells", "strengths", "logged")
    tape = run.tape._replace(memory=lists._replace(**{name: getattr(lists, name).copy() for name in used}))
    grads = blank_grads(run, upstream)
    each(
        lambda group: backward(tape.state.dtype, group, layout, run.sizes, run.weights, tape, grads),
        layout.groups, workers(torch.get_num_threads()),
    )  # fmt: skip
    return laid_back(run, grads)


def laid_back(run: Run, grads: Grads) -> tuple[Tensor, ...]:
    """The kernels' gradients as those of everything in `Net` and `Start`."""
    made = Weights(*map(summed, grads[-len(Weights._fields) :]))
    parts = (*net_gradients(run.net, run.sizes, made), *start_gradients(run, grads))
    return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in parts)


def summed(groups: Array) -> Array:
    """The sum over groups, which come first."""
    total: Array = groups[0] if len(groups) == 1 else groups.sum(0)
    return total


def blank_grads(run: Run, upstream: tuple[Tensor | None, ...]) -> Grads:
    """The upstream gradients in the kernels' layout, and room for the others."""
    d_out, d_h, d_c, d_r, d_values, d_strengths = (None if part is None else array(part) for part in upstream)
    sizes, units, width, dtype = run.sizes, run.start.h.shape[2], run.start.values.shape[2], run.tape.state.dtype
    words, hands = len(run.layout.order), sizes.read // sizes.width
    out = np.zeros(len(run.words.positions) * sizes.depth, dtype)
    if d_out is not None:
        high, read = spread(d_out[:, :units], 1, sizes.hidden), spread(d_out[:, units:], hands, sizes.width)
        out = np.concatenate([high, read], 1).reshape(-1)
    state, carry = np.zeros(words * state_size(sizes), dtype), np.zeros((sizes.layers, words, sizes.carried), dtype)
    if d_h is not None or d_r is not None:
        h = np.zeros((sizes.layers, words, units), dtype) if d_h is None else d_h
        put_state(state, slice(None), h, np.zeros((words, hands * width), dtype) if d_r is None else d_r, sizes)
    if d_c is not None:
        carry[:, :, : d_c.shape[2]] = d_c
    actions, left = (
        np.zeros(len(run.tape.actions), dtype),
        np.zeros(run.layout.rows * hands + run.start.strengths.numel(), dtype),
    )
    if d_values is not None and d_values.size:  # empty where the memory was not asked for
        given, end = spread(d_values.reshape(-1, width)[places(run)], 1, sizes.width), run.layout.rows * hands
        actions[: run.layout.rows * sizes.stride].reshape(-1, sizes.stride)[:, : sizes.read] = given[:end].reshape(
            -1, sizes.read
        )
        actions[run.layout.rows * sizes.stride :] = given[end:].reshape(-1)
    if d_strengths is not None and d_strengths.size:
        left[:] = d_strengths.reshape(-1)[places(run)]
    return Grads(
        out=out,
        state=state,
        carry=carry.reshape(-1),
        left=left,
        held=np.zeros(run.start.strengths.numel(), dtype),
        gates=np.empty_like(run.tape.gates),
        actions=actions,
        **{name: np.zeros((run.layout.groups, *part.shape), dtype) for name, part in run.weights._asdict().items()},
    )


def start_gradients(run: Run, grads: Grads) -> tuple[Array, ...]:
    """Of `Start`."""
    sizes, start, words = run.sizes, run.start, len(run.layout.order)
    h, r = take_state(grads.state, slice(None), start.h.shape[2], start.values.shape[2], sizes)
    c = grads.carry.reshape(sizes.layers, words, sizes.carried)[:, :, : start.c.shape[2]]
    values = grads.actions[run.layout.rows * sizes.stride :].reshape(*start.values.shape[:2], sizes.width)
    return h, c, r, values[:, :, : start.values.shape[2]], grads.held.reshape(start.strengths.shape)
