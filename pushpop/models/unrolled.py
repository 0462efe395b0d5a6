"""A memory model's weights and state for the compiled unroll and answers, and their results back in the model's terms.

Axes: B words, T positions, M wanted positions, L layers, H hidden units, A hands of the memory, W width of a value,
V = A W, G rows of gates.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pushpop.kernels.answer import Question
from pushpop.kernels.answer import answer as answer_group
from pushpop.kernels.plan import deal
from pushpop.kernels.threads import each, workers
from pushpop.memory import Superposition
from pushpop.memory.cells import End
from pushpop.memory.fused import Unrolled, unroll
from pushpop.memory.layout import (
    Kind,
    Net,
    Start,
    Words,
    array,
    net_arrays,
    put_state,
    sizes_of,
    state_size,
)
from pushpop.memory.passes import shape_of
from pushpop.models.contract import NOTHING
from pushpop.models.controller import Controller
from pushpop.models.heads import Head, head, head_arrays
from pushpop.models.interface import LISTS

if TYPE_CHECKING:
    from pushpop.models.augmented import MemoryModel, MemoryState


def net(model: "MemoryModel") -> Net:
    """The weights, as the compiled unroll takes them."""
    interface, of_list = model.interface, model.interface.memory in LISTS.values()
    actions = interface.strength if of_list else interface.action
    return Net(*cells(model.controller), interface.value, interface.value_bias, actions, interface.biases())


def cells(controller: Controller) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The controller's part of a `Net`: table, hidden, read, upper, upper bias."""
    table, own, entering = controller.table(), list(controller.hidden), [controller.read, *controller.below]
    if controller.kind == "gru":
        first, second = zip(*controller.bias, strict=True)
        table = four(table, second[0][:, None].expand(len(table), table.shape[1], -1))
        biases = [four(a, b) for a, b in zip(first[1:], second[1:], strict=True)]
        own, entering = [four(torch.zeros_like(w), w) for w in own], [four(w, torch.zeros_like(w)) for w in entering]
    else:
        biases = [bias.sum(0) for bias in controller.bias[1:]]
    if len(own) == 1:
        phases, hidden, rows = own[0].shape
        return table, own[0], entering[0], table.new_empty(0, 2, phases, hidden, rows), table.new_empty(0, phases, rows)
    pairs = [torch.stack(pair) for pair in zip(own[1:], entering[1:], strict=True)]
    return table, own[0], entering[0], torch.stack(pairs), torch.stack(biases)


def four(entering: Tensor, held: Tensor) -> Tensor:
    """A GRU's three rows of gates [..., 3H], of what enters and of h, as the kernels' four [..., 4H]."""
    (reset, update, new), (own_reset, own_update, own_new) = entering.chunk(3, -1), held.chunk(3, -1)
    return torch.cat([reset + own_reset, update + own_update, new, own_new], -1)


def carried(model: "MemoryModel", state: "MemoryState") -> tuple[Tensor, Tensor]:
    """h [L, B, H] of all layers, and what their cells carry beside it: see `Start`."""
    h = torch.stack([layer[0] for layer in state.layers])
    if model.controller.kind == "lstm":
        return h, torch.stack([layer[1] for layer in state.layers])
    return h, h if model.controller.kind == "gru" else h[:, :, :0]


def kind_of(model: "MemoryModel", state: "MemoryState", memory: bool) -> Kind:
    """Which net it is."""
    cell, held, settings = model.controller.kind, state.memory, model.settings
    if not isinstance(held, Superposition):
        store = next(name for name, lists in LISTS.items() if isinstance(held, lists))
        return Kind(cell, store, model.separator, memory, margin=settings.margin)
    return Kind(
        cell, "superposition", model.separator, memory, held.stacks, settings.read_depth, settings.keep == "yes",
        settings.value, held.vacant,
    )  # fmt: skip


