"""Orders and shares that follow from a stream's key alone."""

from collections import Counter

import numpy as np
import pytest

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import happens, permutation, shares


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_a_permutation_has_each_place_once(size):
    assert sorted(permutation(Draws("p", size), size).tolist()) == list(range(size))


def test_every_order_is_as_likely():
    counts = Counter(tuple(permutation(Draws("order", n), 3).tolist()) for n in range(3000))
    assert len(counts) == 6
    assert max(abs(count - 500) for count in counts.values()) < 90  # four standard deviations


def test_shares_are_uniform_and_things_happen_by_their_chance():
    numbers = shares(Draws("s"), 10_000)
    assert 0 <= numbers.min() < 0.001
    assert 0.999 < numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 0.015
    assert abs(happens(Draws("h"), 0.3, 10_000).mean() - 0.3) < 0.02
    assert np.array_equal(shares(Draws("s"), 5), numbers[:5])
