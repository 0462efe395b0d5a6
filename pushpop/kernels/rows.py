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
def scale(count, factor, into, at):
    count, at = np.uintp(count), np.uintp(at)
    for j in range(count):
        into[at + j] *= factor


@reordered
def shift(count, by, into, at):
    count, at = np.uintp(count), np.uintp(at)
    for j in range(count):
        into[at + j] += by


@reordered
def total(count, source, at):
    count, at = np.uintp(count), np.uintp(at)
    whole = source.dtype.type(0)
    for j in range(count):
        whole += source[at + j]
    return whole


@inner
def greatest(count, source, at, peak):
    """The greatest of `count` numbers, a multiple of PAD; `peak` is room for PAD of them, each of its own column."""
    lanes, at = len(peak), np.uintp(at)
    for k in range(lanes):
        peak[k] = source[at + np.uintp(k)]
    for j in range(lanes, count, lanes):
        for k in range(lanes):
            x = source[at + np.uintp(j + k)]
            peak[k] = x if x > peak[k] else peak[k]
    best = peak[0]
    for k in range(1, lanes):
        best = peak[k] if peak[k] > best else best
    return best


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
def times_slope_of_sigmoid(count, bent, bent_at, into, into_at):
    """into *= sigmoid (1 - sigmoid), given the sigmoid."""
    count, bent_at, into_at = np.uintp(count), np.uintp(bent_at), np.uintp(into_at)
    one = into.dtype.type(1)
    for j in range(count):
        into[into_at + j] *= bent[bent_at + j] * (one - bent[bent_at + j])


@reordered
def slope_of_tanh(count, bent, bent_at, grad, grad_at, into, into_at):
    """into = grad (1 - tanh^2), given tanh."""
    count, bent_at, grad_at, into_at = np.uintp(count), np.uintp(bent_at), np.uintp(grad_at), np.uintp(into_at)
    one = into.dtype.type(1)
    for j in range(count):
        into[into_at + j] = grad[grad_at + j] * (one - bent[bent_at + j] * bent[bent_at + j])
