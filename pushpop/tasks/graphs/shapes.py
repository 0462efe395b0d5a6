"""Undirected and directed graphs to search: random ones, trees, grids and paths, named at random.

Axes: K pairs.
"""

import math

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import happens, permutation, shares
from pushpop.tasks.graphs.search import breadth_first, following

Pairs = Int64[np.ndarray, "K 2"]
TRIES = 10_000


def sparse(draws: Draws, nodes: int) -> Pairs:
    """Erdos and Renyi's, each pair with a chance uniform in 1 to 3 times ln n / n, drawn again until all hang together.

    As SALSA-CLRS draws them (Minder et al. 2023); of up to 3 nodes the chance is 1 at most.
    """
    first, second = np.triu_indices(nodes, 1)
    for _ in range(TRIES):
        chance = (1 + 2 * shares(draws, 1)[0]) * math.log(max(nodes, 2)) / nodes
        kept = happens(draws, chance, len(first))
        pairs = np.stack([first[kept], second[kept]], axis=1)
        if connected(nodes, pairs):
            return pairs
    raise AssertionError(f"no connected graph of {nodes} nodes in {TRIES} tries")


def connected(nodes: int, pairs: Pairs) -> bool:
    return len(breadth_first(following(nodes, pairs, undirected=True), 0)) == nodes


def tree(draws: Draws, nodes: int) -> Pairs:
    """Every node but the first hangs on one before it, each as likely; then named at random."""
    above = [(int(draws.below(node, 1)[0]), node) for node in range(1, nodes)]
    return renamed(draws, nodes, np.array(above, dtype=np.int64).reshape(-1, 2))


def path(draws: Draws, nodes: int) -> Pairs:
    """One after another, named at random."""
    return renamed(draws, nodes, np.stack([np.arange(nodes - 1), np.arange(1, nodes)], axis=1))


def grid(draws: Draws, nodes: int) -> Pairs:
    """Rows as wide as the root of the nodes, rounded down; what is left over stands in a short last row."""
    wide = math.isqrt(nodes)
    places = np.arange(nodes)
    right = places[(places % wide < wide - 1) & (places + 1 < nodes)]
    below = places[places + wide < nodes]
    pairs = np.concatenate([np.stack([right, right + 1], axis=1), np.stack([below, below + wide], axis=1)])
    return renamed(draws, nodes, pairs)


def renamed(draws: Draws, nodes: int, pairs: Pairs) -> Pairs:
    return permutation(draws, nodes)[pairs]


UNDIRECTED = {"er": sparse, "tree": tree, "grid": grid, "path": path}
