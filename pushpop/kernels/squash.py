"""Sigmoid, tanh and exp over rows whose length is a multiple of PAD, in place."""

from numba import types
from numba.extending import intrinsic

from pushpop.kernels.inner import inner
from pushpop.kernels.vectors import Vectors, lanes


def _in_place(bend):
    """Compiled code that replaces one vector of a flat array by `bend` of it."""

    @intrinsic
    def replace(typing, row, at):
        def emit(context, builder, signature, args):
            v = Vectors(context, builder, row.dtype.bitwidth)
            place = v.data(row, *args)
            v.store(bend(v, v.load(place)), place)
            return context.get_dummy_value()

        return types.void(row, types.intp), emit

    return replace


_sigmoid, _tanh, _exp = _in_place(Vectors.sigmoid), _in_place(Vectors.tanh), _in_place(Vectors.exp)


@inner
def sigmoid(count, row, at):
    """Replace `count` numbers of the flat array `row`, from `at` on, by their logistic sigmoid."""
    for j in range(0, count, lanes(row)):
        _sigmoid(row, at + j)


@inner
def tanh(count, row, at):
    """Replace `count` numbers of the flat array `row`, from `at` on, by their hyperbolic tangent."""
    for j in range(0, count, lanes(row)):
        _tanh(row, at + j)


@inner
def exponential(count, row, at):
    """Replace `count` numbers of the flat array `row`, from `at` on, by e to their power."""
    for j in range(0, count, lanes(row)):
        _exp(row, at + j)
