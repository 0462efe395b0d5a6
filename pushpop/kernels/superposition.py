"""The superposition stacks of a group of words, Joulin and Mikolov 2015. Axes: as in tape.py; K stacks, C actions.

One level of all stacks of a word, side by side, is a row of W numbers; the top one comes first, and the topmost ones
are what is read. A step mixes every level with its neighbours. Levels that can no longer come to the top before the
word's end are left out, unless all of the memory is wanted there.

For the backward pass the whole stack is kept at every S-th step only, and the steps between are run again from there,
one such stretch at a time. With S the root of a word's T steps that is 2 sqrt(T) stacks of up to T / 2 levels (T, if
all are wanted): memory grows with T^1.5, time with T^2.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels.choices import Shape, bend, decide, spread, unbend
from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.levels import mix, unmix
from pushpop.kernels.rows import add, copy


class Stacks(NamedTuple):
    """The stacks of all words as they go, and what the backward pass needs to undo them."""

    shape: Shape
    held: np.ndarray  # [B n W] levels held at the start, top first
    cells: np.ndarray  # stacks of every word: the first at its start, the others at every S-th step and at its end
    at: np.ndarray  # [B] where in `cells` a word's first stack begins
    rows: np.ndarray  # [B] levels that there is room for in each
    every: np.ndarray  # [B] S
    reach: np.ndarray  # [B] after t steps no level from reach - t on will be read
    age: np.ndarray  # [B] steps so far
    first: np.ndarray  # [B] where in `row` a word's steps begin
    row: np.ndarray  # [N] the row of each step
    shares: np.ndarray  # [B 3 W] room for the actions of one step, in every column


class Live(NamedTuple):
    """Stacks of which nothing is kept but what is live."""

    shape: Shape
    cells: np.ndarray
    at: np.ndarray  # [B]
    reach: np.ndarray  # [B]
    age: np.ndarray  # [B]
    shares: np.ndarray  # [B 3 W]


class Slate(NamedTuple):
    """Room for the backward pass of one group, by a word's place in it."""

    grads: np.ndarray  # of each word's levels, 0 below those that matter at its end; what vacant ones get reaches none
    at: np.ndarray
    stretch: np.ndarray  # the S stacks of one stretch of each word
    stretch_at: np.ndarray
    sums: np.ndarray  # [4 W] gradients of the actions in every column, and of the value


@inner
def height(held, reach, age):
    """Levels that matter after so many steps."""
    return min(held + age, reach - age)


@inner
def vacate(shape, width, cells, at, levels):
    """Nothing below so many levels: in the two that the next step may look at, and in those that are read."""
    for level in range(levels, max(levels + 2, shape.depth)):
        copy(width, shape.vacant, 0, cells, at + level * width)


@inner
def step(shape, width, actions, first, shares, shares_at, source, source_at, target, target_at, levels):
    """From one stack to the next, of so many levels; what the interface says is in `actions` from `first` on."""
    spread(shape, width, actions, first + width, shares, shares_at)
    mix(levels, width, source, source_at, target, target_at, shares, shares_at, actions, first)
    vacate(shape, width, target, target_at, levels)


@inlined
def held_levels(stacks, sizes):
    """n: levels that each word holds before its first symbol."""
    return len(stacks.held) // (len(stacks.at) * sizes.width)


