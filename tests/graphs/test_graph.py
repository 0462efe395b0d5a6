"""A batch of graphs: what it is made of, what is refused and in which words, and how it is taken apart."""

import pytest
import torch
from graph_layers import drawn

from pushpop.errors import ConfigError, GraphError, ShapeError
from pushpop.graphs.graph import Graphs
from pushpop.graphs.readout import ends_of, read_out

THREE = torch.ones(3, 2)


def test_edges_stand_by_target_and_else_as_they_were_given():
    graphs = Graphs.of(THREE, [[2, 1, 0, 1], [0, 2, 1, 0]], kinds=torch.tensor([5, 6, 7, 8]))
    assert graphs.edges.tolist() == [[2, 1, 0, 1], [0, 0, 1, 2]]
    assert graphs.kinds.tolist() == [5, 8, 7, 6]
    assert graphs.degrees.tolist() == [2, 1, 1]
    assert (graphs.nodes, graphs.count, graphs.sizes.tolist()) == (3, 1, [3])


@pytest.mark.parametrize(
    ("edges", "says"),
    [
        ([[0, 3], [1, 1]], "edges: edge 1 is 3 -> 1; nodes are 0 to 2: change it, or give more nodes"),
        ([[0, 1], [1, -1]], "edges: edge 1 is 1 -> -1; nodes are 0 to 2: change it, or give more nodes"),
        ([[0, 0], [1, 0]], 'edges: edge 1, 0 -> 0, is a self loop: leave it out, or give loops="keep" or "drop"'),
        ([[0, 2, 0], [1, 1, 1]], 'edges: edge 2, 0 -> 1, is there already: leave it out, or give doubles="keep" or '),
        ([[0.0], [1.0]], "edges: [[0.0], [1.0]] is not two rows of nodes; give [sources, targets] in whole numbers"),
        ([[0, 1], [1]], "edges: [[0, 1], [1]] is not two rows of nodes; give"),
        ([0, 1], "edges: [0, 1] is not two rows of nodes; give"),
        ([["a"], ["b"]], "edges: [['a'], ['b']] is not two rows of nodes; give"),
    ],
)
def test_edges_that_cannot_be_are_refused(edges, says):
    with pytest.raises(GraphError) as refused:
        Graphs.of(THREE, edges)
    assert str(refused.value).startswith(f"Graphs.of: {says}")
    assert "\n" not in str(refused.value)


def test_what_is_doubtful_is_kept_or_dropped_where_that_is_said():
    edges = [[0, 0, 1, 1, 1], [1, 1, 1, 1, 0]]  # twice 0 -> 1, twice 1 -> 1
    assert Graphs.of(THREE, edges, doubles="keep", loops="keep").edges.tolist() == [[1, 0, 0, 1, 1], [0, 1, 1, 1, 1]]
    assert Graphs.of(THREE, edges, doubles="drop", loops="keep").edges.tolist() == [[1, 0, 1], [0, 1, 1]]
    assert Graphs.of(THREE, edges, doubles="drop", loops="drop").edges.tolist() == [[1, 0], [0, 1]]
    assert Graphs.of(THREE, [[1, 1, 0], [1, 1, 1]], loops="drop").edges.tolist() == [[0], [1]]
    with pytest.raises(ConfigError, match="doubles: 'merge' is no way; give one of refuse, keep, drop"):
        Graphs.of(THREE, edges, doubles="merge")


@pytest.mark.parametrize("nothing", [[], [[], []], torch.zeros(2, 0, dtype=torch.int64)])
def test_a_graph_may_have_no_edges_but_not_no_nodes(nothing):
    assert Graphs.of(THREE, nothing).degrees.tolist() == [0, 0, 0]
    with pytest.raises(GraphError, match="a graph without nodes has nothing to say; give 1 node or more"):
        Graphs.of(THREE[:0], nothing)
    with pytest.raises(GraphError, match="edge 0 is 0 -> 1; there is node 0 alone: change it, or give more nodes"):
        Graphs.of(THREE[:1], [[0], [1]])


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        ([1, 1, 1], "graph: node 0 is of graph 1; "),
        ([0, 2, 2], "graph: node 1 is of graph 2; "),
        ([0, 1, 0], "graph: node 2 is of graph 0; "),
        ([0, 0, 1], "edges: edge 1 is 2 -> 0, from graph 1 to graph 0; give edges inside one graph"),
    ],
)
def test_graphs_stand_one_after_another(graph, says):
    with pytest.raises(GraphError) as refused:
        Graphs.of(THREE, [[0, 2], [1, 0]], torch.tensor(graph))
    assert str(refused.value).startswith(f"Graphs.of: {says}")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"features": torch.ones(3)}, "features: expected [N, F] float32, given [3] float32 on cpu"),
        ({"features": torch.ones(3, 2, dtype=torch.int64)}, "features: expected [N, F] float32, given [3, 2] int64"),
        ({"features": [[1.0]]}, "features: expected [N, F] float32, given a list"),
        ({"graph": torch.zeros(2, dtype=torch.int64)}, "graph: expected [3] int64 on cpu, given [2] int64"),
        ({"kinds": torch.zeros(2, dtype=torch.int64)}, "kinds: expected [1] int64 on cpu, given [2] int64"),
    ],
)
def test_tensors_of_other_shapes_are_refused(given, says):
    with pytest.raises(ShapeError) as refused:
        Graphs.of(**({"features": THREE, "edges": [[0], [1]]} | given))
    assert str(refused.value).startswith(f"Graphs.of: {says}")


