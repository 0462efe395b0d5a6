"""What every sequence model is: a state, one step, and the same thing over whole words.

Axes: B words, T positions (the longest word's), O outputs (one score per symbol), M wanted positions, L answer length.
"""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pushpop.errors import PushpopError
from pushpop.models.matrices import Matrix

S = TypeVar("S")

NOTHING = -1  # in an answer: past its end


class SequenceModel(nn.Module, ABC, Generic[S]):
    """Reads symbols one at a time and scores, at each, what should come out.

    `unroll`, `forward`, `loss` and `answer` are loops of `step` until a model overrides them for speed; the tests hold
    whole, stepped, and cut-and-continued to one another. Words of a batch never touch each other, and padding changes
    nothing.
    """

    @abstractmethod
    def state(self, batch: int) -> S:
        """The state before the first symbol, for `batch` words. ConfigError where that is no size."""

    @abstractmethod
    def step(self, state: S, symbol: Tensor) -> tuple[S, Tensor]:
        """Read one symbol [B] (int64) each: the state after it, and the scores [B, O] of what comes out.

        Raises:
            ShapeError: not a state of this model, or not one symbol of the vocabulary for each of its words (which
                symbols they are is looked at on a CPU alone: a GPU would be waited for).
        """

    @abstractmethod
    def hold(self, old: S, new: S, active: Tensor) -> S:
        """The new state of the words where `active` [B] (bool), the old one of the others."""

    def shake(self, number: int, noise: float | None = None) -> None:
        """Draw anew what is random while training, as a function of `number` and of `noise`, the standard deviation of
        noise; None is its settings' own. Nothing is random, unless a model says."""

    def fused(self) -> bool:
        """Whether compiled kernels serve this model here. Says so, once, where they were asked for and do not."""
        return False

    def matrices(self) -> list[Matrix]:
        """Weights within this model's cells or blocks, from numbers to numbers; no embeddings, no biases, no maps to a
        memory or to what comes out. None, unless a model says."""
        return []

    def count(self) -> int:
        """How many numbers are trained."""
        return sum(weights.numel() for weights in self.parameters() if weights.requires_grad)

    def unroll(self, symbols: Tensor, lengths: Tensor, state: S | None = None) -> tuple[Tensor, S]:
        """Scores [B, T, O] (0 past a word's own length), and the state of each word after its own last symbol."""
        state = self.state(len(symbols)) if state is None else state
        scores = []
        for t in range(symbols.shape[1]):
            after, out = self.step(state, symbols[:, t])
            active = t < lengths
            state = self.hold(state, after, active)
            scores.append(torch.where(active[:, None], out, 0.0))
        return torch.stack(scores, 1), state

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor | None = None) -> Tensor:
        """Scores [B, T, O] for words [B, T], or [M, O] at the flat `positions` [M] (b * T + t) alone."""
        scores, _ = self.unroll(symbols, lengths)
        return scores if positions is None else scores.flatten(0, 1)[positions]

    def loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """Mean cross entropy (nats) of the symbols `targets` [M] (int64) at `positions` [M], flat and real ones."""
        return cross_entropy(self(symbols, lengths, positions), targets)

    @torch.no_grad()
    def answer(self, prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool = False) -> Tensor:
        """Greedy, free-running answers [B, L] to prompts [B, T]: each ends at its own `end` symbol or at its limit.

        `limits` [B] (int64) are most symbols an answer may have, its end symbol included; past its end stands NOTHING.
        `rounded` is for models with a memory: push and pop strengths above 1/2 become 1, others 0, and of the actions
        on a superposition stack the likeliest is done alone. From any other it is a PushpopError.
        """
        if rounded:
            raise no_memory(self, "rounded")
        scores, state = self.unroll(prompts, lengths)
        said = scores[torch.arange(len(prompts), device=prompts.device), lengths - 1].argmax(1)
        answers = torch.full((len(prompts), int(limits.max())), NOTHING, device=prompts.device)
        active = limits > 0
        for place in range(answers.shape[1]):
            answers[:, place] = torch.where(active, said, NOTHING)
            active = active & (said != end) & (place + 1 < limits)
            if not active.any():
                break
            after, out = self.step(state, said)
            state = self.hold(state, after, active)
            said = out.argmax(1)
        return answers


def no_memory(model: nn.Module, place: str) -> PushpopError:
    """What to raise, beginning with `place`, where a memory is asked for that `model` does not have."""
    kind = type(model).__name__
    return PushpopError(f"{place}: {kind} has no memory and so no strengths; give a model with one, as stack-lstm")
