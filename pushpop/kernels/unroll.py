"""The whole unroll of an LSTM and its stack for one group of words, forward and backward.

Axes: N rows (real positions, see plan.py), B words, H hidden, E width of a value (both multiples of PAD), K = H + E,
R rows of the table, P phases, Q = E + PAD columns of the interface: the value's, then push and pop.

Every step of a group is one product for the gates and one for the interface over the words still running; the stack
is walked word by word. The backward pass undoes the forward pass step by step: cells are taken off and the popped ones
put back from the log, so that its memory is linear in the length. Weight gradients are left to one product at the end.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import lstm, squash, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.matmul import add_product, pack, packed_size
from pushpop.kernels.rows import add, copy, fill, times_slope_of_tanh
from pushpop.kernels.vectors import PAD


class Weights(NamedTuple):
    """The net, in one floating type."""

    table: np.ndarray  # [R, 4H] what each symbol adds to the gates, biases included
    recurrent: np.ndarray  # [P, K, 4H] from (h, r) to the gates
    interface: np.ndarray  # [H, Q] from h to value, push and pop
    bias: np.ndarray  # [2, Q] of the interface, by phase


class Start(NamedTuple):
    """The state before the first symbol."""

    x: np.ndarray  # [B, K] (h, r)
    c: np.ndarray  # [B, H]
    strengths: np.ndarray  # [B, n] of n cells held already; their values are the first B n rows of `actions`


class Tape(NamedTuple):
    """What the forward pass leaves behind: all that the backward pass and the caller need."""

    token: np.ndarray  # [N] row of the table
    phase: np.ndarray  # [N]
    x: np.ndarray  # [N, K] (h, r) that entered each row
    gates: np.ndarray  # [N, 4H] squashed
    c: np.ndarray  # [N, H]
    h: np.ndarray  # [N, H]
    actions: np.ndarray  # [B n + N, Q] squashed: value, push, pop
    taken: np.ndarray  # [N] cells popped whole
    cut: np.ndarray  # [N] strength before the cut of the cell popped in part
    cells: np.ndarray  # [B, n + T] live cells of each word, at the end
    strengths: np.ndarray  # [B, n + T]
    log_cells: np.ndarray  # [B, n + T] cells popped whole, in order
    log_strengths: np.ndarray  # [B, n + T]
    depth: np.ndarray  # [B, 2] live cells, logged cells
    out: np.ndarray  # [M, K] (h, r) where an output is wanted
    last: np.ndarray  # [B, K] (h, r) of each word's end
    last_c: np.ndarray  # [B, H]


class Grads(NamedTuple):
    """What the backward pass is given, and what it makes."""

    out: np.ndarray  # [M, K] given
    last: np.ndarray  # [B, K] given; becomes the gradient of the start's (h, r)
    last_c: np.ndarray  # [B, H] given; becomes the gradient of the start's c
    strengths: np.ndarray  # [B n + N] given: of the strength each cell has left at its word's end
    start: np.ndarray  # [B, n] of the start's strengths
    gates: np.ndarray  # [N, 4H] of what enters the gates
    actions: np.ndarray  # [B n + N, Q] given: of the values; becomes of what enters the interface (rows after B n)
    table: np.ndarray  # [G, R, 4H] one sum a group
    bias: np.ndarray  # [G, 2, Q] one sum a group


@njit(nogil=True)
def packs(matrices, columns, transposed):
    """Every matrix [_, depth, columns] packed, by phase."""
    depth = matrices.shape[1]
    if transposed:
        out = np.empty((len(matrices), packed_size(columns, depth)), matrices.dtype)
    else:
        out = np.empty((len(matrices), packed_size(depth, columns)), matrices.dtype)
    for p in range(len(matrices)):
        pack(matrices[p], transposed, out[p])
    return out


@njit(nogil=True)
def product_by_phase(phase, row, count, depth, columns, a, a_row, packed, c, c_first, c_row):
    """C += A W[phase] for `count` rows from `row` on: one product for each run of rows in the same phase."""
    i = 0
    while i < count:
        which = phase[row + i] if len(packed) > 1 else 0
        j = i + 1
        while j < count and (len(packed) == 1 or phase[row + j] == which):
            j += 1
        add_product(j - i, depth, columns, a, (row + i) * a_row, a_row, packed[which], c, (c_first + i) * c_row, c_row)
        i = j


@njit(nogil=True)
def begin(word, start, tape):
    """Put the cells that a word holds already on its list."""
    held = start.strengths.shape[1]
    depth = 0
    for k in range(held):
        if start.strengths[word, k] > 0:
            tape.cells[word, depth] = word * held + k
            tape.strengths[word, depth] = start.strengths[word, k]
            depth += 1
    tape.depth[word, 0] = depth
    tape.depth[word, 1] = 0


@njit(nogil=True)
def work_stack(word, row, cell, room, width, stride, lists, actions, taken, cuts, into, at):
    """Pop, push and read for one word at one row; the read is added to `into`."""
    cells, strengths, log_cells, log_strengths, depths = lists
    push, pop = actions[cell * stride + width], actions[cell * stride + width + 1]
    base = word * room
    before, logged = depths[2 * word], base + depths[2 * word + 1]
    depth, cut = stack.pop(strengths, base, before, pop)
    taken[row] = before - depth
    cuts[row] = cut
    for k in range(depth, before):
        log_cells[logged] = cells[base + k]
        log_strengths[logged] = strengths[base + k]
        logged += 1
    cells[base + depth] = cell
    strengths[base + depth] = push
    depths[2 * word], depths[2 * word + 1] = depth + 1, logged - base
    stack.read(cells, strengths, base, depth + 1, actions, stride, width, into, at)


@njit(nogil=True)
def flat_lists(tape):
    """The words' lists and their logs, as flat arrays."""
    return (
        tape.cells.reshape(-1), tape.strengths.reshape(-1), tape.log_cells.reshape(-1), tape.log_strengths.reshape(-1),
        tape.depth.reshape(-1),
    )  # fmt: skip


