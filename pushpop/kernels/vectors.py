"""Whole vectors of numbers, written as LLVM instructions: what numba's own vectoriser would leave half as wide.

A kernel's rows are filled up to a multiple of PAD, so that there is never a rest to treat by itself.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba.core import cgutils
from numba.extending import overload

WIDE_REGISTERS = bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))
VECTOR_BYTES = 64 if WIDE_REGISTERS else 32
PAD = 16  # numbers: whole vectors of either width, in either precision

_LIMIT = {32: 87.0, 64: 708.0}  # e^-x is a normal number up to here
_SHARED_LIMIT = {32: 21.0, 64: 170.0}
_DEGREE = {32: 7, 64: 13}
_MANTISSA = {32: 23, 64: 52}
_BIAS = {32: 127, 64: 1023}
_LN2_HIGH = {32: 0.693359375, 64: 6.93145751953125e-1}  # few bits, so that n times it is exact
_LN2_LOW = {32: -2.12194440054690583e-4, 64: 1.42860682030941723212e-6}


def lanes(array):
    """How many numbers of this array's type one vector holds; also inside compiled code."""
    return VECTOR_BYTES // array.itemsize


@overload(lanes)
def _lanes(array):
    count = VECTOR_BYTES // (array.dtype.bitwidth // 8)
    return lambda array: count  # pyrefly: ignore[implicit-any-lambda]


