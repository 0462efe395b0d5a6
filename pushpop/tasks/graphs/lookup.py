"""A dictionary: every query wants the value that stands with its key. What attention is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation
from pushpop.tasks.graphs.instance import GraphTask, Instance, Part, Sequence, alike, no_numbers

MOST_NAMES = 256
KNOWN = 0.8  # share of graphs that are for training
TRIES = 10_000


@dataclass(frozen=True, kw_only=True)
class LookUp(GraphTask):
    """k keys, each with a value, and k queries, each with one of the keys: what is its value?

    `size`   keys of a graph of training (k).
    `names`  how many keys, and how many values, they are drawn from; no two of a graph are alike. As many as keys: as
             it is published. More of them: graphs may be larger than those of training, all names being known.

    Of all pairs of a key and a value so many are known, drawn once for all, that 8 of 10 graphs are made of them alone:
    those are for training and validation, all others for the test.

    Graph view: an edge from each key to each query; columns key and value, of a query a blank. Sequence view: keys
    with their values in a drawn order, a mark, then the queries, answered at each.

    After Brody, Alon, Yahav 2022 (How Attentive are Graph Attention Networks?); instances are our own.
    """

    level = "node"
    size: int = 10
    names: int = 10

    def __post_init__(self) -> None:
        self.expect_between("names", 2, MOST_NAMES)
        self.expect_between("size", 2, MOST_NAMES)
        if self.size > self.names:
            rule = f"give {self.names} or less, or more names"
            raise ConfigError(f"task.size: {self.size} different keys cannot be had of {self.names} names; {rule}")

    @property
    def columns(self) -> tuple[int, ...]:
        return (self.names, self.names + 1)

    @property
    def classes(self) -> int:
        return self.names

    @property
    def reads(self) -> int:
        """Keys, values, and the mark."""
        return 2 * self.names + 1

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = (self.size,)
        test = tuple(factor * self.size for factor in (1, 2, 5) if factor * self.size <= self.names)
        return {"training": known, "validation": known, "test": test}

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:
        known = pairings(self.names, self.size)
        for _ in range(TRIES):
            keys, values = (permutation(draws, self.names)[:size] for _ in range(2))
            if bool(known[keys, values].all()) == (part != "test"):
                return self.of(keys, values)
        raise AssertionError(f"no {part} graph of {size} keys in {TRIES} tries")

    def of(self, keys: Int64[np.ndarray, " k"], values: Int64[np.ndarray, " k"]) -> Instance:
        """The instance with these."""
        count = len(keys)
        blank = np.full(count, self.names)
        edges = np.stack([np.tile(np.arange(count), count), np.repeat(np.arange(count, 2 * count), count)])
        return Instance(
            symbols=np.stack([np.tile(keys, 2), np.concatenate([values, blank])], axis=1),
            numbers=no_numbers(2 * count),
            edges=edges,
            kinds=alike(edges),
            asked=np.arange(count, 2 * count)[None],
            answers=values.copy(),
        )

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        count = len(instance.answers)
        listed, asked = permutation(draws, count), permutation(draws, count)
        keys, values = instance.symbols[:count].T
        pairs = np.stack([keys[listed], values[listed] + self.names], axis=1).ravel()
        symbols = np.concatenate([pairs, [2 * self.names], keys[asked]])
        return Sequence(symbols, np.arange(len(symbols) - count, len(symbols)), asked)

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """One value for all queries: exactly one of k is right."""
        return {"one for all": np.full(len(instance.answers), instance.answers[0])}

    def guesses(self, instance: Instance) -> Mapping[str, float]:
        return {"any value there": 1 / len(instance.answers)}


@cache
def pairings(names: int, size: int) -> Bool[np.ndarray, "n n"]:
    """Which keys have been seen with which values, for graphs of so many keys."""
    count = int(KNOWN ** (1 / size) * names**2)
    chosen = permutation(Draws("look-up pairings", names, size), names**2)[:count]
    found = np.zeros(names**2, dtype=bool)
    found[chosen] = True
    return found.reshape(names, names)
