"""Correlations, exact tests and what a curve says in one number, against values worked out by hand or elsewhere."""

from itertools import combinations
from math import inf

import numpy as np
import pytest

from pushpop.studies.chance import exact_test, rank_correlation, rank_sum_test, ranks
from pushpop.studies.families import families, network
from pushpop.studies.marks import highest_level, losses, median_words_to, score_at, way_down, way_up, words_to


def test_a_rank_correlation_is_pearsons_of_the_ranks():
    one, other = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]
    found = rank_correlation(one, other)
    assert found.value == pytest.approx(1 - 6 * 6 / (6 * 35))  # no ties: 1 - 6 sum d^2 / (n (n^2 - 1))
    assert found.low < found.value < found.high < 1
    assert rank_correlation(one, [-each for each in other]).value == pytest.approx(-found.value)
    assert rank_correlation(one, np.exp(other)).value == pytest.approx(found.value)


def test_the_interval_narrows_with_more_pairs_and_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        pairs = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 40)
        found = rank_correlation(pairs[:, 0], pairs[:, 1])
        held += found.low < 6 / np.pi * np.arcsin(0.3) < found.high  # Spearman's of a normal pair with 0.6
    assert 0.92 < held / 400 < 0.98


@pytest.mark.parametrize("values", [([1, 2, 3], [1, 2, 3]), ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5])])
def test_there_is_no_correlation_of_too_few_or_of_what_never_changes(values):
    assert rank_correlation(*values) is None


def test_ties_share_their_ranks():
    assert ranks([3, 1, 1, 2, 1]).tolist() == [5, 2, 2, 4, 2]


@pytest.mark.parametrize(("lucky", "runs", "less", "others"), [(6, 10, 0, 3), (5, 5, 0, 5), (2, 6, 3, 7), (0, 4, 0, 4)])
def test_the_exact_test_counts_every_way_to_deal_the_luck(lucky, runs, less, others):
    """Of all ways to choose who is lucky, those in which the first are as lucky as here or less likely so."""
    deals = [sum(one < runs for one in chosen) for chosen in combinations(range(runs + others), lucky + less)]
    likely = {count: deals.count(count) for count in set(deals)}
    wanted = sum(likely[count] <= likely[lucky] for count in deals) / len(deals)
    assert exact_test(lucky, runs, less, others) == pytest.approx(wanted)


@pytest.mark.parametrize(("lower", "higher"), [([1, 2, 9], [3, 4, 5, 6]), ([2, 2], [1, 2, 3]), ([5, 6], [1, 2, 3, 4])])
def test_the_rank_sum_test_counts_every_way_to_deal_the_ranks(lower, higher):
    found = ranks([*lower, *higher])
    sums = [sum(chosen) for chosen in combinations(found, len(lower))]
    wanted = sum(each <= sum(found[: len(lower)]) for each in sums) / len(sums)
    assert rank_sum_test(lower, higher) == pytest.approx(wanted)


def test_how_much_of_a_curve_goes_the_wrong_way():
    assert way_down([0.1, 0.2, 0.5]) == 0
    assert way_down([0.5, 0.0]) == 1
    assert way_down([0.0, 1.0, 0.5, 1.0, 0.5]) == pytest.approx(1 / 2.5)
    assert way_up([4.0, 3.0, 3.5, 1.0]) == pytest.approx(0.5 / 4)
    assert way_down([0.3, 0.3]) is None
    assert way_down([0.3]) is None


def test_when_a_level_is_reached(run):
    curve = run("rnn", training={"words": 400}, fine=[0.1, 0.5, 0.4, 0.9], losses=[4.0, 3.0, 2.0, 1.0])
    late = run("rnn", training={"words": 400}, fine=[0.0, 0.0, 0.0, 0.5])
    assert [words_to(curve, level) for level in (0.1, 0.5, 0.6, 0.95)] == [100, 200, 400, inf]
    assert median_words_to([curve, late], 0.5) == 400
    assert median_words_to([curve, late], 0.9) == inf
    assert median_words_to([curve, curve, late], 0.9) == 400
    assert median_words_to([], 0.1) == inf
    assert (highest_level([curve, late]), highest_level([late]), highest_level([run("rnn")])) == (0.8, 0.4, None)
    assert [score_at(curve, words) for words in (50, 100, 250, 900)] == [0.0, 0.1, 0.5, 0.9]
    assert losses(curve) == [4.0, 3.0, 2.0, 1.0]


def test_runs_are_compared_that_differ_in_nothing_else(run):
    one, seed, eight = (run("rnn", {"layers": layers}, seed=number) for number, layers in enumerate((1, 1, 8)))
    longer = run("rnn", {"layers": 8}, {"words": 100})
    elsewhere = run("rnn", {"layers": 2}, {"threads": 2, "log_every": 3})
    first, second = families([one, eight, longer, seed, elsewhere], "model.layers")
    assert first.members == {(1,): [one, seed], (2,): [elsewhere], (8,): [eight]}
    assert list(first.members) == [(1,), (2,), (8,)]
    assert second.members == {(8,): [longer]}
    assert network(first.common) == "rnn of width 256"
    both = families([one, eight, longer], "model.layers", "training.words")
    assert [set(family.members) for family in both] == [{(1, 60_000), (8, 60_000), (8, 100)}]
