"""`transformer-lm`: a transformer over characters.

Axes: B texts, T characters of a window, P characters before it, V characters there are, F numbers in the stream, K
heads, D numbers in a head.
"""

import torch
from torch import Tensor
from torch.nn.functional import embedding

from pushpop.models.blocks import Seen, waves
from pushpop.models.context import Attending, Context
from pushpop.models.language import LanguageModel, expect_texts
from pushpop.models.precision import products
from pushpop.models.transformer_settings import TransformerLanguageSettings


class TransformerText(Attending, LanguageModel[Context]):
    """Each character sees itself and the `context` - 1 before it, in whatever windows the text is read.

    Keys are kept without their positions, which are counted anew from the oldest: so nothing grows with the text. What
    is left out while training is drawn number by number (Vaswani et al. 2017): of the embeddings, and of what each
    block adds to the stream.
    """

    def read(self, symbols: Tensor, state: Context | None = None) -> tuple[Tensor, Context]:
        expect_texts(symbols, self.vocabulary, self.device)
        state = self.state(len(symbols)) if state is None else state
        self.expect(state, len(symbols))
        scores = []
        for piece in symbols.split(self.settings.context, 1):  # so no more than `context` of them look at once
            with products(self.settings.precision, self.device):
                made, state = self._piece(piece, state)
            scores.append(made.to(self.embedding.dtype))
        return torch.cat(scores, 1), state

    def _piece(self, symbols: Tensor, state: Context) -> tuple[Tensor, Context]:
        places, before = symbols.shape[1], state.places
        allowed = self._allowed(state, places, before)
        by = waves(before + places, self.width, self.embedding)
        flow, blocks = self._dropped(embedding(symbols, self.embedding)), list[Seen]()
        for block, past in zip(self.blocks, state.blocks, strict=True):
            flow, seen = block(flow, past, by, allowed, before == 0, self._dropped)
            blocks.append(Seen(*(self._last(part).to(self.embedding.dtype) for part in seen)))
        held = None if state.held is None else (state.held + places).clamp(max=blocks[0].keys.shape[2])
        return self.scores(flow), Context(tuple(blocks), held)

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

    def carried(self, state: Context) -> Context:
        blocks = tuple(Seen(*(part.detach().clone() for part in seen)) for seen in state.blocks)
        full = state.held is None or bool((state.held == state.places).all())  # a GPU is waited for
        return Context(blocks, None if full else state.held)

    def packed(self, state: Context) -> tuple[Tensor, ...]:
        return (*(part for seen in state.blocks for part in seen), *(() if state.held is None else (state.held,)))

    def unpacked(self, tensors: tuple[Tensor, ...]) -> Context:
        parts = tensors[: 2 * self.settings.layers]
        blocks = tuple(Seen(keys, values) for keys, values in zip(parts[::2], parts[1::2], strict=True))
        return Context(blocks, tensors[len(parts)] if len(tensors) > len(parts) else None)


def build(_kind: str, settings: TransformerLanguageSettings, vocabulary: int, seed: int) -> TransformerText:
    """A `transformer-lm`, whose first weights are drawn from a generator of its own, fixed by `seed`."""
    return TransformerText(settings, vocabulary, seed)
