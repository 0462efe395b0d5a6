"""Greedy, free-running answers of an LSTM with a stack, for one group of words: nothing is kept for gradients.

Axes: as in unroll.py, and Z inputs of the output map, O scores (both filled up to a multiple of PAD).

A word first reads its prompt, then what it said last, until it says the end symbol or reaches its limit; then the last
word still running takes its row. A popped cell's place is used again, so that memory grows with depth only.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import lstm, squash, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.matmul import add_product, pack, packed_size
from pushpop.kernels.rows import copy, fill
from pushpop.kernels.unroll import Start, Weights, packs, product_by_phase  # noqa: F401  (types of the arguments)
from pushpop.kernels.vectors import PAD


class Head(NamedTuple):
    """From (h, r) to scores, in one map or in two with a tanh between them."""

    mix: np.ndarray  # [K, Z], or [0, 0] where there is one map only
    mix_bias: np.ndarray  # [Z]
    scores: np.ndarray  # [K or Z, O]
    bias: np.ndarray  # [O]


class Question(NamedTuple):
    """The words, and the room for their answers."""

    prompts: np.ndarray  # [B, T]
    lengths: np.ndarray  # [B]
    limits: np.ndarray  # [B] most symbols of an answer, its end symbol included
    answers: np.ndarray  # [B, L], filled already with what stands past an end
    symbols: np.ndarray  # [4] number of symbols, of outputs, separator, end


class Row(NamedTuple):
    """Where each running word stands."""

    word: np.ndarray
    symbol: np.ndarray  # to be read next
    phase: np.ndarray
    seen: np.ndarray  # symbols of the prompt read so far
    said: np.ndarray  # symbols of the answer so far


@njit(nogil=True)
def packed_matrix(matrix):
    """One matrix, packed."""
    out = np.empty(packed_size(matrix.shape[0], matrix.shape[1]), matrix.dtype)
    pack(matrix, False, out)
    return out


@njit(nogil=True)
def best(scores, at, count):
    """The first of the greatest."""
    winner = 0
    for j in range(1, count):
        if scores[at + j] > scores[at + winner]:
            winner = j
    return winner


@njit(nogil=True)
def move(source, target, row, x, c, depth, hidden):
    """Give the row `target` to the word that runs in `source`."""
    for part in row:
        part[target] = part[source]
    copy(depth, x, source * depth, x, target * depth)
    copy(hidden, c, source * hidden, c, target * hidden)


@njit(nogil=True)
def work_stack(base, depths, slot, cells, strengths, values, width, actions, at, rounded, into, into_at):
    """Pop, push and read for one word; its cells are the places from `base` on, in order."""
    push, pop = actions[at + width], actions[at + width + 1]
    if rounded:
        push, pop = push * 0 + (push > 0.5), pop * 0 + (pop > 0.5)
    depth, _ = stack.pop(strengths, base, depths[slot], pop)
    strengths[base + depth] = push
    copy(width, actions, at, values, (base + depth) * width)
    depths[slot] = depth + 1
    fill(width, into, into_at, 0)
    stack.read(cells, strengths, base, depth + 1, values, width, width, into, into_at)


@njit(nogil=True)
def speak(count, x, depth, mix, scores, head, mixed, out):
    """The scores of all running words, from their (h, r)."""
    room, outputs = head.mix_bias.shape[0], head.bias.shape[0]
    for i in range(count):
        copy(outputs, head.bias, 0, out, i * outputs)
    if room == 0:
        add_product(count, depth, outputs, x, 0, depth, scores, out, 0, outputs)
        return
    for i in range(count):
        copy(room, head.mix_bias, 0, mixed, i * room)
    add_product(count, depth, room, x, 0, depth, mix, mixed, 0, room)
    squash.tanh(count * room, mixed, 0)
    add_product(count, room, outputs, mixed, 0, room, scores, out, 0, outputs)


@njit(nogil=True)
def listen(count, row, question, outputs, out, words_left):
    """Each running word's next symbol, from its prompt or from what it says; marks the ended ones in `words_left`."""
    size, end = question.symbols[1], question.symbols[3]
    for i in range(count):
        word = row.word[i]
        row.seen[i] += 1
        words_left[i] = True
        if row.seen[i] < question.lengths[word]:
            row.symbol[i] = question.prompts[word, row.seen[i]]
            continue
        symbol = best(out, i * outputs, size)
        question.answers[word, row.said[i]] = symbol
        row.said[i] += 1
        row.symbol[i] = symbol
        words_left[i] = symbol != end and row.said[i] < question.limits[word]


