"""Strengths that can be exactly 0 and 1: their values, and a gradient that loses none of them for good."""

from math import exp

import pytest
import torch

from pushpop.kernels.strengths import LEAK
from pushpop.models.interface import saturating

LOGITS = [-9.0, -1.2, -0.4, 0.0, 0.7, 1.5, 30.0]


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.5, 4.0])
def test_a_stretched_sigmoid_is_cut_off_at_0_and_1(margin):
    stretched = [(1 + 2 * margin) / (1 + exp(-logit)) - margin for logit in LOGITS]
    want = [min(max(strength, 0), 1) for strength in stretched]
    assert saturating(torch.tensor(LOGITS, dtype=torch.float64), margin).tolist() == pytest.approx(want, abs=1e-15)


@pytest.mark.parametrize("margin", [0.1, 0.5, 4.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_cut_off_can_come_back_and_goes_no_further(margin, sign):
    logits = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    strengths = saturating(logits, margin)
    (found,) = torch.autograd.grad(sign * strengths.sum(), logits)
    for logit, strength, slope in zip(LOGITS, strengths.tolist(), found.tolist(), strict=True):
        plain = 1 / (1 + exp(-logit))
        further = (strength == 0 and sign > 0) or (strength == 1 and sign < 0)
        share = 0 if further else LEAK if strength in (0, 1) else 1
        assert slope == pytest.approx(share * sign * (1 + 2 * margin) * plain * (1 - plain), abs=1e-15)
    assert {0.0, 1.0} <= set(strengths.tolist())


def test_within_the_bounds_finite_differences_agree():
    logits = torch.linspace(-1, 1, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda logits: saturating(logits, 0.5), logits)
