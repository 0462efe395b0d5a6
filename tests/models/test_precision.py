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


def test_a_single_character_is_of_float32_whatever_is_asked_for():
    ones = torch.ones(4, 4)
    with precision.in_float32(), precision.products("bfloat16", torch.device("cpu")):
        assert (ones @ ones).dtype == torch.float32
    with precision.products("bfloat16", torch.device("cpu")):
        assert (ones @ ones).dtype == torch.bfloat16


@pytest.mark.parametrize("emulates", [True, False])
def test_a_gpu_that_only_emulates_bfloat16_is_not_quick_at_it(emulates, monkeypatch):
    def supported(including_emulation=True):
        return including_emulation and emulates

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert precision.taken("auto", torch.device("cuda")) == "float32"
    assert precision.taken("bfloat16", torch.device("cuda")) == "bfloat16"
