"""The output map: from the top layer's (h, r) to scores, in one map or in two with a tanh between them.

Axes: as in tape.py, and Z units of the layer between, O scores (both filled up to a multiple of PAD).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import squash
from pushpop.kernels.inner import inlined
from pushpop.kernels.matmul import add_product
from pushpop.kernels.rows import copy
from pushpop.kernels.tape import pack_each, rows_of, state_at


class Head(NamedTuple):
    """The weights."""

    mix: np.ndarray  # [K, Z], or [K, 0] where there is one map only
    mix_bias: np.ndarray  # [Z]
    scores: np.ndarray  # [K or Z, O]
    bias: np.ndarray  # [O]


class PackedHead(NamedTuple):
    """The weights as the products read them: the first map in two, for h and for r."""

    hidden: np.ndarray  # [1, size]
    read: np.ndarray  # [1, size]
    mix_bias: np.ndarray  # [Z]
    scores: np.ndarray  # [1, size] of the second map, if there is one
    bias: np.ndarray  # [O]


@njit(nogil=True)
def pack_head(head, hidden):
    """The weights packed; `hidden` rows of the first map are h's."""
    first = head.mix if len(head.mix_bias) > 0 else head.scores
    return PackedHead(
        pack_each(first[None, :hidden], False),
        pack_each(first[None, hidden:], False),
        head.mix_bias,
        pack_each(head.scores[None], False),
        head.bias,
    )


@inlined
def speak(count, sizes, state, head, mixed, out):
    """The scores of the first `count` rows of a state."""
    room, outputs = len(head.mix_bias), len(head.bias)
    top, step = state_at(sizes, sizes.layers - 1, rows_of(state, sizes), 0)
    columns, into = (room, mixed) if room > 0 else (outputs, out)
    for i in range(count):
        copy(columns, head.mix_bias if room > 0 else head.bias, 0, into, i * columns)
    add_product(count, sizes.hidden, columns, state, top, step, head.hidden[0], into, 0, columns)
    add_product(count, sizes.read, columns, state, sizes.hidden, sizes.depth, head.read[0], into, 0, columns)
    if room == 0:
        return
    squash.tanh(count * room, mixed, 0)
    for i in range(count):
        copy(outputs, head.bias, 0, out, i * outputs)
    add_product(count, room, outputs, mixed, 0, room, head.scores[0], out, 0, outputs)
