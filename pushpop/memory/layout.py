"""Between torch's tensors and the kernels' arrays: sizes filled up to whole vectors, and cut again.

Axes: B words, T positions, M wanted positions, S symbols, L layers, H hidden units, A hands of the memory, W width of a
value, V = A W, G rows of gates, n cells held before the first symbol, P phases of the recurrent weights; h and w are H
and W filled up to a multiple of PAD, K = h + A w.

Of superposition stacks a cell is a level of them all, side by side: W numbers are those of one level. One value of them
is pushed at a step (U = W; of a list U = V), and A levels are read. A controller without a memory ("none") has one hand
that works values of no numbers, and no actions.
"""

from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from pushpop.kernels.cells import CARRIES, CELLS, ROWS
from pushpop.kernels.lists import HANDS
from pushpop.kernels.plan import Plan
from pushpop.kernels.tape import Sizes, Tape, Weights
from pushpop.kernels.vectors import PAD

Array = np.ndarray[Any, Any]


class Net(NamedTuple):
    """Layers of cells and the interface to a memory.

    Gates are in torch's order; a GRU has four rows of them: reset, update, and the candidate in two parts, of what
    enters and of h (whose other part's weights are 0).
    """

    table: Tensor  # [2, S, G] what each symbol adds to the lowest layer's gates, by phase, biases included
    hidden: Tensor  # [P, H, G] from h to these gates
    read: Tensor  # [P, V, G] from the reads to these gates
    upper: Tensor  # [L - 1, 2, P, H, G] from its own h, and from that of the layer below, to each upper layer's gates
    upper_bias: Tensor  # [L - 1, P, G]
    value: Tensor  # [U, H]
    value_bias: Tensor  # [U]
    action: Tensor  # [2 A, H] push and pop of each hand; or [stacks x actions, H] push, pop and keep of each stack
    action_bias: Tensor  # [1 or 2, 2 A or stacks x actions] by phase


class Start(NamedTuple):
    """The state before the first symbol."""

    h: Tensor  # [L, B, H]
    c: Tensor  # [L, B, H] of an LSTM; of a GRU h once more, of an Elman cell [L, B, 0]
    r: Tensor  # [B, V]
    values: Tensor  # [B, n, W] of the cells held; of superposition stacks the top ones first
    strengths: Tensor  # [B, n]; of superposition stacks [B, 0]


class Words(NamedTuple):
    """What is read, and what is wanted of it."""

    symbols: Tensor  # [B, T] int64
    writing: Tensor  # [B] int64: 1 for words whose writing phase began before
    lengths: Tensor  # [B] int64
    positions: Tensor  # [M] int64: flat places b * T + t, each at most once


class Kind(NamedTuple):
    """Which net it is, and what is wanted beside its outputs."""

    cell: str  # of `CELLS`
    store: str  # of `HANDS`, "none", or "superposition", to which alone `stacks` to `empty` belong
    separator: int  # the symbol with which the writing phase begins
    memory: bool  # whether the memory at the end is wanted
    stacks: int = 1
    depth: int = 1  # levels read
    keep: bool = False  # whether there is a third action
    value: str = "tanh"  # of `VALUES`
    empty: float = 0.0  # what is below all that was pushed
    margin: float = 0.0  # of the strengths of lists: see `Hands`

    @property
    def hands(self) -> int:
        """A: reads of a step."""
        return len(HANDS[self.store]) if self.store in HANDS else self.depth

    @property
    def pushed(self) -> int:
        """Values pushed at a step: U / W."""
        return len(HANDS[self.store]) if self.store in HANDS else 1

    @property
    def actions(self) -> int:
        """Actions of each hand or stack."""
        return 3 if self.keep else 2


class Run(NamedTuple):
    """One unroll: what was given, and what the kernel made."""

    net: Net
    start: Start
    words: Words
    kind: Kind
    sizes: Sizes
    weights: Weights
    layout: Plan
    tape: Tape


