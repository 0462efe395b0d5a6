"""What an unroll without a memory has in its place: arrays without numbers. Axes: as in layout.py."""

import numpy as np

from pushpop.kernels.nothing import Alone
from pushpop.kernels.plan import Plan
from pushpop.kernels.tape import Grads, Sizes
from pushpop.memory.layout import Array, Kind, Run, Start, Words, array
from pushpop.memory.workspace import empty

USED_UP = ()  # by the backward pass


def blank(kind: Kind, sizes: Sizes, start: Start, words: Words, layout: Plan) -> tuple[Alone, Array]:  # noqa: ARG001
    """Room for the controller alone, and no values behind the actions."""
    dtype = array(start.h).dtype
    return Alone(empty(layout.rows * sizes.hidden, dtype)), np.empty(0, dtype)


def left(run: Run) -> tuple[Array, Array]:
    """[B, n + T, 0] and [B, 0]."""
    words, held, _ = run.start.values.shape
    dtype = run.tape.state.dtype
    return np.empty((words, held + run.words.symbols.shape[1], 0), dtype), np.empty((words, 0), dtype)


def given(run: Run, d_values: Array | None, d_strengths: Array | None) -> tuple[Array, Array, Array]:  # noqa: ARG001
    """`actions`, `left` and `held` of `Grads` before the backward pass."""
    none = np.empty(0, run.tape.state.dtype)
    return none, none, none


def of_start(run: Run, grads: Grads) -> tuple[Array, Array]:  # noqa: ARG001
    """Of the values and strengths held at the start."""
    values, strengths, dtype = run.start.values, run.start.strengths, run.tape.state.dtype
    return np.empty(values.shape, dtype), np.empty(strengths.shape, dtype)
