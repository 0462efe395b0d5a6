"""Distances, components, twins and matrices of graphs, against networkx and by hand."""

import networkx as nx
import pytest
import torch
from graph_layers import dense, drawn

from closeness import assert_same
from pushpop.graphs.graph import Graphs
from pushpop.graphs.structure import UNREACHED, adjacency, components, depths, distances, normalised, twins
from pushpop.tasks.graphs.edges import both_ways


@pytest.mark.parametrize("seed", range(1000, 1005))
def test_distances_and_components_are_networkx_s(seed):
    graphs = drawn(seed)
    judge = nx.DiGraph()
    judge.add_nodes_from(range(graphs.nodes))
    judge.add_edges_from(graphs.edges.T.tolist())
    far = dict(nx.all_pairs_shortest_path_length(judge))
    want = [[far[source].get(target, UNREACHED) for source in range(graphs.nodes)] for target in range(graphs.nodes)]
    assert distances(graphs).tolist() == want
    assert components(graphs) == sorted(sorted(one) for one in nx.weakly_connected_components(judge))


def test_matrices_are_those_counted_edge_by_edge():
    graphs = drawn(1005)
    A = dense(graphs)
    assert_same("A", adjacency(graphs), A)
    with_loops = A + 2 * torch.eye(graphs.nodes, dtype=A.dtype)
    assert_same("rows", normalised(graphs, "row", 2.0), with_loops / with_loops.sum(1, keepdim=True))
    assert_same("none", normalised(graphs, "none", 2.0), with_loops)
    roots = with_loops.sum(1).sqrt()
    assert_same("sym", normalised(graphs, "sym", 2.0), with_loops / roots / roots[:, None])
    assert bool((normalised(graphs, "sym", 0.0)[graphs.degrees == 0] == 0).all())


def test_twins_hear_the_same_nodes():
    """A triangle with a tail has closed twins, a square open ones; those of two graphs are none."""
    triangle = Graphs.of(torch.ones(4, 1), both_ways([(0, 1), (0, 2), (1, 2), (2, 3)]))
    assert twins(triangle) == [[0, 1]]
    assert twins(triangle, closed=False) == []
    square = Graphs.of(torch.ones(4, 1), both_ways([(0, 1), (1, 2), (2, 3), (3, 0)]))
    assert twins(square) == []
    assert twins(square, closed=False) == [[0, 2], [1, 3]]
    both = Graphs.together([triangle, triangle])
    assert twins(both) == [[0, 1], [4, 5]]
    assert twins(Graphs.of(torch.ones(2, 1), []), closed=False) == []


def test_depths_are_the_longest_of_all_distances():
    """Against breadth-first search from every node; sizes around the 64 nodes that one word of bits holds."""
    chance = torch.Generator().manual_seed(1000)
    graphs = list[Graphs]()
    for size in (1, 2, 7, 63, 64, 65, 130):
        for share in (0.0, 0.02, 0.3):
            pairs = (torch.rand(size, size, generator=chance) < share).nonzero().T
            graphs.append(Graphs.of(torch.zeros(size, 1), pairs, loops="keep"))
    together = Graphs.together(graphs)
    assert depths(together).tolist() == [int(distances(one).max()) for one in graphs]
    assert depths(Graphs.of(torch.zeros(200, 1), [list(range(199)), list(range(1, 200))])).tolist() == [199]
