"""A graph as a sequence: the list of its edges, in an order that is not there, and then the nodes that are asked about.

Symbols: 0 stands between the parts, a node v is v + 1. Of n nodes and e edges: 2 e symbols, 0, what is given, 0, and n
nodes, at each of which its answer is wanted.
"""

from collections.abc import Sequence as Several

import numpy as np

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import happens, permutation
from pushpop.tasks.graphs.instance import Instance, Sequence

MARK = 0


def edge_list(instance: Instance, draws: Draws, given: Several[int], undirected: bool) -> Sequence:
    """Edges in a drawn order (undirected ones once each, either end first), then `given` nodes, then those asked about.

    Each node asked about stands by itself, in a drawn order too.
    """
    edges = instance.edges[:, instance.edges[0] < instance.edges[1]] if undirected else instance.edges
    edges = edges[:, permutation(draws, edges.shape[1])]
    if undirected:
        turned = happens(draws, 0.5, edges.shape[1])
        edges = np.where(turned, edges[::-1], edges)
    order = permutation(draws, instance.asked.shape[1])
    asked = instance.asked[0, order]
    mark = np.array([MARK])
    symbols = np.concatenate([edges.T.ravel() + 1, mark, np.array(given, dtype=np.int64) + 1, mark, asked + 1])
    return Sequence(symbols, np.arange(len(symbols) - len(asked), len(symbols)), order)
