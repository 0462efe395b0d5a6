"""`rnn`, `lstm` and `gru`: an encoder-decoder without a memory, on torch's own layers or compiled kernels.

Axes: B words, T positions, M wanted positions, I numbers a symbol becomes, L layers, H hidden units, O scores.
"""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from pushpop.memory.shapes import expect, expect_size
from pushpop.models.contract import NOTHING, no_memory
from pushpop.models.controller import GATES
from pushpop.models.engines import Compiled
from pushpop.models.matrices import Matrix
from pushpop.models.settings import RecurrentSettings
from pushpop.models.shapes import (
    expect_limits,
    expect_positions,
    expect_state,
    expect_symbol,
    expect_words,
)

LAYERS: dict[str, type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentState(NamedTuple):
    """What a word has left behind: `layers` is (h,), for an LSTM (h, c), each [B, L, H]; `writing` [B] is its phase."""

    layers: tuple[Tensor, ...]
    writing: Tensor


class EncoderDecoder(Compiled[RecurrentState]):
    """Reads the word with one cell and writes the answer with another, or the same one, from the state of the first.

    The first symbol of the writing phase is the separator. A word's phase is part of its state.
    """

    def __init__(self, kind: str, settings: RecurrentSettings, vocabulary: int, separator: int, seed: int) -> None:
        super().__init__()
        self.kind, self.settings, self.vocabulary, self.separator = kind, settings, vocabulary, separator
        self.own_cells = settings.cells == "per-phase"
        # One-hot with a cell per phase has its columns per phase already: doubling them would leave half of them dead.
        self.own_symbols = settings.embeddings == "per-phase" and not (self.own_cells and settings.embedding == 0)
        known = vocabulary * (2 if self.own_symbols else 1)
        self.embedding = nn.Parameter(torch.empty(known, settings.embedding)) if settings.embedding else None
        self.width = settings.embedding or known
        sizes = (self.width, settings.hidden, settings.layers)
        # Built without weights, since torch would draw them from the global generator.
        self.cells = nn.ModuleList(
            LAYERS[kind](*sizes, batch_first=True, device="meta").to_empty(device="cpu")
            for _ in range(2 if self.own_cells else 1)
        )
        shape = (2 if kind == "lstm" else 1, settings.layers, settings.hidden)
        if settings.initial == "learned":
            self.initial = nn.Parameter(torch.empty(shape))
        else:
            self.register_buffer("initial", torch.zeros(shape), persistent=False)
        self.output = nn.Linear(settings.hidden, vocabulary, device="meta").to_empty(device="cpu")
        self._draw(torch.Generator().manual_seed(seed))

    def _draw(self, generator: torch.Generator) -> None:
        """First weights, in the order of definition: cells and initial state uniform within 1 / sqrt(H) (torch's rule),
        embeddings standard normal, the output layer Xavier uniform with biases 0."""
        if self.embedding is not None:
            nn.init.normal_(self.embedding, generator=generator)
        bound = self.settings.hidden**-0.5
        for weights in self.cells.parameters():
            nn.init.uniform_(weights, -bound, bound, generator=generator)
        if isinstance(self.initial, nn.Parameter):
            nn.init.uniform_(self.initial, -bound, bound, generator=generator)
        nn.init.xavier_uniform_(self.output.weight, generator=generator)
        nn.init.zeros_(self.output.bias)

    def matrices(self) -> list[Matrix]:
        """Gate by gate; the columns that one-hot symbols pick are embeddings, and in none."""
        named = [both for cell in self.cells for both in cell.named_parameters()]
        picked = "weight_ih_l0" if self.embedding is None else ""
        return [
            Matrix(weights, GATES[self.kind], along=-2)
            for name, weights in named if name.startswith("weight") and name != picked
        ]  # fmt: skip

    def state(self, batch: int) -> RecurrentState:
        expect_size("state: batch", batch)
        layers = tuple(part.expand(batch, *part.shape) for part in self.initial)
        return RecurrentState(layers, torch.zeros(batch, dtype=torch.bool, device=self.initial.device))

    def step(self, state: RecurrentState, symbol: Tensor) -> tuple[RecurrentState, Tensor]:
        expect_state(state, RecurrentState)
        expect_symbol(symbol, len(state.writing), self.initial.device, self.vocabulary)
        places, hidden, state = self._run(symbol[:, None], torch.ones_like(symbol), state)
        return state, self.output(hidden.index_select(0, places[:, 0]))

    def hold(self, old: RecurrentState, new: RecurrentState, active: Tensor) -> RecurrentState:
        layers = tuple(
            torch.where(active[:, None, None], after, before)
            for before, after in zip(old.layers, new.layers, strict=True)
        )
        return RecurrentState(layers, torch.where(active, new.writing, old.writing))

    def unroll(
        self, symbols: Tensor, lengths: Tensor, state: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        expect_words(symbols, lengths, self.initial.device, self.vocabulary)
        if self.fused():
            from pushpop.models.plain import everywhere  # imports numba: only where it is used

            state = self.state(len(symbols)) if state is None else state
            self._expect_state(state, len(symbols))
            hidden, state = everywhere(self, symbols, lengths, state)
        else:
            places, rows, state = self._run(symbols, lengths, state)
            hidden = rows.index_select(0, places.flatten()).unflatten(0, symbols.shape)
        scores = self.output(hidden)
        return scores.masked_fill(~_real(symbols, lengths)[:, :, None], 0.0), state

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor | None = None) -> Tensor:
        """As the contract says; the output layer is computed at `positions` alone: real ones, each once."""
        if positions is None:
            return self.unroll(symbols, lengths)[0]
        expect_words(symbols, lengths, self.initial.device, self.vocabulary)
        expect_positions(positions, symbols)
        if self.fused():
            from pushpop.models.plain import wanted

            return self.output(wanted(self, symbols, lengths, positions))
        places, hidden, _ = self._run(symbols, lengths, None)
        return self.output(hidden.index_select(0, places.flatten()[positions]))

    def compiled_loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        from pushpop.models.plain import loss  # imports numba: only where it is used

        return loss(self, symbols, lengths, positions, targets)

    @torch.no_grad()
    def answer(self, prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool = False) -> Tensor:
        """As the contract says: prompts are read in one go, and a word whose answer is finished is computed no more."""
        if rounded:
            raise no_memory(self, "rounded")
        expect_words(prompts, lengths, self.initial.device, self.vocabulary)
        expect_limits(limits, len(prompts), self.initial.device)
        if self.fused():
            from pushpop.models.plain import answers

            return answers(self, prompts, lengths, limits, end)
        places, hidden, state = self._run(prompts, lengths, None)
        last = places.gather(1, lengths[:, None] - 1).squeeze(1)
        said = self.output(hidden.index_select(0, last)).argmax(1)
        said_all = torch.full((len(prompts), int(limits.max())), NOTHING, device=prompts.device)
        rows = torch.arange(len(prompts), device=prompts.device)
        going = limits > 0
        for place in range(said_all.shape[1]):
            rows, said = rows[going], said[going]
            state = RecurrentState(tuple(part[going] for part in state.layers), state.writing[going])
            said_all[rows, place] = said
            going = (said != end) & (place + 1 < limits[rows])
            if not going.any():
                break
            state, scores = self.step(state, said)
            said = scores.argmax(1)
        return said_all

    def _run(
        self, symbols: Tensor, lengths: Tensor, state: RecurrentState | None
    ) -> tuple[Tensor, Tensor, RecurrentState]:
        """The top layer's outputs as rows of one table, the row [B, T] of each position, and the state at the end."""
        state = self.state(len(symbols)) if state is None else state
        self._expect_state(state, len(symbols))
        writing = state.writing[:, None] | ((symbols == self.separator).cumsum(1) > 0)
        inputs = self._numbers(symbols, writing)
        time = torch.arange(symbols.shape[1], device=symbols.device)
        real = _real(symbols, lengths)
        layers = state.layers
        if not self.own_cells:
            hidden, layers = _advance(self.cells[0], inputs, lengths, layers)
            places = time.expand(symbols.shape)
        else:
            read = (real & ~writing).sum(1)
            first, layers = _advance(self.cells[0], inputs[:, : int(read.max())], read, layers)
            # Each word's writing phase is moved to the left, so that one call serves all of them.
            aligned = (read[:, None] + time[: int((lengths - read).max())]).clamp(max=symbols.shape[1] - 1)
            moved = inputs.take_along_dim(aligned[:, :, None], 1)
            second, layers = _advance(self.cells[1], moved, lengths - read, layers)
            hidden = torch.cat([first, second], 1)
            places = torch.where(writing, first.shape[1] + time - read[:, None], time)
        rows = torch.arange(len(symbols), device=symbols.device)[:, None] * hidden.shape[1]
        places = torch.where(real, rows + places, 0)
        return places, hidden.flatten(0, 1), RecurrentState(layers, (writing & real).any(1) | state.writing)

    def _expect_state(self, state: RecurrentState, words: int) -> None:
        """ShapeError unless the state is this model's, of that many words."""
        expect_state(state, RecurrentState)
        for part in state.layers:
            shape = (words, *self.initial.shape[1:])
            expect("state.layers", part, shape, self.output.weight.dtype, self.initial.device)

    def _numbers(self, symbols: Tensor, writing: Tensor) -> Tensor:
        """What the cells see of symbols [B, T]: [B, T, I]."""
        index = symbols + self.vocabulary * writing if self.own_symbols else symbols
        if self.embedding is None:
            return one_hot(index, self.width).to(self.output.weight.dtype)
        return nn.functional.embedding(index, self.embedding)


def _real(symbols: Tensor, lengths: Tensor) -> Tensor:
    """Which positions [B, T] are a word's own, not padding."""
    return torch.arange(symbols.shape[1], device=symbols.device) < lengths[:, None]


def _advance(
    cell: nn.Module, inputs: Tensor, lengths: Tensor, layers: tuple[Tensor, ...]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run torch's layer over the first `lengths` [B] of inputs [B, T, I]: outputs [B, T, H], and the last states.

    Words of length 0 keep their state. One call for each stretch of time in which no word ends, over those still
    running. (Packed sequences do the same; their backward pass fills an array of all positions with 0 at every step.)
    """
    falling, order = lengths.sort(descending=True)
    ends = sorted({0, *falling.tolist()})
    start = [part[order].transpose(0, 1).contiguous() for part in layers]
    state, outputs, ended = start, list[Tensor](), list[list[Tensor]]()
    stretches = inputs[order, : ends[-1]].split([last - first for first, last in pairwise(ends)], 1)
    for first, stretch in zip(ends, stretches, strict=False):
        running = int((falling > first).sum())
        ended.append([part[:, running:] for part in state])
        state = [part[:, :running].contiguous() for part in state]
        out, after = cell(stretch[:running], tuple(state) if len(state) > 1 else state[0])
        state = list(after) if isinstance(after, tuple) else [after]
        outputs.append(nn.functional.pad(out, (0, 0, 0, 0, 0, len(falling) - running)))
    ended.append(state)
    back = order.argsort()
    last = tuple(torch.cat(parts[::-1], 1).transpose(0, 1)[back] for parts in zip(*ended, strict=True))
    if not outputs:
        return inputs.new_zeros(*inputs.shape[:2], layers[0].shape[-1]), last
    run = torch.cat(outputs, 1)[back]
    return nn.functional.pad(run, (0, 0, 0, inputs.shape[1] - run.shape[1])), last


def build(kind: str, settings: RecurrentSettings, vocabulary: int, separator: int, seed: int) -> EncoderDecoder:
    """An `rnn`, `lstm` or `gru` whose first weights are drawn from a generator of its own, fixed by `seed`."""
    return EncoderDecoder(kind, settings, vocabulary, separator, seed)
