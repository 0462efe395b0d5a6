"""The whole unroll of an LSTM and its stack, for one group of words. Axes: see tape.py.

Every step is one product for the gates and one for the interface over the words still running; the stack is walked
word by word. Weight gradients are left to one product at the end.
"""

import numpy as np
from numba import njit

from pushpop.kernels import lstm, squash, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.matmul import add_product
from pushpop.kernels.rows import copy, fill
from pushpop.kernels.tape import pack_phases, product_by_phase
from pushpop.kernels.vectors import PAD


@njit(nogil=True)
def work_controller(count, row, old, token, phase, table, bias, recurrent, interface, x, gates, c, h, actions, width):
    """Cell and interface for `count` rows from `row` on; c_{t-1} is in the rows from `old` on."""
    stride = width + PAD
    hidden = interface.shape[1] // stride
    for i in range(row, row + count):
        copy(4 * hidden, table, token[i] * 4 * hidden, gates, i * 4 * hidden)
        copy(stride, bias, phase[i] * stride, actions, i * stride)
    product_by_phase(phase, row, count, hidden + width, 4 * hidden, x, row, recurrent, gates, row)
    for i in range(count):
        at = (row + i) * hidden
        lstm.forward(hidden, gates, 4 * at, c, (old + i) * hidden, c, at, h, at)
    add_product(count, hidden, stride, h, row * hidden, hidden, interface[0], actions, row * stride, stride)
    for i in range(row, row + count):
        squash.tanh(width, actions, i * stride)
        squash.sigmoid(PAD, actions, i * stride + width)


@njit(nogil=True)
def begin(word, rows, held, room, tape):
    """Put the cells that a word holds already on its list."""
    live = 0
    size = len(held) // len(tape.live)
    for k in range(word * size, (word + 1) * size):
        if held[k] > 0:
            tape.cells[word * room + live] = rows + k
            tape.strengths[word * room + live] = held[k]
            live += 1
    tape.live[word] = live
    tape.logged[word] = 0


@njit(nogil=True)
def work_stack(word, row, room, width, tape, into, at):
    """Pop, push and read for one word at one row; the read goes to `into`."""
    cells, strengths, base, stride = tape.cells, tape.strengths, word * room, width + PAD
    push, pop = tape.actions[row * stride + width], tape.actions[row * stride + width + 1]
    before, log = tape.live[word], base + tape.logged[word]
    live, cut = stack.pop(strengths, base, before, pop)
    tape.taken[row] = before - live
    tape.cut[row] = cut
    for k in range(live, before):
        tape.log_cells[log] = cells[base + k]
        tape.log_strengths[log] = strengths[base + k]
        log += 1
    cells[base + live] = row
    strengths[base + live] = push
    tape.live[word], tape.logged[word] = live + 1, log - base
    fill(width, into, at, 0)
    stack.read(cells, strengths, base, live + 1, tape.actions, stride, width, into, at)


@Kernel
def forward(group, plan, weights, held, tape, ends):
    """Unroll one group of words: fills the tape and the ends. `held` [B n] are the strengths held at the start."""
    width = weights.bias.shape[1] - PAD
    depth, hidden = weights.recurrent.shape[1], weights.interface.shape[0]
    rows, room = len(tape.token), len(tape.cells) // len(tape.live)
    words = plan.order[plan.first_word[group] : plan.first_word[group + 1]]
    first, last = plan.first_step[group], plan.first_step[group + 1]
    recurrent, interface = pack_phases(weights.recurrent, False), pack_phases(weights.interface[None], False)
    table, bias, x, c = weights.table.reshape(-1), weights.bias.reshape(-1), tape.x, tape.c
    mixed, token, phase = np.empty(depth, x.dtype), tape.token, tape.phase
    for i in range(len(words)):
        begin(words[i], rows, held, room, tape)
    old = rows + plan.first_word[group]
    for s in range(first, last):
        count, row = plan.count[s], plan.offset[s]
        work_controller(
            count, row, old, token, phase, table, bias, recurrent, interface, x, tape.gates, c, tape.h, tape.actions, width
        )
        for i in range(count):
            at, word = row + i, words[i]
            copy(hidden, tape.h, at * hidden, mixed, 0)
            work_stack(word, at, room, width, tape, mixed, hidden)
            if plan.wanted[at] >= 0:
                copy(depth, mixed, 0, ends.out, plan.wanted[at] * depth)
            if s + 1 < last and i < plan.count[s + 1]:
                copy(depth, mixed, 0, x, (plan.offset[s + 1] + i) * depth)
            else:
                copy(depth, mixed, 0, ends.x, word * depth)
                copy(hidden, c, at * hidden, ends.c, word * hidden)
        old = row
