"""No memory: a controller by itself, whose interface has no columns. What each function does is said in lists.py."""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels.inner import inlined


class Nothing(NamedTuple):
    """What all words have in common that have no memory, and what is live of it."""


class Alone(NamedTuple):
    """In the place of a memory: room that the controller needs for itself."""

    rising: np.ndarray  # [N, H] gradients of a layer's h from above; then h of each row's row before


@inlined
def work_live(nothing, word, row, sizes, actions, rounded, into, at):
    pass


@njit(nogil=True)
def live(nothing, order, question, sizes, dtype):
    return nothing


@njit(nogil=True)
def slate(alone, plan, group, sizes):
    return Nothing()
