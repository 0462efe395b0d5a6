"""The LSTM cell of one word, forward and backward (gates in torch's order: input, forget, candidate, output)."""

from numba import njit

from pushpop.kernels.rows import FAST, copy
from pushpop.kernels.squash import squash


@njit(nogil=True, fastmath=FAST)
def cell(hidden, gates, at, before, before_at, after, after_at):
    """c_t = f c_{t-1} + i g, from squashed gates."""
    i, f, g = at, at + hidden, at + 2 * hidden
    for j in range(hidden):
        after[after_at + j] = gates[f + j] * before[before_at + j] + gates[i + j] * gates[g + j]


@njit(nogil=True, fastmath=FAST)
def output(hidden, gates, at, bent, into, into_at):
    """h_t = o tanh(c_t)."""
    o = at + 3 * hidden
    for j in range(hidden):
        into[into_at + j] = gates[o + j] * bent[j]


@njit(nogil=True)
def bend(hidden, cells, at, bent, scale, shift):
    """tanh(c_t), into the scratch row `bent` (room for whole vectors)."""
    copy(hidden, cells, at, bent, 0)
    squash(bent, 0, scale, shift)


@njit(nogil=True, fastmath=FAST)
def backward(hidden, gates, at, before, before_at, bent, grad, grad_at, cell_grad, cell_at, into, into_at):
    """Gradients of the gates' inputs from those of h_t; `cell_grad` goes from c_t to c_{t-1} in place."""
    i, f, g, o = at, at + hidden, at + 2 * hidden, at + 3 * hidden
    to = into_at - at
    for j in range(hidden):
        high = grad[grad_at + j]
        cell_grad[cell_at + j] += high * gates[o + j] * (1 - bent[j] * bent[j])
    for j in range(hidden):
        into[to + o + j] = grad[grad_at + j] * bent[j] * gates[o + j] * (1 - gates[o + j])
    for j in range(hidden):
        into[to + i + j] = cell_grad[cell_at + j] * gates[g + j] * gates[i + j] * (1 - gates[i + j])
    for j in range(hidden):
        into[to + g + j] = cell_grad[cell_at + j] * gates[i + j] * (1 - gates[g + j] * gates[g + j])
    for j in range(hidden):
        into[to + f + j] = cell_grad[cell_at + j] * before[before_at + j] * gates[f + j] * (1 - gates[f + j])
    for j in range(hidden):
        cell_grad[cell_at + j] *= gates[f + j]
