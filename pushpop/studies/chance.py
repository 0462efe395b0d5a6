"""How sure a correlation or a difference in luck is."""

from collections.abc import Sequence
from math import atanh, comb, sqrt, tanh
from typing import NamedTuple

import numpy as np

Z = 1.96  # 95 %


class Correlation(NamedTuple):
    """A rank correlation with its 95 % interval."""

    runs: int
    value: float
    low: float
    high: float


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> Correlation | None:
    """Spearman's correlation of pairs, its interval by Fisher's transformation (Bonett and Wright 2000, eq. 3).

    None where there is none: fewer than 4 pairs, or values that are all the same.

    >>> rank_correlation([1, 2, 3, 4], [10, 20, 30, 31])
    Correlation(runs=4, value=1.0, low=1.0, high=1.0)
    """
    runs = len(one)
    if runs < 4 or len(set(one)) == 1 or len(set(other)) == 1:
        return None
    value = float(np.corrcoef(ranks(one), ranks(other))[0, 1])
    if abs(value) > 1 - 1e-12:
        whole = float(round(value))
        return Correlation(runs, whole, whole, whole)
    spread = Z * sqrt((1 + value**2 / 2) / (runs - 3))
    return Correlation(runs, value, tanh(atanh(value) - spread), tanh(atanh(value) + spread))


def ranks(values: Sequence[float]) -> np.ndarray:
    """The rank of each value from 1; those that tie share the mean of theirs.

    >>> ranks([0.5, 0.1, 0.5]).tolist()
    [2.5, 1.0, 2.5]
    """
    given = np.asarray(values, float)
    below, up_to = (np.searchsorted(np.sort(given), given, side) for side in ("left", "right"))
    return (below + up_to + 1) / 2


def rank_sum_test(lower: Sequence[float], higher: Sequence[float]) -> float:
    """Wilcoxon's, exact: the chance that the ranks of `lower` add up to as little as here, were all of one kind.

    >>> round(rank_sum_test([1, 2], [3, 4, 5]), 3)
    0.1
    """
    doubled = [int(rank) for rank in 2 * ranks([*lower, *higher])]  # ties have half ranks
    ways: dict[tuple[int, int], int] = {(0, 0): 1}  # how many choices of so many have this sum
    for rank in doubled:
        for (some, total), count in list(ways.items()):
            if some < len(lower):
                key = some + 1, total + rank
                ways[key] = ways.get(key, 0) + count
    here = sum(doubled[: len(lower)])
    found = {total: count for (some, total), count in ways.items() if some == len(lower)}
    return sum(count for total, count in found.items() if total <= here) / sum(found.values())


def exact_test(lucky: int, runs: int, others_lucky: int, others: int) -> float:
    """Fisher's two-sided exact test: the chance of counts at least as unlike as these, were the luck the same.

    >>> round(exact_test(3, 3, 0, 3), 3)
    0.1
    """
    both, of = lucky + others_lucky, runs + others
    ways = [comb(runs, some) * comb(others, both - some) for some in range(both + 1)]
    return sum(way for way in ways if way <= ways[lucky]) / comb(of, both)
