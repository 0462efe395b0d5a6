"""Which engine serves a model where its weights are: the compiled kernels, or torch."""

import functools
import importlib.util
import logging

import torch
from torch import Tensor

LOG = logging.getLogger("pushpop.models")


def fused(engine: str, weights: Tensor) -> bool:
    """Whether the compiled unroll serves a model with such weights. Says so, once, where it was asked for in vain."""
    if engine not in ("fused", "auto"):
        return False
    reason = _why_not(weights)
    if reason and engine == "fused":
        _say_once(f"engine fused: {reason}; using eager")
    return not reason


def _why_not(weights: Tensor) -> str:
    if weights.device.type != "cpu":
        return f"it runs on a CPU, and the weights are on {weights.device}"
    if weights.dtype not in (torch.float32, torch.float64):
        return f"it computes in float32 or float64, and the weights are {weights.dtype}"
    return "" if _has_numba() else "numba is not installed"


@functools.cache
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


@functools.cache
def _say_once(line: str) -> None:
    LOG.warning(line)