@inlined
def kept(stacks, word, sizes, age):
    """Where the stack of a word after so many steps is: from one that is kept on in the next one's place."""
    return stacks.at[word] + -(-age // stacks.every[word]) * stacks.rows[word] * sizes.width


@inlined
def begin(stacks, word, sizes, pushed):
    """Put the levels that a word holds already on its stack."""
    held, at = held_levels(stacks, sizes), stacks.at[word]
    levels = height(held, stacks.reach[word], 0)
    copy(levels * sizes.width, stacks.held, word * held * sizes.width, stacks.cells, at)
    vacate(stacks.shape, sizes.width, stacks.cells, at, levels)
    stacks.age[word] = 0


@inlined
def work(stacks, word, row, sizes, actions, into, at):
    """One step of one word's stacks at one row, from what the interface says, and the read."""
    first, age, shares_at = row * sizes.stride, stacks.age[word], word * 3 * sizes.width
    bend(stacks.shape, sizes, actions, first, stacks.shares, shares_at)
    source, target = kept(stacks, word, sizes, age), kept(stacks, word, sizes, age + 1)
    levels = height(held_levels(stacks, sizes), stacks.reach[word], age + 1)
    step(
        stacks.shape, sizes.width, actions, first, stacks.shares, shares_at, stacks.cells, source, stacks.cells, target,
        levels,
    )  # fmt: skip
    copy(sizes.read, stacks.cells, target, into, at)
    stacks.row[stacks.first[word] + age] = row
    stacks.age[word] = age + 1


@inlined
def work_live(live, word, row, sizes, actions, rounded, into, at):
    """`work` where nothing will be undone; `rounded`: the likeliest action alone, the first of those that tie."""
    first, age, shares_at = row * sizes.stride, live.age[word] + 1, word * 3 * sizes.width
    bend(live.shape, sizes, actions, first, live.shares, shares_at)
    if rounded:
        decide(live.shape, actions, first + sizes.width)
    step(
        live.shape, sizes.width, actions, first, live.shares, shares_at, live.cells, live.at[word], live.cells,
        live.at[word], height(0, live.reach[word], age),
    )  # fmt: skip
    copy(sizes.read, live.cells, live.at[word], into, at)
    live.age[word] = age


@njit(nogil=True)
def live(shape, order, question, sizes, dtype):
    """Stacks for the words of `order`, empty, with room for all that each may push."""
    words, total_ = len(question.lengths), 0
    at, reach, age = np.zeros(words, np.int64), np.zeros(words, np.int64), np.zeros(words, np.int64)
    for word in order:
        at[word], reach[word] = total_, question.lengths[word] + question.limits[word] + shape.depth
        total_ += (reach[word] // 2 + shape.depth + 2) * sizes.width
    cells = np.empty(total_, dtype)
    for word in order:
        vacate(shape, sizes.width, cells, at[word], 0)
    return Live(shape, cells, at, reach, age, np.empty(words * 3 * sizes.width, dtype))


@njit(nogil=True)
def slate(stacks, plan, group, sizes):
    """Room for undoing one group."""
    words = plan.order[plan.first_word[group] : plan.first_word[group + 1]]
    at, stretch_at, total_, stretch = np.empty(len(words), np.int64), np.empty(len(words), np.int64), 0, 0
    for i in range(len(words)):
        at[i], stretch_at[i] = total_, stretch
        size = stacks.rows[words[i]] * sizes.width
        total_, stretch = total_ + size, stretch + stacks.every[words[i]] * size
    dtype = stacks.cells.dtype
    return Slate(np.zeros(total_, dtype), at, np.empty(stretch, dtype), stretch_at, np.empty(4 * sizes.width, dtype))


@inner
def recall(stacks, word, i, sizes, actions, slate):
    """Run the stretch that the word's last step lies in again, and lay all its stacks down."""
    shape, width, every, cells = stacks.shape, sizes.width, stacks.every[word], slate.stretch
    held, reach, size = held_levels(stacks, sizes), stacks.reach[word], stacks.rows[word] * width
    age = (stacks.age[word] - 1) // every * every
    at = slate.stretch_at[i]
    copy((height(held, reach, age) + 2) * width, stacks.cells, kept(stacks, word, sizes, age), cells, at)
    for past in range(age, stacks.age[word] - 1):
        first = stacks.row[stacks.first[word] + past] * sizes.stride
        levels = height(held, reach, past + 1)
        step(shape, width, actions, first, stacks.shares, word * 3 * width, cells, at, cells, at + size, levels)
        at += size


@inlined
def finish(stacks, word, i, sizes, pushed, actions, left, slate):
    """Begin the backward pass at a word's end: the gradients of the levels that are left there."""
    size = len(left) // len(stacks.at)
    if size > 0:
        levels = height(held_levels(stacks, sizes), stacks.reach[word], stacks.age[word])
        copy(levels * sizes.width, left, word * size, slate.grads, slate.at[i])
    recall(stacks, word, i, sizes, actions, slate)


@inlined
def undo(stacks, word, i, row, sizes, actions, grad, grad_at, action_grads, slate):
    """Undo `work`: from `grad` of the read to the gradients of what enters the interface."""
    shape, width, first, shares_at = stacks.shape, sizes.width, row * sizes.stride, word * 3 * sizes.width
    held, reach, age = held_levels(stacks, sizes), stacks.reach[word], stacks.age[word] - 1
    before, after, at = height(held, reach, age), height(held, reach, age + 1), slate.at[i]
    add(min(shape.depth, after) * width, grad, grad_at, slate.grads, at)  # what is vacant has no gradient
    spread(shape, width, actions, first + width, stacks.shares, shares_at)
    old = slate.stretch_at[i] + age % stacks.every[word] * stacks.rows[word] * width
    unmix(
        max(before, after), width, slate.stretch, old, slate.grads, at, stacks.shares, shares_at, actions, first,
        slate.sums, 0,
    )  # fmt: skip
    unbend(shape, sizes, actions, first, slate.sums, action_grads)
    stacks.age[word] = age
    if age > 0 and age % stacks.every[word] == 0:
        recall(stacks, word, i, sizes, actions, slate)


@inlined
def arrive(stacks, word, i, row, sizes, pushed, slate, held):
    """End at a word's start: the gradients of the levels that it held there."""
    count = held_levels(stacks, sizes)
    levels = height(count, stacks.reach[word], 0)
    copy(levels * sizes.width, slate.grads, slate.at[i], held, word * count * sizes.width)
