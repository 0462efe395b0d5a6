"""The output map, from the top layer's (h, r) to scores, in one map or in two with a tanh between; its cross entropy.

Axes: as in tape.py, and Z units of the layer between, O scores (both filled up to a multiple of PAD), X features that
the scores are taken from: Z, or K where there is one map only.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import squash
from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.matmul import PANEL, add_product, add_transposed_product
from pushpop.kernels.rows import add, copy, fill, greatest, scale, shift, times_slope_of_tanh, total
from pushpop.kernels.tape import pack_each, rows_of, state_at
from pushpop.kernels.vectors import PAD

BLOCK = 64  # rows that are scored together


class Head(NamedTuple):
    """The weights, or the sums of their gradients; of several groups, with these in front."""

    mix: np.ndarray  # [K, Z], or [K, 0] where there is one map only
    mix_bias: np.ndarray  # [Z]
    scores: np.ndarray  # [X, O]
    bias: np.ndarray  # [O]


class PackedHead(NamedTuple):
    """The weights as the products read them."""

    mix: np.ndarray  # [1, size]
    mix_bias: np.ndarray
    scores: np.ndarray  # [1, size]
    bias: np.ndarray


class Desk(NamedTuple):
    """Room for BLOCK rows on their way through the map."""

    features: np.ndarray  # [BLOCK, K]
    mixed: np.ndarray  # [BLOCK, Z]
    scores: np.ndarray  # [BLOCK, O]
    grads: np.ndarray  # [BLOCK, Z] of what enters the tanh
    peak: np.ndarray  # [PAD]
    panel: np.ndarray  # [PANEL]


@njit(nogil=True)
def pack_head(head, transposed):
    """The weights packed, or their transposes."""
    mix, scores = pack_each(head.mix[None], transposed), pack_each(head.scores[None], transposed)
    return PackedHead(mix, head.mix_bias, scores, head.bias)


@njit(nogil=True)
def clear_desk(head, rows):
    """Room for so many rows."""
    (depth, between), outputs, dtype = head.mix.shape, len(head.bias), head.bias.dtype
    return Desk(
        np.empty(rows * depth, dtype),
        np.empty(rows * between, dtype),
        np.empty(rows * outputs, dtype),
        np.empty(rows * between, dtype),
        np.empty(PAD, dtype),
        np.empty(PANEL, dtype),
    )


@inlined
def lay(i, row, sizes, state, desk):
    """Row `row` of a state on the desk, as its row i."""
    top, _ = state_at(sizes, sizes.layers - 1, rows_of(state, sizes), row)
    copy(sizes.hidden, state, top, desk.features, i * sizes.depth)
    copy(sizes.read, state, row * sizes.depth + sizes.hidden, desk.features, i * sizes.depth + sizes.hidden)


@inner
def through(count, entering, depth, packed, bias, columns, into):
    """Send `count` rows through a linear map."""
    for i in range(count):
        copy(columns, bias, 0, into, i * columns)
    add_product(count, depth, columns, entering, 0, depth, packed[0], into, 0, columns)


@inner
def weigh_map(count, entering, depth, grads, columns, weights, bias, panel):
    """Add the gradients of a linear map, from those of what left it."""
    for i in range(count):
        add(columns, grads, i * columns, bias, 0)
    add_transposed_product(count, depth, columns, entering, 0, depth, grads, 0, weights, 0, panel)


@inner
def back(count, grads, columns, packed, depth, into):
    """The gradients of what entered a linear map, `packed` transposed, from those of what left it."""
    fill(count * depth, into, 0, 0)
    add_product(count, columns, depth, grads, 0, columns, packed[0], into, 0, depth)


@inlined
def speak(count, sizes, head, desk):
    """The scores of the first `count` rows on the desk."""
    between, outputs = len(head.mix_bias), len(head.bias)
    if between == 0:
        through(count, desk.features, sizes.depth, head.scores, head.bias, outputs, desk.scores)
        return
    through(count, desk.features, sizes.depth, head.mix, head.mix_bias, between, desk.mixed)
    squash.tanh(count * between, desk.mixed, 0)
    through(count, desk.mixed, between, head.scores, head.bias, outputs, desk.scores)


@inner
def surprise(scores, at, outputs, symbols, target, weight, peak):
    """Cross entropy (nats) of a row; its scores, of which the first `symbols` are real, become `weight` x gradient."""
    fill(outputs - symbols, scores, at + symbols, -np.inf)
    top = greatest(outputs, scores, at, peak)
    wanted = scores[at + target] - top
    shift(outputs, -top, scores, at)
    squash.exponential(outputs, scores, at)
    whole = total(symbols, scores, at)
    scale(outputs, weight / whole, scores, at)
    fill(outputs - symbols, scores, at + symbols, 0)
    scores[at + target] -= weight
    return np.log(whole) - wanted


@inlined
def unspeak(count, sizes, head, transposed, desk, made, out, wanted):
    """From gradients of the scores on the desk to those of the weights, and of the features: to rows of `out`."""
    between, outputs, depth = len(head.mix_bias), len(head.bias), sizes.depth
    weights, mix = made.scores.reshape(-1), made.mix.reshape(-1)
    if between == 0:
        weigh_map(count, desk.features, depth, desk.scores, outputs, weights, made.bias, desk.panel)
        back(count, desk.scores, outputs, transposed.scores, depth, desk.features)
    else:
        weigh_map(count, desk.mixed, between, desk.scores, outputs, weights, made.bias, desk.panel)
        back(count, desk.scores, outputs, transposed.scores, between, desk.grads)
        times_slope_of_tanh(count * between, desk.mixed, 0, desk.grads, 0)
        weigh_map(count, desk.features, depth, desk.grads, between, mix, made.mix_bias, desk.panel)
        back(count, desk.grads, between, transposed.mix, depth, desk.features)
    for i in range(count):
        copy(sizes.depth, desk.features, i * sizes.depth, out, wanted[i] * sizes.depth)
