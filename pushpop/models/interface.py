"""The linear maps from a controller to its memory: how strongly to push and pop, and what (Grefenstette et al. 3.4).

Axes: B words, H hidden units, W width of a value.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pushpop.models.settings import MemorySettings


class Action(NamedTuple):
    """What is done to the memory in one step: pop, then push."""

    push: Tensor  # [B] in (0, 1)
    pop: Tensor  # [B] in (0, 1)
    value: Tensor  # [B, W] in (-1, 1)


class Interface(nn.Module):
    """d = sigmoid(W_d h + b_d), u = sigmoid(W_u h + b_u), v = tanh(W_v h + b_v); b_d and b_u may differ by phase."""

    def __init__(self, settings: MemorySettings, generator: torch.Generator) -> None:
        super().__init__()
        phases = 2 if settings.biases == "per-phase" else 1
        self.value = nn.Parameter(torch.empty(settings.memory, settings.hidden))
        self.value_bias = nn.Parameter(torch.zeros(settings.memory))
        self.strength = nn.Parameter(torch.empty(2, settings.hidden))  # push, pop
        first = [
            [settings.push_bias, settings.pop_bias],
            [settings.writing_push_bias, settings.writing_pop_bias],
        ]
        self.strength_bias = nn.Parameter(torch.tensor(first[:phases]))
        nn.init.xavier_uniform_(self.value, generator=generator)
        bound = (6 / (settings.hidden + 1)) ** 0.5  # Xavier, for two maps to one number each
        nn.init.uniform_(self.strength, -bound, bound, generator=generator)

    def forward(self, hidden: Tensor, writing: Tensor) -> Action:
        """From h [B, H] and the phase [B] (int64, 1 while writing)."""
        phase = writing if len(self.strength_bias) > 1 else torch.zeros_like(writing)
        strengths = torch.sigmoid(nn.functional.linear(hidden, self.strength) + self.strength_bias[phase])
        value = torch.tanh(nn.functional.linear(hidden, self.value, self.value_bias))
        return Action(push=strengths[:, 0], pop=strengths[:, 1], value=value)


class Rounding(nn.Module):
    """An interface whose strengths above 1/2 become 1, and others 0."""

    def __init__(self, interface: Interface) -> None:
        super().__init__()
        self.interface = interface

    def forward(self, hidden: Tensor, writing: Tensor) -> Action:
        """As `Interface`."""
        action = self.interface(hidden, writing)
        return action._replace(push=(action.push > 0.5).to(action.push), pop=(action.pop > 0.5).to(action.pop))