def filled(size: int) -> int:
    """`size` filled up to whole vectors."""
    return -(-size // PAD) * PAD


def array(tensor: Tensor) -> Array:
    """The tensor's numbers in row order, shared where that is possible."""
    return tensor.detach().contiguous().numpy()


def sizes_of(net: Net, kind: Kind) -> Sizes:
    """The kernels' sizes, filled up."""
    values, hidden = net.value.shape
    cell, high, wide = CELLS[kind.cell], filled(hidden), filled(values // kind.pushed)
    actions = 0 if kind.store == "none" else PAD if kind.store in HANDS else kind.actions * filled(kind.stacks)
    return Sizes(
        cell=cell,
        layers=1 + len(net.upper),
        hidden=high,
        gates=ROWS[cell] * high,
        carried=CARRIES[cell] * high,
        width=wide,
        read=kind.hands * wide,
        depth=high + kind.hands * wide,
        stride=kind.pushed * wide + actions,
    )


def action_columns(kind: Kind, sizes: Sizes) -> Array:
    """Which of the interface's columns each row of `Net.action` is."""
    first = kind.pushed * sizes.width
    if kind.store == "none":
        return np.arange(0)
    if kind.store in HANDS:
        return first + np.arange(2 * kind.hands)
    columns: Array = first + np.arange(kind.stacks)[:, None] + filled(kind.stacks) * np.arange(kind.actions)
    return columns.ravel()


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


def reads(sizes: Sizes) -> int:
    """A, as the kernels' sizes have it."""
    return sizes.read // sizes.width if sizes.width else 1


def layers_of(state: Array, sizes: Sizes) -> tuple[Array, Array]:
    """A flat state as views: [rows, K] of the lowest layer, [L - 1, rows, h] of the upper ones."""
    rows = len(state) // (sizes.depth + (sizes.layers - 1) * sizes.hidden)
    lowest, upper = state[: rows * sizes.depth], state[rows * sizes.depth :]
    return lowest.reshape(rows, sizes.depth), upper.reshape(sizes.layers - 1, rows, sizes.hidden)


def put_state(state: Array, rows: Array | slice, h: Array, r: Array, sizes: Sizes) -> None:
    """Write h [L, B, H] and r [B, V] to these rows of a flat state."""
    lowest, upper = layers_of(state, sizes)
    lowest[rows] = np.concatenate([spread(h[0], 1, sizes.hidden), spread(r, reads(sizes), sizes.width)], axis=1)
    upper[:, rows] = spread(h[1:], 1, sizes.hidden)


def take_state(state: Array, rows: Array | slice, units: int, width: int, sizes: Sizes) -> tuple[Array, Array]:
    """h [L, B, H] and r [B, V] of these rows of a flat state."""
    lowest, upper = layers_of(state, sizes)
    first, read = lowest[rows, :units], lowest[rows, sizes.hidden :]
    return np.concatenate([first[None], upper[:, rows, :units]]), gather(read, reads(sizes), width)


def state_size(sizes: Sizes) -> int:
    """Numbers in one word's state."""
    return sizes.depth + (sizes.layers - 1) * sizes.hidden


def net_arrays(net: Net, sizes: Sizes, kind: Kind) -> Weights:
    """The kernels' weights."""
    table, hidden, read, upper, upper_bias, value, value_bias, action, action_bias = map(array, net)
    units, blocks, hands, pushed = value.shape[1], sizes.gates // sizes.hidden, kind.hands, kind.pushed
    recurrent = np.zeros((len(hidden), sizes.depth, sizes.gates), hidden.dtype)
    recurrent[:, :units] = spread(hidden, blocks, sizes.hidden)
    rows = recurrent[:, sizes.hidden :].reshape(len(hidden), hands, sizes.width, sizes.gates)
    width, columns = len(value) // pushed, action_columns(kind, sizes)
    rows[:, :, :width] = spread(read, blocks, sizes.hidden).reshape(len(hidden), hands, width, sizes.gates)
    above = upper  # most of the weights: not copied where they are whole vectors
    if units < sizes.hidden:
        above = np.zeros((*upper.shape[:3], sizes.hidden, sizes.gates), hidden.dtype)
        above[..., :units, :] = spread(upper, blocks, sizes.hidden)
    interface = np.zeros((sizes.hidden, sizes.stride), value.dtype)
    interface[:units, : pushed * sizes.width] = spread(value.T, pushed, sizes.width)
    interface[:units, columns] = action.T
    bias = np.zeros((2, sizes.stride), value.dtype)
    bias[:, : pushed * sizes.width] = spread(value_bias, pushed, sizes.width)
    bias[:, columns] = action_bias
    return Weights(
        spread(table, blocks, sizes.hidden).reshape(-1, sizes.gates),
        recurrent,
        above,
        spread(upper_bias, blocks, sizes.hidden),
        interface,
        bias,
    )


def net_gradients(net: Net, sizes: Sizes, kind: Kind, made: Weights) -> tuple[Array, ...]:
    """Of `Net`, from those of the kernels' weights."""
    units, blocks, hands, pushed = net.value.shape[1], sizes.gates // sizes.hidden, kind.hands, kind.pushed
    width, phases, columns = len(net.value) // pushed, len(made.recurrent), action_columns(kind, sizes)
    reads = made.recurrent[:, sizes.hidden :].reshape(phases, hands, sizes.width, sizes.gates)[:, :, :width]
    action_bias = made.bias[:, columns]
    if len(net.action_bias) == 1:
        action_bias = action_bias.sum(0, keepdims=True)
    return (
        gather(made.table, blocks, units).reshape(net.table.shape),
        gather(made.recurrent[:, :units], blocks, units),
        gather(reads.reshape(phases, hands * width, sizes.gates), blocks, units),
        gather(made.upper[..., :units, :], blocks, units),
        gather(made.upper_bias, blocks, units),
        gather(made.interface[:units, : pushed * sizes.width], pushed, width).T,
        gather(made.bias[:, : pushed * sizes.width].sum(0), pushed, width),
        made.interface[:units, columns].T,
        action_bias,
    )
