"""The list of one word as the cells that still have strength, worked at one end: a step costs what it touches.

Grefenstette et al. 2015, eqs 1-11; gradients eqs 12-18. A popped-out cell (strength 0) can never come back, so it is
taken off the list; where a backward pass will follow it is logged, cell and strength, and put back on the way back.
`cells` says where in `values` each live cell's value is; `edge` is the place of the outermost cell, and `inward` (-1
from the newest cell, 1 from the oldest) leads on to the next of `count`. All factors of the derivatives are 0 or +-1,
and on ties the left argument of `min` and `max` has the derivative: a cell taken whole passes it on. Comparisons are
turned so that what is no number stays in the memory and reaches the read. Constants are made in the arrays' own type:
a plain 1 would turn sums into doubles.
"""

from pushpop.kernels.inner import inner
from pushpop.kernels.rows import add_scaled, dot

WHOLE = -1.0  # in `cut`: the pop ended between two cells


@inner
def pop(strengths, edge, inward, count, amount):
    """Take `amount`: how many cells are taken whole, and the strength before the cut of a cell cut in part."""
    owed, place, taken = amount, edge, 0
    while taken < count and not owed <= 0:
        strength = strengths[place]
        if not strength <= owed:
            strengths[place] = strength - owed
            return taken, strength
        owed -= strength
        place += inward
        taken += 1
    return taken, strengths.dtype.type(WHOLE)


@inner
def read(cells, strengths, edge, inward, count, values, width, into, into_at):
    """Add the mixture of the outermost cells, up to a strength of 1 together, to `into`."""
    place, end, rest = edge, edge + inward * count, strengths.dtype.type(1)
    while rest > 0 and place != end:
        strength = strengths[place]
        weight = rest if strength > rest else strength
        add_scaled(width, weight, values, cells[place], into, into_at)
        rest -= strength
        place += inward


@inner
def unread(cells, strengths, edge, inward, count, values, width, grad, grad_at, value_grads, strength_grads, shift):
    """The gradients of `read`: of the values it mixed and of the strengths it weighed (those `shift` further on).

    Gives the place where it ended: that one and those further in it has not looked at.
    """
    place, end, rest = edge, edge + inward * count, strengths.dtype.type(1)
    while rest > 0 and place != end:
        strength, at = strengths[place], cells[place]
        slope = dot(width, grad, grad_at, values, at)
        if strength > rest:
            add_scaled(width, rest, grad, grad_at, value_grads, at)
            for outer in range(edge, place, inward):
                strength_grads[outer + shift] -= slope
        else:
            add_scaled(width, strength, grad, grad_at, value_grads, at)
            strength_grads[place + shift] += slope
        rest -= strength
        place += inward
    return place


@inner
def unpop(strengths, edge, inward, taken, cut, strength_grads, shift):
    """The gradient of `pop` to its amount; the `taken` cells from `edge` on are back in `strengths` already.

    A cell cut in part has s' = s - (u - outer): slope 1 to itself and to every cell further out, -1 to u. Cells taken
    whole have none of their own.
    """
    slope, place = strengths.dtype.type(0), edge + inward * taken
    if cut != WHOLE:
        strengths[place] = cut
        slope = strength_grads[place + shift]
    for outer in range(edge, place, inward):
        strength_grads[outer + shift] = slope
    return -slope
