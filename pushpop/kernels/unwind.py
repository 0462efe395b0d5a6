"""The backward pass of the unroll, for one group of words. Axes: see tape.py."""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import memories, orders
from pushpop.kernels.cache import Kernel
from pushpop.kernels.matmul import PANEL
from pushpop.kernels.tape import pack_weights


class Made(NamedTuple):
    """A group's sums of weight gradients, all flat: see `Grads`."""

    table: np.ndarray
    recurrent: np.ndarray
    upper: np.ndarray
    upper_bias: np.ndarray
    interface: np.ndarray
    bias: np.ndarray
    panel: np.ndarray  # [PANEL] room for the products


@njit(nogil=True)
def scratch(group, plan, sizes, tape):
    """Room for what goes from step to step of a group: gradients of its state, of what is carried, of memories."""
    words, dtype = 0, tape.state.dtype
    for part in range(plan.first_part[group], plan.first_part[group + 1]):
        words = max(words, plan.first_word[part + 1] - plan.first_word[part])
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
    orders.undo_group(tape.memory, group, plan, sizes, packed, tape, grads, made, high, carried, slate)
