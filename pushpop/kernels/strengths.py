"""How what the interface says becomes strengths and values of a list, and the way back. Axes: as in tape.py."""

from pushpop.kernels import squash
from pushpop.kernels.inner import inner
from pushpop.kernels.vectors import PAD

LEAK = 0.01  # of the gradient that would have a strength back which was cut off
# A pop that is cut off: too little for any number to show it, and yet not 0, where a pop has no derivative (the tie of
# max(0, u - ...)) and would never come back.
LEAST_POP = 1e-30


@inner
def bend(lists, actions, at, sizes):
    """Squash what the interface says, in place: values by tanh, pushes and pops by a sigmoid that is stretched."""
    first, margin = at + sizes.read, lists.margin[0]
    squash.tanh(sizes.read, actions, at)
    squash.sigmoid(PAD, actions, first)
    if margin > 0:
        for k in range(first, first + 2 * len(lists.hands)):
            actions[k] += margin * (actions[k] + actions[k] - actions.dtype.type(1))


@inner
def cut(stretched):
    """A strength: cut off at 0 and 1. NaN stays NaN."""
    if stretched < 0:
        return stretched - stretched
    return stretched / stretched if stretched > 1 else stretched


@inner
def cut_pop(lists, stretched):
    """The strength of a pop."""
    return lists.margin.dtype.type(LEAST_POP) if stretched < 0 else cut(stretched)


@inner
def unbend(lists, grad, stretched):
    """From the gradient of a strength to that of what it was squashed from: see `saturating` in models/interface.py."""
    margin, one = lists.margin[0], lists.margin.dtype.type(1)
    if stretched < 0 or stretched > 1:
        grad = grad * lists.margin.dtype.type(LEAK) if (grad < 0) == (stretched < 0) else one - one
    return grad * (stretched + margin) * (one + margin - stretched) / (one + margin + margin)
