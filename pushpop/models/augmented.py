"""A recurrent controller that works a memory; with a stack, queue or DeQue: `stack-lstm`, `queue-gru` and the like.

Axes: B words, T positions, M wanted positions, H hidden units, R numbers in a read, S symbols, O scores.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from pushpop.memory.shapes import expect, expect_size
from pushpop.models.contract import SequenceModel
from pushpop.models.controller import Controller
from pushpop.models.engines import Compiled
from pushpop.models.interface import LISTS, Action, Interface, ListInterface, draw
from pushpop.models.matrices import Matrix
from pushpop.models.noise import Noise
from pushpop.models.settings import ControllerSettings, Initialisation, MemorySettings
from pushpop.models.shapes import (
    expect_layers,
    expect_limits,
    expect_memory,
    expect_phases,
    expect_positions,
    expect_state,
    expect_symbol,
    expect_words,
)


class MemoryState(NamedTuple):
    """What a word has left behind."""

    layers: tuple[tuple[Tensor, ...], ...]  # of the controller: (h,), for an LSTM (h, c), each [B, H]
    read: Tensor  # [B, R]
    memory: Any  # what the interface makes: a Stack, Queue, DeQue or Superposition
    writing: Tensor  # [B] int64: 1 from the separator on

    @property
    def features(self) -> Tensor:
        """(h, r) [B, H + R] of the last step: what scores are taken from."""
        return torch.cat([self.layers[-1][0], self.read], 1)


class Watched(NamedTuple):
    """What one step did to the memory, and left of it."""

    action: Action[Any]
    read: Tensor  # [B, R]
    memory: Any


class MemoryModel(Compiled[MemoryState]):
    """Grefenstette et al. 2015, section 3.4: the controller sees the symbol and the last read, works the memory, reads.

    The scores are taken from h_t and, with `wiring = "direct"`, from the read r_t of the same step; with
    `output` > 0 through o_t = tanh(W_o [h_t; r_t] + b_o). Which memory it is, the interface alone knows. The whole
    unroll is one compiled call on a CPU (engine `fused`), and otherwise a loop of `step`.
    """

    interface: Any  # the memory's own; what computes with its weights knows which
    settings: Any  # the interface's

    def __init__(
        self,
        controller: str,
        interface: Interface[Any],
        settings: ControllerSettings,
        vocabulary: int,
        separator: int,
        seed: int,
        outputs: int | None = None,
    ) -> None:
        """The first weights of all parts, the interface's too, are drawn from one generator, fixed by `seed`.

        There are as many `outputs` as symbols, unless another number is given.
        """
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.settings, self.vocabulary, self.separator = settings, vocabulary, separator
        self._settle: Callable[[Action[Any]], Action[Any]] = _as_it_is
        self.controller = Controller(controller, settings, interface.reads, vocabulary, generator)
        self.interface = interface
        interface.draw(generator)
        width = settings.hidden + (interface.reads if settings.wiring == "direct" else 0)
        rule = settings.initialisation
        self.mix = _linear(width, settings.output, rule, generator) if settings.output else None
        self.output = _linear(settings.output or width, outputs or vocabulary, "xavier", generator)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.output.weight.device

    def state(self, batch: int) -> MemoryState:
        expect_size("state: batch", batch)
        memory = self.interface.empty(batch, "reference" if self.settings.engine == "reference" else "eager")
        writing = torch.zeros(batch, dtype=torch.int64, device=self.device)
        return MemoryState(self.controller.state(batch), self.interface.read(memory), memory, writing)

    def matrices(self) -> list[Matrix]:
        return self.controller.matrices()

    def shake(self, number: int, noise: float | None = None) -> None:
        spread = self.settings.noise if noise is None else noise
        if spread or self.controller.noise.spread:  # that of the last step
            generator = torch.Generator().manual_seed(number)
            for part in self.modules():
                if isinstance(part, Noise):
                    part.draw(generator, spread)

    def step(self, state: MemoryState, symbol: Tensor) -> tuple[MemoryState, Tensor]:
        self._expect(state, symbol)
        after, _ = self._advance(state, symbol, self.controller.table())
        return after, self.scores(after.features)

    def watch(
        self, state: MemoryState, symbol: Tensor, *, rounded: bool = False
    ) -> tuple[MemoryState, Tensor, Watched]:
        """`step`, and what it did to the memory; with `rounded`, wholly or not at all."""
        self._expect(state, symbol)
        model = self.rounding() if rounded else self
        after, action = model._advance(state, symbol, self.controller.table())
        return after, self.scores(after.features), Watched(action, after.read, after.memory)

    def _expect(self, state: MemoryState, symbol: Tensor) -> None:
        """ShapeError unless the state is this model's, and these are one symbol each for its words."""
        expect_state(state, MemoryState)
        expect_symbol(symbol, len(state.writing), self.device, self.vocabulary)
        self._expect_parts(state, len(symbol))

    def _expect_parts(self, state: MemoryState, words: int) -> None:
        expect("state.read", state.read, (words, self.interface.reads), self.output.weight.dtype, self.device)
        expect_memory(state.memory, self.interface.empty(words, "eager"))
        expect_layers(state.layers, self.controller.state(words))
        expect_phases(state.writing, words, self.device)

    def rounding(self) -> "MemoryModel":
        """This very model (the same weights), whose actions are done wholly or not at all; has no gradients there."""
        twin = copy.copy(self)
        twin._settle = _rounded
        twin.settings = replace(self.settings, engine="eager") if self.settings.engine != "reference" else self.settings
        return twin

    def _advance(self, state: MemoryState, symbol: Tensor, table: Tensor) -> tuple[MemoryState, Action[Any]]:
        """One step without the scores, given the symbols' `table` [2, S, G]."""
        writing = state.writing | (symbol == self.separator).long()
        layers = self.controller(state.layers, table[writing, symbol], state.read, writing)
        action = self._settle(self.interface(layers[-1][0], writing))
        memory = action.on(state.memory)
        return MemoryState(layers, self.interface.read(memory), memory, writing), action

    def scores(self, features: Tensor) -> Tensor:
        """Scores [..., O] from (h, r) [..., H + R] of the same step."""
        seen = features if self.settings.wiring == "direct" else features[..., : self.settings.hidden]
        return self.output(seen if self.mix is None else torch.tanh(self.mix(seen)))

    def hold(self, old: MemoryState, new: MemoryState, active: Tensor) -> MemoryState:
        rows = active[:, None]
        return MemoryState(
            layers=tuple(
                tuple(torch.where(rows, a, b) for a, b in zip(after, before, strict=True))
                for after, before in zip(new.layers, old.layers, strict=True)
            ),
            read=torch.where(rows, new.read, old.read),
            memory=new.memory.where(active, old.memory),
            writing=torch.where(active, new.writing, old.writing),
        )

    def unroll(self, symbols: Tensor, lengths: Tensor, state: MemoryState | None = None) -> tuple[Tensor, MemoryState]:
        expect_words(symbols, lengths, self.device, self.vocabulary)
        features, after = self.features(symbols, lengths, state)
        real = torch.arange(symbols.shape[1], device=self.device) < lengths[:, None]
        return self.scores(features).masked_fill(~real[:, :, None], 0.0), after

    def forward(self, symbols: Tensor, lengths: Tensor, positions: Tensor | None = None) -> Tensor:
        """As the contract says; the output layer is computed at `positions` alone: real ones, each once."""
        if positions is None:
            return self.unroll(symbols, lengths)[0]
        expect_words(symbols, lengths, self.device, self.vocabulary)
        expect_positions(positions, symbols)
        if self.fused():
            from pushpop.models.unrolled import wanted_features  # imports numba: only where it is used

            return self.scores(wanted_features(self, symbols, lengths, positions))
        features, _ = self.features(symbols, lengths, None)
        return self.scores(features.flatten(0, 1)[positions])

    def compiled_loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        from pushpop.models.graded import loss  # imports numba: only where it is used

        return loss(self, symbols, lengths, positions, targets)

    @torch.no_grad()
    def answer(self, prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool = False) -> Tensor:
        expect_words(prompts, lengths, self.device, self.vocabulary)
        expect_limits(limits, len(prompts), self.device)
        if self.fused():
            from pushpop.models.unrolled import answers

            return answers(self, prompts, lengths, limits, end, rounded)
        return SequenceModel.answer(self.rounding() if rounded else self, prompts, lengths, limits, end)

    def features(self, symbols: Tensor, lengths: Tensor, state: MemoryState | None) -> tuple[Tensor, MemoryState]:
        """(h, r) [B, T, H + R] at every position, and the state at each word's end."""
        state = self.state(len(symbols)) if state is None else state
        expect_state(state, MemoryState)
        self._expect_parts(state, len(symbols))
        if self.fused():
            from pushpop.models.unrolled import all_features

            return all_features(self, symbols, lengths, state)
        table = self.controller.table()
        features = []
        for t in range(symbols.shape[1]):
            after, _ = self._advance(state, symbols[:, t], table)
            state = self.hold(state, after, t < lengths)
            features.append(after.features)
        return torch.stack(features, 1), state


def _as_it_is(action: Action[Any]) -> Action[Any]:
    return action


def _rounded(action: Action[Any]) -> Action[Any]:
    return action.rounded()


def _linear(entering: int, leaving: int, rule: Initialisation, generator: torch.Generator) -> nn.Linear:
    """A linear map, bias 0 (built without torch's own draw from the global generator)."""
    layer = nn.Linear(entering, leaving, device="meta").to_empty(device="cpu")
    draw(layer.weight, rule, generator)
    nn.init.zeros_(layer.bias)
    return layer


def build(
    kind: str, settings: MemorySettings, vocabulary: int, separator: int, seed: int, outputs: int | None = None
) -> MemoryModel:
    """A model such as `queue-gru`, whose first weights are drawn from a generator of its own."""
    memory, controller = kind.split("-")
    return MemoryModel(
        controller, ListInterface(LISTS[memory], settings), settings, vocabulary, separator, seed, outputs
    )
