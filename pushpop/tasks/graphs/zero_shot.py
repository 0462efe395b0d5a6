"""Classes never seen in training, told apart by what a small graph of knowledge says of them.

Axes: C classes, A signs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import happens, permutation
from pushpop.tasks.graphs.instance import GraphTask, Instance, Part, Sequence, no_numbers

CLASS, SIGN, OBJECT = 0, 1, 2  # what a node is
IS_A, HAS, LACKS, SHOWS, HIDES = range(5)  # what an edge says; each backwards is a kind of its own
BACKWARDS = 5
TRIES = 1_000


class World(NamedTuple):
    """A tree of classes, what each says of its signs itself, and what follows."""

    above: Int64[np.ndarray, " C"]  # the class that each is a kind of; the root's is itself
    said: Int64[np.ndarray, "C A"]  # 1 has, -1 lacks, 0 nothing said
    signs: Bool[np.ndarray, "C A"]  # with what is inherited
    leaves: Int64[np.ndarray, " L"]  # classes that no other is a kind of
    seen: Bool[np.ndarray, " C"]  # whose objects are trained on


@dataclass(frozen=True, kw_only=True)
class ZeroShot(GraphTask):
    """An object shows some signs and hides the others: of which class is it, of classes whose objects were never seen?

    What a class is follows from a tree: it has the signs of the class above it but for those of which it says otherwise
    itself. So what is said of a class must be put together along the tree, by whatever has learned it on others.

    `classes`  in the tree; those at its ends have objects.
    `signs`    that there are.
    `unseen`   share of the ends whose objects are kept for the test.
    `worlds`   how many such trees training has; each is drawn by its number. One: the study's case, the classes of the
               test being nodes of the graph of training. Validation takes seen classes of the same worlds.
    `noise`    chance that an object's sign is the wrong way round; the answer is then the class that it was drawn from.

    Graph view: nodes are classes, signs and the object; edges say is a, has, lacks, shows, hides, and the same
    backwards. A column says what a node is. The answer is the node of a class at an end of the tree. Sequence view:
    what the tree says, statement by statement in a drawn order, a mark, then the object's signs; names are drawn anew.
    """

    level = "graph"
    points = True
    classes: int = 24
    signs: int = 10
    unseen: float = 0.25
    worlds: int = 64
    noise: float = 0.0

    def __post_init__(self) -> None:
        self.expect_between("classes", 4, 200)
        self.expect_between("signs", 2, 60)
        self.expect_between("worlds", 1, 100_000)
        self.expect_between("unseen", 0.0, 1.0)
        self.expect_between("noise", 0.0, 0.5)
        if self.classes > 2 ** (self.signs - 1):
            rule = f"give {2 ** (self.signs - 1)} or less, or more signs"
            raise ConfigError(f"task.classes: {self.classes} are not told apart by {self.signs} signs; {rule}")

    @property
    def columns(self) -> tuple[int, ...]:
        return (3,)

    @property
    def kinds(self) -> int:
        return 2 * BACKWARDS

    @property
    def reads(self) -> int:
        """Five words, the mark, classes and signs by name."""
        return BACKWARDS + 1 + self.ladder["test"][-1] + self.signs

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        return {"training": (self.classes,), "validation": (self.classes,), "test": (self.classes, 2 * self.classes)}

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:
        world = draw_world(size, self.signs, self.unseen, int(draws.below(self.worlds, 1)[0]))
        chosen = world.leaves[world.seen[world.leaves] == (part != "test")]
        if not len(chosen):
            told = "unseen" if part == "test" else "seen"
            raise ConfigError(f"task.unseen: {self.unseen} leaves no {told} class; give more than 0 and less than 1")
        own = int(chosen[draws.below(len(chosen), 1)[0]])
        shown = world.signs[own] ^ happens(draws, self.noise, self.signs)
        return self.of(world, shown, own)

    def of(self, world: World, shown: Bool[np.ndarray, " A"], answer: int) -> Instance:
        """The instance of an object with these signs."""
        count, signs = world.said.shape
        below = np.flatnonzero(world.above != np.arange(count))
        subjects, told = np.nonzero(world.said)
        edges = [np.stack([below, world.above[below]]), np.stack([subjects, count + told]),
                 np.stack([np.full(signs, count + signs), count + np.arange(signs)])]  # fmt: skip
        kinds = [np.full(len(below), IS_A), np.where(world.said[subjects, told] > 0, HAS, LACKS),
                 np.where(shown, SHOWS, HIDES)]  # fmt: skip
        onward, kind = np.concatenate(edges, axis=1), np.concatenate(kinds)
        roles = np.repeat([CLASS, SIGN, OBJECT], [count, signs, 1])
        return Instance(
            symbols=roles[:, None],
            numbers=no_numbers(len(roles)),
            edges=np.concatenate([onward, onward[::-1]], axis=1),
            kinds=np.concatenate([kind, kind + BACKWARDS]),
            asked=np.array([[count + signs]]),
            answers=np.array([answer]),
            choices=np.stack([np.zeros(len(world.leaves), dtype=np.int64), world.leaves]),
        )

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        """Statements of three symbols, subject, word, object; then for each sign of the object word and sign."""
        count = int((instance.symbols[:, 0] == CLASS).sum())
        names = BACKWARDS + 1 + np.concatenate([permutation(draws, count), count + permutation(draws, self.signs)])
        told = np.flatnonzero(instance.kinds <= LACKS)
        told = told[permutation(draws, len(told))]
        first, second = names[instance.edges[:, told]]
        shown = np.flatnonzero((instance.kinds == SHOWS) | (instance.kinds == HIDES))
        shown = shown[permutation(draws, len(shown))]
        seen = np.stack([instance.kinds[shown], names[instance.edges[1, shown]]], axis=1).ravel()
        symbols = np.concatenate([np.stack([first, instance.kinds[told], second], axis=1).ravel(), [BACKWARDS], seen])
        return Sequence(symbols, np.array([len(symbols) - 1]), np.array([0]), names)

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """The class at an end that says most of what the object shows and least of the contrary, itself; the first of
        several. What it inherits is left out."""
        said, shown, ends = self.read_back(instance)
        agreement = (said * np.where(shown, 1, -1)).sum(1)
        return {"own words": np.array([ends[agreement[ends].argmax()]])}

    def guesses(self, instance: Instance) -> Mapping[str, float]:
        return {"any class at an end": 1 / len(self.read_back(instance)[2])}

    def read_back(self, instance: Instance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What each class says itself [C, A], what the object shows [A], and which classes are at an end."""
        count = int((instance.symbols[:, 0] == CLASS).sum())
        said, shown = np.zeros((count, self.signs), dtype=np.int64), np.zeros(self.signs, dtype=bool)
        inner = set()
        for (source, target), kind in zip(instance.edges.T.tolist(), instance.kinds.tolist(), strict=True):
            if kind in (HAS, LACKS):
                said[source, target - count] = 1 if kind == HAS else -1
            elif kind == SHOWS:
                shown[target - count] = True
            elif kind == IS_A:
                inner.add(target)
        return said, shown, np.array([node for node in range(count) if node not in inner])


