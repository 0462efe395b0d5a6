"""Counts against a dictionary, and the figures that are known of ten books."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import shared_text

from pushpop.evaluation import floors as module
from pushpop.evaluation.floors import CountModel, Floors, floors
from pushpop.evaluation.text import score
from pushpop.tasks.vocabulary import Vocabulary

IDS = st.lists(st.integers(0, 4), min_size=4, max_size=60)


class Slow:
    """The same by dictionaries, as the formula is written."""

    def __init__(self, training, size):
        self.size, self.counts = size, {}
        for place in range(len(training)):
            for order in range(min(place, 3) + 1):
                history = tuple(training[place - order : place])
                self.counts.setdefault(history, Counter())[training[place]] += 1

    def chance(self, symbol, history):
        shorter = self.chance(symbol, history[1:]) if history else 1 / self.size
        if history not in self.counts:
            return shorter
        n, u = sum(self.counts[history].values()), len(self.counts[history])
        return (self.counts[history][symbol] + u * shorter) / (n + u)

    def best(self, history):
        chances = [self.chance(symbol, history) for symbol in range(self.size)]
        return chances.index(max(chances))


def slow(training, tail, order, window):
    """Nats, and whether it was the likeliest; None where two are as likely but for rounding."""
    model, text, start = Slow(training, 6), [*training, *tail], len(training)
    for place in range(1 if window else 0, len(tail)):
        known = min(order, (place - 1) % window + 1) if window else order
        history = tuple(text[start + place - known : start + place])
        ranked = sorted((model.chance(symbol, history) for symbol in range(6)), reverse=True)
        right = None if ranked[0] - ranked[1] < 1e-12 else model.best(history) == tail[place]
        yield -np.log(model.chance(tail[place], history)), right


@given(IDS, st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(0, 3), st.integers(0, 4))
def test_counts_agree_with_a_dictionary(training, tail, order, window):
    found = CountModel(np.array(training), np.array(tail, dtype=np.uint8), 6, 3).predicted(order, window)
    want = list(slow(training, tail, order, window))
    np.testing.assert_allclose(found.nats, [nats for nats, _ in want], rtol=1e-12)
    for given_, (_, right) in zip(found.right.tolist(), want, strict=True):
        assert right is None or given_ == right


def test_of_several_that_are_as_likely_the_first_is_said():
    model = CountModel(np.array([1, 2, 2, 1, 0, 0]), np.array([0, 1, 2, 3]), 4, 0)
    assert model.predicted(0).right.tolist() == [True, False, False, False]
    np.testing.assert_allclose(np.exp(-model.predicted(0).nats), [11 / 36] * 3 + [3 / 36])


def test_a_count_that_is_off_would_be_noticed(monkeypatch):
    numbered = module._numbered
    monkeypatch.setattr(module, "_numbered", lambda keys: numbered(keys // 2))
    with pytest.raises(AssertionError):
        test_counts_agree_with_a_dictionary.hypothesis.inner_test([0, 1, 2, 3, 4] * 3, [0, 1, 2], 2, 0)


def test_large_alphabets_are_numbered_by_sorting():
    text = np.random.default_rng(1000).integers(0, 5, 4_000)
    small, large = (
        CountModel(by * text[:3_000], by * text[3_000:], size, 4) for by, size in ((1, 60_000), (9_999, 60_000))
    )
    for order in range(5):
        for a, b in zip(small.predicted(order), large.predicted(order), strict=True):
            assert np.array_equal(a, b)


def halves(name):
    text = shared_text(name).read_bytes().decode()
    known = Vocabulary.of([text])
    ids = known.encode(text)
    head = int(0.9 * len(ids))
    return ids[:head], ids[head:], known


TABLE = [  # bz2, xz, xz tail, orders 0 and 3 to 6, error at order 6, windows of 30 at order 6, right at orders 3 to 5
    ("tinyshakespeare.txt", 2.356, 2.613, 2.518, 4.829, 2.559, 2.408, 2.450, 2.567, 0.041, 2.603, 0.472, 0.527, 0.541),
    (
        "democracy_in_america_v1.txt",
        *(1.985, 2.169, 2.006, 4.417, 2.079, 1.787, 1.727, 1.770, 0.020, 1.863, 0.548, 0.622, 0.650),
    ),
    (
        "grimms_fairy_tales.txt",
        2.112,
        2.362,
        2.279,
        4.398,
        2.227,
        2.088,
        2.089,
        2.168,
        0.048,
        None,
        0.528,
        0.572,
        0.594,
    ),
    ("alice_in_wonderland.txt", 2.329, 2.579, 2.435, 4.562, 2.275, 2.203, 2.267, 2.377, 0.067, None, None, None, None),
]
REST = [
    ("anna_karenina_en.txt", 2.142, 2.301, 2.214, 4.462, 2.203, 1.957, 1.909, 1.954, 0.013),
    ("democracy_in_america_v2.txt", 2.000, 2.260, 2.273, 4.551, 2.682, 2.555, 2.614, 2.743, 0.078),
    ("moby_dick.txt", 2.510, 2.686, 2.585, 4.501, 2.424, 2.238, 2.250, 2.357, 0.021),
    ("paradise_lost.txt", 2.525, 2.864, 2.664, 4.512, 2.414, 2.278, 2.334, 2.473, 0.021),
    ("pride_and_prejudice.txt", 2.055, 2.385, 2.241, 4.487, 2.112, 1.874, 1.849, 1.929, 0.018),
]
WAR = ("war_and_peace.txt", 2.189, 2.287, 2.146, 4.429, 2.261, 1.977, 1.914, 1.956, 0.011, 2.047)


@pytest.mark.parametrize(
    "row",
    [*TABLE[:2], *(pytest.param(row, marks=pytest.mark.long) for row in [*TABLE[2:], *REST, WAR])],
    ids=lambda row: row[0],
)
def test_the_known_figures_of_a_book_come_out(row):
    """By an alphabet of the whole file without an unknown symbol, as they were computed."""
    name, packed, (order_0, *orders), error, *more = row[0], row[1:4], row[4:9], row[9], *row[10:]
    training, tail, known = halves(name)
    whole = floors(training, tail, known)
    assert (round(whole.bz2, 3), round(whole.xz, 3), round(whole.xz_tail, 3)) == packed
    model = CountModel(training, tail, known.size - 1)
    scores = [score(model.predicted(order)) for order in (0, 3, 4, 5, 6)]
    assert [round(scores[n].bits_per_character, 3) for n in range(5)] == [order_0, *orders]
    assert round(scores[-1].error, 3) == error
    windows, *right = (*more, None, None, None, None)[:4]
    if windows is not None:
        assert round(score(model.predicted(6, 30)).bits_per_character, 3) == windows
    if right[0] is not None:
        assert [round(scores[n].accuracy, 3) for n in (1, 2, 3)] == right


def test_floors_of_a_short_text():
    """And of its parts they are what each part gives by itself."""
    text = "the cat sat on the mat, and the rat sat on the cat; " * 50
    known = Vocabulary.of([text[:2_000]])
    ids = known.encode(text, "map")
    found = floors(ids[:2_000], ids[2_000:], known, orders=(1, 6))
    assert (found.counted, found.scored, list(found.counts), found.lowest) == (2_000, len(ids) - 2_000, [1, 6], 6)
    assert found.counts[6] == score(CountModel(ids[:2_000], ids[2_000:], known.size).predicted(6))
    assert found.counts[6].bits_per_character < 0.1 < found.counts[1].bits_per_character
    assert 0 < found.xz_tail < found.xz
    assert isinstance(found, Floors)


def test_an_unknown_character_costs_what_no_count_says():
    known = Vocabulary.of(["ab" * 50])
    nats = CountModel(known.encode("ab" * 50), known.encode("ab?", "map"), known.size, 1).predicted(1).nats
    assert nats[2] == pytest.approx(-np.log(1 / 50 * 2 / 102 / 3))  # the last b has no follower


def test_a_long_text_is_counted_by_its_end_and_scored_by_its_tail_s_beginning(monkeypatch):
    monkeypatch.setattr(module, "MOST_COUNTED", 300)
    monkeypatch.setattr(module, "MOST_SCORED", 70)
    text = np.random.default_rng(1001).integers(97, 100, 1_000).astype(np.uint8)
    known = Vocabulary.of_bytes()
    assert floors(text[:800], text[800:], known) == floors(text[500:800], text[800:870], known)
    assert (floors(text[:800], text[800:], known).counted, floors(text[:800], text[800:], known).scored) == (300, 70)


def test_our_own_mistakes_are_asserted():
    text = np.zeros(6, dtype=np.uint8)
    with pytest.raises(AssertionError, match="a training text of 6 characters has no contexts of 6"):
        CountModel(text, text, 2)
    with pytest.raises(AssertionError, match="orders 0 to 2 were counted, not 3"):
        CountModel(text, text, 2, 2).predicted(3)
