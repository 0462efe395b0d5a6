"""Greedy, free-running answers, for one group of words: nothing is kept for gradients. Axes: as in tape.py and head.py.

A word first reads its prompt, then what it said last, until it says the end symbol or reaches its limit; then the last
word still running takes its row. A popped cell's place is used again, so that memory grows with depth only.
"""

from typing import NamedTuple

import numpy as np

from pushpop.kernels import memories
from pushpop.kernels.cache import Kernel
from pushpop.kernels.controller import work_controller
from pushpop.kernels.head import clear_desk, lay, pack_head, speak
from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.tape import move, pack_weights


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


@inlined
def begin(count, order, sizes, start, start_carry, state, carry, row, question):
    """Every word at its first symbol."""
    for i in range(count):
        row.word[i], row.phase[i], row.seen[i], row.said[i] = order[i], 0, 0, 0
        move(sizes, start, order[i], start_carry, state, i, carry)
        hear(i, question.prompts[order[i], 0], row, question)


@inlined
def run(count, row, sizes, packed, head, desk, live, state, carry, gates, actions, running, question, rounded):
    """Step until every word has ended."""
    while count > 0:
        work_controller(count, 0, 0, sizes, packed, row.token, row.phase, state, carry, gates, actions)
        speaking = False
        for i in range(count):
            speaking = speaking or row.seen[i] + 1 >= question.lengths[row.word[i]]
            at = i * sizes.depth + sizes.hidden
            memories.work_live(live, row.word[i], i, sizes, actions, rounded, state, at)
        if speaking:
            for i in range(count):
                lay(i, i, sizes, state, desk)
            speak(count, sizes, head, desk)
        listen(count, row, question, len(head.bias), desk.scores, running)
        for i in range(count - 1, -1, -1):
            if not running[i]:
                count -= 1
                row.word[i], row.token[i], row.phase[i] = row.word[count], row.token[count], row.phase[count]
                row.seen[i], row.said[i] = row.seen[count], row.said[count]
                move(sizes, state, count, carry, state, i, carry)


@Kernel
def answer(order, sizes, weights, head, shape, start, start_carry, question, rounded):
    """Answer the words of `order`, one group, from their states; their memories, of this `shape`, begin empty."""
    dtype, count, none = weights.table.dtype, len(order), np.zeros_like(order)
    state = np.empty(count * (sizes.depth + (sizes.layers - 1) * sizes.hidden), dtype)
    carry = np.empty(sizes.layers * count * sizes.carried, dtype)
    gates, actions = np.empty(sizes.layers * count * sizes.gates, dtype), np.empty(count * sizes.stride, dtype)
    packed, live = pack_weights(weights, False), memories.live(shape, order, question, sizes, dtype)
    packed_head, desk = pack_head(head, False), clear_desk(head, count)
    running = np.ones(count, np.bool_)
    row = Row(none.copy(), none.copy(), none.copy(), none.copy(), none.copy())
    begin(count, order, sizes, start, start_carry, state, carry, row, question)
    run(count, row, sizes, packed, packed_head, desk, live, state, carry, gates, actions, running, question, rounded)
