"""Scores against examples by hand and a slow twin; Wilson's interval against known values."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.evaluation import metrics
from pushpop.evaluation.metrics import Scores, by_position, score, wilson

END = 2
ANSWERS = st.lists(st.integers(3, 5), max_size=6).map(lambda symbols: [*symbols, END])
PAIRS = st.lists(st.tuples(ANSWERS, st.lists(st.integers(2, 5), max_size=8)), min_size=1, max_size=6)


def arrays(answers):
    return [np.array(answer, dtype=np.int64) for answer in answers]


def slow(pairs) -> tuple[Fraction, Fraction, Fraction]:
    """Coarse, fine and token in exact fractions, symbol by symbol."""
    coarse = fine = token = Fraction(0)
    for wanted, said in pairs:
        padded = said + [-1] * len(wanted)
        right = [padded[place] == symbol for place, symbol in enumerate(wanted)]
        before = 0
        while before < len(wanted) and right[before]:
            before += 1
        coarse += said == wanted
        fine += Fraction(before, len(wanted))
        token += Fraction(right.count(True), len(wanted))
    return coarse / len(pairs), fine / len(pairs), token / len(pairs)


@pytest.mark.parametrize(
    ("wanted", "said", "coarse", "fine", "token"),
    [
        ([7, 8, 9, END], [7, 8, 9, END], 1, 1, 1),
        ([7, 8, 9, END], [7, 8, 9, 9], 0, 0.75, 0.75),  # all symbols right, the end not said
        ([7, 8, 9, END], [7, 8, END], 0, 0.5, 0.5),  # ended too early
        ([7, 8, 9, END], [7, 4, 9, END], 0, 0.25, 0.75),  # one error: fine stops there, token goes on
        ([7, 8, 9, END], [4, 8, 9, END], 0, 0, 0.75),
        ([7, 8, 9, END], [END], 0, 0, 0),
        ([7, 8, 9, END], [], 0, 0, 0),
        ([7, 8, 9, END], [8, 9, END], 0, 0, 0),  # shifted by one: nothing stands where it should
        ([7, 8, END], [7, 8, END, 5], 0, 1, 1),  # beyond its end: spoils coarse alone
        ([END], [END], 1, 1, 1),
    ],
)
def test_scores_by_hand(wanted, said, coarse, fine, token):
    assert score(arrays([wanted]), arrays([said])) == Scores(coarse=coarse, fine=fine, token=token, words=1)


def test_scores_are_means_over_words_not_over_symbols():
    wanted = arrays([[7, END], [7, 8, 9, 7, 8, 9, 7, END]])
    said = arrays([[7, END], [END]])
    assert score(wanted, said) == Scores(coarse=0.5, fine=0.5, token=0.5, words=2)


@given(PAIRS)
def test_scores_agree_with_a_slow_twin(pairs):
    got = score(arrays(wanted for wanted, _ in pairs), arrays(said for _, said in pairs))
    assert (got.coarse, got.fine, got.token) == pytest.approx(tuple(map(float, slow(pairs))), abs=1e-15)
    assert got.words == len(pairs)


@given(PAIRS)
def test_coarse_is_at_most_fine_and_fine_at_most_token(pairs):
    got = score(arrays(wanted for wanted, _ in pairs), arrays(said for _, said in pairs))
    assert 0 <= got.coarse <= got.fine <= got.token <= 1


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    one, other = (score(arrays(w for w, _ in p), arrays(s for _, s in p)) for p in (pairs, shuffled))
    assert one == other


@given(st.lists(ANSWERS, min_size=1, max_size=30))
def test_all_right_is_exactly_one(answers):
    got = score(arrays(answers), arrays(answers))
    assert (got.coarse, got.fine, got.token) == (1.0, 1.0, 1.0)


def test_counting_all_positions_as_fine_would_be_noticed():
    def wrong(pairs):
        _, _, token = slow(pairs)
        return token

    pairs = [([7, 8, 9, END], [7, 4, 9, END])]
    assert float(wrong(pairs)) != score(arrays([pairs[0][0]]), arrays([pairs[0][1]])).fine


def test_scores_of_no_words_are_our_own_mistake():
    with pytest.raises(AssertionError, match="0 answers to 0 words"):
        score([], [])


@given(PAIRS, st.lists(st.integers(1, 3), min_size=6, max_size=6), st.booleans())
def test_every_length_counts_alike_by_position(pairs, lengths, ended):
    shares = []
    for length in (1, 2, 3):
        right, places = 0, 0
        for n, (wanted, said) in enumerate(pairs):
            if lengths[n] == length:
                for place, symbol in enumerate(wanted if ended else wanted[:-1]):
                    places += 1
                    right += place < len(said) and said[place] == symbol
        if places:
            shares.append(Fraction(right, places))
    wanted, said = (arrays(some) for some in zip(*pairs, strict=True))
    got = by_position(lengths[: len(pairs)], wanted, said, ended=ended)
    assert got == pytest.approx(float(sum(shares) / len(shares)) if shares else 1.0)


@pytest.mark.parametrize(
    ("solved", "seeds", "low", "high"),
    [
        (20, 20, 0.839, 1.0),
        (19, 20, 0.764, 0.991),
        (8, 8, 0.676, 1.0),
        (6, 9, 0.354, 0.879),
        (5, 9, 0.267, 0.811),
        (0, 20, 0.0, 0.161),
    ],
)
def test_wilson_gives_the_known_intervals(solved, seeds, low, high):
    assert wilson(solved, seeds) == pytest.approx((low, high), abs=6e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 4))
def test_wilson_s_ends_are_where_the_share_is_z_deviations_away(case, z):
    solved, seeds = case
    low, high = wilson(solved, seeds, z)
    assert 0 <= low <= solved / seeds <= high <= 1
    for end in (low, high):  # the definition, solved by the closed form
        assert (solved / seeds - end) ** 2 == pytest.approx(z * z * end * (1 - end) / seeds, abs=1e-9)


def test_wilson_mirrors():
    assert metrics.wilson(3, 10) == pytest.approx(tuple(1 - end for end in reversed(metrics.wilson(7, 10))))
