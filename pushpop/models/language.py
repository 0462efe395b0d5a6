"""What a model of text is: it reads characters, and scores at each what comes next.

Axes: B texts side by side, T characters of a window, V characters there are.
"""

from abc import abstractmethod
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from pushpop.errors import ShapeError
from pushpop.models.contract import SequenceModel

S = TypeVar("S")


class LanguageModel(SequenceModel[S]):
    """Reads texts in windows, each from the state that the one before has left; nothing is padded.

    A window read at once, in two, or character by character gives the same scores. What is left out at random while
    training is a function of `chance`, a generator of the model's own.
    """

    vocabulary: int

    def __init__(self) -> None:
        super().__init__()
        self.chance = torch.Generator()

    def shake(self, number: int, noise: float | None = None) -> None:  # noqa: ARG002
        self.chance.manual_seed(number)

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where the weights are."""

    @abstractmethod
    def read(self, symbols: Tensor, state: S | None = None) -> tuple[Tensor, S]:
        """Scores [B, T, V] (float32) of what follows each of symbols [B, T] (int64), and the state after the last.

        Without a state the texts begin here. Raises ShapeError where symbols or state are not this model's.
        """

    @abstractmethod
    def carried(self, state: S) -> S:
        """What the next window starts from: no gradient goes through it, and it does not grow with the text."""

    @abstractmethod
    def packed(self, state: S) -> tuple[Tensor, ...]:
        """A carried state as tensors, to be stored."""

    @abstractmethod
    def unpacked(self, tensors: tuple[Tensor, ...]) -> S:
        """The state that `packed` gave these for."""

    def window_loss(self, symbols: Tensor, targets: Tensor, state: S | None = None) -> tuple[Tensor, Tensor, S]:
        """Mean cross entropy (nats) of targets [B, T] (int64), which of them [B T] (bool) were the likeliest, and the
        state after the window."""
        scores, after = self.read(symbols, state)
        flat, wanted = scores.flatten(0, 1), targets.flatten()
        return cross_entropy(flat, wanted), flat.detach().argmax(1) == wanted, after

    def step(self, state: S, symbol: Tensor) -> tuple[S, Tensor]:
        scores, after = self.read(symbol[:, None], state)
        return after, scores[:, 0]

    def unroll(self, symbols: Tensor, lengths: Tensor, state: S | None = None) -> tuple[Tensor, S]:
        if len(lengths) and int(lengths.min()) == symbols.shape[1]:
            return self.read(symbols, state)
        return super().unroll(symbols, lengths, state)


def expect_texts(symbols: Tensor, vocabulary: int, device: torch.device) -> None:
    """ShapeError unless these are windows [B, T] (int64) of one character or more, each below `vocabulary`."""
    if symbols.ndim != 2 or symbols.dtype != torch.int64 or symbols.device != device:
        given = f"{symbols.dtype} {tuple(symbols.shape)} on {symbols.device}"
        raise ShapeError(f"symbols: expected torch.int64 [B, T] on {device}, given {given}")
    if not symbols.numel():
        raise ShapeError(f"symbols: expected one text and character or more, given {tuple(symbols.shape)}")
    if device.type == "cpu":  # a GPU would be waited for
        low, high = (int(end) for end in torch.aminmax(symbols))
        if low < 0 or high >= vocabulary:
            raise ShapeError(f"symbols: expected from 0 to {vocabulary - 1}, given {low} to {high}")
