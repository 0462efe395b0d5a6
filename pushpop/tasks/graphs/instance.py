"""What a graph task is: instances that each are a graph and a sequence with the same answers.

A task is its own settings, draws instances of a size, and says what is right by a textbook's algorithm. An instance in
plain numbers is the graph view; `sequence` makes of it what a recurrent net reads. Nothing here knows a net.

A net's features are `Instance.features`, its edges and their kinds go to `graphs.Graphs.of`, what is asked is read at
`Instance.asked` (nodes, pairs of nodes), and node and graph accuracy are `right` of what it says; `graphs.questions`
does all that for a batch. A recurrent net reads `Sequence.symbols` and answers at `Sequence.positions`; `sequences`
makes a batch of such.

Axes: N nodes, E edges, C columns of symbols, P numbers, K ends of what is asked, A answers, M choices, T positions.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import zip_longest
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import NO_SEPARATOR, Alphabet
from pushpop.tasks.task import Answers, Part, Task

Level = Literal["node", "edge", "graph"]
MANY, FEW, LARGE = 1_000, 100, 200  # fixed graphs of a size, of a large one, and from how large on it is one


@dataclass(frozen=True, kw_only=True, eq=False)
class Instance:
    """A graph, what is asked about it, and the one right answer to each.

    `asked` are the nodes (K = 1) or the pairs of nodes (K = 2) that an answer is wanted at; of a question about the
    whole graph it is the node at which it can be read, or any read-out of all nodes. An answer is a class, or, where
    the task points, a node: one of those that `choices` names for it.
    """

    symbols: Int64[np.ndarray, "N C"]
    numbers: Float64[np.ndarray, "N P"]
    edges: Int64[np.ndarray, "2 E"]
    kinds: Int64[np.ndarray, " E"]
    asked: Int64[np.ndarray, "K A"]
    answers: Int64[np.ndarray, " A"]
    choices: Int64[np.ndarray, "2 M"] = field(default_factory=lambda: np.zeros((2, 0), dtype=np.int64))  # answer, node

    @property
    def nodes(self) -> int:
        return len(self.symbols)

    def features(self, columns: Iterable[int]) -> Float32[np.ndarray, "N F"]:
        """One unit vector for each column of symbols, of so many kinds each, and the numbers behind them."""
        units = [np.eye(size, dtype=np.float32)[own] for size, own in zip(columns, self.symbols.T, strict=True)]
        return np.concatenate([*units, self.numbers.astype(np.float32)], axis=1)


class Sequence(NamedTuple):
    """An instance as a recurrent net reads it."""

    symbols: Int64[np.ndarray, " T"]
    positions: Int64[np.ndarray, " A"]  # where answers are wanted, ascending
    order: Int64[np.ndarray, " A"]  # which of the instance's answers each is
    names: Int64[np.ndarray, " N"] | None = None  # what nodes are called here, where not by their numbers

    def answers(self, instance: Instance) -> Int64[np.ndarray, " A"]:
        """What is wanted at the positions: a class, or a node by its name."""
        wanted = instance.answers[self.order]
        return wanted if self.names is None else self.names[wanted]


class Accuracy(NamedTuple):
    """Both always together: one flatters, the other is strict."""

    node: float  # mean over graphs of the share of answers that are right
    graph: float  # share of graphs wholly right


@dataclass(frozen=True, kw_only=True)
class GraphTask(Task):
    """A question asked of graphs. Each kind is a frozen dataclass of its settings; ConfigError for impossible ones."""

    answers: ClassVar[Answers] = "graph"
    level: ClassVar[Level]
    points: ClassVar[bool] = False  # whether an answer is a node instead of a class

    @property
    @abstractmethod
    def columns(self) -> tuple[int, ...]:
        """How many kinds of symbols each column has."""

    @property
    def numbers(self) -> int:
        """How many numbers a node has beside its symbols."""
        return 0

    @property
    def kinds(self) -> int:
        """How many kinds of edges there are."""
        return 1

    @property
    def history(self) -> int:
        """How many of the last columns are what happened to a node, oldest first: they have the same symbols, of which
        the last says that nothing happened, and stands behind all others."""
        return 0

    @property
    @abstractmethod
    def classes(self) -> int:
        """Of how many classes an answer is; where the task points, of how many names in the sequence view."""

    @property
    @abstractmethod
    def reads(self) -> int:
        """How many symbols the sequence view is made of."""

    @property
    @abstractmethod
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        """The sizes of training and validation, and those of the test, ascending."""

    @property
    def alphabet(self) -> Alphabet:
        """Of the sequence view."""
        return Alphabet(self.reads, self.classes, NO_SEPARATOR)

    def fixed(self, size: int) -> int:
        """How many graphs of that size are fixed to judge nets by."""
        return MANY if size < LARGE else FEW

    @abstractmethod
    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:
        """An instance of that size. The part matters to tasks that keep some of their instances for one alone."""

    @abstractmethod
    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        """The same instance as a sequence; what has no order stands in a drawn one."""

    @abstractmethod
    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """What rules say that need no learning, by name; what no single answer can tell is `guesses`."""

    @abstractmethod
    def guesses(self, instance: Instance) -> Mapping[str, float]:
        """The share of right answers that is to be expected of one who cannot see something, by name."""

    def expect_between(self, name: str, smallest: float, largest: float) -> None:
        """ConfigError for a setting that is not a number, whole where its default is, between these two."""
        value = getattr(self, name)
        whole = next(isinstance(one.default, int) for one in fields(self) if one.name == name)
        number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not number or not smallest <= value <= largest:
            kind = "a whole number" if whole else "a number"
            raise ConfigError(f"task.{name}: {value!r} cannot be; give {kind} from {smallest:g} to {largest:g}")

    def expect_one_of(self, name: str, known: Iterable[str]) -> None:
        """ConfigError for a setting that is none of these names."""
        value, names = getattr(self, name), list(known)
        if value not in names:
            raise ConfigError(f"task.{name}: {value!r} is not known; give one of {', '.join(names)}")


@dataclass(frozen=True, kw_only=True)
class Pointing(GraphTask):
    """A task in which every node points to one, and has its own index / nodes as a number."""

    level = "node"
    points = True

    @property
    def numbers(self) -> int:
        return 1

    @property
    def classes(self) -> int:
        return self.ladder["test"][-1]

    @property
    def reads(self) -> int:
        return self.classes + 1


def right(chosen: Iterable[np.ndarray], instances: Iterable[Instance]) -> Accuracy:
    """Node and graph accuracy of answers [A] chosen for each instance."""
    shares = [float(np.mean(own == one.answers)) for own, one in zip(chosen, instances, strict=True)]
    return Accuracy(float(np.mean(shares)), float(np.mean([share == 1 for share in shares])))


def floors(task: GraphTask, instances: list[Instance]) -> dict[str, Accuracy]:
    """What rules that need no learning get."""
    said = [task.floors(one) for one in instances]
    return {name: right([one[name] for one in said], instances) for name in (said[0] if said else {})}


def guesses(task: GraphTask, instances: list[Instance]) -> dict[str, float]:
    """What those who cannot see something get at best: the mean over instances."""
    said = [task.guesses(one) for one in instances]
    return {name: float(np.mean([one[name] for one in said])) for name in (said[0] if said else {})}


def drawn(task: GraphTask, part: Part, size: int, count: int, *key: int | str) -> list[Instance]:
    """`count` instances of that size, fixed by part, size and key alone: for a test set no key is needed.

    One of a longer list is the same in a shorter one.
    """
    name = type(task).__name__
    return [task.instance(Draws("graphs", name, part, size, *key, number), size, part) for number in range(count)]


def mixed(task: GraphTask, part: Part) -> list[Instance]:
    """The fixed instances of every size of a part, 1,000 in all, by turns: the first few are of all sizes."""
    sizes = task.ladder[part]
    columns = [drawn(task, part, size, min(task.fixed(size), MANY // len(sizes))) for size in sizes]
    return [one for row in zip_longest(*columns) for one in row if one is not None]


def fingerprint(instances: Iterable[Instance]) -> str:
    """16 hexadecimal digits that two lists of instances share only if they are the same, in the same order."""
    digest = hashlib.sha256()
    for one in instances:
        for part in (one.symbols, one.numbers, one.edges, one.kinds, one.asked, one.answers, one.choices):
            digest.update(f"{part.shape} {part.dtype} ".encode() + np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


def no_numbers(nodes: int) -> Float64[np.ndarray, "N 0"]:
    return np.zeros((nodes, 0))


def heard(edges: Int64[np.ndarray, "2 E"], nodes: int) -> Int64[np.ndarray, "2 M"]:
    """The choices of every node that points to one that an edge comes from, or to itself."""
    own = np.arange(nodes)
    strangers = edges[:, edges[0] != edges[1]]
    found = np.concatenate([strangers[::-1], np.stack([own, own])], axis=1)
    return found[:, np.lexsort((found[1], found[0]))]


def alike(edges: np.ndarray) -> Int64[np.ndarray, " E"]:
    """Kinds of edges that are all alike."""
    return np.zeros(edges.shape[1], dtype=np.int64)
