"""The backward pass of the unroll, for one group of words: undoes it step by step, the last one first. Axes: tape.py.

Cells are taken off a word's list and the popped ones put back from its log, so that memory is linear in the length.
"""

import numpy as np

from pushpop.kernels import lstm, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.inner import inner
from pushpop.kernels.matmul import add_product, add_transposed_product
from pushpop.kernels.rows import add, copy, fill, times_slope_of_tanh
from pushpop.kernels.tape import pack_phases, product_by_phase
from pushpop.kernels.vectors import PAD


@inner
def finish(word, i, room, hidden, depth, live, cells, last, last_c, left, wide, cell_grads, strength_grads):
    """Begin at a word's end: the gradients of its state there, in row i of the scratch arrays."""
    copy(depth, last, word * depth, wide, i * depth)
    copy(hidden, last_c, word * hidden, cell_grads, i * hidden)
    for k in range(live[word]):
        strength_grads[i * room + k] = left[cells[word * room + k]]


@inner
def arrive(word, row, grads_at, room, rows, cells, live, taken, cuts, strength_grads, held):
    """End at a word's start, whose first row is `row`: the gradients of the strengths that it held there.

    Cells held with no strength were never on the list. They have a derivative all the same where the first pop went
    past them and cut a cell: that of the cell cut, like every cell above it.
    """
    base, size = word * room, len(held) // len(live)
    if cuts[row] != stack.WHOLE:
        cut = live[word] - taken[row] - 1
        for k in range(cells[base + cut] - rows + 1, (word + 1) * size):
            held[k] = strength_grads[grads_at + cut]
    for k in range(live[word]):
        held[cells[base + k] - rows] = strength_grads[grads_at + k]


@inner
def undo_stack(
    word, row, room, width, actions, cells, strengths, log_cells, log_strengths, live, logged, taken, cuts,
    action_grads, strength_grads, grads_at, grad, at,
):  # fmt: skip
    """Undo read, push and pop of one word at one row: from `grad` of the read to those of what enters the interface."""
    base, stride = word * room, width + PAD
    stack.unread(
        cells, strengths, base, live[word], actions, stride, width, grad, at, action_grads, strength_grads, grads_at
    )
    left, back = live[word] - 1, taken[row]
    push = strength_grads[grads_at + left]
    log = base + logged[word] - back
    for k in range(back):
        cells[base + left + k] = log_cells[log + k]
        strengths[base + left + k] = log_strengths[log + k]
    pop = stack.unpop(strengths, base, strength_grads, grads_at, left, back, cuts[row])
    live[word], logged[word] = left + back, log - base
    first = row * stride
    times_slope_of_tanh(width, actions, first, action_grads, first)
    d, u, one = actions[first + width], actions[first + width + 1], actions.dtype.type(1)
    action_grads[first + width] = push * d * (one - d)
    action_grads[first + width + 1] = pop * u * (one - u)


@inner
def undo_controller(
    count, row, old, hidden, stride, token, phase, gates, c, gate_grads, action_grads, table, bias, recurrent,
    interface, high, wide, cells,
):  # fmt: skip
    """Undo interface and cell: `high` and `wide` hold the gradients of h_t, and get those of the (h, r) before."""
    depth = hidden + stride - PAD
    for i in range(count):
        copy(hidden, wide, i * depth, high, i * hidden)
        add(stride, action_grads, (row + i) * stride, bias, phase[row + i] * stride)
    add_product(count, stride, hidden, action_grads, row * stride, stride, interface[0], high, 0, hidden)
    for i in range(count):
        at = (row + i) * hidden
        lstm.backward(
            hidden, gates, 4 * at, c, (old + i) * hidden, c, at, high, i * hidden, cells, i * hidden, gate_grads, 4 * at
        )
        add(4 * hidden, gate_grads, 4 * at, table, token[row + i] * 4 * hidden)
    fill(count * depth, wide, 0, 0)
    product_by_phase(phase, row, count, 4 * hidden, depth, gate_grads, row, recurrent, wide, 0)


@inner
def weigh_up(row, count, tape, grads, recurrent, interface):
    """The gradients of the weights over a group's rows: one product for each run of rows in the same phase."""
    hidden, stride = interface.shape
    depth = hidden + stride - PAD
    add_transposed_product(
        count, hidden, stride, tape.h, row * hidden, grads.actions, row * stride, interface.reshape(-1)
    )
    i = 0
    while i < count:
        which = tape.phase[row + i] if len(recurrent) > 1 else 0
        j = i + 1
        while j < count and (len(recurrent) == 1 or tape.phase[row + j] == which):
            j += 1
        x_at, gates_at = (row + i) * depth, (row + i) * 4 * hidden
        into = recurrent[which].reshape(-1)
        add_transposed_product(j - i, depth, 4 * hidden, tape.x, x_at, grads.gates, gates_at, into)
        i = j


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
    token, phase, _, gates, c, _, actions, taken, cuts, cells, strengths, log_cells, log_strengths, live, logged = tape
    out, end_x, end_c, left, held, gate_grads, action_grads, _, _, _, _ = grads
    start = rows + plan.first_word[group]
    count_at, offset, wanted = plan.count, plan.offset, plan.wanted
    high, wide = np.zeros(len(words) * hidden, dtype), np.zeros(len(words) * depth, dtype)  # of h_t; of (h, r)
    cell_grads, strength_grads = np.zeros(len(words) * hidden, dtype), np.zeros(len(words) * room, dtype)
    for s in range(last - 1, first - 1, -1):
        count, row = count_at[s], offset[s]
        for i in range(count):
            at, word = row + i, words[i]
            if s + 1 == last or i >= count_at[s + 1]:
                finish(word, i, room, hidden, depth, live, cells, end_x, end_c, left, wide, cell_grads, strength_grads)
            if wanted[at] >= 0:
                add(depth, out, wanted[at] * depth, wide, i * depth)
            undo_stack(
                word, at, room, width, actions, cells, strengths, log_cells, log_strengths, live, logged, taken, cuts,
                action_grads, strength_grads, i * room, wide, i * depth + hidden,
            )  # fmt: skip
        old = start if s == first else offset[s - 1]
        undo_controller(
            count, row, old, hidden, width + PAD, token, phase, gates, c, gate_grads, action_grads, table, bias,
            recurrent, interface, high, wide, cell_grads,
        )  # fmt: skip
    begun, ended = plan.offset[first], plan.offset[last - 1] + plan.count[last - 1]
    weigh_up(begun, ended - begun, tape, grads, grads.recurrent[group], grads.interface[group])
    for i in range(len(words)):
        word = words[i]
        copy(depth, wide, i * depth, end_x, word * depth)
        copy(hidden, cell_grads, i * hidden, end_c, word * hidden)
        arrive(word, begun + i, i * room, room, rows, cells, live, taken, cuts, strength_grads, held)
