"""The recurrent cell that works a memory: Elman RNN, LSTM or GRU, in layers, with the read as a second input.

Axes: B words, S symbols, X numbers a symbol becomes, H hidden units, R numbers in a read, G rows of gates (H, 4H, 3H).
Gates are in torch's order. A cell has one set of weights, or one for each phase.
"""

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError
from pushpop.models.matrices import Matrix
from pushpop.models.noise import Noise
from pushpop.models.settings import ControllerSettings

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


class Controller(nn.Module):
    """Layers of cells; the first sees the symbol and the last read, an upper one sees the layer below."""

    def __init__(
        self, kind: str, settings: ControllerSettings, reads: int, vocabulary: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.kind, self.settings = kind, settings
        hidden, rows = settings.hidden, GATES[kind] * settings.hidden
        phases = 2 if settings.cells == "per-phase" else 1
        books = 2 if settings.embeddings == "per-phase" or (not settings.embedding and phases == 2) else 1
        bound = hidden**-0.5

        def drawn(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(shape).uniform_(-bound, bound, generator=generator))

        if settings.embedding:
            self.embedding = nn.Parameter(torch.empty(books, vocabulary, settings.embedding))
            nn.init.normal_(self.embedding, std=settings.spread, generator=generator)
            self.symbol = drawn(phases, settings.embedding, rows)
        else:  # one-hot: a symbol picks its row
            self.register_parameter("embedding", None)
            self.symbol = drawn(books, vocabulary, rows)
        self.read = drawn(phases, reads, rows)
        self.below = nn.ParameterList(drawn(phases, hidden, rows) for _ in range(settings.layers - 1))
        self.hidden = nn.ParameterList(drawn(phases, hidden, rows) for _ in range(settings.layers))
        # GRU: the second vector belongs to the hidden side, inside the reset gate's product; elsewhere both just add
        biases = 2 if kind == "gru" else settings.cell_biases
        self.bias = nn.ParameterList(drawn(biases, phases, rows) for _ in range(settings.layers))
        if settings.forget_bias:
            self._forget(settings.forget_bias)
        self.noise = Noise(settings.noise, 2, 1, rows)
        shape = (2 if kind == "lstm" else 1, settings.layers, hidden)
        if settings.initial == "learned":
            self.initial = drawn(*shape)
        else:
            self.register_buffer("initial", torch.zeros(shape), persistent=False)

    @torch.no_grad()
    def _forget(self, bias: float) -> None:
        """Add to the first biases of the gates that keep the state. ConfigError where there are none."""
        if self.kind == "rnn":
            rule = "cells of rnn have no gate that keeps their state"
            raise ConfigError(f"model.forget_bias: {bias:g}: {rule}; give 0, or a controller of LSTM or GRU cells")
        hidden = self.settings.hidden
        for layer in self.bias:  # the second rows of both: an LSTM's forget gate, a GRU's update gate
            layer[0, :, hidden : 2 * hidden] += bias

    def matrices(self) -> list[Matrix]:
        """Gate by gate; a one-hot symbol's row is an embedding, and in none."""
        symbol = () if self.embedding is None else (self.symbol,)
        return [Matrix(each, GATES[self.kind]) for each in (*symbol, self.read, *self.below, *self.hidden)]

    def table(self) -> Tensor:
        """What each symbol adds to the first layer's gates, biases on its side included: [2, S, G], by phase."""
        bias = self.bias[0][0] if self.kind == "gru" or len(self.bias[0]) == 1 else self.bias[0].sum(0)
        if self.embedding is None:
            table = self.symbol + bias[:, None]
        elif len(bias) == 1:  # one product: a batched one is slower, most of all backward
            table = torch.addmm(bias[0], self.embedding.flatten(0, 1), self.symbol[0])
            table = table.unflatten(0, self.embedding.shape[:2])
        else:
            table = self.embedding @ self.symbol + bias[:, None]
        return self.noise(table.expand(2, -1, -1))

    def state(self, batch: int) -> tuple[tuple[Tensor, ...], ...]:
        """Before the first symbol: for each layer (h,), for an LSTM (h, c), each [B, H]."""
        return tuple(
            tuple(part[layer].expand(batch, -1) for part in self.initial) for layer in range(self.settings.layers)
        )

    def forward(
        self, layers: tuple[tuple[Tensor, ...], ...], inputs: Tensor, read: Tensor, writing: Tensor
    ) -> tuple[tuple[Tensor, ...], ...]:
        """One step: `inputs` [B, G] are the symbols' rows of the table, `read` [B, R], `writing` [B] the phase."""
        entering = inputs + by_phase(read, self.read, writing)
        after = []
        for layer, state in enumerate(layers):
            if layer:
                bias = self.bias[layer][0] if self.kind == "gru" else self.bias[layer].sum(0)
                entering = by_phase(after[-1][0], self.below[layer - 1], writing) + pick(bias, writing)
            recurrent = by_phase(state[0], self.hidden[layer], writing)
            if self.kind == "gru":
                recurrent = recurrent + pick(self.bias[layer][1], writing)
            after.append(CELLS[self.kind](entering, recurrent, state))
        return tuple(after)


def by_phase(given: Tensor, weights: Tensor, writing: Tensor) -> Tensor:
    """given [B, I] @ weights [1 or 2, I, G], each word with its own phase's."""
    if len(weights) == 1:
        return given @ weights[0]
    return torch.where(writing[:, None] > 0, given @ weights[1], given @ weights[0])


def pick(bias: Tensor, writing: Tensor) -> Tensor:
    """bias [1 or 2, G] of each word's phase: [B, G] or [1, G]."""
    return bias if len(bias) == 1 else bias[writing]


def rnn_cell(entering: Tensor, recurrent: Tensor, _: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """h' = tanh(x + W h)."""
    return (torch.tanh(entering + recurrent),)


def lstm_cell(entering: Tensor, recurrent: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """c' = f c + i g, h' = o tanh(c')."""
    i, f, g, o = (entering + recurrent).chunk(4, 1)
    cell = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


def gru_cell(entering: Tensor, recurrent: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """h' = (1 - z) n + z h, n = tanh(x + r (W h + b))."""
    (xr, xz, xn), (hr, hz, hn) = entering.chunk(3, 1), recurrent.chunk(3, 1)
    update = torch.sigmoid(xz + hz)
    new = torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
    return ((1 - update) * new + update * state[0],)


CELLS = {"rnn": rnn_cell, "lstm": lstm_cell, "gru": gru_cell}
