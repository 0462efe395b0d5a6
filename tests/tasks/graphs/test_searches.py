"""Parity, breadth first and depth first: labels by another way, floors as they are known, traces step by step."""

import itertools

import networkx as nx
import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.bfs import BreadthFirst, source_of
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.instance import drawn, floors, guesses
from pushpop.tasks.graphs.parity import PathParity
from pushpop.tasks.graphs.search import brackets, breadth_first, depth_first
from pushpop.tasks.graphs.shapes import UNDIRECTED, connected


def judged(instance, directed=False):
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(instance.nodes))
    graph.add_edges_from(instance.edges.T.tolist())
    return graph


def test_parity_is_the_running_sum():
    for one in drawn(PathParity(), "test", 10, 20):
        assert np.array_equal(one.answers, np.cumsum(one.symbols[:, 0]) % 2)
        assert one.symbols[:, 1].tolist() == [1] + [0] * 9
        assert nx.is_isomorphic(judged(one), nx.path_graph(10))
    (one,) = drawn(PathParity(directed=True), "test", 10, 1)
    assert one.edges.tolist() == [list(range(9)), list(range(1, 10))]


def test_of_parity_half_is_known_without_a_look():
    found = floors(PathParity(), drawn(PathParity(), "test", 10, 500))["even"]
    assert found.node == pytest.approx(0.5, abs=0.02)
    assert found.graph < 0.02
    assert guesses(PathParity(), drawn(PathParity(), "test", 4, 1))["any bit, whole graph"] == 1 / 16


@pytest.mark.parametrize("graphs", UNDIRECTED)
def test_a_parent_is_the_lowest_of_those_one_step_nearer(graphs):
    """By networkx's distances, and every node tried."""
    for one in drawn(BreadthFirst(graphs=graphs), "test", 16, 10):
        graph, source = judged(one), source_of(one)
        far = nx.single_source_shortest_path_length(graph, source)
        assert len(far) == one.nodes
        for node in range(one.nodes):
            nearer = [
                other for other in range(one.nodes) if graph.has_edge(node, other) and far[other] == far[node] - 1
            ]
            assert one.answers[node] == (nearer[0] if nearer else source)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 40])
@pytest.mark.parametrize("graphs", UNDIRECTED)
def test_shapes_hang_together_and_are_what_they_are_called(graphs, size):
    pairs = UNDIRECTED[graphs](Draws("shape", size), size)
    assert connected(size, pairs)
    graph = nx.Graph(pairs.tolist())
    graph.add_nodes_from(range(size))
    if graphs == "tree":
        assert nx.is_tree(graph)
    if graphs == "path":
        assert nx.is_isomorphic(graph, nx.path_graph(size))
    if graphs == "grid" and size == 16:
        assert nx.is_isomorphic(graph, nx.grid_2d_graph(4, 4))


