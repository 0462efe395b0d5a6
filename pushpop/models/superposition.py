"""`superposition-lstm`, `superposition-rnn` and `superposition-gru`: the interface to superposition stacks.

Axes: B words, H hidden units, K stacks, C actions (push, pop, and keep where there is one), D cells read from each
top, W numbers in a cell.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pushpop.memory import Superposition
from pushpop.models.augmented import MemoryModel
from pushpop.models.interface import Interface, draw, of_phase
from pushpop.models.noise import Noise
from pushpop.models.settings import SuperpositionSettings

VALUES: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "linear": lambda value: value,
}


class Choice(NamedTuple):
    """What is done to each stack: the share of every action in it."""

    actions: Tensor  # [B, K, C], 1 in all for each stack
    value: Tensor  # [B, K, W]

    def on(self, memory: Superposition) -> Superposition:
        return memory.work(self.actions, self.value)

    def rounded(self) -> "Choice":
        """The likeliest action alone; of those that tie, the first."""
        best = nn.functional.one_hot(self.actions.argmax(2), self.actions.shape[2])
        return self._replace(actions=best.to(self.actions))


class SuperpositionInterface(Interface[Superposition]):
    """a = softmax(A h + b) for each stack, v = value(D h + b_v), and the top cells of every stack are read.

    (Joulin and Mikolov 2015, section 3.2; theirs has no biases, and cells of one number.)
    """

    memory = Superposition

    def __init__(self, settings: SuperpositionSettings) -> None:
        super().__init__()
        self.settings, self.stacks, self.choices = settings, settings.stacks, 3 if settings.keep == "yes" else 2
        self.reads = settings.stacks * settings.read_depth * settings.memory
        phases = 2 if settings.biases == "per-phase" else 1
        self.value = nn.Parameter(torch.empty(settings.stacks * settings.memory, settings.hidden))
        self.value_bias = nn.Parameter(torch.zeros(settings.stacks * settings.memory))
        self.action = nn.Parameter(torch.empty(settings.stacks * self.choices, settings.hidden))
        self.action_bias = nn.Parameter(torch.zeros(phases, settings.stacks * self.choices))
        self.noise = Noise(settings.noise, *self.action_bias.shape)

    def draw(self, generator: torch.Generator) -> None:
        """As the settings say, for a map to a value and one to the actions for every stack."""
        for weights in (self.value, self.action):
            for stack in weights.chunk(self.stacks):
                draw(stack, self.settings.initialisation, generator)

    def actions(self) -> list[nn.Parameter]:
        return [self.action, self.action_bias]

    def empty(self, batch: int, engine: str) -> Superposition:
        like = self.value
        return Superposition.empty(
            batch, self.stacks, self.settings.memory,
            empty=self.settings.empty, engine=engine, dtype=like.dtype, device=like.device,
        )  # fmt: skip

    def biases(self) -> Tensor:
        """b of each stack's actions in turn, by phase: [1 or 2, stacks x actions]; while training with its noise."""
        return self.noise(self.action_bias)

    def forward(self, hidden: Tensor, writing: Tensor) -> Choice:
        scores = nn.functional.linear(hidden, self.action) + of_phase(self.biases(), writing)
        value = VALUES[self.settings.value](nn.functional.linear(hidden, self.value, self.value_bias))
        per_stack = (self.stacks, -1)
        return Choice(scores.unflatten(1, per_stack).softmax(2), value.unflatten(1, per_stack))

    def read(self, memory: Superposition) -> Tensor:
        """Level by level: the tops of all stacks come first."""
        return memory.reads(self.settings.read_depth).transpose(1, 2).flatten(1)


def build(
    kind: str, settings: SuperpositionSettings, vocabulary: int, separator: int, seed: int, outputs: int | None = None
) -> MemoryModel:
    """A `superposition-lstm`, or with an `rnn` or `gru`, whose first weights are drawn from a generator of its own."""
    controller = kind.removeprefix("superposition-")
    return MemoryModel(controller, SuperpositionInterface(settings), settings, vocabulary, separator, seed, outputs)
