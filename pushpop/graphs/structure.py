"""What a graph is, apart from any net: its matrices, distances, components and twins. Dense, for small graphs.

Axes: N nodes. Row i of a matrix is what node i hears.
"""

from collections import defaultdict

import numpy as np
import torch
from torch import Tensor

from pushpop.graphs.graph import Graphs
from pushpop.tasks.graphs.search import breadth_first, following

UNREACHED = -1


def adjacency(graphs: Graphs, self_loop: float = 0.0) -> Tensor:
    """A + lambda I [N, N]: entry i, j counts the edges from j to i."""
    size = graphs.nodes
    counted = torch.bincount(graphs.targets * size + graphs.sources, minlength=size * size)
    return counted.view(size, size).to(graphs.features) + self_loop * torch.eye(size).to(graphs.features)


def normalised(graphs: Graphs, norm: str = "sym", self_loop: float = 1.0) -> Tensor:
    """The augmented adjacency [N, N] as a GCN multiplies with it: sym, row or none; a row of sum 0 stays 0."""
    matrix = adjacency(graphs, self_loop)
    degrees = matrix.sum(1)
    inverse = torch.where(degrees > 0, 1 / degrees, 0.0)
    if norm == "none":
        return matrix
    return inverse[:, None] * matrix if norm == "row" else inverse.sqrt()[:, None] * matrix * inverse.sqrt()


def distances(graphs: Graphs) -> Tensor:
    """How many edges the shortest way from j to i has [N, N] (int64), UNREACHED where there is none. Breadth first."""
    leads = following(graphs.nodes, graphs.edges.T.numpy(force=True))
    found = torch.full((graphs.nodes, graphs.nodes), UNREACHED, dtype=torch.int64)
    for start in range(graphs.nodes):
        for node, hops in breadth_first(leads, start).items():
            found[node, start] = hops
    return found


def components(graphs: Graphs) -> list[list[int]]:
    """Nodes that hang together by edges of either direction, each set in order."""
    roots = list(range(graphs.nodes))

    def root(node: int) -> int:
        while roots[node] != node:
            roots[node] = node = roots[roots[node]]
        return node

    for source, target in graphs.edges.T.tolist():
        first, second = sorted((root(source), root(target)))
        roots[second] = first
    together: dict[int, list[int]] = defaultdict(list)
    for node in range(graphs.nodes):
        together[root(node)].append(node)
    return list(together.values())


def twins(graphs: Graphs, closed: bool = True) -> list[list[int]]:
    """Groups of two nodes or more that hear the very same nodes: closed, themselves counted; open, themselves not.

    For graphs without doubled edges.
    """
    heard: dict[int, set[int]] = {node: {node} if closed else set() for node in range(graphs.nodes)}
    for source, target in graphs.edges.T.tolist():
        heard[target].add(source)
    alike: dict[tuple[int, frozenset[int]], list[int]] = defaultdict(list)
    for node, known in heard.items():
        if known:  # of those that hear nobody there is nothing to tell
            alike[int(graphs.graph[node]), frozenset(known)].append(node)
    return [group for group in alike.values() if len(group) > 1]


def depths(graphs: Graphs) -> Tensor:
    """The longest of the shortest ways between two nodes of each graph, in edges, where there is a way: [G] int64.

    Who has heard of whom is kept as one bit a pair, so this is quick even for thousands of nodes.
    """
    ends, sizes = graphs.edges.numpy(force=True), graphs.sizes.tolist()
    found, first, start = list[int](), 0, 0
    for size in sizes:
        stop = int(np.searchsorted(ends[1], first + size))
        found.append(_depth(size, ends[:, start:stop] - first))
        first, start = first + size, stop
    return torch.tensor(found, device=graphs.edges.device)


def _depth(size: int, edges: np.ndarray) -> int:
    """Of one graph, its edges by target."""
    known = np.packbits(np.eye(size, dtype=bool), axis=1)  # [N, N / 8]: row i has a bit for each node that i heard of
    known = np.pad(known, ((0, 0), (0, -known.shape[1] % 8))).view(np.uint64)
    targets, starts = np.unique(edges[1], return_index=True)
    for steps in range(size):
        heard = known.copy()
        if len(targets):
            heard[targets] |= np.bitwise_or.reduceat(known[edges[0]], starts, axis=0)
        if np.array_equal(heard, known):
            return steps
        known = heard
    raise AssertionError("a way as long as there are nodes")
