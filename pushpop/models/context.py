"""What transformers have seen of their words or texts: keys and values of each block, and how many of them are real.

Axes: B words, P places seen, K heads, D numbers in a head.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from pushpop.errors import ShapeError
from pushpop.memory.shapes import expect
from pushpop.models.blocks import Seen
from pushpop.models.shapes import expect_state


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
