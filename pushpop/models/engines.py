"""Which engine serves a model where its weights are: the compiled kernels, or torch."""

import functools
import importlib.util
import logging
from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from pushpop.models.contract import S, SequenceModel
from pushpop.models.shapes import expect_positions, expect_real, expect_targets, expect_words

LOG = logging.getLogger("pushpop.models")


class Compiled(SequenceModel[S]):
    """A model that the compiled kernels serve where its settings' `engine` and its place let them."""

    settings: Any
    vocabulary: int
    output: nn.Linear

    def fused(self) -> bool:
        return fused(self.settings.engine, self.output.weight)

    def loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """As the contract says; where gradients are wanted, loss and gradients are one compiled call."""
        expect_words(symbols, lengths, self.output.weight.device, self.vocabulary)
        expect_positions(positions, symbols)
        expect_real(positions, symbols, lengths)
        expect_targets(targets, positions, self.output.out_features)
        if torch.is_grad_enabled() and self.fused():
            return self.compiled_loss(symbols, lengths, positions, targets)
        return super().loss(symbols, lengths, positions, targets)

    @abstractmethod
    def compiled_loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """`loss` by the kernels, of words and positions that have been looked at."""


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
