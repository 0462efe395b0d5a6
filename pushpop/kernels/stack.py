"""The stack of one word as the list of cells that still have strength: a step costs what it touches.

Grefenstette et al. 2015, eqs 1-3; gradients eqs 12-18. A popped-out cell (strength 0) can never come back, so it is
taken off the list; where a backward pass will follow it is logged, cell and strength, and put back on the way back.
`cells` and `strengths` hold the live cells of all words, a word's from `at` on, oldest first, `depth` of them. All
factors of the derivatives are 0 or +-1, and on ties the left argument of `min` and `max` has the derivative: a cell
taken whole passes it on. Comparisons are turned so that what is no number stays in the memory and reaches the read.
Constants are made in the arrays' own type: a plain 1 would turn sums into doubles.
"""

from pushpop.kernels.inner import inner
from pushpop.kernels.rows import add_scaled, dot

WHOLE = -1.0  # in `cut`: the pop ended between two cells


@inner
def pop(strengths, at, depth, amount):
    """Take `amount` from the newest cells: the depth left, and the strength before the cut of a cell cut in part."""
    owed = amount
    while depth > 0 and not owed <= 0:
        strength = strengths[at + depth - 1]
        if not strength <= owed:
            strengths[at + depth - 1] = strength - owed
            return depth, strength
        owed -= strength
        depth -= 1
    return depth, strengths.dtype.type(WHOLE)


@inner
def read(cells, strengths, at, depth, values, stride, width, into, into_at):
    """Add the mixture of the newest cells, up to a strength of 1 together, to `into`."""
    k = at + depth
    rest = strengths.dtype.type(1)
    while rest > 0 and k > at:
        k -= 1
        strength = strengths[k]
        weight = rest if strength > rest else strength
        add_scaled(width, weight, values, cells[k] * stride, into, into_at)
        rest -= strength


@inner
def unread(cells, strengths, at, depth, values, stride, width, grad, grad_at, value_grads, strength_grads, grads_at):
    """The gradients of `read`: of the values it mixed and of the strengths it weighed."""
    newest, k = depth, depth
    rest = strengths.dtype.type(1)
    while rest > 0 and k > 0:
        k -= 1
        strength = strengths[at + k]
        row = cells[at + k] * stride
        slope = dot(width, grad, grad_at, values, row)
        if strength > rest:
            add_scaled(width, rest, grad, grad_at, value_grads, row)
            for newer in range(k + 1, newest):
                strength_grads[grads_at + newer] -= slope
        else:
            add_scaled(width, strength, grad, grad_at, value_grads, row)
            strength_grads[grads_at + k] += slope
        rest -= strength


@inner
def unpop(strengths, at, strength_grads, grads_at, depth, taken, cut):
    """The gradient of `pop` to its amount; the `taken` cells above `depth` are back in `strengths` already.

    A cell cut in part has s' = s - (u - newer): slope 1 to itself and to every newer cell, -1 to u. Cells taken whole
    have none of their own.
    """
    slope = strengths.dtype.type(0)
    if cut != WHOLE:
        strengths[at + depth - 1] = cut
        slope = strength_grads[grads_at + depth - 1]
    for newer in range(depth, depth + taken):
        strength_grads[grads_at + newer] = slope
    return -slope