@njit(nogil=True)
def one_step(count, row, weights, recurrent, interface, x, c, h, gates, actions):
    """Controller and interface for all running words: leaves h in `h` and the squashed actions in `actions`."""
    hidden, gate_row, action_row = weights.interface.shape[0], weights.table.shape[1], weights.bias.shape[1]
    depth, width = weights.recurrent.shape[1], action_row - PAD
    table, bias, symbols = weights.table.reshape(-1), weights.bias.reshape(-1), weights.table.shape[0] // 2
    for i in range(count):
        copy(gate_row, table, (row.phase[i] * symbols + row.symbol[i]) * gate_row, gates, i * gate_row)
        copy(action_row, bias, row.phase[i] * action_row, actions, i * action_row)
    product_by_phase(row.phase, 0, count, depth, gate_row, x, depth, recurrent, gates, 0, gate_row)
    for i in range(count):
        lstm.forward(hidden, gates, i * gate_row, c, i * hidden, c, i * hidden, h, i * hidden)
    add_product(count, hidden, action_row, h, 0, hidden, interface, actions, 0, action_row)
    for i in range(count):
        squash.tanh(width, actions, i * action_row)
        squash.sigmoid(PAD, actions, i * action_row + width)


@Kernel
def answer(order, weights, head, start, question, rounded):
    """Answer the words of `order`, one group; their memories begin empty."""
    dtype, count = weights.table.dtype, len(order)
    hidden, gate_row, action_row = weights.interface.shape[0], weights.table.shape[1], weights.bias.shape[1]
    depth, width, outputs = weights.recurrent.shape[1], action_row - PAD, head.bias.shape[0]
    recurrent = packs(weights.recurrent, gate_row, False)
    interface, mix, scores = packed_matrix(weights.interface), packed_matrix(head.mix), packed_matrix(head.scores)
    x, c = np.empty(count * depth, dtype), np.empty(count * hidden, dtype)
    h, gates = np.empty(count * hidden, dtype), np.empty(count * gate_row, dtype)
    actions, mixed = np.empty(count * action_row, dtype), np.empty(count * head.mix_bias.shape[0], dtype)
    out, running = np.empty(count * outputs, dtype), np.ones(count, np.bool_)
    row = Row(order.copy(), np.zeros_like(order), np.zeros_like(order), np.zeros_like(order), np.zeros_like(order))
    bases = np.zeros(len(question.lengths) + 1, np.int64)
    for i in range(count):
        word = order[i]
        bases[word] = bases[-1]
        bases[-1] += question.lengths[word] + question.limits[word]
        copy(depth, start.x.reshape(-1), word * depth, x, i * depth)
        copy(hidden, start.c.reshape(-1), word * hidden, c, i * hidden)
        row.symbol[i] = question.prompts[word, 0]
    cells, strengths = np.arange(bases[-1]), np.empty(bases[-1], dtype)
    values, depths = np.empty(bases[-1] * width, dtype), np.zeros(len(question.lengths), np.int64)
    while count > 0:
        speaking = False
        for i in range(count):
            row.phase[i] = max(row.phase[i], int(row.symbol[i] == question.symbols[2]))
            speaking = speaking or row.seen[i] + 1 >= question.lengths[row.word[i]]
        one_step(count, row, weights, recurrent, interface, x, c, h, gates, actions)
        for i in range(count):
            word, at = row.word[i], i * depth
            copy(hidden, h, i * hidden, x, at)
            work_stack(
                bases[word], depths, word, cells, strengths, values, width, actions, i * action_row, rounded, x, at + hidden
            )
        if speaking:
            speak(count, x, depth, mix, scores, head, mixed, out)
        listen(count, row, question, outputs, out, running)
        for i in range(count - 1, -1, -1):
            if not running[i]:
                count -= 1
                move(count, i, row, x, c, depth, hidden)
