"""What the kernels share: the net, and what an unroll writes down. All arrays but the net's are flat.

Axes: N rows (real positions, see plan.py), B words, L layers, H hidden, A hands of the memory, W width of a value (H
and W multiples of PAD), V = A W, K = H + V, G gates (H, or 4H), R rows of the table, P phases, Q = V + PAD columns of
the interface (the values', then push and pop of each hand), n cells that each word holds before its first symbol, T
positions of the longest word, M wanted positions, U groups. Of superposition stacks W is one level of them all,
A levels are read, and Q is what choices.py says.

Rows of the state are written once and read where they lie: the product of a step takes (h, r) from the rows before,
since the words still running are always the first of them.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.matmul import add_product, pack, packed_size
from pushpop.kernels.rows import copy


class Sizes(NamedTuple):
    """Whole numbers that all kernels go by."""

    cell: int  # which one: see cells.py
    layers: int
    hidden: int  # H
    gates: int  # G
    carried: int  # H, or 0 where the cell carries nothing beside h
    width: int  # W
    read: int  # V
    depth: int  # K
    stride: int  # Q


class Weights(NamedTuple):
    """The net, in one floating type."""

    table: np.ndarray  # [R, G] what each symbol adds to the lowest layer's gates, biases included
    recurrent: np.ndarray  # [P, K, G] from (h, r) to these gates
    upper: np.ndarray  # [L - 1, 2, P, H, G] from its own h, and from that of the layer below, to each upper layer's
    upper_bias: np.ndarray  # [L - 1, P, G]
    interface: np.ndarray  # [H, Q] from the top layer's h to values, pushes and pops
    bias: np.ndarray  # [2, Q] of the interface, by phase


class Packed(NamedTuple):
    """The weights as the products read them, all flat but for the phases."""

    table: np.ndarray
    recurrent: np.ndarray  # [P, size]
    upper: np.ndarray  # [2 (L - 1) P, size]
    upper_bias: np.ndarray
    interface: np.ndarray  # [1, size]
    bias: np.ndarray


class Tape(NamedTuple):
    """What the forward pass leaves behind, and the backward pass needs. Behind the rows: each word's start, by rank."""

    token: np.ndarray  # [N] row of the table
    phase: np.ndarray  # [N]
    state: np.ndarray  # [N + B, K] (h, r) of the lowest layer; then [L - 1, N + B, H] h of each upper one
    carry: np.ndarray  # [L, N + B, H or 0]
    gates: np.ndarray  # [L, N, G] squashed
    actions: np.ndarray  # [N, Q] squashed: values, and push and pop of each hand; then [B n, W], the values lists held
    memory: Any  # `Lists` or `Stacks`


class Grads(NamedTuple):
    """What the backward pass is given, and what it makes of it."""

    out: np.ndarray  # [M, K] given: of the top layer's (h, r) where it is wanted
    state: np.ndarray  # [B, K], then [L - 1, B, H] given of each word's end; becomes the gradient of its start
    carry: np.ndarray  # [L, B, H or 0] the same
    left: np.ndarray  # [A N + B n] given: of the strength that each cell has left at its word's end; [B, n + T, W] of
    # the levels of superposition stacks there, or nothing
    held: np.ndarray  # [B n] made: of the strengths held at the start; [B n, W] of the levels
    gates: np.ndarray  # [L, N, G] made: of what enters the gates
    actions: np.ndarray  # as the tape's, given: of the values; becomes, in its rows, of what enters the interface
    table: np.ndarray  # [U, R, G] made, as all that follow: one sum a group
    recurrent: np.ndarray  # [U, P, K, G]
    upper: np.ndarray  # [U, L - 1, 2, P, H, G]
    upper_bias: np.ndarray  # [U, L - 1, P, G]
    interface: np.ndarray  # [U, H, Q]
    bias: np.ndarray  # [U, 2, Q]


@njit(nogil=True)
def pack_each(matrices, transposed):
    """Every matrix [P, depth, columns] packed for `add_product`, or its transpose."""
    phases, depth, columns = matrices.shape
    rows, width = (columns, depth) if transposed else (depth, columns)
    out = np.empty((phases, packed_size(rows, width)), matrices.dtype)
    for p in range(phases):
        pack(np.ascontiguousarray(matrices[p]).reshape(-1), rows, width, transposed, out[p])
    return out


@njit(nogil=True)
def pack_weights(weights, transposed):
    """The weights packed for the forward pass, or transposed for the backward pass."""
    hidden, gates = weights.upper.shape[-2:]
    return Packed(
        weights.table.reshape(-1),
        pack_each(weights.recurrent, transposed),
        pack_each(weights.upper.reshape(-1, hidden, gates), transposed),
        weights.upper_bias.reshape(-1),
        pack_each(weights.interface[None], transposed),
        weights.bias.reshape(-1),
    )


@inner
def rows_of(state, sizes):
    """How many rows a state has."""
    return len(state) // (sizes.depth + (sizes.layers - 1) * sizes.hidden)


@inner
def state_at(sizes, layer, rows, row):
    """Where a layer's h begins in a state of so many `rows`, and the way to the next row."""
    if layer == 0:
        return row * sizes.depth, sizes.depth
    return rows * sizes.depth + ((layer - 1) * rows + row) * sizes.hidden, sizes.hidden


@inner
def gates_at(layer, row, sizes, gates):
    """Where a row's gates of a layer begin."""
    return (layer * (len(gates) // (sizes.layers * sizes.gates)) + row) * sizes.gates


@inlined
def move(sizes, source, source_at, carry, target, target_at, carried):
    """Copy one word's state, and what its cells carry, from its place in one batch to that in another."""
    for layer in range(sizes.layers):
        move_layer(layer, sizes, source, source_at, carry, target, target_at, carried)


@inlined
def move_layer(layer, sizes, source, source_at, carry, target, target_at, carried):
    """The same of one layer."""
    from_words, to_words = rows_of(source, sizes), rows_of(target, sizes)
    a, size = state_at(sizes, layer, from_words, source_at)
    b, _ = state_at(sizes, layer, to_words, target_at)
    copy(size, source, a, target, b)
    at, into = (layer * from_words + source_at) * sizes.carried, (layer * to_words + target_at) * sizes.carried
    copy(sizes.carried, carry, at, carried, into)


@inner
def run_of(phase, row, count, phases):
    """How many of `count` rows from `row` on are in the phase of the first; all, where phases share their weights."""
    if phases == 1:
        return count
    length = 1
    while length < count and phase[row + length] == phase[row]:
        length += 1
    return length


@inner
def product_by_phase(phase, row, count, depth, columns, a, a_at, a_row, packed, first, phases, c, c_at, c_row):
    """C += A W[phase] for `count` rows, of phases phase[row:]; W[0] is packed[first]. One product for each run."""
    i = 0
    while i < count:
        length = run_of(phase, row + i, count - i, phases)
        which = first + (phase[row + i] if phases > 1 else 0)
        add_product(length, depth, columns, a, a_at + i * a_row, a_row, packed[which], c, c_at + i * c_row, c_row)
        i += length