def test_a_negative_kind_is_refused():
    with pytest.raises(GraphError, match="kinds: -1 is no kind of edge; give 0 or more"):
        Graphs.of(THREE, [[0], [1]], kinds=torch.tensor([-1]))


def test_put_together_and_taken_apart_they_are_what_they_were():
    whole = drawn(1000)
    parts = [whole.alone(number) for number in range(whole.count)]
    again = Graphs.together(parts)
    for name in ("features", "edges", "graph", "kinds"):
        assert torch.equal(getattr(again, name), getattr(whole, name)), name
    assert (again.count, repr(again)) == (3, "Graphs(3 of 20 nodes, 42 edges, [20, 6] float64 on cpu)")
    assert [part.nodes for part in parts] == [7, 4, 9]


def test_what_is_not_there_is_not_taken():
    graphs = drawn(1001)
    for number in (3, -1, True):
        with pytest.raises(GraphError, match=f"alone: {number} is no graph of these; give 0 to 2"):
            graphs.alone(number)
    with pytest.raises(GraphError, match="together: no graphs; give 1 or more"):
        Graphs.together([])
    with pytest.raises(ShapeError, match=r"together: features of graphs 1: expected \[N, 6\] float64"):
        Graphs.together([graphs, graphs.carrying(graphs.features[:, :2])])


def test_relabelling_back_gives_the_same_but_for_the_order_of_sources():
    graphs = drawn(1002)
    places = torch.cat([torch.arange(7).flip(0), 7 + torch.randperm(4), 11 + torch.arange(9)])
    again = graphs.relabelled(places).relabelled(torch.argsort(places))
    assert torch.equal(again.edges, graphs.edges)
    assert torch.equal(again.kinds, graphs.kinds)
    assert torch.equal(again.features, graphs.features)


@pytest.mark.parametrize("places", [torch.arange(20).flip(0), torch.zeros(20, dtype=torch.int64)])
def test_no_node_leaves_its_graph_by_another_name(places):
    with pytest.raises(GraphError, match="places: not a permutation of each graph's own nodes"):
        drawn(1003).relabelled(places)


def test_graphs_move_and_change_type():
    moved = drawn(1004).to("cpu", torch.float32)
    assert moved.features.dtype == torch.float32
    assert moved.edges.dtype == torch.int64
    with pytest.raises(ShapeError, match=r"carrying: features: expected \[20, F\]"):
        moved.carrying(moved.features[1:])


@pytest.mark.parametrize("how", ["sum", "mean", "max"])
def test_a_read_out_sees_each_graph_by_itself(how):
    graphs = drawn(1005)
    found = read_out(how, graphs.features, graphs)
    for number, row in enumerate(found):
        own = graphs.features[graphs.graph == number]
        want = {"sum": own.sum(0), "mean": own.mean(0), "max": own.amax(0)}[how]
        assert torch.allclose(row, want, atol=1e-12)
    places = torch.cat([torch.randperm(7), 7 + torch.randperm(4), 11 + torch.randperm(9)])
    other = graphs.relabelled(places)
    assert torch.allclose(read_out(how, other.features, other), found, atol=1e-12)
    with pytest.raises(ConfigError, match="read-out: 'last' is not known"):
        read_out("last", graphs.features, graphs)


def test_pairs_are_of_one_graph():
    graphs = drawn(1006)
    first, second = ends_of(graphs.features, graphs, torch.tensor([[0, 8], [3, 7]]))
    assert torch.equal(first, graphs.features[[0, 8]])
    assert torch.equal(second, graphs.features[[3, 7]])
    with pytest.raises(GraphError, match="pairs: of nodes of two graphs nothing can be said"):
        ends_of(graphs.features, graphs, torch.tensor([[0], [8]]))