def start_of(model: "MemoryModel", state: "MemoryState") -> Start:
    """The state, as the compiled unroll takes it."""
    held, parts = state.memory, (*carried(model, state), state.read)
    if isinstance(held, Superposition):
        return Start(*parts, held.cells.flatten(2), held.cells.new_empty(held.batch, 0))
    return Start(*parts, held.values, held.strengths)


def memory_after(held: Any, made: Unrolled, longest: int) -> Any:
    """The memory at each word's end, of the kind that it was before so many symbols."""
    if isinstance(held, Superposition):
        return replace(held, cells=made.values.unflatten(2, (held.stacks, held.width)))
    below = held.cells.below + sum(longest for hand in held.hands if hand.put is End.OLD)
    return type(held).of(made.values, made.strengths, below=below)


def run(
    model: "MemoryModel", symbols: Tensor, lengths: Tensor, positions: Tensor, state: "MemoryState", memory: bool
) -> Unrolled:
    """The compiled unroll from `state`."""
    words = Words(symbols, state.writing, lengths, positions)
    return unroll(net(model), start_of(model, state), words, kind_of(model, state, memory))


def wanted_features(model: "MemoryModel", symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
    """(h, r) [M, H + V] at the wanted positions, from the state before the first symbol."""
    return run(model, symbols, lengths, positions, model.state(len(symbols)), memory=False).out


def all_features(
    model: "MemoryModel", symbols: Tensor, lengths: Tensor, state: "MemoryState"
) -> tuple[Tensor, "MemoryState"]:
    """(h, r) [B, T, H + V] at every position (0 past a word's end), and the state at each word's end."""
    words, longest = symbols.shape
    made = run(model, symbols, lengths, torch.arange(words * longest), state, memory=True)
    real = torch.arange(longest) < lengths[:, None]
    writing = state.writing | ((symbols == model.separator) & real).any(1).long()
    memory = memory_after(state.memory, made, longest)
    parts = zip(made.h, made.c, strict=True) if model.controller.kind == "lstm" else zip(made.h, strict=True)
    after = state._replace(layers=tuple(parts), read=made.r, memory=memory, writing=writing)
    return made.out.unflatten(0, (words, longest)), after


class Speaker(NamedTuple):
    """A net that answers, from a state."""

    kind: Kind
    net: Net
    start: Start
    head: Head
    symbols: int  # S


def answers(model: "MemoryModel", prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool) -> Tensor:
    """The compiled twin of `SequenceModel.answer`."""
    begin = model.state(len(prompts))
    kind = kind_of(model, begin, memory=False)
    speaker = Speaker(kind, net(model), start_of(model, begin), head(model.mix, model.output), model.vocabulary)
    return said(speaker, prompts, lengths, limits, end, rounded)


@torch.no_grad()
def said(speaker: Speaker, prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool) -> Tensor:
    """What it answers to each prompt: see `SequenceModel.answer`."""
    kind, weights, start, out, count = speaker
    sizes = sizes_of(weights, kind)
    h, c, r = map(array, start[:3])
    state, carry = (
        np.zeros(len(prompts) * state_size(sizes), h.dtype),
        np.zeros((sizes.layers, len(prompts), sizes.carried), h.dtype),
    )
    put_state(state, slice(None), h, r, sizes)
    if sizes.carried:
        carry[:, :, : c.shape[2]] = c
    answers = torch.full((len(prompts), int(limits.max())), NOTHING)
    symbols = torch.tensor([count, len(out.bias), kind.separator, end])
    question = Question(*map(array, (prompts, lengths, limits, answers, symbols)))
    arrays, map_ = net_arrays(weights, sizes, kind), head_arrays(out, sizes, start)
    shape = shape_of(kind, sizes, start)
    threads, speaking = workers(torch.get_num_threads()), limits.numpy() > 0
    shares = [hand[speaking[hand]] for hand in deal((lengths + limits).numpy(), threads)]
    each(
        lambda group: answer_group(
            (h.dtype, type(shape)), shares[group], sizes, arrays, map_, shape, state, carry.reshape(-1), question,
            rounded,
        ),
        len(shares), threads,
    )  # fmt: skip
    return answers
