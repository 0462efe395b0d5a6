"""The LSTM cell of the kernels, judged in long double; its gradients by the chain rule written out."""

import numpy as np
import pytest

from closeness import assert_same
from pushpop.kernels import lstm
from pushpop.kernels.vectors import PAD

DTYPES = [np.float32, np.float64]
ERROR = {np.float32: 6e-7, np.float64: 1e-15}  # of the gates: four sigmoids share one division
HIDDEN = 3 * PAD


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -11_000, 11_000)))


def cell(gates: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squashed gates [4, H], c and h."""
    i, f, g, o = gates.astype(np.longdouble)
    squashed = np.stack([sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)])
    after = squashed[1] * before + squashed[0] * squashed[2]
    return squashed, after, squashed[3] * np.tanh(after)


def drawn(scale: float, dtype: type, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return (generator.normal(0, scale, (4, HIDDEN)).astype(dtype), generator.normal(0, 1, HIDDEN).astype(dtype))


def run(gates: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    squashed, after, h = gates.copy().ravel(), np.empty_like(before), np.empty_like(before)
    lstm.forward(HIDDEN, squashed, 0, before, 0, after, 0, h, 0)
    return squashed.reshape(4, HIDDEN), after, h


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [0.1, 3, 30, 3000])
def test_it_is_the_cell(scale, dtype):
    """Also where all four gates are far beyond what their shared division could hold."""
    worst = np.zeros(3)
    for seed in range(200):
        gates, before = drawn(scale, dtype, seed)
        pairs = zip(run(gates, before), cell(gates, before), strict=True)
        worst = np.maximum(worst, [np.abs(got - want).max() for got, want in pairs])
    assert worst[0] <= ERROR[dtype], f"gates: off by {worst[0]:.3g}"
    assert worst[1:].max() <= 2 * ERROR[dtype], f"c, h: off by {worst[1:]}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_gates_at_their_ends_are_exact_enough_and_numbers(dtype):
    for ends in np.array(np.meshgrid(*[[-1e30, -np.inf, 1e30, np.inf]] * 4)).reshape(4, -1).T:
        gates, before = np.repeat(ends.astype(dtype)[:, None], HIDDEN, 1), np.ones(HIDDEN, dtype)
        got, want = run(gates, before)[0], (ends > 0) * np.array([1, 1, 2, 1]) - [0, 0, 1, 0]
        assert np.abs(got - want[:, None]).max() <= 1e-6, ends


@pytest.mark.parametrize("gate", range(4))
def test_a_gate_that_is_no_number_spoils_its_unit_and_no_other(gate):
    gates, before = drawn(1, np.float32)
    gates[gate, 5] = np.nan
    _, after, h = run(gates, before)
    assert np.flatnonzero(np.isnan(h)).tolist() == [5]
    assert np.isnan(after[5])


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradients_are_those_of_the_chain_rule(dtype):
    gates, before = drawn(2, dtype)
    squashed, after, _ = run(gates, before)
    d_h, d_after = drawn(1, dtype, seed=1)[0][:2]
    into, d_before = np.empty_like(gates).ravel(), d_after.copy()
    lstm.backward(HIDDEN, squashed.ravel(), 0, before, 0, after, 0, d_h, 0, d_before, 0, into, 0)
    i, f, g, o = squashed.astype(np.float64)
    bent = np.tanh(after.astype(np.float64))
    d_c = d_after + d_h * o * (1 - bent**2)
    want = [d_c * g * i * (1 - i), d_c * before * f * (1 - f), d_c * i * (1 - g**2), d_h * bent * o * (1 - o)]
    assert_same("d gates", into.reshape(4, HIDDEN), np.stack(want).astype(dtype))
    assert_same("d c before", d_before, (d_c * f).astype(dtype))
