"""Between torch's tensors and the kernels' arrays: sizes filled up to whole vectors, and cut again.

Axes: B words, T positions, M wanted positions, S symbols, L layers, H hidden units, A hands of the memory, W width of a
value, V = A W, G rows of gates, n cells held before the first symbol, P phases of the recurrent weights; h and w are H
and W filled up to a multiple of PAD, K = h + A w.
"""

from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from pushpop.kernels.cells import CARRIES, CELLS, ROWS
from pushpop.kernels.lists import HANDS
from pushpop.kernels.tape import Sizes, Weights
from pushpop.kernels.vectors import PAD

Array = np.ndarray[Any, Any]


class Net(NamedTuple):
    """Layers of cells and the interface to a list.

    Gates are in torch's order; a GRU has four rows of them: reset, update, and the candidate in two parts, of what
    enters and of h (whose other part's weights are 0).
    """

    table: Tensor  # [2, S, G] what each symbol adds to the lowest layer's gates, by phase, biases included
    hidden: Tensor  # [P, H, G] from h to these gates
    read: Tensor  # [P, V, G] from the reads to these gates
    upper: Tensor  # [L - 1, 2, P, H, G] from its own h, and from that of the layer below, to each upper layer's gates
    upper_bias: Tensor  # [L - 1, P, G]
    value: Tensor  # [V, H]
    value_bias: Tensor  # [V]
    strength: Tensor  # [2 A, H] push and pop of each hand
    strength_bias: Tensor  # [1 or 2, 2 A] by phase


class Start(NamedTuple):
    """The state before the first symbol."""

    h: Tensor  # [L, B, H]
    c: Tensor  # [L, B, H] of an LSTM; of a GRU h once more, of an Elman cell [L, B, 0]
    r: Tensor  # [B, V]
    values: Tensor  # [B, n, W] of the cells held
    strengths: Tensor  # [B, n]


class Words(NamedTuple):
    """What is read, and what is wanted of it."""

    symbols: Tensor  # [B, T] int64
    writing: Tensor  # [B] int64: 1 for words whose writing phase began before
    lengths: Tensor  # [B] int64
    positions: Tensor  # [M] int64: flat places b * T + t, each at most once


class Kind(NamedTuple):
    """Which net it is, and what is wanted beside its outputs."""

    cell: str  # of `CELLS`
    lists: str  # of `HANDS`
    separator: int  # the symbol with which the writing phase begins
    memory: bool  # whether the memory at the end is wanted


