"""Rows of flat arrays: the few loops that LLVM vectorises by itself, written so that it does.

Offsets are made unsigned first: a signed index might be negative, that is, count from the end.
Reordering of sums and fused multiply-adds are allowed; assumptions about NaN and infinity are not.
"""

import numpy as np

from pushpop.kernels.inner import inner, reordered


@reordered
def copy(count, source, source_at, into, into_at):
    count, source_at, into_at = np.uintp(count), np.uintp(source_at), np.uintp(into_at)
    for j in range(count):
        into[into_at + j] = source[source_at + j]


@inner
def fill(count, into, at, value):
    count, at = np.uintp(count), np.uintp(at)
    for j in range(count):
        into[at + j] = value


@reordered
def add(count, source, source_at, into, into_at):
    count, source_at, into_at = np.uintp(count), np.uintp(source_at), np.uintp(into_at)
    for j in range(count):
        into[into_at + j] += source[source_at + j]


@reordered
def add_scaled(count, factor, source, source_at, into, into_at):
    count, source_at, into_at = np.uintp(count), np.uintp(source_at), np.uintp(into_at)
    for j in range(count):
        into[into_at + j] += factor * source[source_at + j]


@reordered
def dot(count, a, a_at, b, b_at):
    count, a_at, b_at = np.uintp(count), np.uintp(a_at), np.uintp(b_at)
    total = a.dtype.type(0)
    for j in range(count):
        total += a[a_at + j] * b[b_at + j]
    return total


@reordered
def times_slope_of_tanh(count, bent, bent_at, into, into_at):
    """into *= 1 - tanh^2, given tanh."""
    count, bent_at, into_at = np.uintp(count), np.uintp(bent_at), np.uintp(into_at)
    one = into.dtype.type(1)  # a plain 1 would make doubles of it all
    for j in range(count):
        into[into_at + j] *= one - bent[bent_at + j] * bent[bent_at + j]


@reordered
def slope_of_tanh(count, bent, bent_at, grad, grad_at, into, into_at):
    """into = grad (1 - tanh^2), given tanh."""
    count, bent_at, grad_at, into_at = np.uintp(count), np.uintp(bent_at), np.uintp(grad_at), np.uintp(into_at)
    one = into.dtype.type(1)
    for j in range(count):
        into[into_at + j] = grad[grad_at + j] * (one - bent[bent_at + j] * bent[bent_at + j])
