"""How right answers are: coarse, fine and token accuracy, and how sure k of N is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Accuracies over a list of words; coarse <= fine <= token, always."""

    coarse: float  # share of words answered wholly right, end symbol included
    fine: float  # mean share of an answer's symbols before the first error (Grefenstette et al. 2015, section 4.4)
    token: float  # mean share of an answer's positions right
    words: int


def score(wanted: Sequence[np.ndarray], said: Sequence[np.ndarray]) -> Scores:
    """Answers said [any length] against those wanted [m], end symbols included in both.

    What was not said is wrong, and what was said past the wanted end counts for nothing in fine and token but spoils
    coarse.
    """
    assert len(wanted) == len(said) > 0, f"{len(said)} answers to {len(wanted)} words"
    coarse, fine, token = list[float](), list[float](), list[float]()
    for answer, given in zip(wanted, said, strict=True):
        right = np.zeros(len(answer), dtype=bool)
        shared = min(len(answer), len(given))
        right[:shared] = answer[:shared] == given[:shared]
        whole = bool(right.all())
        coarse.append(float(whole and len(given) == len(answer)))
        fine.append(1.0 if whole else int(right.argmin()) / len(answer))
        token.append(int(right.sum()) / len(answer))
    words = len(wanted)
    # fsum: the mean is the same in whatever order the words come, and the order of the three survives rounding
    return Scores(coarse=fsum(coarse) / words, fine=fsum(fine) / words, token=fsum(token) / words, words=words)


def by_position(
    lengths: Sequence[int], wanted: Sequence[np.ndarray], said: Sequence[np.ndarray], *, ended: bool
) -> float:
    """Mean over lengths of words of the share of all positions right in their answers (Delétang et al. 2022).

    Every length counts alike. The end mark counts as a position where `ended`; what was not said is wrong.
    """
    right, places = dict.fromkeys(lengths, 0), dict.fromkeys(lengths, 0)
    for length, answer, given in zip(lengths, wanted, said, strict=True):
        scored = answer if ended else answer[:-1]
        shared = min(len(scored), len(given))
        right[length] += int((scored[:shared] == given[:shared]).sum())
        places[length] += len(scored)
    shares = [right[length] / places[length] for length in sorted(places) if places[length]]
    return fsum(shares) / len(shares) if shares else 1.0


def wilson(solved: int, seeds: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for the chance that one more seed is solved, given `solved` of `seeds`; z = 1.96 is 95 %.

    >>> [round(end, 3) for end in wilson(20, 20)]
    [0.839, 1.0]
    """
    assert 0 <= solved <= seeds > 0, f"{solved} of {seeds} seeds"
    share, weight = solved / seeds, z * z / seeds
    middle = share + weight / 2
    spread = z * sqrt((share * (1 - share) + weight / 4) / seeds)
    low, high = (middle - spread) / (1 + weight), (middle + spread) / (1 + weight)
    return (0.0 if solved == 0 else low), (1.0 if solved == seeds else high)
