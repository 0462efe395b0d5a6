"""Greedy, free-running answers of an LSTM with a stack, for one group of words: nothing is kept for gradients.

Axes: as in tape.py, and Z inputs of the output map, O scores (both filled up to a multiple of PAD).

A word first reads its prompt, then what it said last, until it says the end symbol or reaches its limit; then the last
word still running takes its row. A popped cell's place is used again, so that memory grows with depth only.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import squash, stack
from pushpop.kernels.cache import Kernel
from pushpop.kernels.inner import inner
from pushpop.kernels.matmul import add_product
from pushpop.kernels.rows import copy, fill
from pushpop.kernels.tape import pack_phases
from pushpop.kernels.unroll import work_controller
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
    token: np.ndarray  # row of the table for what is read next
    phase: np.ndarray
    seen: np.ndarray  # symbols of the prompt read so far
    said: np.ndarray  # symbols of the answer so far


@inner
def best(scores, at, count):
    """The first of the greatest."""
    winner = 0
    for j in range(1, count):
        if scores[at + j] > scores[at + winner]:
            winner = j
    return winner


@inner
def move(source, target, row, x, c, depth, hidden):
    """Give the row `target` to the word that runs in `source`."""
    for part in row:
        part[target] = part[source]
    copy(depth, x, source * depth, x, target * depth)
    copy(hidden, c, source * hidden, c, target * hidden)


@inner
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


@inner
def speak(count, x, depth, mix, scores, head, mixed, out):
    """The scores of all running words, from their (h, r)."""
    room, outputs = head.mix_bias.shape[0], head.bias.shape[0]
    for i in range(count):
        copy(outputs, head.bias, 0, out, i * outputs)
    if room == 0:
        add_product(count, depth, outputs, x, 0, depth, scores[0], out, 0, outputs)
        return
    for i in range(count):
        copy(room, head.mix_bias, 0, mixed, i * room)
    add_product(count, depth, room, x, 0, depth, mix[0], mixed, 0, room)
    squash.tanh(count * room, mixed, 0)
    add_product(count, room, outputs, mixed, 0, room, scores[0], out, 0, outputs)


@inner
def hear(i, symbol, row, question):
    """Row i reads `symbol` next; from the separator on it is in the writing phase."""
    if symbol == question.symbols[2]:
        row.phase[i] = 1
    row.token[i] = row.phase[i] * question.symbols[0] + symbol


@inner
def listen(count, row, question, outputs, out, running):
    """Each row's next symbol, from its prompt or from what it says; whether it is `running` still."""
    for i in range(count):
        word = row.word[i]
        row.seen[i] += 1
        running[i] = True
        if row.seen[i] < question.lengths[word]:
            hear(i, question.prompts[word, row.seen[i]], row, question)
            continue
        symbol = best(out, i * outputs, question.symbols[1])
        question.answers[word, row.said[i]] = symbol
        row.said[i] += 1
        running[i] = symbol != question.symbols[3] and row.said[i] < question.limits[word]
        hear(i, symbol, row, question)


@njit(nogil=True)
def places(order, question):
    """The first place of each word's cells, and the number of places."""
    bases, total = np.zeros(len(question.lengths), np.int64), 0
    for word in order:
        bases[word] = total
        total += question.lengths[word] + question.limits[word]
    return bases, total


@Kernel
def answer(order, weights, head, x_start, c_start, question, rounded):
    """Answer the words of `order`, one group, from (h, r) [B, K] and c [B, H]; their memories begin empty."""
    dtype, count = weights.table.dtype, len(order)
    hidden, depth, stride = weights.interface.shape[0], weights.recurrent.shape[1], weights.bias.shape[1]
    width, outputs = stride - PAD, head.bias.shape[0]
    recurrent, interface = pack_phases(weights.recurrent, False), pack_phases(weights.interface[None], False)
    mix, scores = pack_phases(head.mix[None], False), pack_phases(head.scores[None], False)
    table, bias, x, c = (
        weights.table.reshape(-1),
        weights.bias.reshape(-1),
        x_start[order].ravel(),
        c_start[order].ravel(),
    )
    h, gates = np.empty(count * hidden, dtype), np.empty(count * 4 * hidden, dtype)
    actions, mixed = np.empty(count * stride, dtype), np.empty(count * head.mix_bias.shape[0], dtype)
    out, running, none = np.empty(count * outputs, dtype), np.ones(count, np.bool_), np.zeros_like(order)
    row = Row(order.copy(), none.copy(), none.copy(), none.copy(), none.copy())
    bases, total = places(order, question)
    cells, strengths, values = np.arange(total), np.empty(total, dtype), np.empty(total * width, dtype)
    live = np.zeros(len(bases), np.int64)
    for i in range(count):
        hear(i, question.prompts[order[i], 0], row, question)
    while count > 0:
        work_controller(
            count, 0, 0, row.token, row.phase, table, bias, recurrent, interface, x, gates, c, h, actions, width
        )
        speaking = False
        for i in range(count):
            word, at = row.word[i], i * depth
            speaking = speaking or row.seen[i] + 1 >= question.lengths[word]
            copy(hidden, h, i * hidden, x, at)
            work_stack(
                bases[word], live, word, cells, strengths, values, width, actions, i * stride, rounded, x, at + hidden
            )
        if speaking:
            speak(count, x, depth, mix, scores, head, mixed, out)
        listen(count, row, question, outputs, out, running)
        for i in range(count - 1, -1, -1):
            if not running[i]:
                count -= 1
                move(count, i, row, x, c, depth, hidden)
