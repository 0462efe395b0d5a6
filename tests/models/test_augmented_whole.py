"""Whole, stepped, cut and continued are one model; words do not touch each other; padding changes nothing."""

import pytest
import torch
from stack_nets import (
    MEMORY_KINDS,
    SEPARATOR,
    VOCABULARY,
    Named,
    content,
    gradients,
    held_state,
    net,
    outcome,
    own_cells,
    ragged,
    trained,
    twin,
    uneven,
    what_is_left,
)
from torch import Tensor

from closeness import assert_same
from pushpop.models.augmented import MemoryModel, MemoryState
from pushpop.models.contract import SequenceModel

CASES = [
    (kind, layers, engine)
    for kind in MEMORY_KINDS
    for layers in (1, 2)
    for engine in ("eager", "fused")
    if engine == "eager" or net(kind, layers=layers, engine="auto").fused()
]
every_case = pytest.mark.parametrize(("kind", "layers", "engine"), CASES)


def long_words() -> tuple[Tensor, Tensor]:
    """Words that all go on past any cut at 1 to 5."""
    symbols, _ = ragged(4, 9)
    return symbols, torch.tensor([9, 6, 8, 6])


def all_of(model: MemoryModel, scores: Tensor, state: MemoryState, lengths: Tensor, leaves: Named) -> Named:
    parts = {"scores": scores, **what_is_left(state, lengths, 3)}
    return parts | gradients(parts, trained(model) | leaves)


def whole(model: MemoryModel) -> Named:
    symbols, lengths = long_words()
    state, leaves = held_state(model, len(symbols), 3)
    return all_of(model, *model.unroll(symbols, lengths, state), lengths, leaves)


def stepped(model: MemoryModel) -> Named:
    """The contract's own loop of `step` and `hold`."""
    symbols, lengths = long_words()
    state, leaves = held_state(model, len(symbols), 3)
    return all_of(model, *SequenceModel.unroll(model, symbols, lengths, state), lengths, leaves)


def cut(model: MemoryModel, *places: int) -> Named:
    """Stopped at each place and gone on from the state there; gradients flow back across."""
    symbols, lengths = long_words()
    state, leaves = held_state(model, len(symbols), 3)
    scores = []
    for first, last in zip((0, *places), (*places, symbols.shape[1]), strict=True):
        part, state = model.unroll(symbols[:, first:last], (lengths - first).clamp(max=last - first), state)
        scores.append(part)
    return all_of(model, torch.cat(scores, 1), state, lengths, leaves)


def assert_all_same(label: str, got: Named, want: Named) -> None:
    assert got.keys() == want.keys()
    for name in want:
        assert_same(f"{label}, {name}", got[name], want[name])


@every_case
@pytest.mark.parametrize("cells", ["shared", "per-phase"])
def test_whole_stepped_and_cut_are_one_model(kind, layers, engine, cells):
    model = uneven(net(kind, layers=layers, engine=engine, cells=cells))
    want = whole(twin(model, "eager"))
    assert_all_same("whole", whole(model), want)
    assert_all_same("stepped", stepped(model), want)
    for places in ((1,), (3,), (5,), (2, 3, 5)):
        assert_all_same(f"cut at {places}", cut(model, *places), want)


@pytest.mark.parametrize("forgotten", ["read", "layers", "memory", "writing"])
def test_the_comparison_notices_a_state_that_forgets(forgotten, monkeypatch):
    model = net(engine="fused")
    right = MemoryModel.unroll

    def forgetful(self, symbols, lengths, state=None):
        scores, after = right(self, symbols, lengths, state)
        return scores, after._replace(**{forgotten: getattr(self.state(len(symbols)), forgotten)})

    want = whole(model)
    monkeypatch.setattr(MemoryModel, "unroll", forgetful)
    with pytest.raises(AssertionError, match="cut, scores"):
        assert_all_same("cut", cut(model, 5), want)


def test_a_cut_memory_holds_popped_cells_and_goes_on_all_the_same():
    """Pops past everything, so that cells without strength lie between those that have some."""
    model = net(engine="fused")
    with torch.no_grad():
        model.interface.strength_bias.copy_(torch.tensor([[0.0, 1.5], [0.5, 0.0]]))
    want = whole(twin(model, "eager"))
    for places in ((1,), (4,), (1, 2, 3, 4, 5)):
        assert_all_same(f"cut at {places}", cut(model, *places), want)
    state = model.unroll(*long_words())[1]
    assert ((state.memory.strengths == 0) & (state.memory.values != 0).any(2)).any(), "nothing was popped"


