"""Scores of a text: fast ways of reading against a slow one, character by character."""

import math
from itertools import pairwise
from unittest.mock import ANY

import numpy as np
import pytest
import torch

from pushpop.evaluation import text
from pushpop.models.language_settings import LanguageSettings
from pushpop.models.recurrent_language import RecurrentText


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    made = RecurrentText("lstm", LanguageSettings(hidden=12, embedding=6, precision="float32"), 5, 1).eval()
    with torch.no_grad():
        for weights in made.parameters():
            weights *= 3
    return made


def symbols(count, seed=0):
    return np.random.default_rng(seed).integers(0, 5, count).astype(np.uint8)


@torch.no_grad()
def slow(model, given):
    """Nats of each character after the first, one step at a time."""
    state, found = model.state(1), []
    for now, following in pairwise(given):
        state, scores = model.step(state, torch.tensor([int(now)]))
        found.append(-float(torch.log_softmax(scores[0].double(), 0)[int(following)]))
    return np.array(found)


@pytest.mark.parametrize("count", [2, 3, 256, 257, 258, 700])
def test_a_short_text_is_one_stream(model, count):
    given = symbols(count)
    np.testing.assert_allclose(text.carried(model, given).nats, slow(model, given), rtol=1e-4, atol=1e-5)


def test_a_long_text_is_read_in_streams_that_begin_with_what_stands_before_them(model, monkeypatch):
    monkeypatch.setattr(text, "STREAM", 100)
    given = symbols(1234)
    found, wanted = text.carried(model, given), slow(model, given)
    assert len(found.nats) == 1233
    np.testing.assert_allclose(found.nats, wanted, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(text, "LEAD", 1)
    assert np.abs(text.carried(model, given).nats - wanted).max() > 0.01, "a state of zeros would have shown"


@pytest.mark.parametrize(("count", "window"), [(301, 30), (300, 30), (31, 30), (20, 30), (513, 256), (3, 1)])
def test_windows_begin_from_zeros(model, count, window):
    given = symbols(count)
    wanted = np.concatenate([slow(model, given[start : start + window + 1]) for start in range(0, count - 1, window)])
    found = text.windowed(model, given, window)
    np.testing.assert_allclose(found.nats, wanted, rtol=1e-4, atol=1e-5)
    assert len(found.right) == count - 1


def test_the_score_is_the_mean_and_its_error_that_of_blocks():
    rng = np.random.default_rng(3)
    blocks = rng.normal(2.0, 0.3, 50)
    nats = np.repeat(blocks, text.BLOCK)
    found = text.score(text.Predicted(nats, np.arange(len(nats)) % 4 == 0))
    assert found.nats == pytest.approx(blocks.mean())
    assert found.bits_per_character == pytest.approx(blocks.mean() / math.log(2))
    assert found.error == pytest.approx(blocks.std(ddof=1) / math.sqrt(50) / math.log(2))
    assert (found.accuracy, found.characters) == (0.25, 50_000)
    assert text.blocks(text.Predicted(nats[:-1], nats[:-1] > 0)) == pytest.approx(blocks[:-1].tolist())


def test_of_one_block_the_error_is_unknown():
    """0 would say that the score is exact."""
    for count, known in [(text.BLOCK, False), (2 * text.BLOCK - 1, False), (2 * text.BLOCK, True)]:
        found = text.score(text.Predicted(np.linspace(1, 2, count), np.ones(count, bool)))
        assert ((found.error is not None), ("error" in found.to_dict())) == (known, known)
    assert found.to_dict().keys() == {"nats", "bits_per_character", "error", "accuracy", "characters"}


def test_by_distance_is_the_mean_at_each_distance_from_a_state_of_zeros(model):
    given = symbols(60)
    rows = text.by_distance(model, given, farthest=20, starts=5)
    assert [(row["from"], row["to"]) for row in rows] == [(1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 20)]
    places = np.unique(np.linspace(0, 39, 5).astype(int))
    wanted = np.stack([slow(model, given[place : place + 21]) for place in places])
    for row in rows:
        assert row["nats"] == pytest.approx(wanted[:, row["from"] - 1 : row["to"]].mean(), rel=1e-4)
    assert text.by_distance(model, given[:9])[-1] == {"from": 3, "to": 4, "nats": ANY, "characters": 10}
    assert text.by_distance(model, given[:2])[-1]["to"] == 1
