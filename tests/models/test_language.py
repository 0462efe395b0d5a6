"""What holds for every model of text: whole, stepped, cut and continued are one, and what is carried on is bounded."""

import math
import re

import pytest
import torch
from text_nets import CHARACTERS, LONG, TEXTS, assert_all_same, gradients, net, parts, texts
from torch import Tensor
from torch.nn.functional import cross_entropy

from closeness import assert_same
from pushpop.errors import ShapeError
from pushpop.models.catalogue import LANGUAGE, build_language
from pushpop.models.contract import SequenceModel
from pushpop.models.counts import terms, total

every_kind = pytest.mark.parametrize("kind", LANGUAGE)


@every_kind
def test_whole_and_stepped_are_one_model_in_value_and_gradient(kind):
    model, symbols = net(kind), texts()
    whole, end = model.read(symbols)
    stepped, stepped_end = SequenceModel.unroll(model, symbols, torch.full((TEXTS,), LONG))
    assert_same("scores", whole, stepped)
    assert_all_same(parts(model, end), parts(model, stepped_end))
    assert_all_same(gradients(model, whole), gradients(model, stepped))


@every_kind
@pytest.mark.parametrize("cut", [1, 4, 10])
def test_a_text_goes_on_where_it_stopped_in_value_and_gradient(kind, cut):
    model, symbols = net(kind), texts()
    whole, end = model.read(symbols)
    first, state = model.read(symbols[:, :cut])
    second, state = model.read(symbols[:, cut:], state)
    both = torch.cat([first, second], 1)
    assert_same("scores", both, whole)
    assert_all_same(parts(model, state), parts(model, end))
    assert_all_same(gradients(model, both), gradients(model, whole))


@every_kind
def test_what_is_carried_goes_on_as_if_nothing_had_been_done_to_it(kind):
    model, symbols = net(kind), texts()
    whole, end = model.read(symbols)
    state, scores = None, []
    for piece in symbols.split([2, 1, 5, 3], 1):
        out, state = model.read(piece, state)
        state = model.unpacked(model.packed(model.carried(state)))
        scores.append(out)
    assert_same("scores", torch.cat(scores, 1), whole)
    assert_all_same(parts(model, state), parts(model, end))


@every_kind
def test_no_gradient_goes_through_what_is_carried_and_packing_changes_no_bit(kind):
    model = net(kind)
    packed = model.packed(model.carried(model.read(texts())[1]))
    assert not any(part.requires_grad for part in packed)
    assert all(part.untyped_storage().nbytes() == part.nbytes for part in packed)  # else more of it would be stored
    again = model.packed(model.unpacked(packed))
    assert all(torch.equal(got, want) for got, want in zip(again, packed, strict=True))


@every_kind
def test_texts_do_not_touch_each_other(kind):
    model, symbols = net(kind), texts()
    together, end = model.read(symbols)
    more, _ = model.read(symbols, model.carried(end))
    for row in range(TEXTS):
        alone, state = model.read(symbols[row : row + 1])
        assert_same(f"text {row}", together[row : row + 1], alone)
        assert_same(f"text {row}, gone on", more[row : row + 1], model.read(symbols[row : row + 1], state)[0])


@every_kind
def test_the_loss_of_a_window_is_the_mean_of_its_characters(kind):
    model, symbols, targets = net(kind), texts(), texts(seed=1)
    cost, right, state = model.window_loss(symbols, targets)
    scores, end = model.read(symbols)
    logs = torch.log_softmax(scores, 2).gather(2, targets[:, :, None])
    assert_same("loss", cost, -logs.mean())
    assert right.tolist() == (scores.argmax(2) == targets).flatten().tolist()
    assert_all_same(parts(model, state), parts(model, end))
    assert math.isclose(cost.item(), cross_entropy(scores.flatten(0, 1), targets.flatten()).item())


@every_kind
def test_what_is_held_are_the_old_states_of_texts_that_have_ended(kind):
    model, symbols = net(kind), texts()
    lengths = torch.tensor([LONG, 4, 7])
    scores, end = model.unroll(symbols, lengths)
    after, out = model.step(end, symbols[:, 0])
    del after
    for row, length in enumerate(lengths.tolist()):
        whole, state = model.read(symbols[row : row + 1, :length])
        assert_same(f"scores of {row}", scores[row : row + 1, :length], whole)
        assert_same(f"step of {row}", out[row : row + 1], model.step(state, symbols[row : row + 1, 0])[1])


@every_kind
def test_what_is_left_out_while_training_is_a_function_of_chance(kind):
    model, symbols = net(kind, dropout=0.4), texts()

    def read(seed: int) -> Tensor:
        model.chance.manual_seed(seed)
        return model.read(symbols)[0]

    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = read(1), read(1), read(2)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    model.eval()
    assert torch.equal(read(1), read(2))


@every_kind
@pytest.mark.parametrize(
    ("symbols", "line"),
    [
        (
            torch.zeros(2, dtype=torch.int64),
            "symbols: expected torch.int64 [B, T] on cpu, given torch.int64 (2,) on cpu",
        ),
        (torch.zeros(2, 3), "symbols: expected torch.int64 [B, T] on cpu, given torch.float32 (2, 3) on cpu"),
        (torch.zeros(2, 0).long(), "symbols: expected one text and character or more, given (2, 0)"),
        (torch.tensor([[0, 7]]), "symbols: expected from 0 to 6, given 0 to 7"),
    ],
    ids=["one axis", "fractions", "nothing", "a character too many"],
)
def test_what_is_no_window_is_refused(kind, symbols, line):
    with pytest.raises(ShapeError, match=re.escape(line)):
        net(kind).read(symbols)


@every_kind
def test_a_state_of_fewer_texts_is_refused(kind):
    model = net(kind)
    with pytest.raises(ShapeError):
        model.read(texts(), model.state(TEXTS - 1))


@every_kind
def test_formulas_count_what_models_of_text_have(kind):
    known = LANGUAGE[kind].settings.__dataclass_fields__
    for change in ({}, {"embedding": 4}, {"hidden": 16}, {"layers": 1}, {"tied": "yes"}, {"tied": "no", "layers": 3}):
        given = {name: value for name, value in {"hidden": 8, **change}.items() if name in known}
        settings = LANGUAGE[kind].settings(**given)
        found = terms(kind, settings, CHARACTERS, CHARACTERS)
        assert total(found) == build_language(kind, settings, CHARACTERS, 0).count(), change
        assert all(term.formula for term in found)


def test_a_state_that_forgot_something_would_be_noticed(monkeypatch):
    from pushpop.models import augmented_language

    model, symbols = net("stack-lstm-lm"), texts()
    monkeypatch.setattr(augmented_language, "newest", lambda memory, _: model.net.state(TEXTS).memory)
    _, state = model.read(symbols)
    wanted, got = (model.read(symbols, before)[0] for before in (state, model.carried(state)))
    with pytest.raises(AssertionError, match="scores: gap"):
        assert_same("scores", got, wanted)
