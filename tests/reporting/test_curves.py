"""The lines of a figure: medians, thinning, and what captions say of them."""

import numpy as np

from pushpop.reporting import captions, curves


def line(*points):
    return np.array([x for x, _ in points], float), np.array([y for _, y in points], float)


def test_a_median_waits_for_the_last_seed_and_keeps_what_has_ended():
    x, y = curves.median([line((1, 0.0), (2, 1.0)), line((2, 0.0), (4, 0.5)), line((1, 0.2), (4, 0.2))])
    assert x.tolist() == [2, 4]
    assert y.tolist() == [0.2, 0.5]  # of 1, 0, .2 and of 1 (kept), .5, .2


def test_a_median_of_nothing_is_nothing():
    assert [len(part) for part in curves.median([line()])] == [0, 0]


def test_a_long_line_is_thinned_to_means_and_what_is_no_number_left_out():
    x, y = curves.thinned(range(10_000), [float("nan"), *[1.0] * 4_999, *[3.0] * 5_000])
    assert len(x) == curves.POINTS
    assert (x[0], y[0], y[-1]) == (np.arange(1, 43).mean(), 1.0, 3.0)


def test_a_caption_says_from_where_on_something_holds_for_good():
    there = line((1, 1.0), (2, 0.0), (3, 1.0), (4, 1.0))
    assert captions.lasting(there, there[1] >= 1) == 3
    assert captions.lasting(line((1, 1.0)), np.array([True])) == 1
    assert captions.lasting(line((1, 0.0)), np.array([False])) is None
