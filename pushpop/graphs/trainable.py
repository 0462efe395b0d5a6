"""What every net on graphs is to the loop that trains it, whatever it reads: chance of its own, and a count."""

import torch
from torch import Tensor, nn


class Trainable(nn.Module):
    """A net whose chance while training is a function of `chance`, a generator of its own, and of nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = torch.Generator()

    def left_out(self, numbers: Tensor, share: float) -> Tensor:
        """These numbers with a share of them put to 0 while training, the others made larger by as much."""
        if not self.training or not share:
            return numbers
        mask = torch.empty(numbers.shape).bernoulli_(1 - share, generator=self.chance)
        return numbers * mask.to(numbers) / (1 - share)

    def count(self) -> int:
        """How many numbers are trained."""
        return sum(weights.numel() for weights in self.parameters() if weights.requires_grad)

    def fused(self) -> bool:
        """Whether compiled kernels serve this net: none do."""
        return False
