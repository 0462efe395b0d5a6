"""What needs no learning: the commonest class, labels spread along edges, and pairs scored by what the two share.

Axes: N nodes, E edges, P pairs of nodes, C classes.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int64

from pushpop.tasks.graphs.citation import Citations

Pairs = Int64[np.ndarray, "2 P"]
ALPHA, ROUNDS = 0.9, 50  # of label propagation (Zhou et al. 2004)


def spread_labels(graph: Citations) -> Int64[np.ndarray, " N"]:
    """The class that comes to each node when those of the training part are spread along edges.

    Y <- alpha S Y + (1 - alpha) Y0, S the adjacency scaled by the roots of both degrees; no words are read.
    """
    sources, targets = graph.edges
    degrees = np.maximum(np.bincount(targets, minlength=graph.nodes), 1)
    weights = 1 / np.sqrt(degrees[sources] * degrees[targets])
    known = graph.splits["training"]
    first = np.zeros((graph.nodes, graph.classes))
    first[known, graph.labels[known]] = 1
    held = first
    for _ in range(ROUNDS):
        heard = np.zeros_like(first)
        np.add.at(heard, targets, weights[:, None] * held[sources])
        held = ALPHA * heard + (1 - ALPHA) * first
    return held.argmax(1)


def commonest(labels: Int64[np.ndarray, " K"]) -> float:
    """The share of the commonest class among these very labels."""
    return float(np.bincount(labels).max() / len(labels))


def degree_product(graph: Citations, edges: Pairs, pairs: Pairs) -> Float[np.ndarray, " P"]:
    """The product of both ends' edges."""
    degrees = np.bincount(edges.ravel(), minlength=graph.nodes).astype(float)
    return degrees[pairs[0]] * degrees[pairs[1]]


def common_neighbours(graph: Citations, edges: Pairs, pairs: Pairs) -> Float[np.ndarray, " P"]:
    """How many neighbours both ends have in common."""
    near: list[set[int]] = [set() for _ in range(graph.nodes)]
    for one, other in edges.T.tolist():
        near[one].add(other)
        near[other].add(one)
    return np.array([len(near[one] & near[other]) for one, other in pairs.T.tolist()], dtype=float)


def word_cosine(graph: Citations, _edges: Pairs, pairs: Pairs) -> Float[np.ndarray, " P"]:
    """The cosine of both ends' words; 0 where one has none. No edge is looked at."""
    words: list[set[int]] = [set() for _ in range(graph.nodes)]
    for node, word in zip(graph.rows.tolist(), graph.words.tolist(), strict=True):
        words[node].add(word)
    sizes = [len(own) or 1 for own in words]
    return np.array([len(words[one] & words[other]) / (sizes[one] * sizes[other]) ** 0.5
                     for one, other in pairs.T.tolist()])  # fmt: skip


PAIR_FLOORS: dict[str, Callable[[Citations, Pairs, Pairs], Float[np.ndarray, " P"]]] = {
    "product of degrees": degree_product,
    "common neighbours": common_neighbours,
    "cosine of words": word_cosine,
}
"""From the graph, the undirected edges that may be known [2, E] and the pairs asked about: a score of each."""
