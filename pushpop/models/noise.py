"""Noise on biases while training, so that what they are added to keeps its distance from where it would turn over."""

import torch
from torch import Tensor, nn


class Noise(nn.Module):
    """Adds to a bias what `draw` has drawn; nothing before that, nor when training is over."""

    drawn: Tensor

    def __init__(self, spread: float, *shape: int) -> None:
        super().__init__()
        self.spread = spread  # standard deviation
        self.register_buffer("drawn", torch.zeros(shape), persistent=False)

    def draw(self, generator: torch.Generator, spread: float) -> None:
        """Anew, for one step of training, with this standard deviation from now on."""
        self.spread = spread
        self.drawn.copy_(spread * torch.randn(self.drawn.shape, generator=generator))

    def forward(self, bias: Tensor) -> Tensor:
        return bias + self.drawn if self.training and self.spread else bias
