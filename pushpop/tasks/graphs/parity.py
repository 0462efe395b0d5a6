"""Prefix parity along a path: the smallest task that no fixed number of layers does at every length."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.edges import both_ways
from pushpop.tasks.graphs.instance import GraphTask, Instance, Part, Sequence, alike, no_numbers

LONGEST = 10_000  # so that the test's are a million
LONG, FEW_LONG = 1_000, 30


@dataclass(frozen=True, kw_only=True)
class PathParity(GraphTask):
    """At each node of a path whether the bits from its root up to there have an odd sum.

    `size`      nodes of the paths trained on.
    `directed`  edges lead away from the root alone, so that a recurrent graph net is an RNN; or both ways, so that it
                has to find the direction: the root is marked.

    Graph view: columns bit and root. Sequence view: the bits, answered at each.

    >>> PathParity().parities(np.array([1, 0, 1, 1])).tolist()
    [1, 1, 0, 1]
    """

    level = "node"
    size: int = 10
    directed: bool = False

    def __post_init__(self) -> None:
        self.expect_between("size", 1, LONGEST)
        if not isinstance(self.directed, bool):
            raise ConfigError(f"task.directed: {self.directed!r} is no truth value; give true or false")

    @property
    def columns(self) -> tuple[int, ...]:
        return (2, 2)

    @property
    def classes(self) -> int:
        return 2

    @property
    def reads(self) -> int:
        return 2

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = (self.size,)
        test = tuple(factor * self.size for factor in (1, 2, 4, 10, 100))
        return {"training": known, "validation": (*known, 2 * self.size), "test": test}

    def fixed(self, size: int) -> int:
        """30 of the longest: 2,000 rounds in each take a while."""
        return min(super().fixed(size), FEW_LONG) if size >= LONG else super().fixed(size)

    def parities(self, bits: Int64[np.ndarray, " N"]) -> Int64[np.ndarray, " N"]:
        """Bit by bit, as one would say it."""
        odd, said = 0, list[int]()
        for bit in bits.tolist():
            odd = 1 - odd if bit else odd
            said.append(odd)
        return np.array(said)

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:  # noqa: ARG002
        bits = draws.below(2, size)
        pairs = np.stack([np.arange(size - 1), np.arange(1, size)], axis=1)
        edges = pairs.T.copy() if self.directed else both_ways(pairs)
        return Instance(
            symbols=np.stack([bits, np.arange(size) == 0], axis=1).astype(np.int64),
            numbers=no_numbers(size),
            edges=edges,
            kinds=alike(edges),
            asked=np.arange(size)[None],
            answers=self.parities(bits),
        )

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:  # noqa: ARG002
        places = np.arange(instance.nodes)
        return Sequence(instance.symbols[:, 0], places, places)

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        return {"even": np.zeros(instance.nodes, dtype=np.int64)}

    def guesses(self, instance: Instance) -> Mapping[str, float]:
        return {"any bit": 0.5, "any bit, whole graph": 2.0**-instance.nodes}
