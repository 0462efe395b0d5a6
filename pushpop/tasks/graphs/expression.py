"""Nested expressions whose operators know the order of their arguments: a question with two sharp views.

Axes: M values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float64, Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.instance import FEW, GraphTask, Instance, Part, Sequence, no_numbers

MOST_ARGUMENTS = 4
FACTORS = (1, -1, 2, -2)  # of the arguments in order: no two alike, so each exchange of two is felt
DEEPEST = 16
LARGEST_MANY = 10  # depth of the deepest trees of which there are a thousand to judge by
Tree = int | tuple["Tree", ...]


@dataclass(frozen=True, kw_only=True)
class Expression(GraphTask):
    """The value of a nested expression modulo `modulus`: a - b, or a - b + 2 c - 2 d for as many arguments.

    `modulus`    values are 0 to modulus - 1; odd and prime, else part of the answer can be seen without the order.
    `arguments`  most arguments of an operator, 2 to 4; each operator has 2 to so many, each as likely.
    `shape`      full: every leaf as deep as the tree; ragged: one argument of each operator is as deep as it may be,
                 each other one of any lesser depth, in any order. (Chains would need no stack: there are none alone.)
    `ordered`    false: arguments are added up, as a control that needs no order.
    `notation`   of the sequence view: brackets, or postfix.
    `depth`      of the deepest trees trained on.

    Graph view: edges from arguments to operators, their kind the argument's place; the answer is asked at the root,
    which is node 0. Sequence view: the answer is asked at the last symbol.

    >>> Expression().value((3, (1, 5)))  # 3 - (1 - 5) modulo 7
    0
    """

    level = "graph"
    modulus: int = 7
    arguments: int = 2
    shape: str = "ragged"
    ordered: bool = True
    notation: str = "brackets"
    depth: int = 4

    def __post_init__(self) -> None:
        self.expect_between("modulus", 3, 97)
        self.expect_between("arguments", 2, MOST_ARGUMENTS)
        self.expect_between("depth", 1, DEEPEST)
        self.expect_one_of("shape", ("full", "ragged"))
        self.expect_one_of("notation", ("brackets", "postfix"))
        if any(self.modulus % divisor == 0 for divisor in range(2, self.modulus)):
            raise ConfigError(f"task.modulus: {self.modulus} is no odd prime; give one, such as 7")

    @property
    def columns(self) -> tuple[int, ...]:
        return (self.modulus + self.arguments - 1,)

    @property
    def kinds(self) -> int:
        return self.arguments

    @property
    def classes(self) -> int:
        return self.modulus

    @property
    def reads(self) -> int:
        """Values, then operators by how many arguments they have; of brackets one operator and both brackets."""
        return self.modulus + (3 if self.notation == "brackets" else self.arguments - 1)

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = tuple(range(1, self.depth + 1))
        further = (self.depth + 1, self.depth + 2, 2 * self.depth, 3 * self.depth)
        return {"training": known, "validation": known, "test": tuple(sorted({*known, *further}))}

    def fixed(self, size: int) -> int:
        """100 of the deepest, which have hundreds of nodes."""
        return FEW if size > LARGEST_MANY else super().fixed(size)

    def tree(self, draws: Draws, depth: int) -> Tree:
        """A tree of exactly that depth."""
        if depth == 0:
            return int(draws.below(self.modulus, 1)[0])
        count = 2 + int(draws.below(self.arguments - 1, 1)[0])
        deepest = int(draws.below(count, 1)[0])
        depths = [depth - 1 if self.shape == "full" or place == deepest else int(draws.below(depth, 1)[0])
                  for place in range(count)]  # fmt: skip
        return tuple(self.tree(draws, own) for own in depths)

    def value(self, tree: Tree) -> int:
        """By recursion."""
        if isinstance(tree, int):
            return tree
        return self.worked([self.value(part) for part in tree]) % self.modulus

    def worked(self, values: list[int]) -> int:
        """What an operator makes of its arguments."""
        factors = FACTORS if self.ordered else [1] * len(values)
        return sum(factor * value for factor, value in zip(factors, values, strict=False))

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:  # noqa: ARG002
        return self.of(self.tree(draws, size))

    def of(self, tree: Tree) -> Instance:
        """The instance that asks for this tree's value; nodes in the order of their depth."""
        symbols, edges, kinds, waiting = list[int](), list[tuple[int, int]](), list[int](), [(tree, -1, 0)]
        for own, above, place in waiting:
            node = len(symbols)
            symbols.append(own if isinstance(own, int) else self.modulus + len(own) - 2)
            if above >= 0:
                edges.append((node, above))
                kinds.append(place)
            if not isinstance(own, int):
                waiting += [(one, node, number) for number, one in enumerate(own)]
        return Instance(
            symbols=np.array(symbols)[:, None],
            numbers=no_numbers(len(symbols)),
            edges=np.array(edges, dtype=np.int64).reshape(-1, 2).T.copy(),
            kinds=np.array(kinds, dtype=np.int64),
            asked=np.array([[0]]),
            answers=np.array([self.value(tree)]),
        )

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:  # noqa: ARG002
        symbols = np.array(self.spelt(self.read_back(instance)))
        return Sequence(symbols, np.array([len(symbols) - 1]), np.array([0]))

    def spelt(self, tree: Tree) -> list[int]:
        """In the notation of the settings."""
        if isinstance(tree, int):
            return [tree]
        parts = [self.spelt(part) for part in tree]
        if self.notation == "postfix":
            return [*(symbol for part in parts for symbol in part), self.modulus + len(tree) - 2]
        sign, opened, closed = self.modulus, self.modulus + 1, self.modulus + 2
        between = [symbol for part in parts[:-1] for symbol in (*part, sign)]
        return [opened, *between, *parts[-1], closed]

    def read_back(self, instance: Instance, node: int = 0) -> Tree:
        """The tree of an instance."""
        symbol = int(instance.symbols[node, 0])
        if symbol < self.modulus:
            return symbol
        own = np.flatnonzero(instance.edges[1] == node)
        order = own[np.argsort(instance.kinds[own])]
        return tuple(self.read_back(instance, int(child)) for child in instance.edges[0, order])

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """The value of the tree's first leaf, from the left."""
        first = next(symbol for symbol in self.spelt(self.read_back(instance)) if symbol < self.modulus)
        return {"first leaf": np.array([first])}

    def guesses(self, instance: Instance) -> Mapping[str, float]:
        return {"any value": 1 / self.modulus, "blind to order": float(self.unordered(self.read_back(instance)).max())}

    def unordered(self, tree: Tree) -> Float64[np.ndarray, " M"]:
        """How likely each value is for one who sees all of a tree but the order of arguments: exact."""
        if isinstance(tree, int):
            return np.eye(self.modulus)[tree]
        parts = [self.unordered(part) for part in tree]
        orders = list(permutations(range(len(parts))))
        found = np.zeros(self.modulus)
        for order in orders:
            values = np.eye(self.modulus)[0]
            for factor, place in zip(FACTORS if self.ordered else [1] * len(parts), order, strict=False):
                values = added(values, parts[place], factor)
            found += values / len(orders)
        return found


def added(one: Float64[np.ndarray, " M"], other: Float64[np.ndarray, " M"], factor: int) -> Float64[np.ndarray, " M"]:
    """How likely each value of X + factor Y is, modulo as many as there are, for independent X and Y."""
    size = len(one)
    places = (np.arange(size)[:, None] + factor * np.arange(size)) % size
    return np.bincount(places.ravel(), weights=np.outer(one, other).ravel(), minlength=size)