@Kernel
def forward(group, plan, weights, start, tape):
    """Unroll one group of words; fills the tape."""
    hidden, depth, gate_row = tape.h.shape[1], tape.x.shape[1], tape.gates.shape[1]
    width, action_row = depth - hidden, tape.actions.shape[1]
    words = plan.order[plan.first_word[group] : plan.first_word[group + 1]]
    before = start.strengths.size  # rows of `actions` that the cells held already take
    recurrent = packs(weights.recurrent, 4 * hidden, False)
    interface = np.empty(packed_size(hidden, action_row), tape.x.dtype)
    pack(weights.interface, False, interface)
    x, gates, c, h = tape.x.reshape(-1), tape.gates.reshape(-1), tape.c.reshape(-1), tape.h.reshape(-1)
    actions, out = tape.actions.reshape(-1), tape.out.reshape(-1)
    table, bias, start_c = weights.table.reshape(-1), weights.bias.reshape(-1), start.c.reshape(-1)
    mixed, lists, room = np.empty(depth, tape.x.dtype), flat_lists(tape), tape.cells.shape[1]
    last_x, last_c = tape.last.reshape(-1), tape.last_c.reshape(-1)
    first, last = plan.first_step[group], plan.first_step[group + 1]
    for i in range(len(words)):
        begin(words[i], start, tape)
        copy(depth, start.x.reshape(-1), words[i] * depth, x, (plan.offset[first] + i) * depth)
    for s in range(first, last):
        count, row = plan.count[s], plan.offset[s]
        for i in range(row, row + count):
            copy(gate_row, table, tape.token[i] * gate_row, gates, i * gate_row)
            copy(action_row, bias, tape.phase[i] * action_row, actions, (before + i) * action_row)
        product_by_phase(tape.phase, row, count, depth, 4 * hidden, x, depth, recurrent, gates, row, gate_row)
        for i in range(count):
            at = row + i
            if s == first:
                lstm.forward(hidden, gates, at * gate_row, start_c, words[i] * hidden, c, at * hidden, h, at * hidden)
            else:
                old = (plan.offset[s - 1] + i) * hidden
                lstm.forward(hidden, gates, at * gate_row, c, old, c, at * hidden, h, at * hidden)
        add_product(
            count, hidden, action_row, h, row * hidden, hidden, interface, actions, (before + row) * action_row, action_row
        )
        for i in range(count):
            at, word = row + i, words[i]
            squash.tanh(width, actions, (before + at) * action_row)
            squash.sigmoid(PAD, actions, (before + at) * action_row + width)
            copy(hidden, h, at * hidden, mixed, 0)
            fill(width, mixed, hidden, 0)
            work_stack(
                word, at, before + at, room, width, action_row, lists, actions, tape.taken, tape.cut, mixed, hidden
            )
            if plan.wanted[at] >= 0:
                copy(depth, mixed, 0, out, plan.wanted[at] * depth)
            if s + 1 < last and i < plan.count[s + 1]:
                copy(depth, mixed, 0, x, (plan.offset[s + 1] + i) * depth)
            else:
                copy(depth, mixed, 0, last_x, word * depth)
                copy(hidden, c, at * hidden, last_c, word * hidden)


@njit(nogil=True)
def finish(word, room, lists, given, strength_grads, at):
    """The gradient of the strengths that a word's live cells have at its end."""
    cells, _, _, _, depths = lists
    for k in range(depths[2 * word]):
        strength_grads[at + k] = given[cells[word * room + k]]


