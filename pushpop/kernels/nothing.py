"""No memory: a controller by itself, whose interface has no columns. What each function does is said in lists.py."""

from typing import NamedTuple

from numba import njit

from pushpop.kernels.inner import inlined


class Nothing(NamedTuple):
    """What there is of no memory, in every place where a memory has something."""


@inlined
def begin(nothing, word, sizes, pushed):
    pass


@inlined
def work(nothing, word, row, sizes, actions, into, at):
    pass


@inlined
def work_live(nothing, word, row, sizes, actions, rounded, into, at):
    pass


@inlined
def finish(nothing, word, i, sizes, pushed, actions, left, slate):
    pass


@inlined
def undo(nothing, word, i, row, sizes, actions, grad, grad_at, action_grads, slate):
    pass


@inlined
def arrive(nothing, word, i, row, sizes, pushed, slate, held):
    pass


@njit(nogil=True)
def live(nothing, order, question, sizes, dtype):
    return nothing


@njit(nogil=True)
def slate(nothing, plan, group, sizes):
    return nothing
