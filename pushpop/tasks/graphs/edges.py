"""The edges of a graph, as plain numbers: which of them cannot be, and in what order they are kept.

Axes: E edges. An edge is source -> target; what is undirected has both directions.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError, GraphError
from pushpop.tasks.task import shown

Doubtful = Literal["refuse", "keep", "drop"]  # what becomes of what one graph means and another does not


class Edges(NamedTuple):
    """Edges by target, those of one target in the order in which they were given."""

    ends: Int64[np.ndarray, "2 E"]  # sources, targets
    order: Int64[np.ndarray, " E"]  # where each stood among those given


def checked_edges(
    nodes: int, given: object, *, doubles: Doubtful = "refuse", loops: Doubtful = "refuse", place: str = "edges"
) -> Edges:
    """The edges of a graph of so many nodes, by target.

    `doubles` is what becomes of an edge that is there already, `loops` of one from a node to itself; each edge that is
    kept counts as one.

    Raises:
        ConfigError: not a way to deal with either.
        GraphError: no nodes; not two rows of whole numbers; an edge from or to a node that is not there, or one that is
            to be refused. It begins with `place` and names the first such edge, counted from 0.
    """
    for name, way in (("doubles", doubles), ("loops", loops)):
        if way not in get_args(Doubtful):
            raise ConfigError(f"{place}: {name}: {way!r} is no way; give one of {', '.join(get_args(Doubtful))}")
    if nodes < 1:
        raise GraphError(f"{place}: a graph without nodes has nothing to say; give 1 node or more")
    ends = two_rows(given, place)
    outside = ((ends < 0) | (ends >= nodes)).any(0)
    if outside.any():
        at = int(outside.argmax())
        known = f"nodes are 0 to {nodes - 1}" if nodes > 1 else "there is node 0 alone"
        raise GraphError(f"{place}: edge {at} is {spelt(ends, at)}; {known}: change it, or give more nodes")
    kept = np.ones(ends.shape[1], dtype=bool)
    kept &= settled(ends, ends[0] == ends[1], loops, f"{place}: edge", "is a self loop", "loops")
    order = np.lexsort((np.arange(ends.shape[1]), ends[0], ends[1]))
    again = np.zeros(ends.shape[1], dtype=bool)
    again[order[1:]] = (np.diff(ends[:, order]) == 0).all(0)
    kept &= settled(ends, again & kept, doubles, f"{place}: edge", "is there already", "doubles")
    places = np.flatnonzero(kept)
    places = places[np.argsort(ends[1, places], kind="stable")]
    return Edges(np.ascontiguousarray(ends[:, places]), places)


def settled(
    ends: Int64[np.ndarray, "2 E"], doubtful: np.ndarray, way: Doubtful, place: str, fault: str, name: str
) -> np.ndarray:
    """Which edges stay [E] (bool). GraphError with the fault where doubtful ones are to be refused."""
    if way == "refuse" and doubtful.any():
        at = int(doubtful.argmax())
        way_out = f'leave it out, or give {name}="keep" or "drop"'
        raise GraphError(f"{place} {at}, {spelt(ends, at)}, {fault}: {way_out}")
    return ~doubtful if way == "drop" else np.ones_like(doubtful)


def two_rows(given: object, place: str) -> Int64[np.ndarray, "2 E"]:
    """Two rows of whole numbers; nothing at all is no edges. Raises GraphError."""
    try:
        ends = np.asarray(given)
    except ValueError:  # rows of two lengths
        ends = np.empty(0, dtype=object)
    if ends.size == 0 and ends.dtype != object and ends.shape in {(0,), (2, 0), (0, 2)}:
        return np.zeros((2, 0), dtype=np.int64)
    if ends.ndim != 2 or ends.shape[0] != 2 or ends.dtype.kind not in "iu":
        raise GraphError(f"{place}: {shown(given)} is not two rows of nodes; give [sources, targets] in whole numbers")
    return ends.astype(np.int64)


def spelt(ends: Int64[np.ndarray, "2 E"], at: int) -> str:
    return f"{ends[0, at]} -> {ends[1, at]}"


def both_ways(pairs: Sequence[tuple[int, int]] | np.ndarray) -> Int64[np.ndarray, "2 E"]:
    """Undirected pairs [K, 2] as edges in both directions.

    >>> both_ways([(0, 1), (1, 2)]).tolist()
    [[0, 1, 1, 2], [1, 2, 0, 1]]
    """
    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    return np.concatenate([ends, ends[::-1]], axis=1)
