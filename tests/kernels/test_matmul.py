"""Products held in registers, judged by numpy over odd shapes; what lies beside C is not touched."""

from itertools import product

import numpy as np
import pytest
from numba import njit

from closeness import assert_same
from pushpop.kernels import matmul
from pushpop.kernels.matmul import PAD, TALL, WIDE

DTYPES = [np.float32, np.float64]
MARGIN = 7  # numbers on either side of A and C that nobody may touch
LANE = 512 // 64  # of doubles in the widest vector
ROWS = (0, 1, 2, TALL - 1, TALL, TALL + 1, 3 * TALL + 2)
COLUMNS = (1, 5, PAD - 1, PAD, PAD + 1, 3 * PAD, WIDE * LANE + 1, 2 * WIDE * LANE + PAD + 3)
SHAPES = list(product(ROWS, (1, 2, 17), COLUMNS))


@njit
def multiply(rows, depth, columns, a, a_at, a_row, matrix, transposed, c, c_at, c_row):
    packed = np.full(matmul.packed_size(depth, columns), np.nan).astype(a.dtype)
    matmul.pack(matrix.reshape(-1), depth, columns, transposed, packed)
    matmul.add_product(rows, depth, columns, a, a_at, a_row, packed, c, c_at, c_row)


def room(rows: int, columns: int, row: int, dtype: type, seed: int) -> np.ndarray:
    """A flat array with space for `rows` rows of `row` numbers, of which the first `columns` matter."""
    return np.random.default_rng([rows, columns, row, seed]).standard_normal(MARGIN + rows * row + MARGIN).astype(dtype)


def rows_of(flat: np.ndarray, rows: int, row: int) -> np.ndarray:
    return flat[MARGIN : MARGIN + rows * row].reshape(rows, row)


def check(rows: int, depth: int, columns: int, dtype: type, transposed: bool, share: float = 0) -> None:
    padded = -(-columns // PAD) * PAD
    a_row, c_row = depth + 2, padded + 3
    a, c = room(rows, depth, a_row, dtype, 0), room(rows, columns, c_row, dtype, 1)
    matrix = np.random.default_rng(2).standard_normal((depth, columns)).astype(dtype)
    before = c.copy()
    want = rows_of(before, rows, c_row)[:, :columns] + rows_of(a, rows, a_row)[:, :depth].astype(np.float64) @ matrix
    given = np.ascontiguousarray(matrix.T) if transposed else matrix
    multiply(rows, depth, columns, a, MARGIN, a_row, given, transposed, c, MARGIN, c_row)
    got = rows_of(c, rows, c_row)
    assert_same("product", got[:, :columns], (want + share * np.abs(want)).astype(dtype))
    beside = np.ones_like(c, dtype=bool)
    rows_of(beside, rows, c_row)[:, :columns] = False
    assert np.array_equal(c[beside], before[beside]), "numbers beside the product changed"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("transposed", [False, True])
def test_it_is_the_product(dtype, transposed):
    for rows, depth, columns in SHAPES:
        check(rows, depth, columns, dtype, transposed)


def test_the_comparison_notices_a_share_of_a_thousandth():
    with pytest.raises(AssertionError, match="product"):
        check(3, 5, 17, np.float32, False, share=1e-3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_does_not_depend_on_its_neighbours(dtype):
    """Bit for bit: so a word's values do not depend on which words share its group."""
    generator = np.random.default_rng(0)
    a, matrix = (generator.standard_normal(shape).astype(dtype) for shape in ((2 * TALL + 1, 19), (19, 48)))
    together = np.zeros((len(a), 48), dtype)
    multiply(len(a), 19, 48, a.ravel(), 0, 19, matrix, False, together.reshape(-1), 0, 48)
    for row in range(len(a)):
        alone = np.zeros(48, dtype)
        multiply(1, 19, 48, a.ravel(), row * 19, 19, matrix, False, alone, 0, 48)
        assert np.array_equal(alone, together[row]), f"row {row}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_no_number_stays_in_its_row_and_column(dtype):
    a, matrix = np.ones((3, 4), dtype), np.ones((4, 20), dtype)
    a[1, 2], matrix[0, 7] = np.nan, np.inf
    c = np.zeros((3, 32), dtype)
    multiply(3, 4, 20, a.ravel(), 0, 4, matrix, False, c.reshape(-1), 0, 32)
    spoilt = ~np.isfinite(c)
    want = np.zeros((3, 32), dtype=bool)
    want[1, :20], want[:, 7] = True, True
    want[1, 20:] = True  # the filling: 0 times what is no number
    assert np.array_equal(spoilt, want)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [1, 2, matmul.BLOCK - 1, matmul.BLOCK, 2 * matmul.BLOCK + 3])
@pytest.mark.parametrize("rows", [1, TALL, 2 * TALL + 1])
def test_a_transposed_product_is_the_product(rows, count, dtype):
    """From packed rows somewhere in longer arrays, on top of what is there."""
    generator = np.random.default_rng([rows, count])
    panel = np.empty(matmul.PANEL, dtype)
    for columns in (PAD, 3 * PAD, WIDE * LANE + PAD, 4 * WIDE * LANE, 1024 + PAD):
        a, b = (generator.standard_normal((3 + count, size)).astype(dtype) for size in (rows, columns))
        c = generator.standard_normal((rows, columns)).astype(dtype)
        want = c + a[2:-1].astype(np.float64).T @ b[1:-2]
        matmul.add_transposed_product(
            count, rows, columns, a.ravel(), 2 * rows, rows, b.ravel(), columns, c.reshape(-1), 0, panel
        )
        assert_same("product", c, want.astype(dtype))


def test_packed_is_what_add_product_reads():
    matrix = np.arange(20, dtype=np.float64).reshape(4, 5)
    panels = matmul.packed(matrix)
    assert panels.shape == (4 * PAD,)
    assert sorted(panels[panels != 0]) == sorted(matrix[matrix != 0])
