"""What stands between a controller and its memory, whichever memory it is; and the interface to a list.

Axes: B words, H hidden units, A ends at which a list is worked, W width of a value, R numbers in what a step reads.
"""

from abc import ABC, abstractmethod
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn

from pushpop.kernels.strengths import LEAK, LEAST_POP
from pushpop.memory import DeQue, Queue, Stack
from pushpop.memory.lists import Memory
from pushpop.models.noise import Noise
from pushpop.models.settings import Initialisation, MemorySettings

M = TypeVar("M")
LISTS: dict[str, type[Memory]] = {"stack": Stack, "queue": Queue, "deque": DeQue}


class Action(Protocol[M]):
    """What a controller does to its memory in one step."""

    def on(self, memory: M) -> M:
        """The memory after it."""

    def rounded(self) -> Self:
        """The same, wholly done or not at all; has no gradients."""


class Interface(nn.Module, ABC, Generic[M]):
    """Makes a memory, turns a controller's h into what is done to it, and reads it."""

    memory: type[M]
    reads: int  # R

    @abstractmethod
    def draw(self, generator: torch.Generator) -> None:
        """The first weights."""

    def actions(self) -> list[nn.Parameter]:
        """Weights and biases that choose what is done to the memory, but not with which value; none unless it says."""
        return []

    @abstractmethod
    def empty(self, batch: int, engine: str) -> M:
        """A memory for `batch` words in which nothing is yet."""

    @abstractmethod
    def forward(self, hidden: Tensor, writing: Tensor) -> Action[M]:
        """From h [B, H] and the phase [B] (int64, 1 while writing)."""

    @abstractmethod
    def read(self, memory: M) -> Tensor:
        """What the controller sees of a memory: [B, R]."""


class Strengths(NamedTuple):
    """What is done to a list: at each end a pop, then a push."""

    push: Tensor  # [B, A] in [0, 1]
    pop: Tensor  # [B, A] in [0, 1]
    value: Tensor  # [B, A, W] in (-1, 1)

    def on(self, memory: Memory) -> Memory:
        return memory.work(self.push, self.pop, self.value)

    def rounded(self) -> "Strengths":
        """Strengths above 1/2 are 1, others 0."""
        return self._replace(push=(self.push > 0.5).to(self.push), pop=(self.pop > 0.5).to(self.pop))


class ListInterface(Interface[Memory]):
    """d = sigmoid(W_d h + b_d), u = sigmoid(W_u h + b_u), v = tanh(W_v h + b_v); b_d and b_u may differ by phase.

    Each end of a list has its own (Grefenstette et al. 2015, section 3.4). With a `margin` d and u are `saturating`.
    """

    def __init__(self, memory: type[Memory], settings: MemorySettings) -> None:
        super().__init__()
        ends, width = len(memory.hands), settings.memory
        self.memory, self.settings, self.reads = memory, settings, ends * width
        first = [
            [settings.push_bias, settings.pop_bias, settings.bottom_push_bias, settings.pop_bias],
            [settings.writing_push_bias, settings.writing_pop_bias] * 2,
        ]
        self.value = nn.Parameter(torch.empty(ends * width, settings.hidden))
        self.value_bias = nn.Parameter(torch.zeros(ends * width))
        self.strength = nn.Parameter(torch.empty(2 * ends, settings.hidden))  # push, pop, of each end in turn
        biases = torch.tensor(first if settings.biases == "per-phase" else first[:1])
        self.strength_bias = nn.Parameter(biases[:, : 2 * ends].clone())
        self.noise = Noise(settings.noise, *self.strength_bias.shape)

    def draw(self, generator: torch.Generator) -> None:
        """As the settings say, for a map to a value and two to one number each at every end."""
        rule = self.settings.initialisation
        for weights in (*self.value.split(self.settings.memory), *self.strength.split(1)):
            draw(weights, rule, generator)
        if self.settings.first_pops == "opposed":
            self.strength.detach()[1::2] = -self.strength.detach()[::2]

    def actions(self) -> list[nn.Parameter]:
        return [self.strength, self.strength_bias]

    def empty(self, batch: int, engine: str) -> Memory:
        like = self.value
        return self.memory.empty(batch, self.settings.memory, engine=engine, dtype=like.dtype, device=like.device)

    def biases(self) -> Tensor:
        """b_d and b_u of each end in turn, by phase: [1 or 2, 2 A]; while training with their noise."""
        return self.noise(self.strength_bias)

    def forward(self, hidden: Tensor, writing: Tensor) -> Strengths:
        biases = of_phase(self.biases(), writing)
        logits, margin = nn.functional.linear(hidden, self.strength) + biases, self.settings.margin
        value = torch.tanh(nn.functional.linear(hidden, self.value, self.value_bias))
        push, pop = saturating(logits[:, ::2], margin), saturating(logits[:, 1::2], margin, LEAST_POP)
        return Strengths(push, pop, value.unflatten(1, (-1, self.settings.memory)))

    def read(self, memory: Memory) -> Tensor:
        return memory.reads().flatten(1)


def saturating(logits: Tensor, margin: float, least: float = 0.0) -> Tensor:
    """The sigmoid stretched to (-margin, 1 + margin), cut off at `least` and 1: both are reached, and held exactly.

    With 0 it is the plain sigmoid. Its gradient is that of what is stretched, but for what is cut off: of a gradient
    that would have it back, `LEAK` counts, so that no strength is lost for good; one that would have it further off
    counts for nothing. With all of it no strength would stay at 0 or 1: see decision 13.
    """
    strengths: Tensor = _Saturating.apply(logits, margin, least) if margin else torch.sigmoid(logits)
    return strengths


class _Saturating(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, margin: float, least: float) -> Tensor:  # pyrefly: ignore[bad-override]
        plain = torch.sigmoid(logits)
        stretched = plain + margin * (2 * plain - 1)
        ctx.save_for_backward(stretched)
        ctx.margin = margin
        return stretched.clamp(least, 1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:  # pyrefly: ignore[bad-override]
        (stretched,), margin = ctx.saved_tensors, ctx.margin
        back = torch.where((grad < 0) == (stretched < 0), grad * LEAK, 0)
        grad = torch.where((stretched < 0) | (stretched > 1), back, grad)
        return grad * (stretched + margin) * (1 + margin - stretched) / (1 + 2 * margin), None, None


def draw(weights: Tensor, rule: Initialisation, generator: torch.Generator) -> None:
    """First weights [outputs, inputs] of a map that stands alone: Xavier's (Glorot and Bengio 2010, eq. 16) or torch's.

    A rule for the weights alone: biases begin as the settings say, where torch would draw them too.
    """
    if rule == "xavier":
        nn.init.xavier_uniform_(weights.detach(), generator=generator)
    else:
        nn.init.uniform_(weights.detach(), -(weights.shape[1] ** -0.5), weights.shape[1] ** -0.5, generator=generator)


def of_phase(biases: Tensor, writing: Tensor) -> Tensor:
    """biases [1 or 2, N] of each word's phase: [B, N]."""
    return biases[writing if len(biases) > 1 else torch.zeros_like(writing)]
