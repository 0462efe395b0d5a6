"""`rnn-lm`, `lstm-lm` and `gru-lm`: a recurrent net over characters, on torch's own layers.

Axes: B texts, T characters, V characters there are, E numbers a character becomes, H hidden units.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from pushpop.memory.shapes import expect_size
from pushpop.models.language import LanguageModel, expect_texts
from pushpop.models.language_settings import LanguageSettings
from pushpop.models.precision import products
from pushpop.models.recurrent import LAYERS
from pushpop.models.shapes import expect_layers, expect_state
from pushpop.models.shares import Shared, mean_of, spans

FEWEST = 8  # texts that are worth a thread
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")  # in the order of torch's functions
RUN: dict[str, Callable[..., tuple[Tensor, ...]]] = {"lstm": torch.lstm, "gru": torch.gru, "rnn": torch.rnn_tanh}
CELLS: dict[str, Callable[..., Any]] = {"lstm": torch.lstm_cell, "gru": torch.gru_cell, "rnn": torch.rnn_tanh_cell}


class TextState(NamedTuple):
    """What a text has left behind: of each layer (h,), for an LSTM (h, c), each [B, H]."""

    layers: tuple[tuple[Tensor, ...], ...]


class Left(NamedTuple):
    """What a window is read without: of each layer its outputs [1, B, H], and its recurrent weights [G, H]."""

    outputs: list[Tensor]
    weights: list[Tensor]

    def of(self, rows: slice) -> "Left":
        """The same, for some of the texts."""
        return Left([mask[:, rows] for mask in self.outputs], self.weights)


class RecurrentText(LanguageModel[TextState]):
    """Embedding, recurrent layers, scores; every text begins from a state of zeros.

    What training leaves out is drawn once a window, the same at every character: of each text, units of what goes on
    from a layer (Gal and Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural
    networks"); of all texts, weights from a layer's state to itself (Merity et al. 2018, "Regularizing and optimizing
    LSTM language models", section 2).
    """

    def __init__(self, kind: str, settings: LanguageSettings, vocabulary: int, seed: int) -> None:
        super().__init__()
        self.kind, self.settings, self.vocabulary = kind, settings, vocabulary
        self.embedding = nn.Parameter(torch.empty(vocabulary, settings.embedding))
        widths = [settings.embedding, *[settings.hidden] * (settings.layers - 1)]
        # Built without weights, since torch would draw them from the global generator.
        self.layers = nn.ModuleList(
            LAYERS[kind](width, settings.hidden, device="meta").to_empty(device="cpu") for width in widths
        )
        self.narrow = _linear(settings.hidden, settings.embedding) if self._narrows() else None
        self.output = _linear(settings.hidden, vocabulary) if settings.tied == "no" else None
        self.bias = nn.Parameter(torch.empty(vocabulary)) if settings.tied == "yes" else None
        self._draw(torch.Generator().manual_seed(seed))

    def _narrows(self) -> bool:
        return self.settings.tied == "yes" and self.settings.embedding != self.settings.hidden

    def _draw(self, generator: torch.Generator) -> None:
        """First weights, in the order of definition: embeddings normal (1 / sqrt(E) where they are the scores' too),
        layers uniform within 1 / sqrt(H) (torch's rule), maps Xavier uniform, their biases 0."""
        spread = 1.0 if self.settings.tied == "no" else self.settings.embedding**-0.5
        nn.init.normal_(self.embedding, std=spread, generator=generator)
        bound = self.settings.hidden**-0.5
        for weights in self.layers.parameters():
            nn.init.uniform_(weights, -bound, bound, generator=generator)
        for layer in (self.narrow, self.output):
            if layer is not None:
                nn.init.xavier_uniform_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    @property
    def device(self) -> torch.device:
        return self.embedding.device

    def state(self, batch: int) -> TextState:
        expect_size("state: batch", batch)
        zeros = self.embedding.new_zeros(batch, self.settings.hidden)
        return TextState(tuple((zeros,) * (2 if self.kind == "lstm" else 1) for _ in self.layers))

    def read(self, symbols: Tensor, state: TextState | None = None) -> tuple[Tensor, TextState]:
        return self._read(symbols, self._start(symbols, state), self._left_out(len(symbols)))

    def window_loss(
        self, symbols: Tensor, targets: Tensor, state: TextState | None = None
    ) -> tuple[Tensor, Tensor, TextState]:
        """As the contract says; on a CPU each thread of torch has texts of its own, gradients included."""
        state, left = self._start(symbols, state), self._left_out(len(symbols))
        parts = spans(len(symbols), torch.get_num_threads(), FEWEST) if self.device.type == "cpu" else []
        if len(parts) < 2 or not torch.is_grad_enabled():
            scores, after = self._read(symbols, state, left)
            return *_cost(scores, targets), after

        def part(rows: slice) -> Shared:
            before = TextState(tuple(tuple(each[rows] for each in layer) for layer in state.layers))
            scores, after = self._read(symbols[rows], before, left.of(rows))
            loss, right = _cost(scores, targets[rows])
            return Shared(loss, (right, self.carried(after)))

        loss, said = mean_of(part, parts, list(self.parameters()))
        layers = zip(*(after.layers for _, after in said), strict=True)
        joined = tuple(tuple(torch.cat(same) for same in zip(*layer, strict=True)) for layer in layers)
        return loss, torch.cat([right for right, _ in said]), TextState(joined)

    def _start(self, symbols: Tensor, state: TextState | None) -> TextState:
        """The state that these texts begin from, checked."""
        expect_texts(symbols, self.vocabulary, self.device)
        state = self.state(len(symbols)) if state is None else state
        expect_state(state, TextState)
        expect_layers(state.layers, self.state(len(symbols)).layers)
        return state

    def _left_out(self, texts: int) -> Left:
        """What a window of so many texts is read without; nothing, unless training."""
        if not self.training:
            return Left([], [])
        shape = (1, texts, self.settings.hidden)
        outputs = [self._mask(self.settings.dropout, shape) for _ in self.layers] if self.settings.dropout else []
        drop = self.settings.weight_drop
        weights = [cast("Tensor", layer.weight_hh_l0) for layer in self.layers] if drop else []
        return Left(outputs, [self._mask(drop, own.shape) for own in weights])

    def _mask(self, share: float, shape: tuple[int, ...]) -> Tensor:
        """Zeros, so great a share of them, and else what keeps the mean."""
        kept = torch.empty(shape).bernoulli_(1 - share, generator=self.chance)
        return (kept / (1 - share)).to(self.device)

    def _read(self, symbols: Tensor, state: TextState, left: Left) -> tuple[Tensor, TextState]:
        with products(self.settings.precision, self.device):
            flow, after = nn.functional.embedding(symbols.T, self.embedding), list[tuple[Tensor, ...]]()
            for number, before in enumerate(state.layers):
                start = tuple(part[None].to(flow.dtype) for part in before)
                flow, *ended = self._layer(number, flow, start, left)
                after.append(tuple(part[0].float() for part in ended))
                flow = flow * left.outputs[number].to(flow.dtype) if left.outputs else flow
            scores = self._scores(flow)
        return scores.float().transpose(0, 1), TextState(tuple(after))

    def _layer(self, number: int, flow: Tensor, start: tuple[Tensor, ...], left: Left) -> tuple[Tensor, ...]:
        """A layer over [T, B, E or H]: its outputs [T, B, H], and h, of an LSTM c too, after the last [1, B, H]."""
        layer = self.layers[number]
        weights = [getattr(layer, name) for name in NAMES]
        if left.weights:
            weights[1] = weights[1] * left.weights[number]
        if len(flow) == 1:  # torch.lstm packs its weights at every call: three times the work of one character
            ended = CELLS[self.kind](
                flow[0], [part[0] for part in start] if self.kind == "lstm" else start[0][0], *weights
            )
            after = [part[None] for part in (ended if self.kind == "lstm" else [ended])]
            return after[0], *after
        # With biases, one layer, no dropout of torch's own, gradients or none, one direction, time first.
        began = start if self.kind == "lstm" else start[0]
        return RUN[self.kind](flow, began, weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)

    def _scores(self, flow: Tensor) -> Tensor:
        if self.output is not None:
            return self.output(flow)
        return nn.functional.linear(flow if self.narrow is None else self.narrow(flow), self.embedding, self.bias)

    def hold(self, old: TextState, new: TextState, active: Tensor) -> TextState:
        pairs = (zip(after, before, strict=True) for after, before in zip(new.layers, old.layers, strict=True))
        return TextState(tuple(tuple(torch.where(active[:, None], a, b) for a, b in pair) for pair in pairs))

    def carried(self, state: TextState) -> TextState:
        return TextState(tuple(tuple(part.detach() for part in layer) for layer in state.layers))

    def packed(self, state: TextState) -> tuple[Tensor, ...]:
        return tuple(part for layer in state.layers for part in layer)

    def unpacked(self, tensors: tuple[Tensor, ...]) -> TextState:
        parts = len(tensors) // len(self.layers)
        return TextState(tuple(tensors[first : first + parts] for first in range(0, len(tensors), parts)))


def _cost(scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross entropy (nats), and which targets [B T] were the likeliest."""
    flat, wanted = scores.flatten(0, 1), targets.flatten()
    return nn.functional.cross_entropy(flat, wanted), flat.detach().argmax(1) == wanted


def _linear(entering: int, leaving: int) -> nn.Linear:
    return nn.Linear(entering, leaving, device="meta").to_empty(device="cpu")


def build(kind: str, settings: LanguageSettings, vocabulary: int, seed: int) -> RecurrentText:
    """An `lstm-lm` or the like, whose first weights are drawn from a generator of its own, fixed by `seed`."""
    return RecurrentText(kind.removesuffix("-lm"), settings, vocabulary, seed)