@pytest.mark.parametrize(
    ("size", "node", "graph", "only", "depth"),
    [(16, 0.71, 0.07, 0.61, 2.8), (80, 0.42, 0, 0.475, 3.45), (160, 0.37, 0, 0.43, 3.55)],
)
def test_floors_of_breadth_first_search_are_those_known(size, node, graph, only, depth):
    """Of sparse random graphs, which stay shallow however large they are."""
    task = BreadthFirst()
    instances = drawn(task, "test", size, 4800 // size)
    found, shares = floors(task, instances)["lowest neighbour"], guesses(task, instances)
    assert found.node == pytest.approx(node, abs=0.03)
    assert found.graph == pytest.approx(graph, abs=0.035)
    assert shares["only parent"] == pytest.approx(only, abs=0.04)
    assert shares["only parent"] < shares["blind to ties"] < 1
    assert np.mean([task.depth(one) for one in instances]) == pytest.approx(depth, abs=0.3)


def test_paths_are_as_deep_as_they_are_long():
    task = BreadthFirst(graphs="path")
    assert max(task.depth(one) for one in drawn(task, "test", 40, 10)) > 30


def recursive(leads):
    """Depth first as one would write it, with Python's own call stack: predecessors and the Dyck word."""
    parents, word = [-1] * len(leads), []

    def visit(node):
        for other in leads[node]:
            if parents[other] < 0:
                parents[other] = node
                word.append("(")
                visit(other)
                word.append(")")

    for root in range(len(leads)):
        if parents[root] < 0:
            parents[root] = root
            visit(root)
    return parents, "".join(word)


@pytest.mark.parametrize("graphs", ["er", "tree", "mixed"])
@pytest.mark.parametrize("size", [2, 5, 16, 32])
def test_depth_first_is_recursion(graphs, size):
    task = DepthFirst(graphs=graphs)
    for one in drawn(task, "training", size, 10):
        parents, word = recursive([sorted(judged(one, directed=True)[node]) for node in range(one.nodes)])
        assert one.answers.tolist() == parents
        assert task.brackets(one) == word


def test_the_trace_has_3_n_steps_that_work_a_stack():
    """A list is the stack: what is pushed is the caller, what is on top when it is read is who is gone back to."""
    for one in drawn(DepthFirst(), "training", 16, 20):
        trace, calls = DepthFirst().trace(one), []
        roots = int((one.answers == np.arange(16)).sum())
        assert len(trace.operations) == 3 * 16
        assert [(trace.operations == kind).sum() for kind in (-1, 0, 1)] == [16, 16 + roots, 16 - roots]
        for number, operation in enumerate(trace.operations.tolist()):
            if operation > 0:
                calls.append(int(trace.nodes[number]))
            elif operation < 0 and calls:
                back = calls.pop()
                assert back == trace.parents[number]
            assert trace.heights[number] == len(calls)
        assert (np.diff(trace.visited.sum(1)) >= 0).all()
        assert trace.visited[-1].all()
        found = dict(zip(trace.nodes.tolist(), trace.parents.tolist(), strict=True))
        assert [found[node] for node in range(16)] == one.answers.tolist()


@pytest.mark.parametrize(
    ("graphs", "size", "lowest", "deepest"),
    [
        ("er", 32, 0.137, 0.92),
        ("er", 48, 0.092, 0.94),
        ("er", 96, 0.045, 0.97),
        ("tree", 32, 0.836, 0.25),
        ("tree", 96, 0.891, 0.12),
    ],
)
def test_floors_and_stacks_of_depth_first_search_are_those_known(graphs, size, lowest, deepest):
    """How deep: the calls under way and the one at work."""
    task = DepthFirst(graphs=graphs)
    instances = drawn(task, "test", size, 60)
    assert floors(task, instances)["lowest caller"].node == pytest.approx(lowest, abs=0.025)
    heights = [max(step.height for step in task.steps(one)) + 1 for one in instances]
    assert np.mean(heights) / size == pytest.approx(deepest, abs=0.03)


def test_brackets_close_what_they_open():
    for number in range(5):
        leads = [[other for other in range(6) if (number * 7 + node * other) % 3 == 0] for node in range(6)]
        word = brackets(depth_first(leads)[1])
        heights = list(itertools.accumulate(1 if one == "(" else -1 for one in word))
        assert min(heights, default=0) >= 0
        assert not heights or heights[-1] == 0


def test_breadth_first_leaves_out_what_cannot_be_reached():
    assert breadth_first([[1], [], [0]], 0) == {0: 0, 1: 1}


def test_size_ladders_are_those_of_the_studies():
    assert BreadthFirst().ladder["training"] == (4, 7, 11, 13, 16)
    assert BreadthFirst().ladder["test"] == (16, 80, 160, 800, 1600)
    assert DepthFirst().ladder["training"] == (4, 8, 16, 24, 32)
    assert DepthFirst().ladder["test"][:2] == (32, 96)
    assert PathParity().ladder["test"] == (10, 20, 40, 100, 1000)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: PathParity(size=0), "task.size: 0 cannot be; give a whole number from 1 to 10000"),
        (lambda: PathParity(directed=1), "task.directed: 1 is no truth value; give true or false"),
        (lambda: BreadthFirst(size=2), "task.size: 2 cannot be; give a whole number from 4 to 100"),
        (lambda: BreadthFirst(graphs="ring"), "task.graphs: 'ring' is not known; give one of er, tree, grid, path"),
        (lambda: DepthFirst(graphs="trees"), "task.graphs: 'trees' is not known; give one of er, tree, mixed"),
        (lambda: DepthFirst(size=2.5), "task.size: 2.5 cannot be; give a whole number from 2 to 409"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(build, says):
    with pytest.raises(ConfigError) as refused:
        build()
    assert str(refused.value) == says


def test_a_test_of_searches_reaches_as_far_as_is_said():
    assert DepthFirst(size=16, reach=3).ladder["test"] == (16, 48)
    assert [DepthFirst().fixed(size) for size in (31, 32)] == [1000, 100]
    with pytest.raises(ConfigError, match=r"task.reach: 4 is not known; give one of 1, 3, 5, 10"):
        DepthFirst(reach=4)
