"""One graph, some of whose nodes have a class that is known: say that of the others. Or some of its edges are hidden.

Where a graph comes from: `cora` and `citeseer` are fetched, `karate` is here, anything else is a folder with nodes.tsv
and edges.tsv (or the part of a path before `.nodes.tsv` and `.edges.tsv`), as `citation` says.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from pushpop.errors import ConfigError, GraphError, WordError, meant
from pushpop.tasks.encoding import NO_SEPARATOR, Alphabet
from pushpop.tasks.graphs import planetoid
from pushpop.tasks.graphs.citation import Citations, read_citations
from pushpop.tasks.graphs.hiding import Hidden, hidden
from pushpop.tasks.graphs.karate import karate
from pushpop.tasks.task import Answers, Task, shown

NAMES: dict[str, Callable[[], Citations]] = {
    "cora": lambda: planetoid.fetched("cora"),
    "citeseer": lambda: planetoid.fetched("citeseer"),
    "karate": karate,
}


@dataclass(frozen=True, kw_only=True)
class OneGraph(Task):
    """A task on a single graph. `graph` is one of NAMES, or where its two files are."""

    graph: str = "karate"

    @cached_property
    def citations(self) -> Citations:
        """The graph itself. Raises ConfigError or GraphError."""
        return found(self.graph)

    @property
    def alphabet(self) -> Alphabet:
        return Alphabet(self.citations.vocabulary, self.citations.classes, NO_SEPARATOR)

    @property
    def symbols(self) -> int:
        """How many nodes there are: users name them 0 to symbols - 1."""
        return self.citations.nodes

    @property
    def names(self) -> tuple[str, ...]:
        """Nodes go by their numbers alone."""
        return ()

    @abstractmethod
    def parts(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """What is asked in validation and test, and the right answers to it."""

    def check(self, nodes: Iterable[object], place: str = "nodes") -> np.ndarray:
        """These nodes as an array, if they are some of the graph's. Raises WordError that begins with `place`."""
        found, last = list[int](), self.symbols - 1
        for number, node in enumerate(nodes, 1):
            whole = isinstance(node, int | np.integer) and not isinstance(node, bool)
            if not whole or not 0 <= int(node) <= last:  # type: ignore[call-overload]
                rule = f"nodes of {self.graph} are 0 to {last}"
                raise WordError(f"{place}: node {number} is {shown(node)}; {rule}: change it")
            found.append(int(node))  # type: ignore[call-overload]
        if not found:
            raise WordError(f"{place}: names no node; give 1 or more")
        return np.array(found, dtype=np.int64)

    def hashes(self) -> dict[str, str]:
        """16 hexadecimal digits that tell a part of this very graph from any other."""
        whole = self.citations
        told = [array.tobytes() for array in (whole.edges, whole.rows, whole.words)]
        return {name: hashlib.sha256(b"/".join([*told, *(array.tobytes() for array in part)])).hexdigest()[:16]
                for name, part in self.parts().items()}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Nodes(OneGraph):
    """Say the class of each node of a graph, from its edges, all words and the classes of its training part.

    `graph`  cora, citeseer or karate; or a folder with nodes.tsv and edges.tsv.
    """

    answers: ClassVar[Answers] = "nodes"

    @cached_property
    def citations(self) -> Citations:
        """The graph itself, with classes to tell apart and nodes in every part. Raises ConfigError or GraphError."""
        whole = found(self.graph)
        for name, nodes in whole.splits.items():
            if not len(nodes):
                said = {"training": "train", "validation": "val", "test": "test"}[name]
                raise GraphError(f"task.graph: {self.graph}: no node is in {said}; give 1 or more")
        if whole.classes < 2:
            raise GraphError(f"task.graph: {self.graph}: all labels are {whole.classes - 1}; give 2 classes or more")
        return whole

    def parts(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        labels, splits = self.citations.labels, self.citations.splits
        return {name: (splits[name], labels[splits[name]]) for name in ("validation", "test")}


@dataclass(frozen=True, kw_only=True)
class Links(OneGraph):
    """Tell edges that were taken out of a graph from pairs of nodes that never had one.

    `graph`       cora, citeseer or karate; or a folder with nodes.tsv and edges.tsv.
    `split`       seed of what is hidden: the same edges and other pairs for every model and every seed of a run.
    `held_out`    share of the edges that are the test.
    `validation`  share of the edges that choices are made on.
    """

    answers: ClassVar[Answers] = "links"

    split: int = 0
    held_out: float = 0.1
    validation: float = 0.05

    def __post_init__(self) -> None:
        self.whole_numbers("split")
        if not 0 <= self.split < 2**63:
            raise ConfigError(f"task.split: {shown(self.split)} is no seed; give 0 to {2**63 - 1}")
        for name in ("held_out", "validation"):
            if not 0 < getattr(self, name) < 0.5:
                raise ConfigError(f"task.{name}: {getattr(self, name)} is not a share to hide; give 0.01 to 0.49")

    @cached_property
    def hidden(self) -> Hidden:
        """The graph that is left, and what was taken out. Raises ConfigError or GraphError."""
        return hidden(self.citations, self.split, self.held_out, self.validation, f"task.graph: {self.graph}")

    def check(self, nodes: Iterable[object], place: str = "nodes") -> np.ndarray:
        """The two nodes of a pair. Raises WordError that begins with `place`."""
        found = super().check(nodes, place)
        if len(found) != 2:
            raise WordError(f"{place}: {len(found)} nodes are no pair; give 2, such as: 0 1")
        return found

    def parts(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {"validation": self.hidden.validation, "test": self.hidden.test}


@dataclass(frozen=True, kw_only=True)
class Cora(Nodes):
    __doc__ = Nodes.__doc__

    graph: str = "cora"


@dataclass(frozen=True, kw_only=True)
class Citeseer(Nodes):
    __doc__ = Nodes.__doc__

    graph: str = "citeseer"


@dataclass(frozen=True, kw_only=True)
class CoraLinks(Links):
    __doc__ = Links.__doc__

    graph: str = "cora"


@dataclass(frozen=True, kw_only=True)
class CiteseerLinks(Links):
    __doc__ = Links.__doc__

    graph: str = "citeseer"


def found(name: str) -> Citations:
    """The graph of a name, or in a folder. Raises ConfigError where there is none, GraphError for a malformed one."""
    if name in NAMES:
        return NAMES[name]()
    path = Path(name)
    inside = path / "nodes.tsv", path / "edges.tsv"
    beside = Path(f"{name}.nodes.tsv"), Path(f"{name}.edges.tsv")
    for nodes, edges in (inside, beside):
        if nodes.exists():
            return read_citations(nodes, edges)
    said = meant(name, NAMES)
    raise ConfigError(
        f"task.graph: {shown(name)} is no graph and no folder with nodes.tsv; {said}give one of {', '.join(NAMES)}, or "
        "a folder with nodes.tsv and edges.tsv"
    )
