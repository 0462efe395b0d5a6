"""Products of bfloat16: where they are asked for, and where a processor has them."""

import pytest
import torch

from pushpop.models import precision


@pytest.fixture(autouse=True)
def afresh():
    precision.quick.cache_clear()
    yield
    precision.quick.cache_clear()


@pytest.mark.parametrize(
    ("has", "asked", "wanted"),
    [
        ({"amx_bf16": True}, "auto", torch.bfloat16),
        ({"avx512_bf16": True, "amx_bf16": False}, "auto", torch.bfloat16),
        ({"avx2": True, "amx_bf16": False}, "auto", torch.float32),
        ({}, "auto", torch.float32),
        ({}, "bfloat16", torch.bfloat16),
        ({"amx_bf16": True}, "float32", torch.float32),
    ],
)
def test_products_are_of_the_precision_asked_for(has, asked, wanted, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    ones = torch.ones(4, 4)
    with precision.products(asked, torch.device("cpu")):
        assert (ones @ ones).dtype == wanted
    assert (ones @ ones).dtype == torch.float32
