"""The published formulations, written as they were published: what `bench` compares with.

Axes: B words, T positions (the longest word's), M wanted positions, t cells so far, H hidden units, W width of a value,
O scores.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from pushpop.models.augmented import StackModel
from pushpop.models.settings import StackSettings


class TriangularStack:
    """The stack of the CS281 reversal study (2019), equations 5-8: Grefenstette et al.'s sums as a product with a t x t
    triangular matrix, made anew for every pop and every read; values and strengths grow by concatenation.

    On a tie `torch.minimum` halves the gradient where the paper gives it to the left argument.
    """

    def __init__(self, batch: int, width: int, like: Tensor) -> None:
        self.values = like.new_zeros(batch, 0, width)
        self.strengths = like.new_zeros(batch, 0)

    def step(self, value: Tensor, push: Tensor, pop: Tensor) -> Tensor:
        """Pop, push, read: value [B, W], push and pop [B, 1] to read [B, W]."""
        left = torch.relu(self.strengths - torch.relu(pop - self._newer()))
        self.values = torch.cat([self.values, value[:, None]], 1)
        self.strengths = torch.cat([left, push], 1)
        weights = torch.minimum(self.strengths, torch.relu(1 - self._newer()))
        return torch.bmm(weights[:, None], self.values).squeeze(1)

    def _newer(self) -> Tensor:
        """For each cell the strength above it: A s, with A the ones strictly above the diagonal."""
        cells = self.strengths.shape[1]
        above = torch.triu(self.strengths.new_ones(cells, cells), diagonal=1)
        return linear(self.strengths, above)


class DenseTriangularStackLSTM(nn.Module):
    """Our default stack-lstm with the study's stack, one step of eager PyTorch after another.

    Padding is computed like all else: nothing after a word's end has a say in what is wanted before it.
    Its weights are copies of a `StackModel`'s, under the same names. Around the stack it is as quick as eager PyTorch
    gets: torch's own LSTM step, one call for all embeddings, one for all scores.
    """

    def __init__(self, model: StackModel) -> None:
        super().__init__()
        settings = model.settings
        same = {"cells": "shared", "embeddings": "per-phase", "biases": "per-phase", "wiring": "direct"}
        wrong = [name for name, value in same.items() if getattr(settings, name) != value]
        assert not wrong, f"only the default stack-lstm has a published twin, not one with other {wrong}"
        assert (settings.layers, settings.output, model.controller.kind) == (1, 0, "lstm")
        assert settings.embedding
        self.settings: StackSettings = settings
        self.separator = model.separator
        self.controller = deepcopy(model.controller)
        self.interface = deepcopy(model.interface)
        self.output = deepcopy(model.output)

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
        """Scores [M, O] at the flat `positions` of words [B, T]."""
        assert lengths.max() == symbols.shape[1], "longer than its longest word"
        writing = ((symbols == self.separator).cumsum(1) > 0).long()
        inputs = self.controller.embedding[writing, symbols].unbind(1)
        biases = self.interface.strength_bias[writing].unbind(1)
        entering = torch.cat([self.controller.symbol[0], self.controller.read[0]]).T.contiguous()
        recurrent = self.controller.hidden[0][0].T.contiguous()
        bias = self.controller.bias[0].sum(0)[0]
        hidden, cell = (part.expand(len(symbols), -1).contiguous() for part in self.controller.initial[:, 0])
        read = inputs[0].new_zeros(len(symbols), self.settings.memory)
        stack = TriangularStack(len(symbols), self.settings.memory, read)
        seen = []
        for numbers, first in zip(inputs, biases, strict=True):
            joined = torch.cat([numbers, read], 1)
            hidden, cell = torch.lstm_cell(joined, (hidden, cell), entering, recurrent, bias)
            strengths = torch.sigmoid(linear(hidden, self.interface.strength) + first)
            value = torch.tanh(linear(hidden, self.interface.value, self.interface.value_bias))
            read = stack.step(value, strengths[:, :1], strengths[:, 1:])
            seen.append(torch.cat([hidden, read], 1))
        scores: Tensor = self.output(torch.stack(seen, 1).flatten(0, 1)[positions])
        return scores
