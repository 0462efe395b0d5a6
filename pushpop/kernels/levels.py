"""Levels of stacks side by side, each a row of numbers, mixed with the levels above and below: a vector at a time.

A vector of columns goes through all levels at once, so that every number is read once and sums stay in registers.
"""

from numba import types
from numba.extending import intrinsic

from pushpop.kernels.inner import inner
from pushpop.kernels.vectors import Vectors, lanes

AT = types.intp
FAINT = {32: 2.0**-120, 64: 2.0**-1016}  # not far above where numbers are subnormal: what is below becomes 0


def _without_faint(v, x):
    """`x`, or 0 where it is so faint that it would soon be subnormal: deep levels are, which takes far longer."""
    faint = v.builder.fcmp_ordered("<", v.call("fabs", x), v.constant(FAINT[v.bits]))  # false for NaN
    return v.builder.select(faint, v.constant(0), x)


@intrinsic
def _mix(typing, levels, width, source, source_at, target, target_at, shares, shares_at, value, value_at):
    signature = types.void(AT, AT, source, AT, target, AT, shares, AT, value, AT)

    def emit(context, builder, signature, args):
        levels_, width_, source_, source_at_, target_, target_at_, shares_, shares_at_, value_, value_at_ = args
        v = Vectors(context, builder, source.dtype.bitwidth)
        here, there = v.data(source, source_, source_at_), v.data(target, target_, target_at_)
        push, pop, keep = map(v.load, v.rows(v.data(shares, shares_, shares_at_), width_, 3))

        def body(level, above, middle):
            at = builder.mul(level, width_)
            below = v.load(v.ahead(here, builder.add(at, width_)))
            rest = v.call("fma", pop, below, v.product(keep, middle))
            v.store(_without_faint(v, v.call("fma", push, above, rest)), v.ahead(there, at))
            return middle, below

        v.loop(levels_, [v.load(v.data(value, value_, value_at_)), v.load(here)], body)
        return context.get_dummy_value()

    return signature, emit


@intrinsic
def _unmix(typing, levels, width, old, old_at, grad, grad_at, shares, shares_at, value, value_at, sums, sums_at):
    signature = types.void(AT, AT, old, AT, grad, AT, shares, AT, value, AT, sums, AT)

    def emit(context, builder, signature, args):
        levels_, width_, old_, old_at_, grad_, grad_at_, shares_, shares_at_, value_, value_at_ = args[:-2]
        v = Vectors(context, builder, old.dtype.bitwidth)
        here, there = v.data(old, old_, old_at_), v.data(grad, grad_, grad_at_)
        push, pop, keep = map(v.load, v.rows(v.data(shares, shares_, shares_at_), width_, 3))
        *places, place = v.rows(v.data(sums, *args[-2:]), width_, 4)
        first, nothing = v.load(there), v.constant(0)
        v.store(v.product(push, first), place)

        def body(level, above, middle, slope_above, slope, *whole):
            at = builder.mul(level, width_)
            next_at = builder.add(at, width_)
            below, slope_below = v.load(v.ahead(here, next_at)), v.load(v.ahead(there, next_at))
            rest = v.call("fma", pop, slope_above, v.product(keep, slope))
            v.store(_without_faint(v, v.call("fma", push, slope_below, rest)), v.ahead(there, at))
            wholes = [v.call("fma", slope, x, y) for x, y in zip((above, below, middle), whole, strict=True)]
            return middle, below, slope, slope_below, *wholes

        start = [v.load(v.data(value, value_, value_at_)), v.load(here), nothing, first, *[nothing] * 3]
        for whole, place in zip(v.loop(levels_, start, body)[-3:], places, strict=True):
            v.store(whole, place)
        return context.get_dummy_value()

    return signature, emit


@inner
def mix(levels, width, source, source_at, target, target_at, shares, shares_at, value, value_at):
    """target[i] = push source[i - 1] + pop source[i + 1] + keep source[i] for so many levels, `value` above the first.

    `shares` [3, width] are push, pop and keep of every column. `target` may be `source`, and one level more of that is
    read than of the other written.
    """
    for j in range(0, width, lanes(source)):
        _mix(levels, width, source, source_at + j, target, target_at + j, shares, shares_at + j, value, value_at + j)


@inner
def unmix(levels, width, old, old_at, grad, grad_at, shares, shares_at, value, value_at, sums, sums_at):
    """Undo `mix`: `grad` of its target becomes that of its source, of so many levels and read one further.

    `sums` [4, width] are the gradients of push, pop and keep in every column, and of the value.
    """
    for j in range(0, width, lanes(old)):
        _unmix(
            levels, width, old, old_at + j, grad, grad_at + j, shares, shares_at + j, value, value_at + j, sums,
            sums_at + j,
        )  # fmt: skip
