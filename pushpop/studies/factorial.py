"""A fractional factorial design: factors of two levels, which cells there are, and what a level is worth.

A level is -1 where it is the usual one, +1 where it is the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod, sqrt
from typing import Any

from pushpop.evaluation.metrics import wilson
from pushpop.reporting.runs import Record
from pushpop.reporting.writing import Spread

Signs = tuple[int, ...]
ENDED = ("solved", "not solved", "failed")  # a run that failed is a seed, and not solved


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One choice about a net, with the settings that make each of its levels."""

    name: str
    usual: Mapping[str, object]
    other: Mapping[str, object]
    called: tuple[str, str]  # both levels in words

    def sign(self, settings: Mapping[str, Any]) -> int | None:
        """The level of a run by its settings; None where it is neither.

        >>> wiring = Factor(name="wiring", usual={"w": "direct"}, other={"w": "delayed"}, called=("direct", "delayed"))
        >>> wiring.sign({"w": "delayed", "rate": 1e-3})
        1
        """
        for sign, level in ((-1, self.usual), (1, self.other)):
            if all(settings.get(name) == value for name, value in level.items()):
                return sign
        return None


@dataclass(frozen=True)
class Design:
    """Factors, of which the last follow from the first: each the product of the levels of some of these, by place."""

    factors: tuple[Factor, ...]
    generators: tuple[tuple[int, ...], ...]

    @property
    def cells(self) -> list[Signs]:
        """The levels of every cell, the usual ones first."""
        free = product((-1, 1), repeat=len(self.factors) - len(self.generators))
        return [(*some, *(prod(some[place] for place in each) for each in self.generators)) for some in free]

    def cell(self, record: Record) -> Signs | None:
        """The cell that a run is of; None where it is of none."""
        signs = [factor.sign(record.settings) for factor in self.factors]
        known = tuple(sign for sign in signs if sign is not None)
        return known if known in self.cells else None

    def sides(self, records: Iterable[Record], places: Sequence[int]) -> tuple[list[Record], list[Record]]:
        """The runs that have ended, by the product of their levels on these factors: where it is -1, and where +1."""
        both: tuple[list[Record], list[Record]] = ([], [])
        cells = {}
        for record in records:
            if record.status in ENDED and (cell := cells.setdefault(record.hash, self.cell(record))) is not None:
                both[prod(cell[place] for place in places) > 0].append(record)
        return both

    def alike(self, size: int = 2) -> list[list[tuple[int, ...]]]:
        """Sets of so many factors, put together where their products are the same in every cell: no run tells those
        apart."""
        together: dict[Signs, list[tuple[int, ...]]] = {}
        for places in combinations(range(len(self.factors)), size):
            signs = tuple(prod(cell[place] for place in places) for cell in self.cells)
            together.setdefault(signs, []).append(places)
        return list(together.values())


def newcombe(first: tuple[int, int], second: tuple[int, int]) -> Spread:
    """What the share of `first` (so many of so many) has over that of `second`, with its 95 % interval.

    Newcombe 1998, method 10: from the two Wilson intervals. It takes all runs of a side for draws from one share,
    though cells differ and the sides have their seeds in common.

    >>> newcombe((56, 70), (48, 80))
    Spread(middle=0.2, low=0.052, high=0.334)
    """
    (one, low, high), (other, below, above) = (
        (solved / runs, *wilson(solved, runs)) for solved, runs in (first, second)
    )
    gap = one - other
    least = gap - sqrt((one - low) ** 2 + (above - other) ** 2)
    most = gap + sqrt((high - one) ** 2 + (other - below) ** 2)
    return Spread(*(round(each, 3) for each in (gap, least, most)))


def counted(records: Sequence[Record]) -> tuple[int, int]:
    """How many are solved, of how many."""
    return sum(record.solved for record in records), len(records)