def filled(size: int) -> int:
    """`size` filled up to whole vectors."""
    return -(-size // PAD) * PAD


def array(tensor: Tensor) -> Array:
    """The tensor's numbers in row order, shared where that is possible."""
    return tensor.detach().contiguous().numpy()


def sizes_of(net: Net, kind: Kind) -> Sizes:
    """The kernels' sizes, filled up."""
    values, hidden = net.value.shape
    cell, hands, high = CELLS[kind.cell], len(HANDS[kind.lists]), filled(hidden)
    wide = filled(values // hands)
    return Sizes(
        cell=cell,
        layers=1 + len(net.upper),
        hidden=high,
        gates=ROWS[cell] * high,
        carried=CARRIES[cell] * high,
        width=wide,
        read=hands * wide,
        depth=high + hands * wide,
        stride=hands * wide + PAD,
    )


def spread(given: Array, blocks: int, room: int) -> Array:
    """[..., blocks x size] to [..., blocks x room]: each block filled up with zeros."""
    size = given.shape[-1] // blocks
    if size == room:
        return given
    out = np.zeros((*given.shape[:-1], blocks, room), given.dtype)
    out[..., :size] = given.reshape(*given.shape[:-1], blocks, size)
    return out.reshape(*given.shape[:-1], blocks * room)


def gather(given: Array, blocks: int, size: int) -> Array:
    """The inverse of `spread`."""
    room = given.shape[-1] // blocks
    if size == room:
        return given
    return given.reshape(*given.shape[:-1], blocks, room)[..., :size].reshape(*given.shape[:-1], blocks * size)


def layers_of(state: Array, sizes: Sizes) -> tuple[Array, Array]:
    """A flat state as views: [rows, K] of the lowest layer, [L - 1, rows, h] of the upper ones."""
    rows = len(state) // (sizes.depth + (sizes.layers - 1) * sizes.hidden)
    lowest, upper = state[: rows * sizes.depth], state[rows * sizes.depth :]
    return lowest.reshape(rows, sizes.depth), upper.reshape(sizes.layers - 1, rows, sizes.hidden)


def put_state(state: Array, rows: Array | slice, h: Array, r: Array, sizes: Sizes) -> None:
    """Write h [L, B, H] and r [B, V] to these rows of a flat state."""
    lowest, upper = layers_of(state, sizes)
    lowest[rows] = np.concatenate(
        [spread(h[0], 1, sizes.hidden), spread(r, sizes.read // sizes.width, sizes.width)], axis=1
    )
    upper[:, rows] = spread(h[1:], 1, sizes.hidden)


def take_state(state: Array, rows: Array | slice, units: int, width: int, sizes: Sizes) -> tuple[Array, Array]:
    """h [L, B, H] and r [B, V] of these rows of a flat state."""
    lowest, upper = layers_of(state, sizes)
    first, read = lowest[rows, :units], lowest[rows, sizes.hidden :]
    return np.concatenate([first[None], upper[:, rows, :units]]), gather(read, sizes.read // sizes.width, width)


def state_size(sizes: Sizes) -> int:
    """Numbers in one word's state."""
    return sizes.depth + (sizes.layers - 1) * sizes.hidden


def net_arrays(net: Net, sizes: Sizes) -> Weights:
    """The kernels' weights."""
    table, hidden, read, upper, upper_bias, value, value_bias, strength, strength_bias = map(array, net)
    units, blocks, hands = value.shape[1], sizes.gates // sizes.hidden, sizes.read // sizes.width
    recurrent = np.zeros((len(hidden), sizes.depth, sizes.gates), hidden.dtype)
    recurrent[:, :units] = spread(hidden, blocks, sizes.hidden)
    rows = recurrent[:, sizes.hidden :].reshape(len(hidden), hands, sizes.width, sizes.gates)
    width = value.shape[0] // hands
    rows[:, :, :width] = spread(read, blocks, sizes.hidden).reshape(len(hidden), hands, width, sizes.gates)
    above = np.zeros((*upper.shape[:3], sizes.hidden, sizes.gates), hidden.dtype)
    above[..., :units, :] = spread(upper, blocks, sizes.hidden)
    interface = np.zeros((sizes.hidden, sizes.stride), value.dtype)
    interface[:units, : sizes.read] = spread(value.T, hands, sizes.width)
    interface[:units, sizes.read : sizes.read + 2 * hands] = strength.T
    bias = np.zeros((2, sizes.stride), value.dtype)
    bias[:, : sizes.read] = spread(value_bias, hands, sizes.width)
    bias[:, sizes.read : sizes.read + 2 * hands] = strength_bias
    return Weights(
        spread(table, blocks, sizes.hidden).reshape(-1, sizes.gates),
        recurrent,
        above,
        spread(upper_bias, blocks, sizes.hidden),
        interface,
        bias,
    )


def net_gradients(net: Net, sizes: Sizes, made: Weights) -> tuple[Array, ...]:
    """Of `Net`, from those of the kernels' weights."""
    units, blocks, hands = net.value.shape[1], sizes.gates // sizes.hidden, sizes.read // sizes.width
    width, phases = len(net.value) // hands, len(made.recurrent)
    reads = made.recurrent[:, sizes.hidden :].reshape(phases, hands, sizes.width, sizes.gates)[:, :, :width]
    strength_bias = made.bias[:, sizes.read : sizes.read + 2 * hands]
    if len(net.strength_bias) == 1:
        strength_bias = strength_bias.sum(0, keepdims=True)
    return (
        gather(made.table, blocks, units).reshape(net.table.shape),
        gather(made.recurrent[:, :units], blocks, units),
        gather(reads.reshape(phases, hands * width, sizes.gates), blocks, units),
        gather(made.upper[..., :units, :], blocks, units),
        gather(made.upper_bias, blocks, units),
        gather(made.interface[:units, : sizes.read], hands, width).T,
        gather(made.bias[:, : sizes.read].sum(0), hands, width),
        made.interface[:units, sizes.read : sizes.read + 2 * hands].T,
        strength_bias,
    )
