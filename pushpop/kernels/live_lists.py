"""Lists of which nothing is kept but what is live, for answers: nothing will be undone. Axes: as in tape.py."""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels.inner import inlined
from pushpop.kernels.lists import look, put, remove
from pushpop.kernels.rows import copy
from pushpop.kernels.strengths import bend, cut


class Live(NamedTuple):
    """Lists of which nothing is kept but what is live: a popped cell's place is used again."""

    hands: np.ndarray  # [A, 2]
    margin: np.ndarray  # [1]
    low: np.ndarray  # [B]
    high: np.ndarray  # [B]
    cells: np.ndarray  # where in `values` the value of each place is
    strengths: np.ndarray
    values: np.ndarray  # [places, W]


@inlined
def work_live(live, word, row, sizes, actions, rounded, into, at):
    """`work` where nothing will be undone; `rounded`: strengths above 1/2 become 1, others 0."""
    first = row * sizes.stride
    bend(live, actions, first, sizes)
    if rounded:
        for k in range(first + sizes.read, first + sizes.read + 2 * len(live.hands)):
            actions[k] = actions[k] * 0 + (actions[k] > 0.5)
    for hand in range(len(live.hands)):
        remove(live, word, hand, cut(actions[first + sizes.read + 2 * hand + 1]))
    for hand in range(len(live.hands)):
        strength = cut(actions[first + sizes.read + 2 * hand])
        if not strength <= 0:
            place = put(live, word, hand, strength)
            copy(sizes.width, actions, first + hand * sizes.width, live.values, place * sizes.width)
    look(live, word, live.values, sizes, into, at)


@njit(nogil=True)
def live(shape, order, question, sizes, dtype):
    """Lists for the words of `order`, empty, with room for all that each may push."""
    hands, margin = shape
    low, total = np.zeros(len(question.lengths), np.int64), 0
    for word in order:
        most = question.lengths[word] + question.limits[word]
        low[word] = total + most * (len(hands) - 1)  # with two hands, as many may be put before the first as behind it
        total += most * len(hands)
    cells = np.arange(total) * sizes.width
    return Live(hands, margin, low, low.copy(), cells, np.empty(total, dtype), np.empty(total * sizes.width, dtype))
