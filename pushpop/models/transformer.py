"""`transformer`: a transformer over a word, the separator and the answer, which it writes symbol by symbol.

Axes: B words, T positions, P places seen before them, N = P + T, L symbols of an answer, V symbols there are, F numbers
in the stream, K heads, D numbers in a head, M wanted positions.
"""

import torch
from torch import Tensor
from torch.nn.functional import embedding, pad

from pushpop.models.blocks import Block, Seen, Waves, as_it_is, mixture, turned, waves
from pushpop.models.context import Attending, Context, without
from pushpop.models.contract import NOTHING, SequenceModel, no_memory
from pushpop.models.matrices import Matrix
from pushpop.models.precision import products
from pushpop.models.shapes import expect_limits, expect_positions, expect_state, expect_symbol, expect_words
from pushpop.models.transformer_settings import TransformerSettings

PLACES = 2**15  # of words and their answers, seen at once while answering: bounds memory


class Transformer(Attending, SequenceModel[Context]):
    """Each place sees itself and all before it, of the word as of the answer. Its state grows with what it has read."""

    def matrices(self) -> list[Matrix]:
        return [matrix for block in self._each() for matrix in block.matrices()]

    def step(self, state: Context, symbol: Tensor) -> tuple[Context, Tensor]:
        expect_state(state, Context)
        expect_symbol(symbol, len(state.blocks[0].keys), self.device, self.vocabulary)
        flow, after = self._read(symbol[:, None], None, state)
        return after, self.scores(flow)[:, 0]

    def unroll(self, symbols: Tensor, lengths: Tensor, state: Context | None = None) -> tuple[Tensor, Context]:
        expect_words(symbols, lengths, self.device, self.vocabulary)
        flow, after = self._read(symbols, lengths, self.state(len(symbols)) if state is None else state)
        real = torch.arange(symbols.shape[1], device=self.device) < lengths[:, None]
        return self.scores(flow).masked_fill(~real[:, :, None], 0.0), after

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor | None = None) -> Tensor:
        """As the contract says; scores are computed at `positions` alone: real ones, each once."""
        if positions is None:
            return self.unroll(symbols, lengths)[0]
        expect_words(symbols, lengths, self.device, self.vocabulary)
        expect_positions(positions, symbols)
        flow, _ = self._read(symbols, None, self.state(len(symbols)))
        return self.scores(flow.flatten(0, 1)[positions])

    @torch.no_grad()
    def answer(self, prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool = False) -> Tensor:
        """As the contract says: prompts are read in one go, and of each symbol said its keys and values are kept."""
        if rounded:
            raise no_memory(self, "rounded")
        expect_words(prompts, lengths, self.device, self.vocabulary)
        expect_limits(limits, len(prompts), self.device)
        longest = int(limits.max())
        some = max(1, PLACES // (prompts.shape[1] + longest))
        groups = zip(prompts.split(some), lengths.split(some), limits.split(some), strict=True)
        return torch.cat([self._answers(*group, longest, end) for group in groups])

    def _answers(self, prompts: Tensor, lengths: Tensor, limits: Tensor, longest: int, end: int) -> Tensor:
        """The answers [B, L] of words that are answered together."""
        by = waves(prompts.shape[1] + longest, self.width, self.embedding)
        flow, stores = self._stored(prompts, by)
        rows = torch.arange(len(prompts), device=self.device)
        said = self.scores(flow[rows, lengths - 1]).argmax(1)
        answers = torch.full((len(prompts), longest), NOTHING, device=self.device)
        going = limits > 0
        for place in range(longest):
            answers[:, place] = torch.where(going, said, NOTHING)
            going = going & (said != end) & (place + 1 < limits)
            if not going.any():
                break
            said = self._said(said, lengths + place, prompts.shape[1] + place + 1, stores, by)
        return answers

    def _stored(self, prompts: Tensor, by: Waves) -> tuple[Tensor, list[Seen]]:
        """The stream [B, T, F] of prompts read in one go, and for each block its keys, turned, and values, with room
        for those of the answers: [B, K, T + L, D]."""
        read, room = prompts.shape[1], len(by.cosines) - prompts.shape[1]
        turns, stores = Waves(by.cosines[:read], by.sines[:read]), list[Seen]()
        with products(self.settings.precision, self.device):
            flow = embedding(prompts, self.embedding)
            for block in self._each():
                queries, keys, values = block.looked(flow)
                keys = turned(keys, turns)
                flow = block.onward(flow, mixture(turned(queries, turns), keys, values, None, True))
                stores.append(Seen(*(pad(part.to(self.embedding), (0, 0, 0, room)) for part in (keys, values))))
        return flow, stores

    def _said(self, symbols: Tensor, places: Tensor, seen: int, stores: list[Seen], by: Waves) -> Tensor:
        """What follows symbols [B], each at a place of its own [B], all of them among the first `seen`; their keys and
        values are stored there. So what stands there past a prompt's end is never seen."""
        rows = torch.arange(len(symbols), device=self.device)
        turns = Waves(by.cosines[places][:, None, None], by.sines[places][:, None, None])
        allowed = (torch.arange(seen, device=self.device) <= places[:, None])[:, None, None]
        with products(self.settings.precision, self.device):
            flow = embedding(symbols[:, None], self.embedding)
            for block, store in zip(self._each(), stores, strict=True):
                queries, keys, values = block.looked(flow)
                store.keys[rows, :, places] = turned(keys, turns)[:, :, 0].to(store.keys)
                store.values[rows, :, places] = values[:, :, 0].to(store.values)
                mixed = mixture(
                    turned(queries, turns).to(store.keys),
                    store.keys[:, :, :seen],
                    store.values[:, :, :seen],
                    allowed,
                    False,
                )
                flow = block.onward(flow, mixed)
        return self.scores(flow)[:, 0].argmax(1)

    def _read(self, symbols: Tensor, lengths: Tensor | None, state: Context) -> tuple[Tensor, Context]:
        """The stream [B, T, F] after all blocks, and the state after each word's own last symbol (without `lengths`:
        after position T)."""
        self.expect(state, len(symbols))
        by = waves(state.places + symbols.shape[1], self.width, self.embedding)
        allowed = self._allowed(state, symbols.shape[1])
        with products(self.settings.precision, self.device):
            flow, blocks = embedding(symbols, self.embedding), list[Seen]()
            for block, before in zip(self.blocks, state.blocks, strict=True):
                flow, seen = block(flow, before, by, allowed, state.places == 0, as_it_is)
                blocks.append(Seen(*(part.to(self.embedding) for part in seen)))
        held = None if state.held is None else state.held + symbols.shape[1]
        after = Context(tuple(blocks), held)
        return flow.to(self.embedding), after if lengths is None else without(after, symbols.shape[1] - lengths)

    def _allowed(self, state: Context, places: int) -> Tensor | None:
        """Who sees what, as a block takes it: all up to its own place that its word has."""
        if state.held is None and (state.places == 0 or places == 1):
            return None
        seen = torch.arange(state.places + places, device=self.device)
        allowed = seen <= seen[state.places :, None]
        return allowed & (seen >= state.places - state.counts()[:, None])[:, None, None]

    def _each(self) -> list[Block]:
        """The blocks, for those who look at their types."""
        return [block for block in self.blocks if isinstance(block, Block)]


def build(_kind: str, settings: TransformerSettings, vocabulary: int, _separator: int, seed: int) -> Transformer:
    """A `transformer`, whose first weights are drawn from a generator of its own, fixed by `seed`."""
    return Transformer(settings, vocabulary, seed)
