"""Whether products are of bfloat16: asked for, or where the processor has instructions for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Literal

import torch

from pushpop.models.language_settings import Precision

INSTRUCTIONS = ("amx_bf16", "avx512_bf16")
_plain = ContextVar("plain", default=False)  # whether products are of float32, whatever is asked for


@cache
def quick(device: str) -> bool:
    """Whether a device of that type multiplies bfloat16 faster than float32; a GPU that only emulates it does not."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu" and any(torch.cpu.get_capabilities().get(name) for name in INSTRUCTIONS)


@contextmanager
def products(precision: Precision, device: torch.device) -> Iterator[None]:
    """In here products on that device are of this precision; weights and sums stay in float32."""
    rounded = taken(precision, device) == "bfloat16" and not _plain.get()
    with torch.autocast(device.type, torch.bfloat16, enabled=rounded):
        yield


def taken(precision: Precision, device: torch.device) -> Literal["float32", "bfloat16"]:
    """What products on that device are of where this is asked for."""
    return "bfloat16" if precision == "bfloat16" or (precision == "auto" and quick(device.type)) else "float32"


@contextmanager
def in_float32() -> Iterator[None]:
    """In here all products are of float32: those of a single character are the quicker for it."""
    before = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(before)
