"""Sigmoid and tanh of the kernels, judged in long double over all sizes of number."""

import numpy as np
import pytest

from pushpop.kernels import squash
from pushpop.kernels.vectors import PAD

ERROR = {np.float32: 2e-7, np.float64: 5e-16}  # what pushpop.kernels.vectors promises
DTYPES = list(ERROR)


def truth(name: str, x: np.ndarray) -> np.ndarray:
    x = x.astype(np.longdouble)
    return np.tanh(x) if name == "tanh" else 1 / (1 + np.exp(-np.maximum(x, -11_000)))


def bent(name: str, x: np.ndarray) -> np.ndarray:
    filled = np.zeros(-(-len(x) // PAD) * PAD, x.dtype)
    filled[: len(x)] = x
    getattr(squash, name)(len(filled), filled, 0)
    return filled[: len(x)]


def numbers(dtype: type) -> np.ndarray:
    """Evenly over where they bend, and over all orders of magnitude of either sign."""
    generator = np.random.default_rng(0)
    wide = 10.0 ** np.linspace(-40 if dtype is np.float32 else -300, 30, 20_000)
    return np.concatenate([np.linspace(-110, 110, 40_001), generator.normal(0, 3, 40_000), wide, -wide]).astype(dtype)


def check(name: str, dtype: type, allowed: float) -> None:
    x = numbers(dtype)
    gap = np.abs(bent(name, x) - truth(name, x))
    worst = int(gap.argmax())
    assert gap[worst] <= allowed, f"{name}({x[worst]}): off by {float(gap[worst]):.3g}"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_the_error_is_what_is_promised(name, dtype):
    check(name, dtype, ERROR[dtype])


def test_the_judge_notices_a_tenth_of_it():
    with pytest.raises(AssertionError, match="off by"):
        check("tanh", np.float32, ERROR[np.float32] / 10)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_ends_and_the_middle_are_exact(dtype):
    x = np.array([-np.inf, -1000, 0, 1000, np.inf], dtype)
    assert bent("tanh", x).tolist() == [-1, -1, 0, 1, 1]
    sigmoid = bent("sigmoid", x)
    assert sigmoid[2:].tolist() == [0.5, 1, 1]
    assert (sigmoid[:2] >= 0).all()
    assert (sigmoid[:2] <= np.finfo(dtype).tiny * 4).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_what_is_no_number_stays_so_and_where_it_is(name, dtype):
    x = np.zeros(3 * PAD, dtype)
    x[[1, PAD, 3 * PAD - 1]] = np.nan
    assert np.flatnonzero(np.isnan(bent(name, x))).tolist() == [1, PAD, 3 * PAD - 1]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_only_the_numbers_asked_for_change(name, dtype):
    x = np.full(4 * PAD, 2.0, dtype)
    getattr(squash, name)(2 * PAD, x, PAD)
    assert (x[:PAD] == 2).all()
    assert (x[3 * PAD :] == 2).all()
    assert (x[PAD : 3 * PAD] < 1).all()
