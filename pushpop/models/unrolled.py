"""A stack-LSTM's weights and state in the layout of the compiled unroll, and its results back in the model's.

Axes: as in `pushpop.memory.fused`; S symbols.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad

from pushpop.kernels.answer import Head, Question
from pushpop.kernels.answer import answer as answer_group
from pushpop.kernels.plan import deal
from pushpop.kernels.threads import each
from pushpop.kernels.tape import Weights
from pushpop.kernels.vectors import PAD
from pushpop.models.contract import NOTHING
from pushpop.memory import Stack
from pushpop.memory.fused import Unrolled, content, filled, unroll

if TYPE_CHECKING:
    from pushpop.models.augmented import StackModel, StackState


def weights(model: "StackModel") -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Table [2 S, 4H], recurrent [P, K, 4H], interface [H, Q] and its bias [2, Q]; sizes filled up with zeros."""
    controller, interface = model.controller, model.interface
    high, wide = _room(model)
    recurrent = torch.cat([pad(controller.hidden[0], (0, 0, 0, high)), pad(controller.read, (0, 0, 0, wide))], 1)
    actions = torch.cat([pad(interface.value.t(), (0, wide, 0, high)), pad(interface.strength.t(), (0, PAD - 2, 0, high))], 1)
    strength_bias = pad(interface.strength_bias, (0, PAD - 2)).expand(2, -1)
    bias = torch.cat([pad(interface.value_bias, (0, wide)).expand(2, -1), strength_bias], 1)
    return _fill_gates(controller.table().flatten(0, 1), high), _fill_gates(recurrent, high), actions, bias


def _room(model: "StackModel") -> tuple[int, int]:
    """How many zeros fill the hidden units and the values up."""
    hidden, width = model.settings.hidden, model.settings.memory
    return filled(hidden) - hidden, filled(width) - width


def _fill_gates(rows: Tensor, high: int) -> Tensor:
    """[..., 4 gates side by side], each filled up by `high` zeros."""
    return pad(rows.unflatten(-1, (4, -1)), (0, high)).flatten(-2) if high else rows


def run(
    model: "StackModel", symbols: Tensor, lengths: Tensor, positions: Tensor, state: "StackState"
) -> Unrolled:
    """The compiled unroll from `state`."""
    hidden, cell = state.layers[0]
    high, wide = _room(model)
    x = torch.cat([pad(hidden, (0, high)), pad(state.read, (0, wide))], 1)
    writing = ((symbols == model.separator).cumsum(1) + state.writing[:, None]).clamp(max=1)
    token = symbols + writing * model.vocabulary
    memory = state.memory
    values = pad(memory.values, (0, wide))
    return unroll(*weights(model), x, pad(cell, (0, high)), values, memory.strengths, token, writing, lengths, positions)


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
    after = state._replace(layers=((h, made.last_c[:, : model.settings.hidden]),), read=r, memory=memory, writing=began)
    return hidden.unflatten(0, (words, longest)), read.unflatten(0, (words, longest)), after


def _split(model: "StackModel", mixed: Tensor) -> tuple[Tensor, Tensor]:
    hidden, width = model.settings.hidden, model.settings.memory
    return mixed[:, :hidden], mixed[:, filled(hidden) : filled(hidden) + width]


@torch.no_grad()
def answers(
    model: "StackModel", prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool
) -> Tensor:
    """The compiled twin of `SequenceModel.answer`."""
    state = model.state(len(prompts))
    (hidden, cell), (high, wide) = state.layers[0], _room(model)
    x = torch.cat([pad(hidden, (0, high)), pad(state.read, (0, wide))], 1)
    start, start_c = (part.contiguous().numpy() for part in (x, pad(cell, (0, high))))
    net = Weights(*(part.contiguous().numpy() for part in weights(model)))
    said = torch.full((len(prompts), int(limits.max())), NOTHING)
    symbols = torch.tensor([model.vocabulary, model.output.out_features, model.separator, end])
    question = Question(*(part.contiguous().numpy() for part in (prompts, lengths, limits, said, symbols)))
    head, threads = _head(model), torch.get_num_threads()
    speaking = limits.numpy() > 0
    hands = [hand[speaking[hand]] for hand in deal((lengths + limits).numpy(), threads)]
    kind = (net.table.dtype, head.mix.size > 0)
    each(lambda group: answer_group(kind, hands[group], net, head, start, start_c, question, rounded), len(hands), threads)
    return said


def _head(model: "StackModel") -> Head:
    """The output map over (h, r) with its sizes filled up; without the read where the wiring is delayed."""
    (high, wide), hidden = _room(model), model.settings.hidden
    first = (model.output if model.mix is None else model.mix).weight.t()
    blind = first.new_zeros(model.settings.memory + wide, first.shape[1])
    read = pad(first[hidden:], (0, 0, 0, wide)) if len(first) > hidden else blind
    seen = torch.cat([pad(first[:hidden], (0, 0, 0, high)), read])
    if model.mix is None:
        none = seen.new_zeros(0)
        parts = [none.view(0, 0), none, _columns(seen), _columns(model.output.bias)]
    else:
        scores = _columns(model.output.weight.t())
        room = filled(model.settings.output) - model.settings.output
        parts = [_columns(seen), _columns(model.mix.bias), pad(scores, (0, 0, 0, room)), _columns(model.output.bias)]
    return Head(*(part.contiguous().numpy() for part in parts))


def _columns(matrix: Tensor) -> Tensor:
    """The last axis filled up with zeros."""
    return pad(matrix, (0, filled(matrix.shape[-1]) - matrix.shape[-1]))
