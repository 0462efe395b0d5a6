"""The lists of an unroll as the kernels keep them, and back. Axes: as in layout.py; N real positions."""

import numpy as np

from pushpop.kernels.lists import HANDS, NEW, Lists
from pushpop.kernels.plan import Plan
from pushpop.kernels.tape import Grads, Sizes
from pushpop.memory.layout import Array, Kind, Run, Start, Words, array, spread
from pushpop.memory.workspace import empty, zeros

USED_UP = ("low", "high", "cells", "strengths", "logged")  # by the backward pass


def blank(kind: Kind, sizes: Sizes, start: Start, words: Words, layout: Plan) -> tuple[Lists, Array]:
    """Room for the lists of all words, each with what it held and what it may push at either end; the values held."""
    hands, strengths, longest = np.array(HANDS[kind.store]), array(start.strengths), words.symbols.shape[1]
    count, held = strengths.shape
    room, rows = held + longest * len(hands), layout.rows * len(hands)
    low = np.arange(count) * room + longest * (hands[:, 0] != NEW).sum()
    lists = Lists(
        hands=hands,
        margin=np.array([kind.margin], strengths.dtype),
        held=strengths.reshape(-1),
        low=low,
        high=low.copy(),
        cells=empty(count * room, np.int64),
        strengths=empty(count * room, strengths.dtype),
        logged=empty(count, np.int64),
        log_cells=empty(count * room, np.int64),
        log_strengths=empty(count * room, strengths.dtype),
        taken=empty(rows, np.int64),
        cut=empty(rows, strengths.dtype),
    )
    return lists, spread(array(start.values), 1, sizes.width).reshape(-1)


def places(run: Run) -> Array:
    """Where each cell is in a memory [B, n + A T], flat: those pushed, row by row and hand by hand, then those held."""
    hands, (words, held), longest = run.tape.memory.hands, run.start.strengths.shape, run.words.symbols.shape[1]
    room, before = held + longest * len(hands), longest * int((hands[:, 0] != NEW).sum())
    word, step = run.layout.source // longest * room, run.layout.source % longest
    pushed = [word + (before + held + step if put == NEW else before - 1 - step) for put, _ in hands]
    first = np.arange(words)[:, None] * room + before + np.arange(held)
    return np.concatenate([np.stack(pushed, 1).ravel(), first.ravel()])


def left(run: Run) -> tuple[Array, Array]:
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


def given(run: Run, d_values: Array | None, d_strengths: Array | None) -> tuple[Array, Array, Array]:
    """`actions`, `left` and `held` of `Grads` before the backward pass."""
    sizes, width, dtype = run.sizes, run.start.values.shape[2], run.tape.state.dtype
    end, held = run.layout.rows * run.kind.hands, run.start.strengths.numel()
    actions, strengths = zeros(len(run.tape.actions), dtype), zeros(end + held, dtype)
    if d_values is not None and d_values.size:  # empty where the memory was not asked for
        values = spread(d_values.reshape(-1, width)[places(run)], 1, sizes.width)
        rows = run.layout.rows * sizes.stride
        actions[:rows].reshape(-1, sizes.stride)[:, : sizes.read] = values[:end].reshape(-1, sizes.read)
        actions[rows:] = values[end:].reshape(-1)
    if d_strengths is not None and d_strengths.size:
        strengths[:] = d_strengths.reshape(-1)[places(run)]
    return actions, strengths, np.zeros(held, dtype)


def of_start(run: Run, grads: Grads) -> tuple[Array, Array]:
    """The gradients of the values and strengths held at the start."""
    start, sizes = run.start, run.sizes
    values = grads.actions[run.layout.rows * sizes.stride :].reshape(*start.values.shape[:2], sizes.width)
    return values[:, :, : start.values.shape[2]].copy(), grads.held.reshape(start.strengths.shape)
