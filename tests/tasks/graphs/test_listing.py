"""A graph as the list of its edges: read back, it is the graph; and every node is asked about under its own name."""

import numpy as np
import pytest

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.bfs import BreadthFirst, source_of
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.instance import drawn
from pushpop.tasks.graphs.listing import MARK

TASKS = [BreadthFirst(), BreadthFirst(graphs="grid"), DepthFirst(), DepthFirst(graphs="tree")]


@pytest.mark.parametrize("task", TASKS, ids=["bfs", "bfs, grids", "dfs", "dfs, trees"])
def test_read_back_it_is_the_graph(task):
    undirected = isinstance(task, BreadthFirst)
    for number, one in enumerate(drawn(task, "training", 11, 10)):
        view = task.sequence(one, Draws("v", number))
        first, second = np.flatnonzero(view.symbols == MARK)
        edges = (view.symbols[:first].reshape(-1, 2) - 1).tolist()
        known = set(map(tuple, one.edges.T.tolist()))
        assert len(edges) == len(known) // (1 + undirected)
        assert {tuple(edge) for edge in edges} | (
            {tuple(edge[::-1]) for edge in edges} if undirected else set()
        ) == known
        assert (view.symbols[first + 1 : second] - 1).tolist() == ([source_of(one)] if undirected else [])
        asked = view.symbols[second + 1 :] - 1
        assert sorted(asked.tolist()) == list(range(11))
        assert np.array_equal(view.answers(one), one.answers[asked])


def test_its_order_is_drawn():
    (one,) = drawn(BreadthFirst(), "test", 16, 1)
    views = [BreadthFirst().sequence(one, Draws("v", number)).symbols for number in range(5)]
    assert len({tuple(view.tolist()) for view in views}) == 5
    assert len({len(view) for view in views}) == 1
    ends = np.concatenate([view[: view.tolist().index(MARK)].reshape(-1, 2) for view in views])
    assert 0.2 < (ends[:, 0] < ends[:, 1]).mean() < 0.8  # either end may come first