def detached_cut(model: MemoryModel) -> Named:
    """Truncated: the second part's gradients alone, as from a state of its own."""
    symbols, lengths = long_words()
    _, state = model.unroll(symbols[:, :4], torch.full((4,), 4))
    with torch.no_grad():
        state = state._replace(
            layers=tuple(tuple(part.detach() for part in parts) for parts in state.layers),
            read=state.read.detach(),
            memory=state.memory.detach(),
        )
    scores, after = model.unroll(symbols[:, 4:], lengths - 4, state)
    parts = {"scores": scores, **what_is_left(after, lengths)}
    return parts | gradients(parts, trained(model))


def test_truncated_gradients_are_those_of_eager():
    model = net(engine="fused")
    got, want = detached_cut(model), detached_cut(twin(model, "eager"))
    assert_all_same("truncated", got, want)
    assert not want["d controller.initial"].any()


@every_case
def test_words_together_are_what_each_is_alone(kind, layers, engine):
    model = net(kind, layers=layers, engine=engine)
    symbols, lengths = ragged(7, 8)
    together, memory = outcome(model, symbols, lengths), model.unroll(symbols, lengths)[1].memory
    alone = [outcome(model, symbols[i : i + 1, : lengths[i]], lengths[i : i + 1]) for i in range(7)]
    for i, length in enumerate(lengths.tolist()):
        assert_same(f"word {i}: scores", together["scores"][i : i + 1, :length], alone[i]["scores"])
        assert not together["scores"][i, length:].any()
        for name in ("read", "layer 0, part 0", "writing"):
            assert_same(f"word {i}: {name}", together[name][i : i + 1], alone[i][name])
        (first, last), whole = (place[i].item() for place in own_cells(memory, lengths)), alone[i]
        for name in content(memory, lengths):
            assert_same(f"word {i}: {name}", together[name][i : i + 1, first:last], whole[name])
        if "strengths" in together:
            assert not together["strengths"][i, :first].any()
            assert not together["strengths"][i, last:].any()
        else:
            assert (together["cells"][i, last:] == memory.vacant).all()


def of_a_sum_over_words(model: MemoryModel, symbols: Tensor, lengths: Tensor) -> Named:
    """Gradients of a sum to which each word gives its part, and padding nothing."""
    scores, after = model.unroll(symbols, lengths)
    judged = scores.sin().sum() + model.interface.read(after.memory).sin().sum()
    judged = judged + sum(part.sin().sum() for part in content(after.memory, lengths).values())
    return dict(zip(trained(model), torch.autograd.grad(judged, list(trained(model).values())), strict=True))


@every_case
def test_gradients_of_words_together_are_the_sum_of_each_alone(kind, layers, engine):
    model = net(kind, layers=layers, engine=engine)
    symbols, lengths = ragged(7, 8)
    together = of_a_sum_over_words(model, symbols, lengths)
    alone = [of_a_sum_over_words(model, symbols[i : i + 1], lengths[i : i + 1]) for i in range(7)]
    for name, got in together.items():
        assert_same(f"d {name}", got, sum(word[name] for word in alone))


@every_case
def test_what_stands_past_a_words_end_changes_no_bit(kind, layers, engine):
    model = net(kind, layers=layers, engine=engine)
    symbols, lengths = ragged(7, 8)
    want = outcome(model, symbols, lengths)
    past = torch.arange(8) >= lengths[:, None]
    for filling in (SEPARATOR, VOCABULARY - 1):
        got = outcome(model, torch.where(past, filling, symbols), lengths)
        for name in want:
            assert torch.equal(got[name], want[name]), name
    wider = torch.nn.functional.pad(symbols, (0, 3))
    assert torch.equal(model(wider, lengths)[:, :8], want["scores"])
    for got, name in zip(of_a_sum_over_words(model, wider, lengths).values(), trained(model), strict=True):
        assert_same(f"d {name}", got, of_a_sum_over_words(model, symbols, lengths)[name])


def test_padding_is_noticed_where_it_counts(monkeypatch):
    monkeypatch.setattr(MemoryModel, "hold", lambda self, old, new, active: new)
    with pytest.raises(AssertionError):
        test_what_stands_past_a_words_end_changes_no_bit("stack-gru", 1, "eager")
