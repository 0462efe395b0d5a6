"""Citation graphs from two plain files each: papers with their words, label and part, and who cites whom.

Nodes file: a line `node label split words` of names, then one line for each node in order, columns apart by tabs: its
number from 0 on, a label from 0 on or -1 for one that is not known, train, val, test or none, and the indices of the
words that it has, ascending, apart by spaces. Edges file: a line `u v`, then a line for each undirected edge.

A net's features are one row for each node: 1 / (words of the node) at each of its words, so that rows sum to 1.

Axes: N nodes, E edges in either direction, W words of all nodes together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from pushpop.errors import GraphError
from pushpop.tasks.graphs.edges import both_ways
from pushpop.tasks.task import shown

UNKNOWN = -1
NODE_COLUMNS, EDGE_COLUMNS = ("node", "label", "split", "words"), ("u", "v")
SPLITS = {"train": "training", "val": "validation", "test": "test", "none": ""}
MOST, MOST_WORDS, MOST_LABELS = 10**9, 10**6, 10**4  # a net has weights for each word and label


@dataclass(frozen=True, eq=False)
class Citations:
    """A citation graph: its papers' labels and words, its edges in both directions, and its split."""

    labels: Int64[np.ndarray, " N"]  # UNKNOWN where none is
    splits: Mapping[str, Int64[np.ndarray, " K"]]  # training, validation, test: nodes, ascending
    rows: Int64[np.ndarray, " W"]  # the node of each word, ascending
    words: Int64[np.ndarray, " W"]
    edges: Int64[np.ndarray, "2 E"]
    vocabulary: int  # words there are: the largest index and one

    @property
    def nodes(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """Labels there are: the largest and one."""
        return int(self.labels.max()) + 1

    @property
    def weights(self) -> Float32[np.ndarray, " W"]:
        """What each word counts in its node's features."""
        counts = np.bincount(self.rows, minlength=self.nodes)
        return (1 / counts[self.rows]).astype(np.float32)

    def features(self) -> Float32[np.ndarray, "N V"]:
        """All of them, mostly 0."""
        found = np.zeros((self.nodes, self.vocabulary), dtype=np.float32)
        found[self.rows, self.words] = self.weights
        return found


def read_citations(nodes: Path | str, edges: Path | str) -> Citations:
    """The graph of these two files. Raises GraphError with file:line for what cannot be."""
    labels, splits, rows, words = list[int](), list[str](), list[int](), list[int]()
    for place, columns in table(nodes, NODE_COLUMNS):
        node = number(columns[0], place, "node")
        if node != len(labels):
            rule = "is there already" if node < len(labels) else f"comes before node {len(labels)}"
            raise GraphError(f"{place}: node {node} {rule}; give the nodes 0, 1, 2 and so on, each once")
        labels.append(label(columns[1], columns[2], place))
        splits.append(columns[2])
        own = [number(word, place, "word", MOST_WORDS) for word in columns[3].split()]
        if any(second <= first for first, second in pairwise(own)):
            raise GraphError(f"{place}: words of node {node} are not ascending; give each once, in order")
        rows += [node] * len(own)
        words += own
    if not labels:
        raise GraphError(f"{nodes}: a graph without nodes has nothing to say; give 1 node or more")
    parts = {name: np.array([node for node, own in enumerate(splits) if SPLITS[own] == name], dtype=np.int64)
             for name in SPLITS.values() if name}  # fmt: skip
    vocabulary = max(words, default=0) + 1
    pairs = read_pairs(edges, len(labels))
    return Citations(np.array(labels), parts, np.array(rows, dtype=np.int64), np.array(words, dtype=np.int64),
                     both_ways(pairs), vocabulary)  # fmt: skip


def label(text: str, split: str, place: str) -> int:
    """A node's label; one that is in no part may have none."""
    if split not in SPLITS:
        raise GraphError(f"{place}: split {shown(split)} is not known; give one of {', '.join(SPLITS)}")
    found = UNKNOWN if text == str(UNKNOWN) else number(text, place, "label", MOST_LABELS)
    if found == UNKNOWN and split != "none":
        raise GraphError(f"{place}: a node in {split} without a label; give one from 0 on, or the split none")
    return found


def read_pairs(path: Path | str, nodes: int) -> list[tuple[int, int]]:
    """The undirected edges of a file. Raises GraphError with file:line."""
    known, pairs = set[tuple[int, int]](), list[tuple[int, int]]()
    for place, columns in table(path, EDGE_COLUMNS):
        first, second = sorted(number(text, place, "node") for text in columns)
        if second >= nodes:
            raise GraphError(f"{place}: node {second} is not known; nodes are 0 to {nodes - 1}: change it")
        if first == second:
            raise GraphError(f"{place}: an edge from node {first} to itself; leave it out")
        if (first, second) in known:
            raise GraphError(f"{place}: the edge of {first} and {second} is there already; leave it out")
        known.add((first, second))
        pairs.append((first, second))
    return pairs


def table(path: Path | str, names: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """The lines of a file under its line of names, each with its place and as many columns. Raises GraphError."""
    lines = read(Path(path), lambda: f"{path}: cannot be read; give a file with columns {', '.join(names)}")
    if not lines or tuple(lines[0].split("\t")) != names:
        told = "<tab>".join(names)
        raise GraphError(f"{path}:1: {shown(lines[0]) if lines else 'nothing'} is not its line of names; give {told}")
    for count, line in enumerate(lines[1:], 2):
        columns = line.split("\t")
        if len(columns) != len(names):
            rule = f"{len(columns)} columns, not the {len(names)} of {', '.join(names)}"
            raise GraphError(f"{path}:{count}: {rule}; put tabs between them")
        yield f"{path}:{count}", columns


def read(path: Path, said: Callable[[], str]) -> list[str]:
    """The lines of a text. Raises GraphError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GraphError(f"{said()} ({(error.strerror or type(error).__name__).lower()})") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = data[error.start]
        raise GraphError(f"{path}:{line}: byte 0x{byte:02x} is not UTF-8 text; save as plain text") from None
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def number(text: str, place: str, what: str, most: int = MOST) -> int:
    """A whole number from 0 on, below `most`. Raises GraphError."""
    if not (text.isascii() and text.isdigit()):
        raise GraphError(f"{place}: {what} {shown(text)} cannot be; give a whole number from 0 on")
    if len(text) > 10 or int(text) >= most:
        raise GraphError(f"{place}: {what} {shown(text)} is too large; give 0 to {most - 1}")
    return int(text)
