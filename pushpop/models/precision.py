"""Whether products are of bfloat16: asked for, or where the processor has instructions for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

from pushpop.models.language_settings import Precision

INSTRUCTIONS = ("amx_bf16", "avx512_bf16")


@cache
def quick(device: str) -> bool:
    """Whether a device of that type multiplies bfloat16 faster than float32."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu" and any(torch.cpu.get_capabilities().get(name) for name in INSTRUCTIONS)


@contextmanager
def products(precision: Precision, device: torch.device) -> Iterator[None]:
    """In here products on that device are of this precision; weights and sums stay in float32."""
    rounded = precision == "bfloat16" or (precision == "auto" and quick(device.type))
    with torch.autocast(device.type, torch.bfloat16, enabled=rounded):
        yield
