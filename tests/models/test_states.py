"""A state that is not this model's is refused in one line: a kernel would write past its arrays."""

import pytest
import torch
from stack_nets import net, ragged, twin

from pushpop.errors import ShapeError
from pushpop.models.augmented import MemoryModel, MemoryState


def held(words: int, **settings: object) -> MemoryState:
    model = net("stack-lstm", engine="fused", **settings)
    return model.unroll(*ragged(words, 4))[1]


SPOILT = {
    "memory of fewer words": (lambda s: s._replace(memory=held(2).memory), "state.memory: expected Stack(batch=3"),
    "memory of more words": (lambda s: s._replace(memory=held(9).memory), "state.memory: expected Stack(batch=3"),
    "wider memory": (lambda s: s._replace(memory=held(3, memory=9).memory), "state.memory: expected Stack(batch=3"),
    "memory of another type": (
        lambda s: s._replace(memory=s.memory.to(dtype=torch.float32)),
        "state.memory: expected [3, 4] float64 on cpu, given [3, 4] float32 on cpu",
    ),
    "layers of fewer words": (lambda s: s._replace(layers=held(2).layers), "state.layers[0]: expected [3, 6] float64"),
    "more layers": (lambda s: s._replace(layers=held(3, layers=2).layers), "state.layers: expected 1 of 2 tensors"),
    "no such phase": (lambda s: s._replace(writing=s.writing + 9), "state.writing: expected from 0 to 1, given"),
    "phase before the first": (lambda s: s._replace(writing=s.writing - 9), "state.writing: expected from 0 to 1"),
    "phases of fewer words": (lambda s: s._replace(writing=s.writing[:1]), "state.writing: expected [3] int64"),
    "phases of numbers": (lambda s: s._replace(writing=s.writing.double()), "state.writing: expected [3] int64"),
}


@pytest.mark.parametrize("engine", ["eager", "fused"])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_state_that_is_not_this_models_is_refused(spoilt, engine):
    change, line = SPOILT[spoilt]
    model: MemoryModel = twin(net("stack-lstm"), engine)
    symbols, lengths = ragged(3, 5)
    model.unroll(symbols, lengths, held(3))
    with pytest.raises(ShapeError) as raised:
        model.unroll(symbols, lengths, change(held(3)))
    assert str(raised.value).startswith(line)
    with pytest.raises(ShapeError):
        model.step(change(held(3)), symbols[:, 0])


@pytest.mark.parametrize("engine", ["eager", "fused"])
def test_an_answer_of_fewer_than_no_symbols_is_refused(engine):
    symbols, lengths = ragged(3, 5)
    with pytest.raises(ShapeError, match="limits: expected 0 or more, given -2"):
        twin(net(), engine).answer(symbols, lengths, torch.tensor([3, -2, 1]), 2)
