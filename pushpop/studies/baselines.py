"""The default stack-lstm around another's stack in eager PyTorch: in a step as published, and in one made quick.

Both are the network of a given `MemoryModel`, with copies of its weights under the same names; `published_stacks` has
what they are built around.

Axes: B words, T positions (the longest word's), M wanted positions, H hidden units, W width of a value, S symbols,
O scores.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear, log_softmax, nll_loss, one_hot

from pushpop.models.augmented import MemoryModel
from pushpop.models.settings import MemorySettings
from pushpop.studies.published_stacks import PublishedStack, TriangularStack


class Steps(Protocol):
    """A stack that is worked step by step, and changes."""

    def step(self, value: Tensor, push: Tensor, pop: Tensor) -> Tensor:
        """Pop, push, read: value [B, W], push and pop [B, 1] to read [B, W]."""


MakeStack = Callable[[int, int, Tensor], Steps]  # of words, width of a value, and a tensor of the wanted type


def default_settings(model: MemoryModel) -> MemorySettings:
    """The model's settings, which must be those of a stack-lstm that the other formulations know: with sigmoids."""
    settings = model.settings
    same = {"cells": "shared", "embeddings": "per-phase", "biases": "per-phase", "wiring": "direct", "margin": 0.0}
    wrong = [name for name, value in same.items() if getattr(settings, name) != value]
    assert not wrong, f"only the default stack-lstm has a twin in another formulation, not one with other {wrong}"
    assert isinstance(settings, MemorySettings)
    assert (settings.layers, settings.output, model.controller.kind) == (1, 0, "lstm")
    assert settings.embedding
    return settings


class StackTwin(nn.Module):
    """The weights of a default stack-lstm, for another formulation of it."""

    def __init__(self, model: MemoryModel) -> None:
        super().__init__()
        self.settings = default_settings(model)
        self.separator = model.separator
        self.controller = deepcopy(model.controller)
        self.interface = deepcopy(model.interface)
        self.output = deepcopy(model.output)


class PublishedStackLSTM(StackTwin):
    """Our default stack-lstm in the training step of the CS281 study's own program, for batches of one length.

    `stack` is the one it came to, or the `StudyListStack` it had before.

    Every step takes one-hot symbols beside the last read, an LSTM cell as `nn.LSTMCell` computes it (its two biases
    too), three products of a weight with h as a column, and the stack; every step of the answer a linear map and a
    log-softmax, written into the result. What our network has and theirs lacks: an embedding for each phase, which is
    multiplied into the cell's weights once a batch, push and pop biases for each phase, and the read beside h in the
    output.
    """

    def __init__(self, model: MemoryModel, stack: MakeStack = PublishedStack) -> None:
        super().__init__(model)
        self.stack = stack

    def loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """As the models': mean cross entropy (nats)."""
        return nll_loss(self(symbols, lengths, positions), targets)

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
        """Log-probabilities [M, O] at the flat `positions` of words [B, T] of one length: from the separator on."""
        batch, longest = symbols.shape
        separator = int((symbols[0] == self.separator).int().argmax())
        assert bool((lengths == longest).all()), "words of one length"
        assert bool((symbols[:, separator] == self.separator).all()), "separators at one place"
        assert len(positions) == batch * (longest - separator), "wanted: all from the separator on"
        entering, recurrent = self._cell_weights()
        biases = self._cell_biases()
        inputs = one_hot(symbols.T, self.controller.embedding.shape[1]).to(entering[0])
        hidden, cell = (part.expand(batch, -1) for part in self.controller.initial[:, 0])
        read = inputs.new_zeros(batch, self.settings.memory)
        stack = self.stack(batch, self.settings.memory, read)
        said = inputs.new_zeros(longest - separator, batch, self.output.out_features)
        push, pop = self.interface.strength.split(1)
        for t in range(longest):
            phase = int(t >= separator)
            joined = torch.cat([inputs[t], read], -1)
            hidden, cell = torch.lstm_cell(joined, (hidden, cell), entering[phase], recurrent, *biases)
            down, up = self.interface.strength_bias[phase]
            d = torch.sigmoid(column(push, hidden) + down)
            u = torch.sigmoid(column(pop, hidden) + up)
            v = torch.tanh(column(self.interface.value, hidden) + self.interface.value_bias)
            read = stack.step(v, d, u)
            if phase:
                said[t - separator] = log_softmax(self.output(torch.cat([hidden, read], -1)), -1)
        return said.transpose(0, 1).flatten(0, 1)

    def _cell_weights(self) -> tuple[list[Tensor], Tensor]:
        """Of (symbol, read) [4H, S + W] for each phase, and of h [4H, H]: once a batch, as `nn.LSTMCell` holds them."""
        symbol, read = self.controller.symbol[0], self.controller.read[0]
        entering = [torch.cat([book @ symbol, read]).T.contiguous() for book in self.controller.embedding]
        return entering, self.controller.hidden[0][0].T.contiguous()

    def _cell_biases(self) -> tuple[Tensor, Tensor]:
        """Both of `nn.LSTMCell`, [4H] each; a second one that we do not have is 0."""
        biases = self.controller.bias[0][:, 0]
        return biases[0], biases[1] if len(biases) > 1 else torch.zeros_like(biases[0])


def column(weights: Tensor, hidden: Tensor) -> Tensor:
    """The product of weights [K, H] with each h [B, H] as a column: [B, K]."""
    return torch.matmul(weights, hidden[:, :, None]).squeeze(-1)


class TunedStackLSTM(StackTwin):
    """Our default stack-lstm with another's stack, and around it as quick as eager PyTorch gets.

    One call for all embeddings, torch's own LSTM step with joined weights, one product for push and pop, one call for
    all scores. Padding is computed like all else: nothing after a word's end has a say in what is wanted before it.
    """

    def __init__(self, model: MemoryModel, stack: MakeStack = TriangularStack) -> None:
        super().__init__(model)
        self.stack = stack

    def loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """As the models': mean cross entropy (nats)."""
        return cross_entropy(self(symbols, lengths, positions), targets)

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
        stack = self.stack(len(symbols), self.settings.memory, read)
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
