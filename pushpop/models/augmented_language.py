"""`stack-lstm-lm`, `queue-gru-lm`, `superposition-lstm-lm` and the like: a controller that works a memory as it reads.

Axes: B texts, T characters of a window, V characters there are, H hidden units, R numbers in a read; of a list N cells
(oldest first), of superposition stacks N levels (top first).
"""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from pushpop.memory import Superposition
from pushpop.memory.cells import End
from pushpop.memory.lists import Memory
from pushpop.models import augmented, superposition
from pushpop.models.augmented import MemoryModel, MemoryState
from pushpop.models.language import LanguageModel, expect_texts
from pushpop.models.language_settings import MemoryLanguageSettings, SuperpositionLanguageSettings
from pushpop.tasks.encoding import NO_SEPARATOR


class MemoryText(LanguageModel[MemoryState]):
    """A `MemoryModel` that never comes to a writing phase, and scores at every character what comes next.

    A window is one compiled call on a CPU. Within it no cell is lost; from one to the next at most `kept` go on, so
    that neither memory nor time grows with the text. Dropout masks are drawn once a window and text, and fall on what
    the scores are taken from.
    """

    def __init__(self, net: MemoryModel, settings: MemoryLanguageSettings | SuperpositionLanguageSettings) -> None:
        super().__init__()
        self.net, self.settings, self.vocabulary = net, settings, net.vocabulary

    @property
    def device(self) -> torch.device:
        return self.net.device

    def fused(self) -> bool:
        return self.net.fused()

    def state(self, batch: int) -> MemoryState:
        return self.net.state(batch)

    def step(self, state: MemoryState, symbol: Tensor) -> tuple[MemoryState, Tensor]:
        return self.net.step(state, symbol)

    def shake(self, number: int, noise: float | None = None) -> None:
        super().shake(number, noise)
        self.net.shake(number, noise)

    def read(self, symbols: Tensor, state: MemoryState | None = None) -> tuple[Tensor, MemoryState]:
        expect_texts(symbols, self.vocabulary, self.device)
        lengths = torch.full((len(symbols),), symbols.shape[1], device=self.device)
        features, after = self.net.features(symbols, lengths, state)
        return self.net.scores(self._dropped(features)), after

    def _dropped(self, features: Tensor) -> Tensor:
        """(h, r) [B, T, H + R]; while training, with some of it left out for the whole window."""
        share = self.settings.dropout
        if not (self.training and share):
            return features
        mask = torch.empty(len(features), 1, features.shape[2]).bernoulli_(1 - share, generator=self.chance)
        return features * (mask.to(features) / (1 - share))

    def hold(self, old: MemoryState, new: MemoryState, active: Tensor) -> MemoryState:
        return self.net.hold(old, new, active)

    def carried(self, state: MemoryState) -> MemoryState:
        layers = tuple(tuple(part.detach() for part in layer) for layer in state.layers)
        memory = newest(state.memory.detach(), self.settings.kept)
        return state._replace(layers=layers, read=state.read.detach(), memory=memory)

    def packed(self, state: MemoryState) -> tuple[Tensor, ...]:
        held = state.memory
        content = (held.cells,) if isinstance(held, Superposition) else (held.values, held.strengths)
        own = [part.clone() for layer in state.layers for part in layer]  # of all layers' one array else each has all
        return (*own, state.read, *content)

    def unpacked(self, tensors: tuple[Tensor, ...]) -> MemoryState:
        like = self.net.state(len(tensors[0]))
        parts = len(like.layers[0])
        ends = [parts * layer for layer in range(len(like.layers) + 1)]
        layers = tuple(tensors[first:last] for first, last in pairwise(ends))
        read, *content = tensors[ends[-1] :]
        return like._replace(layers=layers, read=read, memory=holding(like.memory, *content))


def newest(memory: Any, kept: int) -> Any:
    """A memory with at most `kept` cells or levels that are not empty: those that came last, and there are no others.

    Of a list pushed at both its ends half of them are the newest at either. Words keep cells of their own, so handles
    of before and after do not line up.
    """
    if isinstance(memory, Superposition):
        memory = memory.compact()
        return holding(memory, memory.cells[:, :kept].clone())
    present, sides = memory.strengths != 0, {hand.put for hand in memory.hands}
    present_last = present.to(torch.uint8).argsort(dim=1, stable=True)
    full = present.sum(1)
    size = min(kept, int(full.max()))  # a GPU is waited for
    low = size // 2 if End.OLD in sides else 0
    columns = torch.arange(size, device=present.device)
    from_end = torch.where(columns < low, full.clamp(min=size)[:, None], size) - columns
    places = present_last.gather(1, present.shape[1] - from_end)
    values = memory.values.gather(1, places[:, :, None].expand(-1, -1, memory.width))
    return holding(memory, values, memory.strengths.gather(1, places))


def holding(like: Memory | Superposition, *content: Tensor) -> Any:
    """A memory like it with this content: values [B, N, W] and strengths [B, N], or levels [B, N, K, W]."""
    if isinstance(like, Superposition):
        return replace(like, cells=content[0])
    return replace(type(like).of(*content), engine=like.engine)


def build(
    kind: str, settings: MemoryLanguageSettings | SuperpositionLanguageSettings, vocabulary: int, seed: int
) -> MemoryText:
    """A model such as `stack-lstm-lm`, whose first weights are drawn from a generator of its own, fixed by `seed`."""
    of_words = kind.removesuffix("-lm")
    make: Any = superposition.build if kind.startswith("superposition") else augmented.build
    return MemoryText(make(of_words, settings, vocabulary, NO_SEPARATOR, seed), settings)