@cache
def draw_world(classes: int, signs: int, unseen: float, number: int) -> World:
    """The world of that number: no two classes at an end are alike, and both seen and unseen ones are among them."""
    draws = Draws("zero-shot world", classes, signs, number)
    for _ in range(TRIES):
        above = np.array([0, *(int(draws.below(node, 1)[0]) for node in range(1, classes))])
        said = said_by(draws, above, signs)
        held = inherited(above, said)
        leaves = np.array([node for node in range(1, classes) if node not in above])
        if len({tuple(row) for row in held[leaves].tolist()}) == len(leaves):
            seen = np.ones(classes, dtype=bool)
            seen[leaves[permutation(draws, len(leaves))[: round(unseen * len(leaves))]]] = False
            return World(above, said, held, leaves, seen)
    raise ConfigError(f"task.signs: {signs} do not tell {classes} classes apart; give more")


def said_by(draws: Draws, above: Int64[np.ndarray, " C"], signs: int) -> Int64[np.ndarray, "C A"]:
    """The root speaks of every sign, every other class of some, always otherwise than the class above it."""
    said = np.zeros((len(above), signs), dtype=np.int64)
    said[0] = np.where(happens(draws, 0.5, signs), 1, -1)
    for node in range(1, len(above)):
        held = inherited(above[: node + 1], said[: node + 1])[above[node]]
        some = permutation(draws, signs)[: 1 + int(draws.below(max(1, signs // 4), 1)[0])]
        said[node, some] = np.where(held[some], -1, 1)
    return said


def inherited(above: Int64[np.ndarray, " C"], said: Int64[np.ndarray, "C A"]) -> Bool[np.ndarray, "C A"]:
    """What each class has: what it says itself, else what the class above it has. Classes stand below those above."""
    held = np.zeros(said.shape, dtype=bool)
    for node in range(len(above)):
        held[node] = np.where(said[node] == 0, held[above[node]], said[node] > 0)
    return held
