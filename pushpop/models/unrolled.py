"""A stack-LSTM's weights and state for the compiled unroll and answers, and their results back in the model's terms.

Axes: B words, T positions, M wanted positions, H hidden units, W width of a value.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad

from pushpop.kernels.answer import Head, Question
from pushpop.kernels.answer import answer as answer_group
from pushpop.kernels.plan import deal
from pushpop.kernels.threads import each
from pushpop.memory import Stack
from pushpop.memory.fused import Unrolled, unroll
from pushpop.memory.layout import Net, Start, Words, array, filled, join, net_arrays
from pushpop.models.contract import NOTHING

if TYPE_CHECKING:
    from pushpop.models.augmented import MemoryModel, MemoryState


def net(model: "MemoryModel") -> Net:
    """The weights, as the compiled unroll takes them."""
    controller, interface = model.controller, model.interface
    return Net(
        controller.table(), controller.hidden[0], controller.read,
        interface.value, interface.value_bias, interface.strength, interface.strength_bias,
    )  # fmt: skip


def run(
    model: "MemoryModel", symbols: Tensor, lengths: Tensor, positions: Tensor, state: "MemoryState", memory: bool
) -> Unrolled:
    """The compiled unroll from `state`."""
    (h, c), held = state.layers[0], state.memory
    start = Start(h, c, state.read, held.values, held.strengths)
    words = Words(symbols, state.writing, lengths, positions, model.separator, memory)
    return unroll(net(model), start, words)


def wanted_features(model: "MemoryModel", symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
    """(h, r) [M, H + W] at the wanted positions, from the state before the first symbol."""
    return run(model, symbols, lengths, positions, model.state(len(symbols)), memory=False).out


def all_features(
    model: "MemoryModel", symbols: Tensor, lengths: Tensor, state: "MemoryState"
) -> tuple[Tensor, "MemoryState"]:
    """(h, r) [B, T, H + W] at every position (0 past a word's end), and the state at each word's end."""
    words, longest = symbols.shape
    made = run(model, symbols, lengths, torch.arange(words * longest), state, memory=True)
    real = torch.arange(longest) < lengths[:, None]
    writing = state.writing | ((symbols == model.separator) & real).any(1).long()
    h, r = made.last.split([model.settings.hidden, model.settings.memory], 1)
    memory = Stack.of(made.values, made.strengths)
    after = state._replace(layers=((h, made.last_c),), read=r, memory=memory, writing=writing)
    return made.out.unflatten(0, (words, longest)), after


@torch.no_grad()
def answers(model: "MemoryModel", prompts: Tensor, lengths: Tensor, limits: Tensor, end: int, rounded: bool) -> Tensor:
    """The compiled twin of `SequenceModel.answer`."""
    (hidden, cell), weights = model.state(len(prompts)).layers[0], net_arrays(net(model))
    high, wide = len(weights.interface), weights.recurrent.shape[1] - len(weights.interface)
    x = join(array(hidden), array(hidden[:, :0]), high, wide)
    c = join(array(cell), array(cell[:, :0]), high, 0)
    said = torch.full((len(prompts), int(limits.max())), NOTHING)
    symbols = torch.tensor([model.vocabulary, model.output.out_features, model.separator, end])
    question = Question(*map(array, (prompts, lengths, limits, said, symbols)))
    head, threads = _head(model), torch.get_num_threads()
    speaking = limits.numpy() > 0
    hands = [hand[speaking[hand]] for hand in deal((lengths + limits).numpy(), threads)]
    each(lambda group: answer_group(x.dtype, hands[group], weights, head, x, c, question, rounded), len(hands), threads)
    return said


def _head(model: "MemoryModel") -> Head:
    """The output map over (h, r) with its sizes filled up; without the read where the wiring is delayed."""
    hidden, width = model.settings.hidden, model.settings.memory
    high, wide = filled(hidden) - hidden, filled(width) - width
    first = (model.output if model.mix is None else model.mix).weight.t()
    blind = first.new_zeros(width + wide, first.shape[1])
    read = pad(first[hidden:], (0, 0, 0, wide)) if len(first) > hidden else blind
    seen = torch.cat([pad(first[:hidden], (0, 0, 0, high)), read])
    if model.mix is None:
        none = seen.new_zeros(0)
        parts = [none.view(0, 0), none, _columns(seen), _columns(model.output.bias)]
    else:
        scores = _columns(model.output.weight.t())
        room = filled(model.settings.output) - model.settings.output
        parts = [_columns(seen), _columns(model.mix.bias), pad(scores, (0, 0, 0, room)), _columns(model.output.bias)]
    return Head(*map(array, parts))


def _columns(matrix: Tensor) -> Tensor:
    """The last axis filled up with zeros."""
    return pad(matrix, (0, filled(matrix.shape[-1]) - matrix.shape[-1]))
