"""Logistic sigmoid and tanh over whole rows, vectorised: y = a sigmoid(a x) + b, column by column.

With (a, b) = (1, 0) a column is a sigmoid, with (2, -1) a tanh: one pass squashes a row that mixes both. exp(x) is
2^n e^r with |r| <= ln(2) / 2 and e^r a Taylor polynomial of degree 7 (single) or 13 (double), whose remainder is below
half a unit in the last place; the result is within 2e-7 (single) and 5e-16 (double) of the truth. NaN stays NaN.
"""

import math

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from pushpop.kernels.matmul import VECTOR_BYTES, lanes

SIGMOID, TANH = (1.0, 0.0), (2.0, -1.0)
_LIMIT = {32: 87.0, 64: 708.0}  # e^-x is a normal number up to here
_DEGREE = {32: 7, 64: 13}
_MANTISSA = {32: 23, 64: 52}
_BIAS = {32: 127, 64: 1023}
_LN2_HIGH = {32: 0.693359375, 64: 6.93145751953125e-1}  # few bits, so that n times it is exact
_LN2_LOW = {32: -2.12194440054690583e-4, 64: 1.42860682030941723212e-6}


@intrinsic
def _squash_vector(typing, row, at, scale, shift, column):
    """Squash one vector of `row` from number `at` on; its scale and shift start at `column`."""
    size = types.void(row, types.intp, scale, shift, types.intp)
    return size, _Squash(row, scale, shift).emit


class _Squash:
    """Writes the instructions for one precision."""

    def __init__(self, row, scale, shift):
        self.arrays = row, scale, shift
        self.bits = row.dtype.bitwidth
        self.count = VECTOR_BYTES * 8 // self.bits
        self.number = ir.FloatType() if self.bits == 32 else ir.DoubleType()
        self.vector = ir.VectorType(self.number, self.count)
        self.whole = ir.VectorType(ir.IntType(self.bits), self.count)

    def emit(self, context, builder, signature, args):
        row, at, scale, shift, column = args
        target = self._at(context, builder, 0, row, at)
        a = self._load(builder, self._at(context, builder, 1, scale, column))
        b = self._load(builder, self._at(context, builder, 2, shift, column))
        x = builder.fmul(a, self._load(builder, target))
        growth = self._exp(builder, builder.fneg(x))
        y = builder.fdiv(a, builder.fadd(self._every(1.0), growth))
        builder.store(builder.fadd(y, b), target).align = self.bits // 8
        return context.get_dummy_value()

    def _at(self, context, builder, which, value, offset):
        data = context.make_array(self.arrays[which])(context, builder, value=value).data
        return builder.bitcast(builder.gep(data, [offset]), self.vector.as_pointer())

    def _load(self, builder, pointer):
        value = builder.load(pointer)
        value.align = self.bits // 8
        return value

    def _every(self, number):
        return ir.Constant(self.vector, [number] * self.count)

    def _call(self, builder, name, *values):
        kind = ir.FunctionType(self.vector, [self.vector] * len(values))
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{self.count}f{self.bits}")
        return builder.call(function, values)

    def _exp(self, builder, x):
        # comparisons with NaN are false, so a NaN is never replaced by a limit
        limit = _LIMIT[self.bits]
        x = builder.select(builder.fcmp_ordered(">", x, self._every(limit)), self._every(limit), x)
        x = builder.select(builder.fcmp_ordered("<", x, self._every(-limit)), self._every(-limit), x)
        n = self._call(builder, "rint", builder.fmul(x, self._every(1 / math.log(2))))
        r = self._call(builder, "fma", n, self._every(-_LN2_HIGH[self.bits]), x)
        r = self._call(builder, "fma", n, self._every(-_LN2_LOW[self.bits]), r)
        power = self._every(1 / math.factorial(_DEGREE[self.bits]))
        for k in reversed(range(_DEGREE[self.bits])):
            power = self._call(builder, "fma", power, r, self._every(1 / math.factorial(k)))
        exponent = builder.add(builder.fptosi(n, self.whole), ir.Constant(self.whole, [_BIAS[self.bits]] * self.count))
        shifted = builder.shl(exponent, ir.Constant(self.whole, [_MANTISSA[self.bits]] * self.count))
        return builder.fmul(power, builder.bitcast(shifted, self.vector))


@njit(nogil=True)
def squash(row, at, scale, shift):
    """Squash len(scale) numbers of the flat array `row` from `at` on, in place; len(scale) is a multiple of PAD."""
    lane = lanes(row)
    for column in range(0, len(scale), lane):
        _squash_vector(row, at + column, scale, shift, column)


def columns(kinds, dtype):
    """Scale and shift, one entry a column, from a list of (kind, how many); fill up to whole vectors yourself."""
    pairs = np.repeat(np.array([kind for kind, _ in kinds], dtype), [count for _, count in kinds], axis=0)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
