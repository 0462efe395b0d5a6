"""Rows of flat arrays: the few loops that LLVM vectorises by itself, written so that it does.

Reordering of sums and fused multiply-adds are allowed; assumptions about NaN and infinity are not.
"""

from numba import njit

FAST = {"contract", "reassoc", "nsz", "arcp"}


@njit(nogil=True, fastmath=FAST)
def copy(count, source, source_at, into, into_at):
    for j in range(count):
        into[into_at + j] = source[source_at + j]


@njit(nogil=True)
def fill(count, into, at, value):
    for j in range(count):
        into[at + j] = value


@njit(nogil=True, fastmath=FAST)
def add(count, source, source_at, into, into_at):
    for j in range(count):
        into[into_at + j] += source[source_at + j]


@njit(nogil=True, fastmath=FAST)
def add_scaled(count, factor, source, source_at, into, into_at):
    for j in range(count):
        into[into_at + j] += factor * source[source_at + j]


@njit(nogil=True, fastmath=FAST)
def dot(count, a, a_at, b, b_at):
    total = a[a_at] * 0
    for j in range(count):
        total += a[a_at + j] * b[b_at + j]
    return total
