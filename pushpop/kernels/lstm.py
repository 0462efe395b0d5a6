"""The LSTM cell of one word, forward and backward; `hidden` is a multiple of PAD.

Gates are in torch's order: input, forget, candidate, output.
"""

from numba import types
from numba.extending import intrinsic

from pushpop.kernels.inner import inner
from pushpop.kernels.vectors import Vectors, lanes


@intrinsic
def _forward(typing, hidden, gates, gates_at, before, before_at, after, after_at, h, h_at):
    at = types.intp
    size = types.void(at, gates, at, before, at, after, at, h, at)

    def emit(context, builder, signature, args):
        hidden_, gates_, gates_at_, before_, before_at_, after_, after_at_, h_, h_at_ = args
        v = Vectors(context, builder, gates.dtype.bitwidth)
        places = v.rows(v.data(gates, gates_, gates_at_), hidden_, 4)
        i, f, g, o = map(v.load, places)
        i, f, half, o = v.sigmoids(i, f, builder.fadd(g, g), o)
        g = v.call("fma", v.constant(2), half, v.constant(-1))
        for value, place in zip((i, f, g, o), places, strict=True):
            v.store(value, place)
        c = v.call("fma", f, v.load(v.data(before, before_, before_at_)), v.product(i, g))
        v.store(c, v.data(after, after_, after_at_))
        v.store(v.product(o, v.tanh(c)), v.data(h, h_, h_at_))
        return context.get_dummy_value()

    return size, emit


@intrinsic
def _backward(
    typing, hidden, gates, at_, before, before_at, after, after_at, grad, grad_at, cell, cell_at, into, into_at
):
    at = types.intp
    size = types.void(at, gates, at, before, at, after, at, grad, at, cell, at, into, at)

    def emit(context, builder, signature, args):
        hidden_, gates_, gates_at_, before_, before_at_, after_, after_at_, grad_, grad_at_, cell_, cell_at_ = args[:-2]
        v = Vectors(context, builder, gates.dtype.bitwidth)
        i, f, g, o = map(v.load, v.rows(v.data(gates, gates_, gates_at_), hidden_, 4))
        old = v.load(v.data(before, before_, before_at_))
        bent = v.tanh(v.load(v.data(after, after_, after_at_)))
        high = v.load(v.data(grad, grad_, grad_at_))
        cell_place = v.data(cell, cell_, cell_at_)
        c = v.call("fma", v.product(high, o), v.slope_of_tanh(bent), v.load(cell_place))
        v.store(v.product(c, f), cell_place)
        made = (
            v.product(c, g, v.slope_of_sigmoid(i)),
            v.product(c, old, v.slope_of_sigmoid(f)),
            v.product(c, i, v.slope_of_tanh(g)),
            v.product(high, bent, v.slope_of_sigmoid(o)),
        )
        for value, place in zip(made, v.rows(v.data(into, *args[-2:]), hidden_, 4), strict=True):
            v.store(value, place)
        return context.get_dummy_value()

    return size, emit


@inner
def forward(hidden, gates, gates_at, before, before_at, after, after_at, h, h_at):
    """Squash the gates in place; c_t = f c_{t-1} + i g into `after`, h_t = o tanh(c_t) into `h`."""
    for j in range(0, hidden, lanes(gates)):
        _forward(hidden, gates, gates_at + j, before, before_at + j, after, after_at + j, h, h_at + j)


@inner
def backward(hidden, gates, gates_at, before, before_at, after, after_at, grad, grad_at, cell, cell_at, into, into_at):
    """Gradients of what entered the gates, from `grad` of h_t; `cell` goes from the gradient of c_t to c_{t-1}'s."""
    for j in range(0, hidden, lanes(gates)):
        _backward(
            hidden, gates, gates_at + j, before, before_at + j, after, after_at + j, grad, grad_at + j,
            cell, cell_at + j, into, into_at + j,
        )  # fmt: skip
