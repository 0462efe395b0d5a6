"""The default stack-lstm with one step compiled by `torch.compile`, called once for every position.

Our `eager` engine is not what is compiled: which values it looks up depends on the numbers, and its list of cells has
another length at each step. Here the stack is a buffer with room for every cell that will be pushed, so that one
compiled step, of sizes that are left open, serves all positions of all batches. For one size alone it would be some
15 % faster, and take half a minute more for each size there is.

Axes: B words, T positions, M wanted positions, N cells there is room for, X inputs, H hidden, W width of a value.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear, pad

from pushpop.models.augmented import MemoryModel
from pushpop.studies.baselines import StackTwin
from pushpop.studies.contest import Unavailable

State = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]  # h, c [B, H], read [B, W], values [B, N, W], strengths [B, N]


def newer(strengths: Tensor) -> Tensor:
    """For each cell [B, N] the strength above it, as sums from the newest on."""
    return pad(strengths[:, 1:].flip(1).cumsum(1).flip(1), (0, 1))


def buffered_step(
    state: State, inputs: Tensor, first: Tensor, here: Tensor, cell: tuple[Tensor, ...], interface: tuple[Tensor, ...]
) -> State:
    """One position: inputs [B, X], biases `first` [B, 2] of push and pop; `here` [N] is true where the new cell is."""
    h, c, read, values, strengths = state
    entering, recurrent, bias = cell
    i, f, g, o = (torch.cat([inputs, read], 1) @ entering + h @ recurrent + bias).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    push, pop = torch.sigmoid(linear(h, interface[0]) + first).split(1, 1)
    value = torch.tanh(linear(h, interface[1], interface[2]))
    left = torch.relu(strengths - torch.relu(pop - newer(strengths)))
    strengths = torch.where(here, push, left)
    values = torch.where(here[:, None], value[:, None], values)
    rest = torch.relu(1 - newer(strengths))
    weights = torch.where(strengths > rest, rest, strengths)
    return h, c, (weights[:, None] @ values).squeeze(1), values, strengths


@functools.cache
def compiled_step() -> Callable[..., State]:
    """Compiled when it is first called, and kept for every network and size."""
    step: Any = torch.compile(buffered_step, dynamic=True)
    return step


class CompiledStackLSTM(StackTwin):
    """Our default stack-lstm with the compiled step; around it as quick as eager PyTorch gets."""

    def __init__(self, model: MemoryModel) -> None:
        super().__init__(model)
        self.step = compiled_step()

    def loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """As the models': mean cross entropy (nats)."""
        return cross_entropy(self(symbols, lengths, positions), targets)

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
        """Scores [M, O] at the flat `positions` of words [B, T]. Unavailable where nothing can be compiled."""
        batch, longest = symbols.shape
        assert lengths.max() == longest, "longer than its longest word"
        writing = ((symbols == self.separator).cumsum(1) > 0).long()
        inputs = self.controller.embedding[writing, symbols].unbind(1)
        biases = self.interface.strength_bias[writing].unbind(1)
        entering = torch.cat([self.controller.symbol[0], self.controller.read[0]])
        cell = entering, self.controller.hidden[0][0], self.controller.bias[0].sum(0)[0]
        interface = self.interface.strength, self.interface.value, self.interface.value_bias
        h, c = (part.expand(batch, -1).contiguous() for part in self.controller.initial[:, 0])
        read = h.new_zeros(batch, self.settings.memory)
        state = h, c, read, h.new_zeros(batch, longest, self.settings.memory), h.new_zeros(batch, longest)
        places = torch.eye(longest, dtype=torch.bool).unbind()
        seen = []
        for numbers, first, here in zip(inputs, biases, places, strict=True):
            state = self._advance(state, numbers, first, here, cell, interface)
            seen.append(torch.cat([state[0], state[2]], 1))
        scores: Tensor = self.output(torch.stack(seen, 1).flatten(0, 1)[positions])
        return scores

    def _advance(self, *given: Any) -> State:
        """`buffered_step`. Unavailable where it cannot be compiled."""
        try:
            return self.step(*given)
        except Exception as error:  # what torch raises for want of a compiler is of many kinds
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise Unavailable(f"torch.compile failed: {said[0]}") from error
