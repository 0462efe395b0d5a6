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
    depth, gru = range(model.settings.layers), model.kind == "gru"
    own, entering = ([turned(model, f"weight_{side}_l{layer}") for layer in depth] for side in ("hh", "ih"))
    first, second = ([stacked(model, f"bias_{side}_l{layer}") for layer in depth] for side in ("ih", "hh"))
    table = entering[0]
    if model.embedding is not None:
        table = model.embedding.unflatten(0, (-1, model.vocabulary)) @ table
    table = table.reshape(-1, model.vocabulary, table.shape[2])
    if gru:
        table = four(table, torch.zeros_like(table))
        own, entering = [four(torch.zeros_like(w), w) for w in own], [four(w, torch.zeros_like(w)) for w in entering]
    biases = [four(a, b) if gru else a + b for a, b in zip(first, second, strict=True)]
    table, none = (table + biases[0][:, None]).expand(2, -1, -1), table.new_empty
    phases, hidden, rows = own[0].shape
    upper, upper_bias = none(0, 2, phases, hidden, rows), none(0, phases, rows)
    if len(own) > 1:
        upper = torch.stack([torch.stack(pair) for pair in zip(own[1:], entering[1:], strict=True)])
        upper_bias = torch.stack(biases[1:])
    nothing = none(phases, 0, rows), none(0, hidden), none(0), none(0, hidden), none(1, 0)
    return Net(table, own[0], nothing[0], upper, upper_bias, *nothing[1:])


def turned(model: "EncoderDecoder", name: str) -> Tensor:
    """A matrix of each phase's cell, transposed: [P, I or H, G]."""
    return torch.stack([getattr(cell, name).T for cell in model.cells])


def stacked(model: "EncoderDecoder", name: str) -> Tensor:
    """A bias of each phase's cell: [P, G]."""
    return torch.stack([getattr(cell, name) for cell in model.cells])


def kind_of(model: "EncoderDecoder") -> Kind:
    """Which net it is."""
    return Kind(model.kind, "none", model.separator, memory=False)


def start_of(model: "EncoderDecoder", state: "RecurrentState") -> Start:
    """The state, as the compiled unroll takes it."""
    h, c = (part.transpose(0, 1) for part in (state.layers[0], state.layers[-1]))
    words, none = h.shape[1], h.new_empty
    return Start(h, c[:, :, :0] if model.kind == "rnn" else c, none(words, 0), none(words, 0, 0), none(words, 0))


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
