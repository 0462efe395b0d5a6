"""`transformer-lm`: a transformer over characters.

Axes: B texts, T characters of a window, P characters before it, V characters there are, F numbers in the stream, K
heads, D numbers in a head.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, linear, pad, rms_norm

from pushpop.memory.shapes import expect, expect_size
from pushpop.models.blocks import Block, Seen, waves
from pushpop.models.language import LanguageModel, expect_texts
from pushpop.models.language_settings import TransformerSettings
from pushpop.models.precision import products
from pushpop.models.shapes import expect_state


class Context(NamedTuple):
    """The last characters of texts, as each block has seen them."""

    blocks: tuple[Seen, ...]  # keys and values [B, K, P, D]; P is at most `context` - 1
    held: Tensor | None  # [B] int64: how many of them a text has, at the end; None: all of them


class TransformerText(LanguageModel[Context]):
    """Each character sees itself and the `context` - 1 before it, in whatever windows the text is read.

    Keys are kept without their positions, which are counted anew from the oldest: so nothing grows with the text. What
    is left out while training is drawn number by number (Vaswani et al. 2017): of the embeddings, and of what each
    block adds to the stream.
    """

    def __init__(self, settings: TransformerSettings, vocabulary: int, seed: int) -> None:
        super().__init__()
        self.settings, self.vocabulary = settings, vocabulary
        width, generator = settings.hidden, torch.Generator().manual_seed(seed)

        def drawn(spread: float) -> nn.Parameter:
            return nn.Parameter(torch.empty(vocabulary, width).normal_(std=spread, generator=generator))

        self.embedding = drawn(width**-0.5 if settings.tied == "yes" else 1.0)
        self.blocks = nn.ModuleList(
            Block(width, settings.heads, settings.layers, generator) for _ in range(settings.layers)
        )
        self.norm = nn.Parameter(torch.ones(width))
        self.output = drawn(width**-0.5) if settings.tied == "no" else None

    @property
    def device(self) -> torch.device:
        return self.embedding.device

    def state(self, batch: int) -> Context:
        expect_size("state: batch", batch)
        none = self.embedding.new_empty(batch, self.settings.heads, 0, self.settings.hidden // self.settings.heads)
        return Context((Seen(none, none),) * self.settings.layers, None)

    def read(self, symbols: Tensor, state: Context | None = None) -> tuple[Tensor, Context]:
        expect_texts(symbols, self.vocabulary, self.device)
        state = self.state(len(symbols)) if state is None else state
        self._expect(state, len(symbols))
        scores = []
        for piece in symbols.split(self.settings.context, 1):  # so no more than `context` of them look at once
            with products(self.settings.precision, self.device):
                made, state = self._piece(piece, state)
            scores.append(made.to(self.embedding.dtype))
        return torch.cat(scores, 1), state

    def _piece(self, symbols: Tensor, state: Context) -> tuple[Tensor, Context]:
        places, before = symbols.shape[1], state.blocks[0].keys.shape[2]
        allowed = self._allowed(state, places, before)
        by = waves(before + places, self.settings.hidden // self.settings.heads, self.embedding)
        flow, blocks = self._dropped(embedding(symbols, self.embedding)), list[Seen]()
        for block, past in zip(self.blocks, state.blocks, strict=True):
            flow, seen = block(flow, past, by, allowed, before == 0, self._dropped)
            blocks.append(Seen(*(self._last(part).to(self.embedding.dtype) for part in seen)))
        held = None if state.held is None else (state.held + places).clamp(max=blocks[0].keys.shape[2])
        normed = rms_norm(flow, flow.shape[2:], self.norm)
        return linear(normed, self.embedding if self.output is None else self.output), Context(tuple(blocks), held)

    def _last(self, part: Tensor) -> Tensor:
        """Of [B, K, N, D] what the next window can see."""
        return part[:, :, max(0, part.shape[2] - (self.settings.context - 1)) :]

    def _allowed(self, state: Context, places: int, before: int) -> Tensor | None:
        """Who sees what, as a block takes it: `context` places up to its own, and none that a text does not have."""
        if state.held is None and (before == 0 or places == 1):
            return None
        looks = torch.arange(before, before + places, device=self.device)[:, None]
        seen = torch.arange(before + places, device=self.device)
        allowed = (seen <= looks) & (seen > looks - self.settings.context)
        if state.held is None:
            return allowed
        return allowed & (seen >= before - state.held[:, None])[:, None, None]

    def _dropped(self, flow: Tensor) -> Tensor:
        share = self.settings.dropout
        if not (self.training and share):
            return flow
        mask = torch.empty(flow.shape).bernoulli_(1 - share, generator=self.chance)
        return flow * (mask.to(flow) / (1 - share))

    def _expect(self, state: Context, texts: int) -> None:
        """ShapeError unless this is a state of this model, of so many texts."""
        expect_state(state, Context)
        heads = self.settings.heads
        shape = (texts, heads, state.blocks[0].keys.shape[2], self.settings.hidden // heads)
        for number, seen in enumerate(state.blocks):
            for part in seen:
                expect(f"state.blocks[{number}]", part, shape, self.embedding.dtype, self.device)
        if state.held is not None:
            expect("state.held", state.held, (texts,), torch.int64, self.device)

    def hold(self, old: Context, new: Context, active: Tensor) -> Context:
        before, now = old.blocks[0].keys.shape[2], new.blocks[0].keys.shape[2]
        rows = active[:, None, None, None]
        blocks = tuple(
            Seen(*(torch.where(rows, b, pad(a, (0, 0, now - before, 0))) for a, b in zip(was, seen, strict=True)))
            for was, seen in zip(old.blocks, new.blocks, strict=True)
        )
        if old.held is None and new.held is None and before == now:
            return Context(blocks, None)
        held, had = (
            torch.full_like(active, places, dtype=torch.int64) if one.held is None else one.held
            for one, places in ((new, now), (old, before))
        )
        return Context(blocks, torch.where(active, held, had))

    def carried(self, state: Context) -> Context:
        blocks = tuple(Seen(*(part.detach().clone() for part in seen)) for seen in state.blocks)
        full = state.held is None or bool((state.held == blocks[0].keys.shape[2]).all())  # a GPU is waited for
        return Context(blocks, None if full else state.held)

    def packed(self, state: Context) -> tuple[Tensor, ...]:
        return (*(part for seen in state.blocks for part in seen), *(() if state.held is None else (state.held,)))

    def unpacked(self, tensors: tuple[Tensor, ...]) -> Context:
        parts = tensors[: 2 * self.settings.layers]
        blocks = tuple(Seen(keys, values) for keys, values in zip(parts[::2], parts[1::2], strict=True))
        return Context(blocks, tensors[len(parts)] if len(tensors) > len(parts) else None)


def build(_kind: str, settings: TransformerSettings, vocabulary: int, seed: int) -> TransformerText:
    """A `transformer-lm`, whose first weights are drawn from a generator of its own, fixed by `seed`."""
    return TransformerText(settings, vocabulary, seed)
