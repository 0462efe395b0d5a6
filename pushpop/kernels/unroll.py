"""The whole unroll of an LSTM and its stack, for one group of words. Axes: see tape.py.

Every step is one product for the gates and one for the interface over the words still running; the stack is walked
word by word. Weight gradients are left to one product at the end.
"""

import numpy as np

from pushpop.kernels import lstm, squash, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.inner import inner
from pushpop.kernels.matmul import add_product
from pushpop.kernels.rows import copy, fill
from pushpop.kernels.tape import pack_phases, product_by_phase
from pushpop.kernels.vectors import PAD


@inner
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


@inner
def begin(word, rows, held, room, tape):
    """Put the cells that a word holds already on its list; those of no strength (and they only) stay off it."""
    live = 0
    size = len(held) // len(tape.live)
    for k in range(word * size, (word + 1) * size):
        if not held[k] <= 0:
            tape.cells[word * room + live] = rows + k
            tape.strengths[word * room + live] = held[k]
            live += 1
    tape.live[word] = live
    tape.logged[word] = 0


@inner
def work_stack(
    word, row, room, width, actions, cells, strengths, log_cells, log_strengths, live, logged, taken, cuts, into, at
):
    """Pop, push and read for one word at one row; the read goes to `into`."""
    base, stride = word * room, width + PAD
    push, pop = actions[row * stride + width], actions[row * stride + width + 1]
    before, log = live[word], base + logged[word]
    left, cut = stack.pop(strengths, base, before, pop)
    taken[row] = before - left
    cuts[row] = cut
    for k in range(left, before):
        log_cells[log] = cells[base + k]
        log_strengths[log] = strengths[base + k]
        log += 1
    cells[base + left] = row
    strengths[base + left] = push
    live[word], logged[word] = left + 1, log - base
    fill(width, into, at, 0)
    stack.read(cells, strengths, base, left + 1, actions, stride, width, into, at)


@Kernel
def forward(group, plan, weights, held, tape, ends):
    """Unroll one group of words: fills the tape and the ends. `held` [B n] are the strengths held at the start."""
    width = weights.bias.shape[1] - PAD
    depth, hidden = weights.recurrent.shape[1], weights.interface.shape[0]
    rows, room = len(tape.token), len(tape.cells) // len(tape.live)
    words = plan.order[plan.first_word[group] : plan.first_word[group + 1]]
    first, last = plan.first_step[group], plan.first_step[group + 1]
    recurrent, interface = pack_phases(weights.recurrent, False), pack_phases(weights.interface[None], False)
    table, bias = weights.table.reshape(-1), weights.bias.reshape(-1)
    token, phase, x, gates, c, h, actions, taken, cuts, cells, strengths, log_cells, log_strengths, live, logged = tape
    mixed, out, end_x, end_c = np.empty(depth, x.dtype), ends.out, ends.x, ends.c
    count_at, offset, wanted = plan.count, plan.offset, plan.wanted
    for i in range(len(words)):
        begin(words[i], rows, held, room, tape)
    old = rows + plan.first_word[group]
    for s in range(first, last):
        count, row = count_at[s], offset[s]
        work_controller(
            count, row, old, token, phase, table, bias, recurrent, interface, x, gates, c, h, actions, width
        )
        for i in range(count):
            at, word = row + i, words[i]
            copy(hidden, h, at * hidden, mixed, 0)
            work_stack(
                word, at, room, width, actions, cells, strengths, log_cells, log_strengths, live, logged, taken, cuts,
                mixed, hidden,
            )  # fmt: skip
            if wanted[at] >= 0:
                copy(depth, mixed, 0, out, wanted[at] * depth)
            if s + 1 < last and i < count_at[s + 1]:
                copy(depth, mixed, 0, x, (offset[s + 1] + i) * depth)
            else:
                copy(depth, mixed, 0, end_x, word * depth)
                copy(hidden, c, at * hidden, end_c, word * hidden)
        old = row
