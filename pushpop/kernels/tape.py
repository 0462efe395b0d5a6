"""What the kernels share: the net, and what an unroll writes down. All arrays but the net's are flat.

Axes: N rows (real positions, see plan.py), B words, H hidden, W width of a value (both multiples of PAD), K = H + W,
R rows of the table, P phases, Q = W + PAD columns of the interface (the value's, then push and pop), n cells that each
word holds before its first symbol, T positions of the longest word, M wanted positions, G groups.

A cell is named by its row of `actions`: rows 0 to N - 1 are pushes, rows N + b n + k the k-th cell that word b held.
Flat arrays and offsets, since a view costs a counted reference, as does an array taken out of a tuple, and two threads
counting fight for one cache line: what runs once a word and step is handed each array by itself.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels.inner import inner
from pushpop.kernels.matmul import add_product, pack, packed_size


class Weights(NamedTuple):
    """The net, in one floating type."""

    table: np.ndarray  # [R, 4H] what each symbol adds to the gates, biases included
    recurrent: np.ndarray  # [P, K, 4H] from (h, r) to the gates
    interface: np.ndarray  # [H, Q] from h to value, push and pop
    bias: np.ndarray  # [2, Q] of the interface, by phase


class Tape(NamedTuple):
    """What the forward pass leaves behind, and the backward pass needs."""

    token: np.ndarray  # [N] row of the table
    phase: np.ndarray  # [N]
    x: np.ndarray  # [N, K] (h, r) that entered each row
    gates: np.ndarray  # [N, 4H] squashed
    c: np.ndarray  # [N + B, H]; after the rows each word's start, by rank
    h: np.ndarray  # [N, H]
    actions: np.ndarray  # [N + B n, Q] squashed: value, push, pop
    taken: np.ndarray  # [N] cells popped whole
    cut: np.ndarray  # [N] strength before the cut of the cell popped in part
    cells: np.ndarray  # [B, n + T] live cells of each word, at the end
    strengths: np.ndarray  # [B, n + T]
    log_cells: np.ndarray  # [B, n + T] cells popped whole, in order
    log_strengths: np.ndarray  # [B, n + T]
    live: np.ndarray  # [B] how many cells are live
    logged: np.ndarray  # [B] how many are in the log


class Ends(NamedTuple):
    """What comes out, in the caller's order of words."""

    out: np.ndarray  # [M, K] (h, r) where an output is wanted
    x: np.ndarray  # [B, K] (h, r) of each word's end
    c: np.ndarray  # [B, H]


class Grads(NamedTuple):
    """What the backward pass is given, and what it makes of it."""

    out: np.ndarray  # [M, K] given
    x: np.ndarray  # [B, K] given of each word's end; becomes the gradient of its start
    c: np.ndarray  # [B, H] the same
    left: np.ndarray  # [N + B n] given: of the strength that each cell has left at its word's end
    held: np.ndarray  # [B n] made: of the strengths held at the start
    gates: np.ndarray  # [N, 4H] made: of what enters the gates
    actions: np.ndarray  # [N + B n, Q] given: of the values; becomes, in rows 0 to N - 1, of what enters the interface
    table: np.ndarray  # [G, R, 4H] made, as all that follow: one sum a group
    recurrent: np.ndarray  # [G, P, K, 4H]
    interface: np.ndarray  # [G, H, Q]
    bias: np.ndarray  # [G, 2, Q]


@njit(nogil=True)
def pack_phases(matrices, transposed):
    """Every matrix [P, depth, columns] packed for `add_product`, or its transpose."""
    phases, depth, columns = matrices.shape
    size = packed_size(columns, depth) if transposed else packed_size(depth, columns)
    out = np.empty((phases, size), matrices.dtype)
    for p in range(phases):
        pack(matrices[p], transposed, out[p])
    return out


@inner
def product_by_phase(phase, row, count, depth, columns, a, a_first, packed, c, c_first):
    """C += A W[phase] for `count` rows: one product for each run of rows in the same phase (phase[row:])."""
    i = 0
    while i < count:
        which = phase[row + i] if len(packed) > 1 else 0
        j = i + 1
        while j < count and (len(packed) == 1 or phase[row + j] == which):
            j += 1
        a_at, c_at = (a_first + i) * depth, (c_first + i) * columns
        add_product(j - i, depth, columns, a, a_at, depth, packed[which], c, c_at, columns)
        i = j
