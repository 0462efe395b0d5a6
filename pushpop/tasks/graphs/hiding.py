"""Edges hidden from a graph, and as many pairs that never were edges, to be told from one another.

Axes: E edges, K pairs that are asked about.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Int64

from pushpop.errors import GraphError
from pushpop.tasks.draws import LARGEST_BOUND, Draws
from pushpop.tasks.graphs.chance import permutation
from pushpop.tasks.graphs.citation import Citations

Pairs = Int64[np.ndarray, "2 K"]
Asked = tuple[Pairs, Int64[np.ndarray, " K"]]  # pairs, and 1 for each that was an edge, 0 for the others


@dataclass(frozen=True, eq=False)
class Hidden:
    """A graph in parts: no pair is in two of them, and no other pair is an edge of the whole graph."""

    left: Pairs  # the undirected edges that a net may know, each once
    validation: Asked
    test: Asked


def hidden(graph: Citations, seed: int, held_out: float, validation: float, place: str = "graph") -> Hidden:
    """Shares of the edges, rounded down, with as many other pairs each; fixed by the seed alone.

    Raises GraphError where a part would be empty, or there are too few other pairs.
    """
    edges = graph.edges[:, : graph.edges.shape[1] // 2]  # the other half is the same turned round
    count = edges.shape[1]
    sizes = int(validation * count), int(held_out * count)
    if not min(sizes):
        raise GraphError(f"{place}: of {count} edges these shares hide none; give a larger graph or larger shares")
    order = permutation(Draws("links", "hidden", seed), count)
    strangers = others(graph.nodes, edges, sum(sizes), seed, place)
    cuts = np.cumsum((0, *sizes))
    asked = [
        (np.concatenate([edges[:, order[first:last]], strangers[:, first:last]], axis=1),
         np.repeat([1, 0], last - first))
        for first, last in pairwise(cuts)
    ]  # fmt: skip
    return Hidden(np.sort(edges[:, np.sort(order[cuts[-1] :])], axis=0), *asked)


def others(nodes: int, edges: Pairs, count: int, seed: int, place: str) -> Pairs:
    """So many different pairs of different nodes that are no edges, uniform among all of them."""
    known = set(map(tuple, np.sort(edges, axis=0).T.tolist()))
    there = nodes * (nodes - 1) // 2 - len(known)
    if there < count:
        raise GraphError(f"{place}: {there} pairs have no edge and {count} are wanted; give a sparser graph")
    draws, drawn = Draws("links", "others", seed), list[tuple[int, int]]()
    while len(drawn) < count:
        for first, second in (draws.below(LARGEST_BOUND, 512) % nodes).reshape(-1, 2).tolist():
            pair = min(first, second), max(first, second)
            if first != second and pair not in known and len(drawn) < count:
                known.add(pair)
                drawn.append(pair)
    return np.array(drawn, dtype=np.int64).T
