"""The backward pass of the unroll, for one group of words: undoes it step by step, the last one first. Axes: tape.py.

Cells are taken off a word's list and the popped ones put back from its log, so that memory is linear in the length.
"""

import numpy as np
from numba import njit

from pushpop.kernels import lstm, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.matmul import add_product
from pushpop.kernels.rows import add, copy, fill, times_slope_of_tanh
from pushpop.kernels.tape import pack_phases, product_by_phase
from pushpop.kernels.vectors import PAD


@njit(nogil=True)
def finish(word, i, room, tape, grads, wide, cells, strengths):
    """Begin at a word's end: the gradients of its state there, in row i of the scratch arrays."""
    depth, hidden = len(grads.x) // len(tape.live), len(grads.c) // len(tape.live)
    copy(depth, grads.x, word * depth, wide, i * depth)
    copy(hidden, grads.c, word * hidden, cells, i * hidden)
    for k in range(tape.live[word]):
        strengths[i * room + k] = grads.left[tape.cells[word * room + k]]


@njit(nogil=True)
def undo_stack(word, row, room, width, tape, action_grads, strengths, strengths_at, grad, at):
    """Undo read, push and pop of one word at one row: from `grad` of the read to those of what enters the interface."""
    base, live, stride = word * room, tape.live[word], width + PAD
    stack.unread(
        tape.cells, tape.strengths, base, live, tape.actions, stride, width, grad, at, action_grads, strengths, strengths_at
    )
    left, back = live - 1, tape.taken[row]
    push = strengths[strengths_at + left]
    logged = tape.logged[word] - back
    for k in range(back):
        tape.cells[base + left + k] = tape.log_cells[base + logged + k]
        tape.strengths[base + left + k] = tape.log_strengths[base + logged + k]
    pop = stack.unpop(tape.strengths, base, strengths, strengths_at, left, back, tape.cut[row])
    tape.live[word], tape.logged[word] = left + back, logged
    first = row * stride
    times_slope_of_tanh(width, tape.actions, first, action_grads, first)
    d, u = tape.actions[first + width], tape.actions[first + width + 1]
    action_grads[first + width] = push * d * (1 - d)
    action_grads[first + width + 1] = pop * u * (1 - u)


@njit(nogil=True)
def undo_controller(count, row, old, tape, grads, table, bias, recurrent, interface, high, wide, cells):
    """Undo interface and cell: `high` and `wide` hold the gradients of h_t, and get those of the (h, r) before."""
    hidden = len(grads.gates) // len(tape.token) // 4
    stride = interface.shape[1] // hidden
    depth = hidden + stride - PAD
    for i in range(count):
        copy(hidden, wide, i * depth, high, i * hidden)
        add(stride, grads.actions, (row + i) * stride, bias, tape.phase[row + i] * stride)
    add_product(count, stride, hidden, grads.actions, row * stride, stride, interface[0], high, 0, hidden)
    for i in range(count):
        at = (row + i) * hidden
        lstm.backward(
            hidden, tape.gates, 4 * at, tape.c, (old + i) * hidden, tape.c, at, high, i * hidden, cells, i * hidden,
            grads.gates, 4 * at,
        )  # fmt: skip
        add(4 * hidden, grads.gates, 4 * at, table, tape.token[row + i] * 4 * hidden)
    fill(count * depth, wide, 0, 0)
    product_by_phase(tape.phase, row, count, 4 * hidden, depth, grads.gates, row, recurrent, wide, 0)


@Kernel
def backward(group, plan, weights, tape, grads):
    """Undo the unroll of one group. Uses up the tape's lists."""
    width, dtype = weights.bias.shape[1] - PAD, tape.x.dtype
    depth, hidden = weights.recurrent.shape[1], weights.interface.shape[0]
    rows, room = len(tape.token), len(tape.cells) // len(tape.live)
    words = plan.order[plan.first_word[group] : plan.first_word[group + 1]]
    first, last = plan.first_step[group], plan.first_step[group + 1]
    recurrent, interface = pack_phases(weights.recurrent, True), pack_phases(weights.interface[None], True)
    table, bias = grads.table[group].reshape(-1), grads.bias[group].reshape(-1)
    high, wide = np.zeros(len(words) * hidden, dtype), np.zeros(len(words) * depth, dtype)  # of h_t; of (h, r)
    cells, strengths = np.zeros(len(words) * hidden, dtype), np.zeros(len(words) * room, dtype)
    for s in range(last - 1, first - 1, -1):
        count, row = plan.count[s], plan.offset[s]
        for i in range(count):
            at, word = row + i, words[i]
            if s + 1 == last or i >= plan.count[s + 1]:
                finish(word, i, room, tape, grads, wide, cells, strengths)
            if plan.wanted[at] >= 0:
                add(depth, grads.out, plan.wanted[at] * depth, wide, i * depth)
            undo_stack(word, at, room, width, tape, grads.actions, strengths, i * room, wide, i * depth + hidden)
        old = rows + plan.first_word[group] if s == first else plan.offset[s - 1]
        undo_controller(count, row, old, tape, grads, table, bias, recurrent, interface, high, wide, cells)
    for i in range(len(words)):
        word = words[i]
        copy(depth, wide, i * depth, grads.x, word * depth)
        copy(hidden, cells, i * hidden, grads.c, word * hidden)
        for k in range(tape.live[word]):
            grads.held[tape.cells[word * room + k] - rows] = strengths[i * room + k]
