"""A stack-LSTM's weights and state in the layout of the compiled unroll, and its results back in the model's.

Axes: as in `pushpop.memory.fused`; S symbols.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad

from pushpop.kernels.matmul import PAD
from pushpop.memory import Stack
from pushpop.memory.fused import Unrolled, content, filled, unroll

if TYPE_CHECKING:
    from pushpop.models.augmented import StackModel, StackState


def weights(model: "StackModel") -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Table [2 S, 4H'], recurrent [P, K, 4H], interface [H, Q] and its bias [2, Q]."""
    controller, interface = model.controller, model.interface
    width = model.settings.memory
    room = filled(width) - width
    table = controller.table().flatten(0, 1)
    recurrent = torch.cat([controller.hidden[0], pad(controller.read, (0, 0, 0, room))], 1)
    actions = torch.cat([pad(interface.value.t(), (0, room)), pad(interface.strength.t(), (0, PAD - 2))], 1)
    strength_bias = pad(interface.strength_bias, (0, PAD - 2)).expand(2, -1)
    bias = torch.cat([pad(interface.value_bias, (0, room)).expand(2, -1), strength_bias], 1)
    return pad(table, (0, filled(table.shape[1]) - table.shape[1])), recurrent, actions, bias


def run(
    model: "StackModel", symbols: Tensor, lengths: Tensor, positions: Tensor, state: "StackState"
) -> Unrolled:
    """The compiled unroll from `state`."""
    hidden, cell = state.layers[0]
    width = model.settings.memory
    x = torch.cat([hidden, pad(state.read, (0, filled(width) - width))], 1)
    writing = ((symbols == model.separator).cumsum(1) + state.writing[:, None]).clamp(max=1)
    token = symbols + writing * model.vocabulary
    memory = state.memory
    return unroll(*weights(model), x, cell, memory.values, memory.strengths, token, writing, lengths, positions)


def wanted_features(
    model: "StackModel", symbols: Tensor, lengths: Tensor, positions: Tensor
) -> tuple[Tensor, Tensor]:
    """h [M, H] and r [M, W] at the wanted positions, from the state before the first symbol."""
    made = run(model, symbols, lengths, positions, model.state(len(symbols)))
    return _split(model, made.out)


def all_features(
    model: "StackModel", symbols: Tensor, lengths: Tensor, state: "StackState"
) -> tuple[Tensor, Tensor, "StackState"]:
    """h [B, T, H] and r [B, T, W] at every position (0 past a word's end), and the state at each word's end."""
    words, longest = symbols.shape
    everywhere = torch.arange(words * longest)
    made = run(model, symbols, lengths, everywhere, state)
    hidden, read = _split(model, made.out)
    h, r = _split(model, made.last)
    began = state.writing | ((symbols == model.separator) & (torch.arange(longest) < lengths[:, None])).any(1).long()
    memory = Stack.of(*content(made, len(state.memory), longest, model.settings.memory))
    after = state._replace(layers=((h, made.last_c),), read=r, memory=memory, writing=began)
    return hidden.unflatten(0, (words, longest)), read.unflatten(0, (words, longest)), after


def _split(model: "StackModel", mixed: Tensor) -> tuple[Tensor, Tensor]:
    hidden, width = model.settings.hidden, model.settings.memory
    return mixed[:, :hidden], mixed[:, hidden : hidden + width]
