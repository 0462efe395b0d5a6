"""The superposition stacks of an unroll as the kernels keep them, and back. Axes: as in layout.py."""

import numpy as np

from pushpop.kernels.choices import VALUES, Shape
from pushpop.kernels.plan import Plan
from pushpop.kernels.superposition import Stacks
from pushpop.kernels.tape import Grads, Sizes
from pushpop.memory.layout import Array, Kind, Run, Start, Words, array, filled, spread
from pushpop.memory.workspace import empty, zeros

USED_UP = ("age",)  # by the backward pass


def shape_of(kind: Kind, sizes: Sizes, held: Array) -> Shape:
    """What all words' stacks have in common; they hold such levels."""
    width, vacant = held.shape[2], np.zeros(sizes.width, held.dtype)
    vacant[:width] = kind.empty
    return Shape(
        stacks=kind.stacks,
        cell=width // kind.stacks,
        choices=kind.actions,
        room=filled(kind.stacks),
        depth=kind.depth,
        value=VALUES[kind.value],
        vacant=vacant,
    )


def blank(kind: Kind, sizes: Sizes, start: Start, words: Words, layout: Plan) -> tuple[Stacks, Array]:
    """Room for the stacks of all words; no values lie behind their actions."""
    held, lengths = array(start.values), array(words.lengths)
    count, below, _ = held.shape
    if kind.memory:
        rows = below + lengths
        reach = rows + lengths  # every level there is, at every step
    else:
        reach = lengths + kind.depth
        rows = (below + reach) // 2
    rows = np.maximum(rows + 2, kind.depth)
    every = np.maximum(np.sqrt(lengths).round().astype(np.int64), 1)
    sizes_ = (-(-lengths // every) + 1) * rows * sizes.width
    stacks = Stacks(
        shape=shape_of(kind, sizes, held),
        held=spread(held, 1, sizes.width).reshape(-1),
        cells=empty(int(sizes_.sum()), held.dtype),
        at=np.cumsum(sizes_) - sizes_,
        rows=rows,
        every=every,
        reach=reach,
        age=np.zeros(count, np.int64),
        first=np.cumsum(lengths) - lengths,
        row=np.empty(layout.rows, np.int64),
        shares=np.empty(count * 3 * sizes.width, held.dtype),
    )
    return stacks, np.empty(0, held.dtype)


def left(run: Run) -> tuple[Array, Array]:
    """Levels [B, n + T, W] at each word's end, top first; no strengths."""
    stacks, (words, held, width), lengths = run.tape.memory, run.start.values.shape, array(run.words.lengths)
    values = np.full((words, held + run.words.symbols.shape[1], width), run.kind.empty, stacks.cells.dtype)
    size = stacks.rows * run.sizes.width
    last = stacks.at + -(-lengths // stacks.every) * size
    for word, (at, levels) in enumerate(zip(last, held + lengths, strict=True)):
        values[word, :levels] = stacks.cells[at : at + levels * run.sizes.width].reshape(levels, -1)[:, :width]
    return values, np.empty((words, 0), values.dtype)


def given(run: Run, d_values: Array | None, d_strengths: Array | None) -> tuple[Array, Array, Array]:  # noqa: ARG001
    """`actions`, `left` and `held` of `Grads` before the backward pass."""
    dtype = run.tape.state.dtype
    levels = np.empty(0, dtype) if d_values is None else spread(d_values, 1, run.sizes.width).reshape(-1)
    return zeros(len(run.tape.actions), dtype), levels, np.zeros(len(run.tape.memory.held), dtype)


def of_start(run: Run, grads: Grads) -> tuple[Array, Array]:
    """The gradients of the levels held at the start; there are no strengths."""
    words, held, width = run.start.values.shape
    return grads.held.reshape(words, held, run.sizes.width)[:, :, :width], np.zeros((words, 0), grads.held.dtype)
