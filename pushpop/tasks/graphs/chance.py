"""What graph tasks draw beside whole numbers: orders, shares and sides, all from a stream of `Draws`."""

import numpy as np
from jaxtyping import Bool, Float64, Int64

from pushpop.tasks.draws import LARGEST_BOUND, Draws


def permutation(draws: Draws, size: int) -> Int64[np.ndarray, " size"]:
    """0 to size - 1 in any order, each as likely (Fisher and Yates).

    >>> permutation(Draws("an example"), 5).tolist()
    [0, 3, 2, 4, 1]
    """
    order = np.arange(size)
    numbers = draws.below(LARGEST_BOUND, max(size - 1, 0)).tolist()
    for place, number in zip(range(size - 1, 0, -1), numbers, strict=True):
        other = number % (place + 1)
        order[other], order[place] = order[place], order[other]
    return order


def shares(draws: Draws, count: int) -> Float64[np.ndarray, " count"]:
    """Numbers in [0, 1), uniform, in steps of 2**-32."""
    return draws.below(LARGEST_BOUND, count) / LARGEST_BOUND


def happens(draws: Draws, chance: float, count: int) -> Bool[np.ndarray, " count"]:
    """Whether each of so many things happens that have this chance."""
    return shares(draws, count) < chance