class Vectors:
    """Writes vector instructions for arrays of one floating type.

    exp(x) is 2^n e^r with |r| <= ln(2) / 2 and e^r a Taylor polynomial of degree 7 (single) or 13 (double), whose
    remainder is below half a unit in the last place. Sigmoid and tanh are within 2e-7 (single) and 5e-16 (double) of
    the truth, several sigmoids at once within 5e-7 and 1e-15. NaN stays NaN.
    """

    def __init__(self, context: Any, builder: Any, bits: int) -> None:
        self.context, self.builder, self.bits = context, builder, bits
        self.align, self.count = bits // 8, VECTOR_BYTES * 8 // bits
        self.vector = ir.VectorType(ir.FloatType() if bits == 32 else ir.DoubleType(), self.count)
        self.whole = ir.VectorType(ir.IntType(bits), self.count)

    def data(self, kind: Any, array: Any, offset: Any) -> Any:
        """Where number `offset` of an array is."""
        return self.builder.gep(self.context.make_array(kind)(self.context, self.builder, value=array).data, [offset])

    def ahead(self, pointer: Any, offset: Any) -> Any:
        """`offset` numbers (an LLVM value, or an int) further on."""
        offset = ir.IntType(64)(offset) if isinstance(offset, int) else offset
        return self.builder.gep(pointer, [offset])

    def load(self, pointer: Any) -> Any:
        """The vector that starts there."""
        value = self.builder.load(self.builder.bitcast(pointer, self.vector.as_pointer()))
        value.align = self.align
        return value

    def store(self, value: Any, pointer: Any) -> None:
        """Put a vector there."""
        self.builder.store(value, self.builder.bitcast(pointer, self.vector.as_pointer())).align = self.align

    def rows(self, pointer: Any, step: Any, count: int) -> list[Any]:
        """Where each of `count` rows is, the first at `pointer` and each `step` numbers (an LLVM value) further on."""
        return [self.ahead(pointer, self.builder.mul(step, step.type(k))) for k in range(count)]

    def loop(self, count: Any, first: Sequence[Any], body: Callable[..., Sequence[Any]]) -> Sequence[Any]:
        """`body` for 0, 1, ... below `count` (1 or more): what it gives of vectors is what the next one gets.

        It is called with the number and the vectors, at first `first`; those of the last are the result.
        """
        builder, number = self.builder, ir.IntType(64)
        before = builder.block
        loop, after = builder.append_basic_block("loop"), builder.append_basic_block("after")
        builder.branch(loop)
        builder.position_at_end(loop)
        k = builder.phi(number)
        k.add_incoming(number(0), before)
        carried = [builder.phi(self.vector) for _ in first]
        for phi, value in zip(carried, first, strict=True):
            phi.add_incoming(value, before)
        made = body(k, *carried)
        following = builder.add(k, number(1))
        k.add_incoming(following, loop)
        for phi, value in zip(carried, made, strict=True):
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, count), loop, after)
        builder.position_at_end(after)
        return made

    def constant(self, number: float) -> Any:
        """The same number everywhere."""
        return ir.Constant(self.vector, [number] * self.count)

    def everywhere(self, pointer: Any) -> Any:
        """The number at `pointer` in every place."""
        nothing = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(nothing, self.builder.load(pointer), ir.IntType(32)(0))
        return self.builder.shuffle_vector(
            first, nothing, ir.Constant(ir.VectorType(ir.IntType(32), self.count), [0] * self.count)
        )

    def call(self, name: str, *values: Any) -> Any:
        """An LLVM intrinsic, such as `fma`."""
        kind = ir.FunctionType(self.vector, [self.vector] * len(values))
        name = f"llvm.{name}.v{self.count}f{self.bits}"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), values)

    def product(self, *factors: Any) -> Any:
        """All factors multiplied, from the left."""
        out = factors[0]
        for factor in factors[1:]:
            out = self.builder.fmul(out, factor)
        return out

    def slope_of_sigmoid(self, y: Any) -> Any:
        """y (1 - y), given y."""
        return self.product(y, self.builder.fsub(self.constant(1), y))

    def slope_of_tanh(self, y: Any) -> Any:
        """1 - y^2, given y."""
        return self.call("fma", self.builder.fneg(y), y, self.constant(1))

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + e^-x)."""
        growth = self.exp(self.builder.fneg(x))
        return self.builder.fdiv(self.constant(1), self.builder.fadd(self.constant(1), growth))

    def sigmoids(self, *xs: Any) -> list[Any]:
        """Up to four sigmoids with one division: 1 / a is the product of the others over the product of all.

        Logits are cut off where the product of four denominators would leave the numbers: beyond 21 (single, sigmoid
        1 - 8e-10) or 170 (double).
        """
        limit = _SHARED_LIMIT[self.bits]
        parts = [self.builder.fadd(self.constant(1), self.exp(self.builder.fneg(x), limit)) for x in xs]
        pairs = [self.product(*parts[k : k + 2]) for k in range(0, len(parts), 2)]
        whole = self.builder.fdiv(self.constant(1), self.product(*pairs))
        out = []
        for k in range(len(parts)):
            others = [part for place, part in enumerate(parts) if place != k and place // 2 == k // 2]
            others += [pair for place, pair in enumerate(pairs) if place != k // 2]
            out.append(self.product(whole, *others))
        return out

    def tanh(self, x: Any) -> Any:
        """2 sigmoid(2x) - 1: right to the last places of 1, not of a tiny x."""
        return self.call("fma", self.constant(2), self.sigmoid(self.builder.fadd(x, x)), self.constant(-1))

    def exp(self, x: Any, limit: float | None = None) -> Any:
        """e^x, with x cut off at `limit`: by default where e^x would leave the normal numbers."""
        builder, limit = self.builder, limit or _LIMIT[self.bits]
        # comparisons with NaN are false, so a NaN is never replaced by a limit
        x = builder.select(builder.fcmp_ordered(">", x, self.constant(limit)), self.constant(limit), x)
        x = builder.select(builder.fcmp_ordered("<", x, self.constant(-limit)), self.constant(-limit), x)
        n = self.call("rint", self.product(x, self.constant(1 / math.log(2))))
        r = self.call("fma", n, self.constant(-_LN2_HIGH[self.bits]), x)
        r = self.call("fma", n, self.constant(-_LN2_LOW[self.bits]), r)
        power = self.constant(1 / math.factorial(_DEGREE[self.bits]))
        for k in reversed(range(_DEGREE[self.bits])):
            power = self.call("fma", power, r, self.constant(1 / math.factorial(k)))
        exponent = builder.add(builder.fptosi(n, self.whole), ir.Constant(self.whole, [_BIAS[self.bits]] * self.count))
        shifted = builder.shl(exponent, ir.Constant(self.whole, [_MANTISSA[self.bits]] * self.count))
        return self.product(power, builder.bitcast(shifted, self.vector))
