"""`transformer`: against attention written out place by place; whole, stepped and cut are one; answers from a cache."""

import pytest
import torch
from attention_by_hand import by_hand
from torch import Tensor

from closeness import assert_same
from pushpop.errors import ShapeError
from pushpop.models import transformer
from pushpop.models.catalogue import MODELS, build
from pushpop.models.context import Context, held_on, without
from pushpop.models.contract import SequenceModel
from pushpop.models.transformer import Transformer

SEPARATOR, END, VOCABULARY = 1, 2, 9
LENGTHS = torch.tensor([8, 3, 1, 6])


def net(seed: int = 3, vocabulary: int = VOCABULARY, **given: object) -> Transformer:
    settings = MODELS["transformer"].settings(**{"hidden": 8, "layers": 2, "heads": 2, "precision": "float32", **given})
    model = build("transformer", settings, vocabulary, SEPARATOR, seed).double()
    assert isinstance(model, Transformer)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(1.5)
    return model


def words(seed: int = 0) -> Tensor:
    return torch.randint(VOCABULARY, (4, 8), generator=torch.Generator().manual_seed(seed))


def seen(state: Context) -> dict[str, Tensor]:
    """What a state has of each word, its own places alone."""
    counts = state.counts().tolist()
    return {
        f"block {n}, word {row}, part {k}": part[row, :, state.places - count :]
        for n, block in enumerate(state.blocks)
        for k, part in enumerate(block)
        for row, count in enumerate(counts)
    }


def assert_all_same(got: dict[str, Tensor], want: dict[str, Tensor]) -> None:
    assert list(got) == list(want)
    for name, wanted in want.items():
        assert_same(name, got[name], wanted)


@pytest.mark.parametrize("tied", ["yes", "no"])
def test_it_is_what_its_equations_say(tied):
    model, symbols = net(tied=tied), words()
    scores, _ = model.unroll(symbols, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        assert_same(f"word {row}", scores[row, :length], by_hand(model, symbols[row, :length], 100))


def test_whole_and_stepped_are_one_model_in_value_and_gradient():
    model, symbols, found = net(), words(), []
    for unroll in (Transformer.unroll, SequenceModel.unroll):
        model.zero_grad()
        scores, state = unroll(model, symbols, LENGTHS)
        (scores.sin().sum() + sum(part.cos().sum() for part in seen(state).values())).backward()
        gradients = {f"d {name}": weights.grad.clone() for name, weights in model.named_parameters()}
        found.append({"scores": scores, **seen(state), **gradients})
    assert_all_same(*found)


@pytest.mark.parametrize("cut", range(1, 8))
def test_words_of_any_lengths_go_on_where_they_stopped(cut):
    model, symbols = net(), words()
    whole, end = model.unroll(symbols[:1], LENGTHS[:1])
    first, state = model.unroll(symbols[:1, :cut], torch.tensor([cut]))
    second, state = model.unroll(symbols[:1, cut:], torch.tensor([8 - cut]), state)
    assert_same("scores", torch.cat([first, second], 1), whole)
    assert_all_same(seen(state), seen(end))
    _, ragged = model.unroll(symbols, LENGTHS)
    further, ragged = model.unroll(words(1), LENGTHS.flip(0).clamp(max=cut), ragged)
    for row, (length, more) in enumerate(zip(LENGTHS.tolist(), LENGTHS.flip(0).clamp(max=cut).tolist(), strict=True)):
        joined = torch.cat([symbols[row, :length], words(1)[row, :more]])[None]
        alone, _ = model.unroll(joined, torch.tensor([length + more]))
        assert_same(f"word {row}", further[row, :more], alone[0, length:])


def test_padding_changes_nothing():
    model, symbols = net(), words()
    together, _ = model.unroll(symbols, LENGTHS)
    symbols[torch.arange(8) >= LENGTHS[:, None]] = SEPARATOR
    refilled, _ = model.unroll(symbols, LENGTHS)
    assert torch.equal(together, refilled)
    for row, length in enumerate(LENGTHS.tolist()):
        alone, _ = model.unroll(symbols[row : row + 1, :length], LENGTHS[row : row + 1])
        assert_same(f"word {row}", together[row, :length], alone[0])
        assert not together[row, length:].any()


def test_wanted_positions_are_rows_of_the_whole():
    model, symbols = net(), words()
    positions = torch.tensor([4, 5, 7, 10, 24, 29])
    assert_same("scores", model(symbols, LENGTHS, positions), model(symbols, LENGTHS).flatten(0, 1)[positions])


@pytest.mark.parametrize("places", [1, 20, 2**15])
def test_answers_are_those_of_the_contract(places, monkeypatch):
    monkeypatch.setattr(transformer, "PLACES", places)
    prompts = torch.tensor([[0, 3, 3, 1], [0, 3, 1, 0], [0, 1, 0, 0], [0, 3, 3, 1]])
    lengths, limits, ended = torch.tensor([4, 3, 2, 4]), torch.tensor([5, 0, 9, 2]), 0
    for seed in range(8):
        model = net(seed, vocabulary=4)
        got = model.answer(prompts, lengths, limits, END)
        assert torch.equal(got, SequenceModel.answer(model, prompts, lengths, limits, END))
        ended += int((got == END).sum())
    assert ended, "no answer ended by itself: the end is not put to the test"


@pytest.mark.parametrize("lengths", [[2, 2], [3, 1]])
def test_a_word_that_is_held_keeps_what_it_had_seen(lengths):
    model, symbols = net(), words()[:2]
    _, old = model.unroll(symbols[:, :3], torch.tensor(lengths))
    new, _ = model.step(old, symbols[:, 3])
    both = seen(held_on(old, new, torch.tensor([True, False])))
    after, before = seen(new), seen(old)
    assert_all_same(both, {name: (after if "word 0" in name else before)[name] for name in both})


def test_places_are_taken_off_at_the_end():
    model, symbols = net(), words()
    _, whole = model.unroll(symbols, torch.full((4,), 8))
    _, short = model.unroll(symbols, LENGTHS)
    assert_all_same(seen(without(whole, 8 - LENGTHS)), seen(short))
    assert without(whole, torch.zeros(4, dtype=torch.int64)) is whole


def test_products_in_bfloat16_are_near_those_in_float32():
    found = []
    for precision in ("float32", "bfloat16"):
        model = net(precision=precision, hidden=32).float()
        scores, state = model.unroll(words(), LENGTHS)
        assert {scores.dtype, *(part.dtype for part in seen(state).values())} == {torch.float32}
        model.answer(words(), LENGTHS, LENGTHS, END)
        found.append(scores)
    assert 0 < (found[0] - found[1]).abs().max().item() < 0.5


def test_the_state_of_a_net_of_other_sizes_is_refused():
    symbol, model = torch.tensor([3, 4, 5]), net()
    with pytest.raises(ShapeError, match=r"^state.blocks: expected 2, given 1$"):
        model.step(net(layers=1).state(3), symbol)
    with pytest.raises(ShapeError, match=r"^state.blocks\[0\]: expected \[3, 2, 0, 4\] float64 on cpu, given \[3, 1, "):
        model.step(net(heads=1).state(3), symbol)
    _, ragged = model.unroll(words(), LENGTHS)
    with pytest.raises(ShapeError, match=r"^state.held: expected \[4\] int64 on cpu, given \[3\] "):
        model.step(ragged._replace(held=ragged.held[:3]), words()[:, 0])
