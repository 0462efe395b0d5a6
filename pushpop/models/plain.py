"""`rnn`, `lstm` and `gru` on the compiled kernels: their weights and state as these take them, and the results back.

Axes: B words, T positions, M wanted positions, S symbols, I numbers a symbol becomes, L layers, H hidden units, G rows
of gates, P phases.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pushpop.memory.fused import Unrolled, unroll
from pushpop.memory.layout import Kind, Net, Start, Words
from pushpop.models import graded, unrolled
from pushpop.models.heads import head
from pushpop.models.unrolled import four

if TYPE_CHECKING:
    from pushpop.models.recurrent import EncoderDecoder, RecurrentState


def net(model: "EncoderDecoder") -> Net:
    """The weights, as the compiled unroll takes them."""
    layers, phases = model.settings.layers, len(model.cells)
    own, entering = torch.stack(turned(model, "hh", 0)), torch.stack(turned(model, "ih", 0))
    if model.embedding is not None:
        entering = model.embedding.unflatten(0, (-1, model.vocabulary)) @ entering
    table = entering.reshape(-1, model.vocabulary, own.shape[2]) + biases(model, 0)[:, None]
    above = [weights for layer in range(1, layers) for side in ("hh", "ih") for weights in turned(model, side, layer)]
    upper = one_layer(table, own)
    if above:  # stacked at once: they are copied, and they are most of the weights
        stacked = torch.stack(above).unflatten(0, (layers - 1, 2, phases))
        upper = stacked, torch.stack([biases(model, layer) for layer in range(1, layers)])
    return alone(table.expand(2, -1, -1), own, upper)


def alone(table: Tensor, own: Tensor, upper: tuple[Tensor, Tensor]) -> Net:
    """A net without a memory: what symbols add [2, S, G], its own weights [P, H, G], and those of the layers above."""
    none, (phases, hidden, rows) = table.new_empty, own.shape
    return Net(table, own, none(phases, 0, rows), *upper, none(0, hidden), none(0), none(0, hidden), none(1, 0))


def one_layer(table: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """The layers above where there are none."""
    phases, hidden, rows = own.shape
    return table.new_empty(0, 2, phases, hidden, rows), table.new_empty(0, phases, rows)


def turned(model: "EncoderDecoder", side: str, layer: int) -> list[Tensor]:
    """The matrix of each phase's cell, of its own h ("hh") or of what enters ("ih"), transposed: [H or I, G]."""
    made = [getattr(cell, f"weight_{side}_l{layer}").T for cell in model.cells]
    if model.kind != "gru":
        return made
    none = torch.zeros_like(made[0])
    return [four(none, weights) if side == "hh" else four(weights, none) for weights in made]


def biases(model: "EncoderDecoder", layer: int) -> Tensor:
    """Of each phase's cell: [P, G]."""
    pairs = [[getattr(cell, f"bias_{side}_l{layer}") for side in ("ih", "hh")] for cell in model.cells]
    return torch.stack([four(*pair) if model.kind == "gru" else pair[0] + pair[1] for pair in pairs])


def kind_of(model: "EncoderDecoder") -> Kind:
    """Which net it is."""
    return Kind(model.kind, "none", model.separator, memory=False)


def start_of(model: "EncoderDecoder", state: "RecurrentState") -> Start:
    """The state, as the compiled unroll takes it."""
    return start_alone(model.kind, *(part.transpose(0, 1) for part in (state.layers[0], state.layers[-1])))


def start_alone(kind: str, h: Tensor, c: Tensor) -> Start:
    """The same of any cell, from h and c [L, B, H]; an RNN has no c."""
    words, none = h.shape[1], h.new_empty
    return Start(h, c[:, :, :0] if kind == "rnn" else c, none(words, 0), none(words, 0, 0), none(words, 0))


def run(
    model: "EncoderDecoder", symbols: Tensor, lengths: Tensor, positions: Tensor, state: "RecurrentState"
) -> Unrolled:
    """The compiled unroll from `state`."""
    words = Words(symbols, state.writing.long(), lengths, positions)
    return unroll(net(model), start_of(model, state), words, kind_of(model))


def wanted(model: "EncoderDecoder", symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
    """h [M, H] of the top layer at the wanted positions, from the state before the first symbol."""
    return run(model, symbols, lengths, positions, model.state(len(symbols))).out


def everywhere(
    model: "EncoderDecoder", symbols: Tensor, lengths: Tensor, state: "RecurrentState"
) -> tuple[Tensor, "RecurrentState"]:
    """h [B, T, H] of the top layer (0 past a word's end), and the state at each word's end."""
    made = run(model, symbols, lengths, torch.arange(symbols.numel()), state)
    real = torch.arange(symbols.shape[1]) < lengths[:, None]
    parts = (made.h, made.c)[: len(state.layers)]
    writing = state.writing | ((symbols == model.separator) & real).any(1)
    return made.out.unflatten(0, symbols.shape), type(state)(tuple(part.transpose(0, 1) for part in parts), writing)


def loss(model: "EncoderDecoder", symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
    """The compiled twin of `SequenceModel.loss`."""
    state = model.state(len(symbols))
    words = Words(symbols, state.writing.long(), lengths, positions)
    return graded.graded(kind_of(model), words, targets, net(model), start_of(model, state), head(None, model.output))


def answers(model: "EncoderDecoder", prompts: Tensor, lengths: Tensor, limits: Tensor, end: int) -> Tensor:
    """The compiled twin of `SequenceModel.answer`."""
    start = start_of(model, model.state(len(prompts)))
    parts = unrolled.Speaker(kind_of(model), net(model), start, head(None, model.output), model.vocabulary)
    return unrolled.said(parts, prompts, lengths, limits, end, rounded=False)
