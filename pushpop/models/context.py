"""What transformers have seen of their words or texts: keys and values of each block, and how many of them are real.

Axes: B words, P places seen, K heads, D numbers in a head, V symbols there are, F numbers in the stream.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad, rms_norm

from pushpop.errors import ShapeError
from pushpop.memory.shapes import expect, expect_size
from pushpop.models.blocks import Seen, first_weights
from pushpop.models.shapes import expect_state
from pushpop.models.transformer_settings import AttentionSettings


class Context(NamedTuple):
    """The last places of words, as each block has seen them: keys are without their positions."""

    blocks: tuple[Seen, ...]  # keys and values [B, K, P, D]
    held: Tensor | None  # [B] int64: how many of them a word has, at the end; None: all of them

    @property
    def places(self) -> int:
        """P."""
        return self.blocks[0].keys.shape[2]

    def counts(self) -> Tensor:
        """How many places each word has: [B] int64."""
        keys = self.blocks[0].keys
        return keys.new_full(keys.shape[:1], self.places, dtype=torch.int64) if self.held is None else self.held


def nothing(batch: int, layers: int, heads: int, width: int, like: Tensor) -> Context:
    """What is seen before the first symbol, by heads of `width` numbers."""
    none = like.new_empty(batch, heads, 0, width)
    return Context((Seen(none, none),) * layers, None)


class Attending(nn.Module):
    """What transformers have in common, whatever they write: their weights, and a `Context` for a state."""

    settings: Any  # AttentionSettings, and what belongs to what it writes

    def __init__(self, settings: AttentionSettings, vocabulary: int, seed: int) -> None:
        """The first weights are drawn from a generator of their own, fixed by `seed`."""
        super().__init__()
        self.settings, self.vocabulary = settings, vocabulary
        self.embedding, self.blocks, self.norm, self.output = first_weights(settings, vocabulary, seed)

    @property
    def width(self) -> int:
        """D."""
        return self.settings.hidden // self.settings.heads

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.device

    def state(self, batch: int) -> Context:
        """That of so many words before their first symbol. Raises ShapeError for no number of words."""
        expect_size("state: batch", batch)
        return nothing(batch, self.settings.layers, self.settings.heads, self.width, self.embedding)

    def hold(self, old: Context, new: Context, active: Tensor) -> Context:
        """See `held_on`."""
        return held_on(old, new, active)

    def expect(self, state: Context, words: int) -> None:
        """ShapeError unless `state` is one of this model's, of so many words."""
        expect_context(state, words, self.settings.layers, self.settings.heads, self.width, self.embedding)

    def scores(self, flow: Tensor) -> Tensor:
        """Scores [..., V] of what follows, from the stream [..., F] after all blocks."""
        normed = rms_norm(flow, flow.shape[-1:], self.norm)
        return linear(normed, self.embedding if self.output is None else self.output)


def expect_context(given: Context, words: int, layers: int, heads: int, width: int, like: Tensor) -> None:
    """ShapeError unless this is what such blocks have seen of so many words."""
    expect_state(given, Context)
    if len(given.blocks) != layers:
        raise ShapeError(f"state.blocks: expected {layers}, given {len(given.blocks)}")
    for number, seen in enumerate(given.blocks):
        for part in seen:
            expect(f"state.blocks[{number}]", part, (words, heads, given.places, width), like.dtype, like.device)
    if given.held is not None:
        expect("state.held", given.held, (words,), torch.int64, like.device)


def held_on(old: Context, new: Context, active: Tensor) -> Context:
    """The new context of the words where `active` [B] (bool), the old one of the others."""
    rows = active[:, None, None, None]
    blocks = tuple(
        Seen(*(torch.where(rows, b, pad(a, (0, 0, new.places - old.places, 0))) for a, b in zip(*both, strict=True)))
        for both in zip(old.blocks, new.blocks, strict=True)
    )
    if old.held is None and new.held is None and old.places == new.places:
        return Context(blocks, None)
    return Context(blocks, torch.where(active, new.counts(), old.counts()))


def without(context: Context, last: Tensor) -> Context:
    """The context without so many places at the end of each word, `last` [B] (int64)."""
    if not last.any():  # a GPU is waited for
        return context
    places = torch.arange(context.places, device=last.device) - last[:, None]
    places = places.clamp(min=0)[:, None, :, None]
    blocks = tuple(Seen(*(part.take_along_dim(places, 2) for part in seen)) for seen in context.blocks)
    return Context(blocks, context.counts() - last)
