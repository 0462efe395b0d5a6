"""Between torch's tensors and the kernels' arrays: sizes filled up to whole vectors, and cut again.

Axes: B words, T positions, M wanted positions, S symbols, H hidden units, W width of a value, n cells held before the
first symbol, P phases of the recurrent weights; h and w are H and W filled up to a multiple of PAD, K = h + w.
"""

from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from pushpop.kernels.tape import Weights
from pushpop.kernels.vectors import PAD

Array = np.ndarray[Any, Any]


class Net(NamedTuple):
    """An LSTM of one layer and its interface, gates in torch's order."""

    table: Tensor  # [2, S, 4H] what each symbol adds to the gates, by phase, biases included
    hidden: Tensor  # [P, H, 4H] from h to the gates
    read: Tensor  # [P, W, 4H] from the read to the gates
    value: Tensor  # [W, H]
    value_bias: Tensor  # [W]
    strength: Tensor  # [2, H] push, pop
    strength_bias: Tensor  # [1 or 2, 2] by phase


class Start(NamedTuple):
    """The state before the first symbol."""

    h: Tensor  # [B, H]
    c: Tensor  # [B, H]
    r: Tensor  # [B, W]
    values: Tensor  # [B, n, W] of the cells held
    strengths: Tensor  # [B, n]


class Words(NamedTuple):
    """What is read, and what is wanted of it."""

    symbols: Tensor  # [B, T] int64
    writing: Tensor  # [B] int64: 1 for words whose writing phase began before
    lengths: Tensor  # [B] int64
    positions: Tensor  # [M] int64: flat places b * T + t, each at most once
    separator: int  # the symbol with which the writing phase begins
    memory: bool  # whether the memory at the end is wanted


def filled(size: int) -> int:
    """`size` filled up to whole vectors."""
    return -(-size // PAD) * PAD


def array(tensor: Tensor) -> Array:
    """The tensor's numbers in row order, shared where that is possible."""
    return tensor.detach().contiguous().numpy()


def spread(given: Array, high: int) -> Array:
    """[..., 4H]: each of four gates filled up to `high` columns."""
    hidden = given.shape[-1] // 4
    if hidden == high:
        return given
    out = np.zeros((*given.shape[:-1], 4, high), given.dtype)
    out[..., :hidden] = given.reshape(*given.shape[:-1], 4, hidden)
    return out.reshape(*given.shape[:-1], 4 * high)


def gather(given: Array, hidden: int) -> Array:
    """The inverse of `spread`."""
    high = given.shape[-1] // 4
    if hidden == high:
        return given
    return given.reshape(*given.shape[:-1], 4, high)[..., :hidden].reshape(*given.shape[:-1], 4 * hidden)


def join(upper: Array, lower: Array, high: int, wide: int) -> Array:
    """(h, r) side by side, [..., H] and [..., W] to [..., K], both filled up."""
    out = np.zeros((*upper.shape[:-1], high + wide), upper.dtype)
    out[..., : upper.shape[-1]] = upper
    out[..., high : high + lower.shape[-1]] = lower
    return out


def net_arrays(net: Net) -> Weights:
    """The kernels' weights."""
    table, hidden, read, value, value_bias, strength, strength_bias = map(array, net)
    width, units = value.shape
    high, wide = filled(units), filled(width)
    recurrent = np.zeros((len(hidden), high + wide, 4 * high), hidden.dtype)
    recurrent[:, :units] = spread(hidden, high)
    recurrent[:, high : high + width] = spread(read, high)
    interface = np.zeros((high, wide + PAD), value.dtype)
    interface[:units, :width] = value.T
    interface[:units, wide : wide + 2] = strength.T
    bias = np.zeros((2, wide + PAD), value.dtype)
    bias[:, :width] = value_bias
    bias[:, wide : wide + 2] = strength_bias
    return Weights(spread(table, high).reshape(-1, 4 * high), recurrent, interface, bias)