@njit(nogil=True)
def undo_stack(
    word, row, cell, room, width, stride, lists, actions, taken, cuts, action_grads, strength_grads, grads_at, grad, at
):
    """Undo read, push and pop of one word at one row."""
    cells, strengths, log_cells, log_strengths, depths = lists
    base, depth = word * room, depths[2 * word]
    stack.unread(
        cells, strengths, base, depth, actions, stride, width, grad, at, action_grads, strength_grads, grads_at
    )
    left, put_back = depth - 1, taken[row]
    push = strength_grads[grads_at + left]
    logged = depths[2 * word + 1] - put_back
    for k in range(put_back):
        cells[base + left + k] = log_cells[base + logged + k]
        strengths[base + left + k] = log_strengths[base + logged + k]
    pop = stack.unpop(strengths, base, strength_grads, grads_at, left, put_back, cuts[row])
    depths[2 * word], depths[2 * word + 1] = left + put_back, logged
    first = cell * stride
    times_slope_of_tanh(width, actions, first, action_grads, first)
    d, u = actions[first + width], actions[first + width + 1]
    action_grads[first + width] = push * d * (1 - d)
    action_grads[first + width + 1] = pop * u * (1 - u)


@Kernel
def backward(group, plan, weights, start, tape, grads):
    """Undo the unroll of one group, last step first. Uses up the tape's lists: cells, strengths and their logs."""
    hidden, depth, gate_row = tape.h.shape[1], tape.x.shape[1], tape.gates.shape[1]
    width, action_row = depth - hidden, tape.actions.shape[1]
    words = plan.order[plan.first_word[group] : plan.first_word[group + 1]]
    before = start.strengths.size
    dtype = tape.x.dtype
    recurrent = packs(weights.recurrent, 4 * hidden, True)
    interface = np.empty(packed_size(action_row, hidden), dtype)
    pack(weights.interface, True, interface)
    gates, c, actions = tape.gates.reshape(-1), tape.c.reshape(-1), tape.actions.reshape(-1)
    gate_grads, action_grads = grads.gates.reshape(-1), grads.actions.reshape(-1)
    table, bias, start_c = grads.table[group].reshape(-1), grads.bias[group].reshape(-1), start.c.reshape(-1)
    high, wide = np.zeros(len(words) * hidden, dtype), np.zeros(len(words) * depth, dtype)  # of h_t; of (h, r)
    cell_grads = np.zeros(len(words) * hidden, dtype)
    lists, room = flat_lists(tape), tape.cells.shape[1]
    strength_grads = np.zeros(len(words) * room, dtype)
    last_x, last_c, out = grads.last.reshape(-1), grads.last_c.reshape(-1), grads.out.reshape(-1)
    first, last = plan.first_step[group], plan.first_step[group + 1]
    for s in range(last - 1, first - 1, -1):
        count, row = plan.count[s], plan.offset[s]
        for i in range(count):
            at, word = row + i, words[i]
            if s + 1 == last or i >= plan.count[s + 1]:
                copy(depth, last_x, word * depth, wide, i * depth)
                copy(hidden, last_c, word * hidden, cell_grads, i * hidden)
                finish(word, room, lists, grads.strengths, strength_grads, i * room)
            if plan.wanted[at] >= 0:
                add(depth, out, plan.wanted[at] * depth, wide, i * depth)
            undo_stack(
                word, at, before + at, room, width, action_row, lists, actions, tape.taken, tape.cut, action_grads,
                strength_grads, i * room, wide, i * depth + hidden,
            )  # fmt: skip
            copy(hidden, wide, i * depth, high, i * hidden)
            add(action_row, action_grads, (before + at) * action_row, bias, tape.phase[at] * action_row)
        at = (before + row) * action_row
        add_product(count, action_row, hidden, action_grads, at, action_row, interface, high, 0, hidden)
        for i in range(count):
            at = row + i
            from_c, from_at = (start_c, words[i] * hidden) if s == first else (c, (plan.offset[s - 1] + i) * hidden)
            lstm.backward(
                hidden, gates, at * gate_row, from_c, from_at, c, at * hidden, high, i * hidden, cell_grads, i * hidden,
                gate_grads, at * gate_row,
            )  # fmt: skip
            add(gate_row, gate_grads, at * gate_row, table, tape.token[at] * gate_row)
        fill(count * depth, wide, 0, 0)
        product_by_phase(tape.phase, row, count, 4 * hidden, depth, gate_grads, gate_row, recurrent, wide, 0, depth)
    for i in range(len(words)):
        word = words[i]
        copy(depth, wide, i * depth, last_x, word * depth)
        copy(hidden, cell_grads, i * hidden, last_c, word * hidden)
        for k in range(tape.depth[word, 0]):
            grads.start[word, tape.cells[word, k] - word * start.strengths.shape[1]] = strength_grads[i * room + k]
