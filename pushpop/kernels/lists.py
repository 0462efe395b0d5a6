"""The lists of a group of words: stack, queue and DeQue, one code. Axes: as in tape.py.

A hand is one end at which a list is worked: what it puts, takes and reads. A stack has one hand that puts and takes at
the new end, a queue one that puts at the new and takes at the old end, a DeQue two: one for either end. A step takes
with every hand, then puts with every hand, then reads with every hand. Each word has `room` places in a row, and its
live cells are those from `low` to before `high`, oldest first.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import ends
from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.rows import dot, fill, times_slope_of_tanh
from pushpop.kernels.strengths import bend, cut, cut_pop, unbend

OLD, NEW = -1, 1
HANDS = {"stack": [(NEW, NEW)], "queue": [(NEW, OLD)], "deque": [(NEW, NEW), (OLD, OLD)]}  # puts, takes


class Hands(NamedTuple):
    """What all lists have in common."""

    hands: np.ndarray  # [A, 2] at which end each puts and takes
    margin: np.ndarray  # [1] how far beyond 0 and 1 a strength's sigmoid is stretched before it is cut off there


class Lists(NamedTuple):
    """The lists of all words as they go, and what the backward pass needs to undo them."""

    hands: np.ndarray  # [A, 2] at which end each puts and takes
    margin: np.ndarray  # [1]
    held: np.ndarray  # [B n] strengths held at the start
    low: np.ndarray  # [B] place of the oldest live cell
    high: np.ndarray  # [B] place after the newest
    cells: np.ndarray  # [B room] where in `actions` the value of each live cell begins
    strengths: np.ndarray  # [B room]
    logged: np.ndarray  # [B] cells in the log
    log_cells: np.ndarray  # [B room] cells taken whole, in order
    log_strengths: np.ndarray  # [B room]
    taken: np.ndarray  # [N A] cells taken whole
    cut: np.ndarray  # [N A] strength before the cut of the cell taken in part


@inner
def outermost(hand, low, high):
    """The place of the outermost cell at the end where this hand takes, and the way to the next."""
    return (high - 1, -1) if hand == NEW else (low, 1)


@inlined
def begin(lists, word, sizes, pushed):
    """Put the cells that a word holds already on its list; those of no strength (and they only) stay off it.

    Their values lie behind the `pushed` numbers of `actions`.
    """
    held, cells, strengths, low, high = lists.held, lists.cells, lists.strengths, lists.low, lists.high
    size = len(held) // len(low)
    high[word] = low[word]
    for k in range(word * size, (word + 1) * size):
        if not held[k] <= 0:
            cells[high[word]] = pushed + k * sizes.width
            strengths[high[word]] = held[k]
            high[word] += 1
    lists.logged[word] = 0


@inlined
def remove(lists, word, hand, amount):
    """Pop with one hand: where it began, which way it went, how many cells it took whole, what it cut."""
    low, high, end = lists.low, lists.high, lists.hands[hand, 1]
    edge, inward = outermost(end, low[word], high[word])
    taken, cut = ends.pop(lists.strengths, edge, inward, high[word] - low[word], amount)
    if end == NEW:
        high[word] -= taken
    else:
        low[word] += taken
    return edge, inward, taken, cut


@inlined
def take(lists, word, row, hand, amount):
    """Pop with one hand, and log what is taken whole."""
    edge, inward, taken, cut = remove(lists, word, hand, amount)
    at = row * len(lists.hands) + hand
    lists.taken[at], lists.cut[at] = taken, cut
    log = word * (len(lists.cells) // len(lists.low)) + lists.logged[word]
    for place in range(edge, edge + inward * taken, inward):
        lists.log_cells[log] = lists.cells[place]
        lists.log_strengths[log] = lists.strengths[place]
        log += 1
    lists.logged[word] += taken


@inlined
def put(lists, word, hand, strength):
    """Push with one hand: the new cell's place."""
    if lists.hands[hand, 0] == NEW:
        place = lists.high[word]
        lists.high[word] += 1
    else:
        place = lists.low[word] - 1
        lists.low[word] = place
    lists.strengths[place] = strength
    return place


@inlined
def look(lists, word, values, sizes, into, at):
    """Read with every hand, side by side."""
    low, high = lists.low[word], lists.high[word]
    fill(sizes.read, into, at, 0)
    for hand in range(len(lists.hands)):
        edge, inward = outermost(lists.hands[hand, 1], low, high)
        ends.read(
            lists.cells, lists.strengths, edge, inward, high - low, values, sizes.width, into, at + hand * sizes.width
        )


@inlined
def work(lists, word, row, sizes, actions, into, at):
    """Pop, push and read with all hands of one word at one row, from what the interface says."""
    first = row * sizes.stride
    bend(lists, actions, first, sizes)
    for hand in range(len(lists.hands)):
        take(lists, word, row, hand, cut_pop(lists, actions[first + sizes.read + 2 * hand + 1]))
    for hand in range(len(lists.hands)):
        place = put(lists, word, hand, cut(actions[first + sizes.read + 2 * hand]))
        lists.cells[place] = first + hand * sizes.width
    look(lists, word, actions, sizes, into, at)


