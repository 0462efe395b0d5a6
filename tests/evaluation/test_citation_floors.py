"""What needs no learning, on graphs small enough to see."""

import numpy as np
import pytest

from pushpop.evaluation.citation_floors import PAIR_FLOORS, commonest, spread_labels
from pushpop.tasks.graphs.citation import Citations
from pushpop.tasks.graphs.edges import both_ways
from pushpop.tasks.graphs.karate import karate


def small() -> Citations:
    """Two paths, 0-1-2 and 3-4; 0 and 3 are known."""
    parts = {"training": np.array([0, 3]), "validation": np.array([1]), "test": np.array([2, 4])}
    rows, words = np.array([0, 0, 1, 2, 2, 4]), np.array([0, 1, 1, 0, 1, 2])
    return Citations(np.array([1, 1, 1, 0, 0]), parts, rows, words, both_ways([(0, 1), (1, 2), (3, 4)]), 3)


def test_labels_go_along_edges_alone():
    assert spread_labels(small()).tolist() == [1, 1, 1, 0, 0]
    club = karate()
    tested = club.splits["test"]
    assert (spread_labels(club)[tested] == club.labels[tested]).mean() > 0.9


def test_the_commonest_class_is_counted():
    assert commonest(np.array([2, 0, 2, 1])) == 0.5


@pytest.mark.parametrize(
    ("name", "want"),
    [("product of degrees", [1, 2, 0]), ("common neighbours", [1, 0, 0]), ("cosine of words", [1, 0.5**0.5, 0])],
)
def test_pairs_are_scored_by_what_they_share(name, want):
    left = np.array([[0, 1], [1, 2]])  # 3-4 is hidden
    asked = np.array([[0, 0, 3], [2, 1, 4]])
    assert np.allclose(PAIR_FLOORS[name](small(), left, asked), want)
