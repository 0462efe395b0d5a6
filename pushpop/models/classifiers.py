"""Recurrent nets that read a word and say its class at the end: one direction, or two with weights of their own.

Axes: B words, T positions, M wanted positions, E numbers a symbol becomes, H hidden units, O classes.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pushpop.memory.shapes import expect_size
from pushpop.models.cells import CELLS, Cell, Lstm
from pushpop.models.contract import SequenceModel
from pushpop.models.engines import fused
from pushpop.models.settings import ClassifierSettings, GatedSettings
from pushpop.models.shapes import expect_positions, expect_state, expect_symbol, expect_words

MOST_SYMBOLS = 2**20  # that are read backwards at once, without gradients
COMPILED = {"rnn": "rnn", "lstm": "lstm", "bilstm": "lstm"}  # cells that the kernels have; uva's are not theirs


class ClassifierState(NamedTuple):
    """What a word has left behind: `parts` [B, H] of the cell; for two directions also the symbols [B, T] so far."""

    parts: tuple[Tensor, ...]
    lengths: Tensor  # [B] symbols read
    symbols: Tensor  # [B, T], or [B, 0] where one direction needs none


class Classifier(SequenceModel[ClassifierState]):
    """p = W_ph h_T + b_p (equations 2 and 10), from the state a word leaves; after each symbol, of the word so far."""

    def __init__(self, kind: str, settings: ClassifierSettings, vocabulary: int, classes: int, seed: int) -> None:
        super().__init__()
        self.kind, self.settings, self.vocabulary = kind, settings, vocabulary
        self.embedding = nn.Parameter(torch.empty(vocabulary, settings.embedding))
        self.cells = nn.ModuleList(
            CELLS[kind](settings.embedding, settings.hidden) for _ in range(2 if kind == "bilstm" else 1)
        )
        self.output = nn.Linear(len(self.cells) * settings.hidden, classes, device="meta").to_empty(device="cpu")
        self._draw(torch.Generator().manual_seed(seed))

    @property
    def cell(self) -> Cell:
        """The cell that reads forwards."""
        cell = self.cells[0]
        assert isinstance(cell, Cell)
        return cell

    @property
    def two_ways(self) -> bool:
        """Whether a second cell reads backwards."""
        return len(self.cells) == 2

    def _draw(self, generator: torch.Generator) -> None:
        """First weights, in the order of definition, as the settings say; biases 0 but those of forget gates."""
        chosen = self.settings
        nn.init.normal_(self.embedding, std=chosen.spread, generator=generator)
        self.embedding.requires_grad_(chosen.trained == "yes")
        for name, weights in [*self.cells.named_parameters(), *self.output.named_parameters()]:
            if weights.ndim == 1:
                nn.init.zeros_(weights)
            else:
                _draw(weights, chosen, generator, recurrent=name.endswith("state"))
        if isinstance(chosen, GatedSettings):
            for cell in self.cells:
                assert isinstance(cell, Cell)
                at = cell.gates.index("f") * chosen.hidden
                nn.init.constant_(cell.bias[at : at + chosen.hidden], chosen.forget_bias)

    def state(self, batch: int) -> ClassifierState:
        expect_size("state: batch", batch)
        none = torch.zeros(batch, dtype=torch.int64, device=self.embedding.device)
        return ClassifierState(self.cell.start(batch), none, none.new_zeros(batch, 0))

    def step(self, state: ClassifierState, symbol: Tensor) -> tuple[ClassifierState, Tensor]:
        expect_state(state, ClassifierState)
        expect_symbol(symbol, len(state.lengths), self.embedding.device, self.vocabulary)
        parts = self.cell(self.cell.share(self.embedding[symbol]), state.parts)
        lengths, features, symbols = state.lengths + 1, parts[0], state.symbols
        if self.two_ways:
            symbols = nn.functional.pad(symbols, (0, max(0, int(lengths.max()) - symbols.shape[1])))
            symbols = symbols.scatter(1, state.lengths[:, None], symbol[:, None])
            features = torch.cat([features, self._turned(symbols, lengths)], 1)
        return ClassifierState(parts, lengths, symbols), self.output(features)

    def hold(self, old: ClassifierState, new: ClassifierState, active: Tensor) -> ClassifierState:
        rows = active[:, None]
        parts = tuple(torch.where(rows, a, b) for a, b in zip(new.parts, old.parts, strict=True))
        before = nn.functional.pad(old.symbols, (0, new.symbols.shape[1] - old.symbols.shape[1]))
        return ClassifierState(
            parts, torch.where(active, new.lengths, old.lengths), torch.where(rows, new.symbols, before)
        )

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor | None = None) -> Tensor:
        """As the contract says; one pass each way where only the words' ends are wanted, as in training."""
        if positions is None:
            return self.unroll(symbols, lengths)[0]
        expect_words(symbols, lengths, self.embedding.device, self.vocabulary)
        expect_positions(positions, symbols)
        features = self._read(self.cell, symbols, lengths, positions)
        if self.two_ways:  # read backwards from each wanted position: a word of its own that ends there
            rows, places = positions // symbols.shape[1], positions % symbols.shape[1]
            features = torch.cat([features, self._backwards(symbols, rows, places + 1)], 1)
        return self.output(features)

    def fused(self) -> bool:
        """Whether training runs on the compiled kernels: of the cells that they know, on a CPU."""
        return self.kind in COMPILED and fused("auto", self.output.weight)

    def _read(self, cell: Cell, symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
        """h [M, H] at flat positions of words [B, T]."""
        # Forward alone, torch's layers are as fast as the kernels on long words, and faster on short ones.
        if torch.is_grad_enabled() and self.fused():
            from pushpop.models.passed import passed  # imports numba: only where it is used

            return passed(COMPILED[self.kind], cell, cell.share(self.embedding), symbols, lengths, positions)
        return cell.through(nn.functional.embedding(symbols, self.embedding)).flatten(0, 1)[positions]

    def _backwards(self, symbols: Tensor, rows: Tensor, lengths: Tensor) -> Tensor:
        """What reading the first `lengths` [M] symbols of words `rows` [M] backwards leaves: [M, H].

        Without gradients in pieces, the shortest first: of a long word asked everywhere all together would fill memory.
        """
        fewest = MOST_SYMBOLS // symbols.shape[1]
        if torch.is_grad_enabled() or len(rows) <= fewest:
            return self._turned(symbols[rows], lengths)
        order = torch.argsort(lengths)
        found = [
            self._turned(symbols[rows[some], : int(lengths[some[-1]])], lengths[some])
            for some in order.split(max(1, fewest))
        ]
        return torch.cat(found)[torch.argsort(order)]

    def _turned(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """What reading words [B, T] from their ends leaves at their beginnings: [B, H]."""
        time = torch.arange(symbols.shape[1], device=symbols.device)
        turned = symbols.gather(1, (lengths[:, None] - 1 - time).clamp(min=0))
        cell = self.cells[1]
        assert isinstance(cell, Lstm)
        starts = torch.arange(len(symbols), device=symbols.device) * symbols.shape[1]
        return self._read(cell, turned, lengths, starts + lengths - 1)


def _draw(weights: Tensor, chosen: ClassifierSettings, generator: torch.Generator, recurrent: bool) -> None:
    """One matrix [rows, columns], or more on top of one another where each is square and orthogonal."""
    fan = weights.shape[1] if chosen.fan == "in" else chosen.hidden
    size = chosen.gain / fan**0.5
    if chosen.recurrent == "orthogonal" and recurrent:
        for block in weights.split(chosen.hidden):
            nn.init.orthogonal_(block, generator=generator)
    elif chosen.weights == "normal":
        nn.init.normal_(weights, std=size, generator=generator)
    else:
        nn.init.uniform_(weights, -size, size, generator=generator)


def build(kind: str, settings: ClassifierSettings, vocabulary: int, outputs: int, seed: int) -> Classifier:
    """Such as a `bilstm`, whose first weights are drawn from a generator of its own, fixed by `seed`."""
    return Classifier(kind, settings, vocabulary, outputs, seed)
