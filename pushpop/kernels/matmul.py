"""Small matrix products held in registers: C += A B for a few rows and a matrix packed once per call.

A tile of C (up to TALL rows and WIDE vectors) stays in registers while the depth is walked; B lies in panels, so that
it is read front to back. Why not a BLAS: docs/decisions/0002-small-matrix-products.md.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pushpop.kernels.inner import inner
from pushpop.kernels.rows import copy, fill
from pushpop.kernels.vectors import PAD, VECTOR_BYTES, WIDE_REGISTERS, Vectors, lanes

TALL = 6  # rows of a tile
BLOCK = 64  # rows of A and B that a transposed product takes at a time
PAGE = 4096  # bytes after which a first-level cache has its places over again
WIDE = 4 if WIDE_REGISTERS else 2  # vectors of a tile: TALL x WIDE sums, WIDE loads and a factor fit the registers


PANEL = BLOCK * WIDE * VECTOR_BYTES // 4  # numbers that a transposed product has to put by


@intrinsic(prefer_literal=True)
def _tile(typing, rows, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth):
    """C[rows, vectors] += A[rows, depth] B[depth, vectors], the sums kept in registers.

    Offsets are in numbers: a_row from one row of A to the next, a_next and b_next from one place in depth to the next.
    """
    at = types.intp
    size = types.void(rows, vectors, a, at, at, at, b, at, at, c, at, at, at)
    tall, wide = rows.literal_value, vectors.literal_value

    def emit(context, builder, signature, args):
        _, _, a_, a_from, a_step, a_on, b_, b_from, b_on, c_, c_from, c_step, length = args
        v = Vectors(context, builder, a.dtype.bitwidth)
        first = [v.data(a, a_, a_from), v.data(b, b_, b_from), v.data(c, c_, c_from)]
        _write_tile(v, tall, wide, first, (a_step, a_on, b_on, c_step), length)
        return context.get_dummy_value()

    return size, emit


def _write_tile(v, tall, wide, first, steps, length):
    builder, number = v.builder, ir.IntType(64)
    a, b, c = first
    a_step, a_on, b_on, c_step = steps
    rows = [v.ahead(c, builder.mul(c_step, number(i))) for i in range(tall)]
    cells = [v.ahead(row, j * v.count) for row in rows for j in range(wide)]

    def add_up(k, *sums):
        row, column = v.ahead(b, builder.mul(k, b_on)), v.ahead(a, builder.mul(k, a_on))
        columns = [v.load(v.ahead(row, j * v.count)) for j in range(wide)]
        made: list[Any] = []
        for i in range(tall):
            factor = v.everywhere(v.ahead(column, builder.mul(a_step, number(i))))
            made += [v.call("fma", factor, columns[j], sums[i * wide + j]) for j in range(wide)]
        return made

    for cell, value in zip(cells, v.loop(length, [v.load(cell) for cell in cells], add_up), strict=True):
        v.store(value, cell)


def _strip(vectors):
    """The product for up to TALL rows and exactly `vectors` vectors of columns."""

    @inner
    def strip(rows, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth):
        if rows == 6:
            _tile(6, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth)
        elif rows == 5:
            _tile(5, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth)
        elif rows == 4:
            _tile(4, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth)
        elif rows == 3:
            _tile(3, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth)
        elif rows == 2:
            _tile(2, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth)
        else:
            _tile(1, vectors, a, a_at, a_row, a_next, b, b_at, b_next, c, c_at, c_row, depth)

    return strip


_strip_wide, _strip_one = _strip(WIDE), _strip(1)


@inner
def packed_size(depth, columns):
    """Numbers that `pack` writes: the columns are filled up to whole vectors of PAD."""
    return depth * (-(-columns // PAD) * PAD)


@inner
def _pack_panel(matrix, first, width, depth, columns, into, at):
    """Columns `first` to first + width of B, those past the last as 0; `matrix` [depth, columns] is flat."""
    real = max(0, min(width, columns - first))
    for k in range(depth):
        row = at + k * width
        copy(real, matrix, k * columns + first, into, row)
        fill(width - real, into, row + real, 0)


@inner
def _pack_transposed_panel(matrix, first, width, depth, columns, into, at):
    """The same where `matrix` is B transposed, [columns, depth]: in blocks that the first-level cache holds."""
    real = max(0, min(width, columns - first))
    for block in range(0, depth, PAD):
        end = min(depth, block + PAD)
        for j in range(real):
            source, place = np.uintp((first + j) * depth), np.uintp(at + j)
            for k in range(np.uintp(block), np.uintp(end)):
                into[place + k * np.uintp(width)] = matrix[source + k]
        for k in range(block, end):
            fill(width - real, into, at + k * width + real, 0)


@inner
def pack(matrix, depth, columns, transposed, into):
    """Lay B [depth, columns] out in the panels that `add_product` reads: B is `matrix`, flat, or its transpose."""
    lane = lanes(into)
    vectors = -(-columns // PAD) * PAD // lane
    vector = 0
    while vector < vectors:
        take = WIDE if vectors - vector >= WIDE else 1
        first, width = vector * lane, take * lane
        if transposed:
            _pack_transposed_panel(matrix, first, width, depth, columns, into, first * depth)
        else:
            _pack_panel(matrix, first, width, depth, columns, into, first * depth)
        vector += take


@inner
def add_product(rows, depth, columns, a, a_at, a_row, packed, c, c_at, c_row):
    """C += A B for `rows` rows: A and C are flat arrays with an offset and a row length, B was packed.

    C's rows must have room for `columns` filled up to a multiple of PAD.
    """
    lane = lanes(c)
    vectors = -(-columns // PAD) * PAD // lane
    vector = 0
    while vector < vectors:
        take = WIDE if vectors - vector >= WIDE else 1
        row = 0
        for tiles in range(-(-rows // TALL), 0, -1):
            tall = -(-(rows - row) // tiles)  # tiles of like height: a low one waits for its own sums
            a_from, c_from = a_at + row * a_row, c_at + row * c_row + vector * lane
            b_at, b_next = vector * lane * depth, take * lane
            if take == WIDE:
                _strip_wide(tall, a, a_from, a_row, 1, packed, b_at, b_next, c, c_from, c_row, depth)
            else:
                _strip_one(tall, a, a_from, a_row, 1, packed, b_at, b_next, c, c_from, c_row, depth)
            row += tall
        vector += take


@inner
def add_transposed_product(count, rows, columns, a, a_at, a_row, b, b_at, c, c_at, panel):
    """C [rows, columns] += A^T B for A [count, rows] and B [count, columns], all flat; columns a multiple of PAD.

    Goes through A and B in blocks that stay in the first-level cache. Of a wide B every panel is copied to `panel`
    (room for PANEL numbers) first: rows a page apart would push each other out.
    """
    lane = lanes(c)
    vectors = columns // lane
    apart = columns * c.itemsize >= PAGE
    for block in range(0, count, BLOCK):
        depth, vector = min(BLOCK, count - block), 0
        while vector < vectors:
            take = WIDE if vectors - vector >= WIDE else 1
            source, b_from, b_row = b, b_at + block * columns + vector * lane, columns
            if apart:
                for k in range(depth):
                    copy(take * lane, b, b_from + k * columns, panel, k * take * lane)
                source, b_from, b_row = panel, 0, take * lane
            for row in range(0, rows, TALL):
                tall = min(TALL, rows - row)
                a_from, c_from = a_at + block * a_row + row, c_at + row * columns + vector * lane
                if take == WIDE:
                    _strip_wide(tall, a, a_from, 1, a_row, source, b_from, b_row, c, c_from, columns, depth)
                else:
                    _strip_one(tall, a, a_from, 1, a_row, source, b_from, b_row, c, c_from, columns, depth)
            vector += take


def packed(matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`pack` into a new array: for tests and for matrices that stay."""
    depth, columns = matrix.shape
    out = np.empty(packed_size(depth, columns), matrix.dtype)
    pack(np.ascontiguousarray(matrix).reshape(-1), depth, columns, False, out)
    return out
