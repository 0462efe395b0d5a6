"""The comparison that every other test leans on must itself refuse what differs."""

import numpy as np
import pytest
import torch

from closeness import TOLERANCE, assert_same


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_rounding_passes_and_ten_tolerances_do_not(dtype):
    want = torch.tensor([[1.0, -2.0], [3.0, 4.0]], dtype=dtype)
    allowed = TOLERANCE[dtype][0] * 4
    assert_same("values", want + allowed / 2, want)
    with pytest.raises(AssertionError, match=r"d push: gap .* at \(1, 0\)"):
        assert_same("d push", want + torch.tensor([[0, 0], [10 * allowed, 0]], dtype=dtype), want)


@pytest.mark.parametrize(
    ("got", "want", "says"),
    [
        (torch.zeros(2), torch.zeros(3), r"shape \(2,\), wanted \(3,\)"),
        (torch.zeros(2), torch.zeros(2).double(), "float32, wanted torch.float64"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "1 of 2 values differ"),
        (torch.tensor([float("nan")]), torch.tensor([1.0]), "gap inf"),
        (torch.tensor([1.0]), torch.tensor([float("nan")]), "not finite"),
        (np.array([True]), np.array([False]), "1 of 1 values differ"),
    ],
)
def test_what_differs_is_named(got, want, says):
    with pytest.raises(AssertionError, match=f"reads: .*{says}"):
        assert_same("reads", got, want)
