"""Small matrix products held in registers: C += A B for a few rows and a matrix packed once per call.

A tile of C (up to TALL rows and WIDE vectors) stays in registers while the depth is walked; B lies in panels, so that
it is read front to back. LLVM's own vectoriser prefers half-width vectors and cannot block for registers, hence the
explicit vectors. Why not a BLAS: docs/decisions/0002-small-matrix-products.md.
"""

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

_WIDE_REGISTERS = bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))
VECTOR_BYTES = 64 if _WIDE_REGISTERS else 32
TALL = 6  # rows of a tile
WIDE = 4 if _WIDE_REGISTERS else 2  # vectors of a tile: TALL x WIDE sums, WIDE loads and a factor fit the registers
PAD = 16  # columns of C come in whole vectors of either width and either precision


def lanes(array):  # compiled: see the overload
    """How many numbers of this array's type one vector holds."""
    return VECTOR_BYTES // array.itemsize


@overload(lanes)
def _lanes(array):
    count = VECTOR_BYTES // (array.dtype.bitwidth // 8)
    return lambda array: count


@intrinsic(prefer_literal=True)
def _tile(typing, rows, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth):
    """C[rows, vectors] += A[rows, depth] B[depth, vectors], the sums kept in registers; offsets in numbers."""
    size = types.void(rows, vectors, a, types.intp, types.intp, b, types.intp, c, types.intp, types.intp, types.intp)
    return size, _Tile(rows.literal_value, vectors.literal_value, a, b, c).emit


class _Tile:
    """Writes the instructions of one tile size and precision."""

    def __init__(self, rows, vectors, a, b, c):
        self.rows, self.vectors, self.arrays = rows, vectors, (a, b, c)
        bits = a.dtype.bitwidth
        self.align = bits // 8
        self.lanes = VECTOR_BYTES // self.align
        self.vector = ir.VectorType(ir.FloatType() if bits == 32 else ir.DoubleType(), self.lanes)
        self.multiply_add = f"llvm.fma.v{self.lanes}f{bits}"

    def emit(self, context, builder, signature, args):
        a, b, c = self._pointers(context, builder, args)
        a_row, c_row, depth = args[4], args[9], args[10]
        sums = [self._load(builder, p) for p in self._cells(builder, c, c_row)]
        before = builder.block
        loop, after = builder.append_basic_block("depth"), builder.append_basic_block("store")
        builder.branch(loop)
        builder.position_at_end(loop)
        k = builder.phi(ir.IntType(64))
        k.add_incoming(ir.IntType(64)(0), before)
        carried = [builder.phi(self.vector) for _ in sums]
        for phi, value in zip(carried, sums, strict=True):
            phi.add_incoming(value, before)
        sums = self._accumulate(builder, a, a_row, b, k, carried)
        following = builder.add(k, ir.IntType(64)(1))
        k.add_incoming(following, loop)
        for phi, value in zip(carried, sums, strict=True):
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, after)
        builder.position_at_end(after)
        for pointer, value in zip(self._cells(builder, c, c_row), sums, strict=True):
            builder.store(value, pointer).align = self.align
        return context.get_dummy_value()

    def _pointers(self, context, builder, args):
        for kind, value, offset in zip(self.arrays, (args[2], args[5], args[7]), (args[3], args[6], args[8]), strict=True):
            yield builder.gep(context.make_array(kind)(context, builder, value=value).data, [offset])

    def _cells(self, builder, c, c_row):
        for i in range(self.rows):
            row = builder.mul(c_row, ir.IntType(64)(i))
            for v in range(self.vectors):
                at = builder.add(row, ir.IntType(64)(v * self.lanes))
                yield builder.bitcast(builder.gep(c, [at]), self.vector.as_pointer())

    def _load(self, builder, pointer):
        value = builder.load(pointer)
        value.align = self.align
        return value

    def _accumulate(self, builder, a, a_row, b, k, sums):
        fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(self.vector, [self.vector] * 3), self.multiply_add
        )
        start = builder.mul(k, ir.IntType(64)(self.vectors * self.lanes))
        columns = []
        for v in range(self.vectors):
            at = builder.gep(b, [builder.add(start, ir.IntType(64)(v * self.lanes))])
            columns.append(self._load(builder, builder.bitcast(at, self.vector.as_pointer())))
        nothing = ir.Constant(self.vector, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        out = []
        for i in range(self.rows):
            number = builder.load(builder.gep(a, [builder.add(builder.mul(a_row, ir.IntType(64)(i)), k)]))
            first = builder.insert_element(nothing, number, ir.IntType(32)(0))
            factor = builder.shuffle_vector(first, nothing, everywhere)
            for v in range(self.vectors):
                out.append(builder.call(fma, [factor, columns[v], sums[i * self.vectors + v]]))
        return out


def _strip(vectors):
    """The product for up to TALL rows and exactly `vectors` vectors of columns."""

    @njit(nogil=True)
    def strip(rows, a, a_at, a_row, b, b_at, c, c_at, c_row, depth):
        if rows == 6:
            _tile(6, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth)
        elif rows == 5:
            _tile(5, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth)
        elif rows == 4:
            _tile(4, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth)
        elif rows == 3:
            _tile(3, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth)
        elif rows == 2:
            _tile(2, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth)
        else:
            _tile(1, vectors, a, a_at, a_row, b, b_at, c, c_at, c_row, depth)

    return strip


_strip_wide, _strip_one = _strip(WIDE), _strip(1)


@njit(nogil=True)
def packed_size(depth, columns):
    """Numbers that `pack` writes: the columns are filled up to whole vectors of PAD."""
    return depth * (-(-columns // PAD) * PAD)


@njit(nogil=True)
def pack(matrix, transposed, into):
    """Lay B = `matrix` [depth, columns] (or its transpose) out in the panels that `add_product` reads."""
    depth, columns = matrix.shape
    if transposed:
        depth, columns = columns, depth
    lane = lanes(into)
    vectors = -(-columns // PAD) * PAD // lane
    at, vector = 0, 0
    while vector < vectors:
        take = WIDE if vectors - vector >= WIDE else 1
        for k in range(depth):
            for j in range(vector * lane, (vector + take) * lane):
                if j >= columns:
                    into[at] = 0
                elif transposed:
                    into[at] = matrix[j, k]
                else:
                    into[at] = matrix[k, j]
                at += 1
        vector += take


@njit(nogil=True)
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
        while row < rows:
            tall = min(TALL, rows - row)
            a_from, c_from = a_at + row * a_row, c_at + row * c_row + vector * lane
            if take == WIDE:
                _strip_wide(tall, a, a_from, a_row, packed, vector * lane * depth, c, c_from, c_row, depth)
            else:
                _strip_one(tall, a, a_from, a_row, packed, vector * lane * depth, c, c_from, c_row, depth)
            row += tall
        vector += take


def packed(matrix):
    """`pack` into a new array: for tests and for matrices that stay."""
    out = np.empty(packed_size(*matrix.shape), matrix.dtype)
    pack(matrix, False, out)
    return out
