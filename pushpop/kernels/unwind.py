"""The backward pass of the unroll, for one group of words: undoes it step by step, the last one first. Axes: tape.py.

Cells are taken off a word's list and the popped ones put back from its log, so that memory is linear in the length; of
superposition stacks see superposition.py.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import memories
from pushpop.kernels.cache import Kernel
from pushpop.kernels.controller import undo_controller, weigh_up
from pushpop.kernels.inner import inlined
from pushpop.kernels.matmul import PANEL
from pushpop.kernels.rows import add
from pushpop.kernels.tape import move, pack_weights, rows_of, state_at


class Made(NamedTuple):
    """A group's sums of weight gradients, all flat: see `Grads`."""

    table: np.ndarray
    recurrent: np.ndarray
    upper: np.ndarray
    upper_bias: np.ndarray
    interface: np.ndarray
    bias: np.ndarray
    panel: np.ndarray  # [PANEL] room for the products


@inlined
def add_wanted(sizes, out, place, high, i):
    """Add the gradient of a wanted output to that of the state it was taken from."""
    top, _ = state_at(sizes, sizes.layers - 1, rows_of(high, sizes), i)
    add(sizes.hidden, out, place * sizes.depth, high, top)
    add(sizes.read, out, place * sizes.depth + sizes.hidden, high, i * sizes.depth + sizes.hidden)


@inlined
def undo_group(group, plan, sizes, packed, tape, grads, made, high, carried, slate):
    """Undo every step of a group; `high`, `carried` and `slate` are `scratch`."""
    words_at, first, last = plan.first_word[group], plan.first_step[group], plan.first_step[group + 1]
    words = plan.first_word[group + 1] - words_at
    pushed, start = len(tape.token) * sizes.stride, len(tape.token) + words_at
    for s in range(last - 1, first - 1, -1):
        count, row = plan.count[s], plan.offset[s]
        for i in range(count):
            word = plan.order[words_at + i]
            if s + 1 == last or i >= plan.count[s + 1]:
                move(sizes, grads.state, word, grads.carry, high, i, carried)
                memories.finish(tape.memory, word, i, sizes, pushed, tape.actions, grads.left, slate)
            if plan.wanted[row + i] >= 0:
                add_wanted(sizes, grads.out, plan.wanted[row + i], high, i)
            memories.undo(
                tape.memory, word, i, row + i, sizes, tape.actions, high, i * sizes.depth + sizes.hidden, grads.actions,
                slate,
            )  # fmt: skip
        old = start if s == first else plan.offset[s - 1]
        undo_controller(count, row, old, sizes, packed, tape, grads, made, high, carried)
    weigh_up(first, last, start, plan, sizes, len(packed.recurrent), tape, grads, made)
    for i in range(words):
        word = plan.order[words_at + i]
        move(sizes, high, i, carried, grads.state, word, grads.carry)
        memories.arrive(tape.memory, word, i, plan.offset[first] + i, sizes, pushed, slate, grads.held)


@njit(nogil=True)
def scratch(group, plan, sizes, tape):
    """Room for what goes from step to step of a group: gradients of its state, of what is carried, of memories."""
    words, dtype = plan.first_word[group + 1] - plan.first_word[group], tape.state.dtype
    high = np.zeros(words * (sizes.depth + (sizes.layers - 1) * sizes.hidden), dtype)
    carried = np.zeros(sizes.layers * words * sizes.carried, dtype)
    return high, carried, memories.slate(tape.memory, plan, group, sizes)


@njit(nogil=True)
def sums_of(grads, group):
    """A group's own sums of weight gradients."""
    return Made(
        grads.table[group].reshape(-1),
        grads.recurrent[group].reshape(-1),
        grads.upper[group].reshape(-1),
        grads.upper_bias[group].reshape(-1),
        grads.interface[group].reshape(-1),
        grads.bias[group].reshape(-1),
        np.empty(PANEL, grads.bias.dtype),
    )


@Kernel
def backward(group, plan, sizes, weights, tape, grads):
    """Undo the unroll of one group. Uses up the tape's lists."""
    high, carried, slate = scratch(group, plan, sizes, tape)
    packed, made = pack_weights(weights, True), sums_of(grads, group)
    undo_group(group, plan, sizes, packed, tape, grads, made, high, carried, slate)