@njit(nogil=True)
def slate(lists, plan, group, sizes):
    """Room for undoing one group: the gradients of its words' strengths."""
    words = plan.first_word[group + 1] - plan.first_word[group]
    return np.zeros(words * (len(lists.cells) // len(lists.low)), lists.strengths.dtype)


@inner
def shift_of(lists, word, i):
    """How much further on than its strengths a word's gradients are, where it is the group's i-th."""
    return (i - word) * (len(lists.cells) // len(lists.low))


@inner
def number(cell, pushed, sizes, hands):
    """The number of a cell, those of each row first and those held behind: from where its value begins."""
    if cell < pushed:
        return cell // sizes.stride * hands + cell % sizes.stride // sizes.width
    return pushed // sizes.stride * hands + (cell - pushed) // sizes.width


@inlined
def finish(lists, word, i, sizes, pushed, actions, left, strength_grads):
    """Begin the backward pass at a word's end: the gradients of the strengths that its cells have left there."""
    shift = shift_of(lists, word, i)
    for place in range(lists.low[word], lists.high[word]):
        strength_grads[place + shift] = left[number(lists.cells[place], pushed, sizes, len(lists.hands))]


@inlined
def untake(lists, word, row, hand, strength_grads, shift):
    """Undo `take`: the gradient of the amount."""
    cells, strengths, low, high = lists.cells, lists.strengths, lists.low, lists.high
    end, at = lists.hands[hand, 1], row * len(lists.hands) + hand
    taken = lists.taken[at]
    if end == NEW:
        high[word] += taken
    else:
        low[word] -= taken
    edge, inward = outermost(end, low[word], high[word])
    lists.logged[word] -= taken
    log = word * (len(cells) // len(low)) + lists.logged[word]
    for place in range(edge, edge + inward * taken, inward):
        cells[place] = lists.log_cells[log]
        strengths[place] = lists.log_strengths[log]
        log += 1
    return ends.unpop(strengths, edge, inward, taken, lists.cut[at], strength_grads, shift)


@inlined
def unput(lists, word, hand, strength_grads, shift):
    """Undo `put`: the gradient of the strength pushed."""
    if lists.hands[hand, 0] == NEW:
        lists.high[word] -= 1
        place = lists.high[word]
    else:
        place = lists.low[word]
        lists.low[word] += 1
    return strength_grads[place + shift]


@inlined
def unread_nothing(lists, word, sizes, values, grad, grad_at, ended, inward, strength_grads, shift):
    """The gradient of a strength of 0, just put where nothing is left to be read: of 0 and 0 `min` takes the left."""
    for hand in range(len(lists.hands)):
        place = lists.high[word] - 1 if lists.hands[hand, 0] == NEW else lists.low[word]
        if lists.strengths[place] <= 0 and (place - ended) * inward >= 0:
            strength_grads[place + shift] += dot(sizes.width, grad, grad_at, values, lists.cells[place])


@inlined
def forget(lists, word, strength_grads, shift):
    """After a take: a cell without strength that it has not reached has no derivative from here on."""
    for hand in range(len(lists.hands)):
        low, high = lists.low[word], lists.high[word]
        place = high - 1 if lists.hands[hand, 0] == NEW else low
        if low < high and lists.strengths[place] <= 0:
            strength_grads[place + shift] = 0


@inlined
def undo(lists, word, i, row, sizes, actions, grad, grad_at, action_grads, strength_grads):
    """Undo `work`: from `grad` of the reads to the gradients of what enters the interface."""
    shift, first, hands, low, high = (
        shift_of(lists, word, i),
        row * sizes.stride,
        len(lists.hands),
        lists.low,
        lists.high,
    )
    at = first + sizes.read
    for hand in range(hands):
        edge, inward = outermost(lists.hands[hand, 1], low[word], high[word])
        ended = ends.unread(
            lists.cells, lists.strengths, edge, inward, high[word] - low[word], actions, sizes.width, grad,
            grad_at + hand * sizes.width, action_grads, strength_grads, shift,
        )  # fmt: skip
        at_hand = grad_at + hand * sizes.width
        unread_nothing(lists, word, sizes, actions, grad, at_hand, ended, inward, strength_grads, shift)
    for hand in range(hands - 1, -1, -1):
        grad_of_push = unput(lists, word, hand, strength_grads, shift)
        action_grads[at + 2 * hand] = unbend(lists, grad_of_push, actions[at + 2 * hand])
    for hand in range(hands - 1, -1, -1):
        forget(lists, word, strength_grads, shift)
        grad_of_pop = untake(lists, word, row, hand, strength_grads, shift)
        action_grads[at + 2 * hand + 1] = unbend(lists, grad_of_pop, actions[at + 2 * hand + 1])
    times_slope_of_tanh(sizes.read, actions, first, action_grads, first)


@inlined
def arrive(lists, word, i, row, sizes, pushed, strength_grads, held):
    """End at a word's start, whose first row is `row`: the gradients of the strengths that it held there.

    Cells held with no strength were never on the list. They have a derivative all the same where the first pop went
    past them and cut a cell: that of the cell cut, like every cell further out.
    """
    cells, low, high, shift = lists.cells, lists.low, lists.high, shift_of(lists, word, i)
    size, first, end = len(held) // len(low), row * len(lists.hands), lists.hands[0, 1]
    if lists.cut[first] != ends.WHOLE:
        edge, inward = outermost(end, low[word], high[word])
        cut = edge + inward * lists.taken[first]
        k, beyond = (cells[cut] - pushed) // sizes.width, (word + 1) * size if end == NEW else word * size - 1
        for outer in range(k - inward, beyond, -inward):
            held[outer] = strength_grads[cut + shift]
    for place in range(low[word], high[word]):
        held[(cells[place] - pushed) // sizes.width] = strength_grads[place + shift]
