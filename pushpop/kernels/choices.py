"""What the interface says of superposition stacks: a value, and for each stack a choice of push, pop and keep.

Axes: as in superposition.py. A row holds the value [W], then for each action one number a stack, filled up to whole
vectors; what fills it up has no share in anything.
"""

from typing import NamedTuple

import numpy as np

from pushpop.kernels import squash
from pushpop.kernels.inner import inner
from pushpop.kernels.rows import copy, fill, times_slope_of_sigmoid, times_slope_of_tanh, total

SIGMOID, TANH, LINEAR = range(3)
VALUES = {"sigmoid": SIGMOID, "tanh": TANH, "linear": LINEAR}


class Shape(NamedTuple):
    """What all words' stacks have in common."""

    stacks: int  # K
    cell: int  # numbers in a cell of one stack
    choices: int  # C: push, pop, and keep where there is one
    room: int  # K filled up: what the interface says of one action
    depth: int  # levels that are read
    value: int  # what a value goes through
    vacant: np.ndarray  # [W] a level where nothing is


@inner
def bend(shape, sizes, actions, at, peak, peak_at):
    """Squash what the interface says, in place: the value, and the actions by a softmax in each stack."""
    if shape.value == SIGMOID:
        squash.sigmoid(sizes.width, actions, at)
    elif shape.value == TANH:
        squash.tanh(sizes.width, actions, at)
    room, first = np.uintp(shape.room), np.uintp(at + sizes.width)
    second, last, peak_at = first + room, first + np.uintp(shape.choices - 1) * room, np.uintp(peak_at)
    for k in range(room):
        x, y, z = actions[first + k], actions[second + k], actions[last + k]
        x = y if y > x else x
        peak[peak_at + k] = z if z > x else x
    for c in range(np.uintp(shape.choices)):
        for k in range(room):
            actions[first + c * room + k] -= peak[peak_at + k]
    squash.exponential(shape.choices * shape.room, actions, at + sizes.width)
    for k in range(room):
        whole = actions[first + k] + actions[second + k]
        peak[peak_at + k] = whole if shape.choices == 2 else whole + actions[last + k]
    for c in range(np.uintp(shape.choices)):
        for k in range(room):
            actions[first + c * room + k] /= peak[peak_at + k]


@inner
def spread(shape, width, actions, at, shares, shares_at):
    """The actions of every stack, from `at` on, in each of its columns; 0 for an action that there is not."""
    fill(3 * width, shares, shares_at, 0)
    for c in range(shape.choices):
        for k in range(shape.stacks):
            share = actions[at + c * shape.room + k]
            fill(shape.cell, shares, shares_at + c * width + k * shape.cell, share)


@inner
def decide(shape, actions, at):
    """1 for the likeliest action of each stack and 0 for the others; what is no number stays that."""
    for k in range(at, at + shape.stacks):
        best = 0
        for c in range(1, shape.choices):
            if actions[k + c * shape.room] > actions[k + best * shape.room]:
                best = c
        for c in range(shape.choices):
            place = k + c * shape.room
            actions[place] = actions[place] * 0 + (c == best)


@inner
def unbend(shape, sizes, actions, first, sums, grads):
    """Undo `bend` and `spread`: from the gradients in every column to those of what the interface says."""
    width, at = sizes.width, first + sizes.width
    copy(width, sums, 3 * width, grads, first)
    if shape.value == TANH:
        times_slope_of_tanh(width, actions, first, grads, first)
    elif shape.value == SIGMOID:
        times_slope_of_sigmoid(width, actions, first, grads, first)
    for k in range(shape.stacks):
        mean = grads.dtype.type(0)
        for c in range(shape.choices):
            place, slope = at + c * shape.room + k, total(shape.cell, sums, c * width + k * shape.cell)
            grads[place] = slope
            mean += actions[place] * slope
        for c in range(shape.choices):
            place = at + c * shape.room + k
            grads[place] = actions[place] * (grads[place] - mean)
