"""Which weights of a model are matrices within its cells or blocks, for an optimiser that treats them as such."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Matrix(NamedTuple):
    """Weights whose last two dimensions are a matrix, or several of one shape side by side, such as gates of a cell."""

    weights: nn.Parameter
    parts: int = 1
    along: int = -1  # the dimension in which the parts lie side by side

    def apart(self, values: Tensor) -> Tensor:
        """Values shaped as the weights are, as matrices [N, I, O], one for each part and each leading index."""
        return torch.stack(values.chunk(self.parts, self.along)).flatten(0, -3)

    def together(self, matrices: Tensor) -> Tensor:
        """Back from `apart`."""
        leading = self.weights.shape[:-2]
        return torch.cat(matrices.unflatten(0, (self.parts, *leading)).unbind(), self.along)
