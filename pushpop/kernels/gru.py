"""The GRU cell of one word, forward and backward; `hidden` is a multiple of PAD.

Four rows of gates: reset, update, and the candidate in two parts, of what enters and of the state before, since the
reset gate scales the second alone. n = tanh(g2 + r g3), h_t = (1 - z) n + z h_{t-1}.
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
        r, z, entered, held = map(v.load, places)
        r, z = v.sigmoids(r, z)
        n = v.tanh(v.call("fma", r, held, entered))
        for value, place in zip((r, z, n), places, strict=False):
            v.store(value, place)
        made = v.call("fma", z, builder.fsub(v.load(v.data(before, before_, before_at_)), n), n)
        v.store(made, v.data(after, after_, after_at_))
        v.store(made, v.data(h, h_, h_at_))
        return context.get_dummy_value()

    return size, emit


@intrinsic
def _backward(typing, hidden, gates, at_, before, before_at, grad, grad_at, cell, cell_at, into, into_at):
    at = types.intp
    size = types.void(at, gates, at, before, at, grad, at, cell, at, into, at)

    def emit(context, builder, signature, args):
        hidden_, gates_, gates_at_, before_, before_at_, grad_, grad_at_, cell_, cell_at_ = args[:-2]
        v = Vectors(context, builder, gates.dtype.bitwidth)
        r, z, n, held = map(v.load, v.rows(v.data(gates, gates_, gates_at_), hidden_, 4))
        cell_place = v.data(cell, cell_, cell_at_)
        high = builder.fadd(v.load(v.data(grad, grad_, grad_at_)), v.load(cell_place))
        old = v.load(v.data(before, before_, before_at_))
        bent = v.product(high, builder.fsub(v.constant(1), z), v.slope_of_tanh(n))
        v.store(v.product(high, z), cell_place)
        made = (
            v.product(bent, held, v.slope_of_sigmoid(r)),
            v.product(high, builder.fsub(old, n), v.slope_of_sigmoid(z)),
            bent,
            v.product(bent, r),
        )
        for value, place in zip(made, v.rows(v.data(into, *args[-2:]), hidden_, 4), strict=True):
            v.store(value, place)
        return context.get_dummy_value()

    return size, emit


@inner
def forward(hidden, gates, gates_at, before, before_at, after, after_at, h, h_at):
    """Squash the gates in place, but for the last row; h_t from h_{t-1} in `before`, into both `after` and `h`."""
    for j in range(0, hidden, lanes(gates)):
        _forward(hidden, gates, gates_at + j, before, before_at + j, after, after_at + j, h, h_at + j)


@inner
def backward(hidden, gates, gates_at, before, before_at, grad, grad_at, cell, cell_at, into, into_at):
    """Gradients of what entered the gates; h_t's is `grad` and `cell` together, `cell` becomes h_{t-1}'s part."""
    for j in range(0, hidden, lanes(gates)):
        _backward(
            hidden, gates, gates_at + j, before, before_at + j, grad, grad_at + j, cell, cell_at + j, into, into_at + j
        )
