"""How well scores tell edges from other pairs: the area under the ROC curve, and average precision.

Axes: K pairs.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

Scored = Float[np.ndarray, " K"]
Truth = Int64[np.ndarray, " K"]  # 1 for an edge, 0 for another pair; both are there


@dataclass(frozen=True, kw_only=True)
class LinkScores:
    """Scores over a list of pairs; one half is what chance gets of the first, the share of edges of the second."""

    auc: float
    ap: float
    pairs: int


def score(scores: Scored, edges: Truth) -> LinkScores:
    """Both, of scores where more means likelier an edge."""
    assert 0 < edges.sum() < len(edges) == len(scores), "some pairs are edges, and some are not"
    return LinkScores(auc=area(scores, edges), ap=precision(scores, edges), pairs=len(edges))


def area(scores: Scored, edges: Truth) -> float:
    """The chance that an edge scores higher than another pair, a tie counted half: from the ranks (Mann and Whitney).

    >>> area(np.array([0.9, 0.4, 0.4, 0.1]), np.array([1, 1, 0, 0]))
    0.875
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # of equal scores the mean of their ranks
    found = int(edges.sum())
    below = ranks[edges == 1].sum() - found * (found + 1) / 2
    return float(below / (found * (len(edges) - found)))


def precision(scores: Scored, edges: Truth) -> float:
    """The mean, over edges, of the share of edges among all pairs that score as high or higher.

    >>> precision(np.array([0.9, 0.4, 0.4, 0.1]), np.array([1, 1, 0, 0]))
    0.8333333333333333
    """
    _, place, counts = np.unique(-scores, return_inverse=True, return_counts=True)
    above = np.cumsum(counts)
    right = np.bincount(place, weights=edges)
    return float((right * np.cumsum(right) / above).sum() / edges.sum())
