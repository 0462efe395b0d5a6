"""Edges told from other pairs: ranks against counting every two, precision against the list walked down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.evaluation.links import area, precision, score

SCORED = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=30).filter(
    lambda rows: len({edge for _, edge in rows}) == 2
)


def counted(scores, edges) -> float:
    """Every edge beside every other pair."""
    wins = [(one > other) + (one == other) / 2 for one, edge in zip(scores, edges, strict=True) if edge
            for other, too in zip(scores, edges, strict=True) if not too]  # fmt: skip
    return sum(wins) / len(wins)


def walked(scores, edges) -> float:
    """Down the thresholds, precision times what recall has gained."""
    whole, before, found = sum(edges), 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        kept = [edge for one, edge in zip(scores, edges, strict=True) if one >= threshold]
        recall = sum(kept) / whole
        found, before = found + (recall - before) * sum(kept) / len(kept), recall
    return found


@given(SCORED)
def test_both_are_what_counting_says(rows):
    scores, edges = (list(part) for part in zip(*rows, strict=True))
    arrays = np.array(scores, dtype=float), np.array(edges, dtype=np.int64)
    assert area(*arrays) == pytest.approx(counted(scores, edges))
    assert precision(*arrays) == pytest.approx(walked(scores, edges))
    both = score(*arrays)
    assert (both.auc, both.ap, both.pairs) == (area(*arrays), precision(*arrays), len(scores))
