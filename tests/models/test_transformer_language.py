"""`transformer-lm`: against attention written out place by place; its context is a window that slides; its sizes."""

import pytest
import torch
from attention_by_hand import by_hand
from text_nets import CHARACTERS, TEXTS, net, texts

from closeness import assert_same
from pushpop.errors import ConfigError
from pushpop.models.blocks import turned, waves
from pushpop.models.catalogue import build_language
from pushpop.models.transformer_settings import TransformerLanguageSettings


@pytest.mark.parametrize("tied", ["yes", "no"])
@pytest.mark.parametrize("context", [1, 3, 100])
def test_it_is_what_its_equations_say(tied, context):
    model, symbols = net("transformer-lm", tied=tied, context=context), texts(8)
    scores, _ = model.read(symbols)
    for row in range(TEXTS):
        assert_same(f"text {row}", scores[row], by_hand(model, symbols[row], context))


@pytest.mark.parametrize("context", [1, 2, 7])
def test_a_character_depends_on_those_in_its_context_alone(context):
    """One block sees `context` characters; of two, the second sees what the first has seen of them too."""
    model, symbols = net("transformer-lm", layers=1, context=context), texts(20)
    other = symbols.clone()
    other[:, 4] = (other[:, 4] + 1) % CHARACTERS
    differ = (model.read(symbols)[0] != model.read(other)[0]).any(2).any(0)
    assert differ.nonzero().flatten().tolist() == list(range(4, 4 + context))


def test_products_of_turned_vectors_depend_on_their_distance_alone():
    by = waves(70_000, 8, torch.zeros(()))
    one, two = torch.randn(2, 1, 1, 1, 8)
    places = [(3, 10), (1_003, 1_010), (69_990, 69_997)]
    found = [
        (turned(one, by._replace(cosines=by.cosines[[a]], sines=by.sines[[a]]))
         * turned(two, by._replace(cosines=by.cosines[[b]], sines=by.sines[[b]]))).sum()
        for a, b in places
    ]  # fmt: skip
    for product in found[1:]:
        assert_same("product", product, found[0])


def test_in_float32_a_text_far_longer_than_its_context_is_read_alike_in_any_windows():
    settings = TransformerLanguageSettings(hidden=16, layers=2, heads=2, context=12, precision="float32")
    model, symbols = build_language("transformer-lm", settings, CHARACTERS, 0), texts(600)
    with torch.no_grad():
        whole, _ = model.read(symbols)
        state, scores = None, []
        for piece in symbols.split([1, 30, 12, 11, 500, 46], 1):
            out, state = model.read(piece, state)
            scores.append(out)
            state = model.carried(state)
            assert max(part.shape[2] for part in model.packed(state)) <= 11
    assert float((torch.cat(scores, 1) - whole).abs().max()) < 1e-5


def test_products_in_bfloat16_are_near_those_in_float32_and_weights_stay():
    scores = []
    for precision in ("float32", "bfloat16"):
        settings = TransformerLanguageSettings(hidden=32, layers=2, heads=2, precision=precision)
        model = build_language("transformer-lm", settings, CHARACTERS, 0)
        out, state = model.read(texts())
        again, _ = model.read(texts(), state)
        assert {part.dtype for part in (out, again, *model.packed(state), *model.parameters())} == {torch.float32}
        scores.append(torch.cat([out, again], 1))
    gap = (scores[0] - scores[1]).abs().max().item()
    assert 0 < gap < 0.1


def test_what_is_left_out_is_scaled_up_for_what_is_not():
    model = net("transformer-lm", dropout=0.25)
    model.chance.manual_seed(0)
    kept = model._dropped(torch.ones(50, 40, 8, dtype=torch.float64))
    assert set(kept.unique().tolist()) == {0.0, 1 / 0.75}
    assert abs(kept.mean().item() - 1) < 0.02


def test_a_width_that_has_no_such_heads_is_refused():
    with pytest.raises(ConfigError, match=r"model.hidden: 20 is not 4 heads of an even size; give a multiple of 8"):
        TransformerLanguageSettings(hidden=20)
