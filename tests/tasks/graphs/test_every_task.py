"""What holds for every graph task: an instance is checked, its two views agree, and all of it follows from its key."""

import dataclasses

import numpy as np
import pytest

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.edges import checked_edges
from pushpop.tasks.graphs.expression import Expression
from pushpop.tasks.graphs.instance import drawn, floors, guesses, right
from pushpop.tasks.graphs.kinship import Kinship
from pushpop.tasks.graphs.lookup import LookUp
from pushpop.tasks.graphs.parity import PathParity
from pushpop.tasks.graphs.temporal import Temporal
from pushpop.tasks.graphs.zero_shot import ZeroShot

TASKS = {
    "path-parity": PathParity(),
    "path-parity, directed": PathParity(directed=True),
    "bfs": BreadthFirst(),
    "bfs, trees": BreadthFirst(graphs="tree"),
    "bfs, grids": BreadthFirst(graphs="grid"),
    "bfs, paths": BreadthFirst(graphs="path"),
    "dfs": DepthFirst(),
    "dfs, trees": DepthFirst(graphs="tree"),
    "expression": Expression(),
    "expression, four arguments": Expression(arguments=4, notation="postfix"),
    "look-up": LookUp(),
    "look-up of 50": LookUp(names=50),
    "kinship": Kinship(),
    "kinship, directed": Kinship(directed=True),
    "kinship, shuffled": Kinship(told="shuffled"),
    "kinship, family": Kinship(told="family"),
    "temporal": Temporal(),
    "zero-shot": ZeroShot(),
    "zero-shot, one world": ZeroShot(worlds=1),
}
every_task = pytest.mark.parametrize("name", TASKS)
every_part = pytest.mark.parametrize("part", ["training", "validation", "test"])


@every_task
@every_part
def test_an_instance_is_a_graph_that_the_task_describes(name, part):
    task = TASKS[name]
    for size in task.ladder[part][:3]:
        for one in drawn(task, part, size, 5):
            checked_edges(one.nodes, one.edges, loops="keep" if name == "dfs" else "refuse",
                          doubles="refuse")  # fmt: skip
            assert one.kinds.shape == one.edges.shape[1:]
            assert one.kinds.max(initial=0) < task.kinds
            assert one.features(task.columns).shape == (one.nodes, sum(task.columns) + task.numbers)
            assert one.asked.shape == ({"node": 1, "edge": 2, "graph": 1}[task.level], len(one.answers))
            assert one.asked.max() < one.nodes
            assert one.answers.min() >= 0
            assert one.answers.max() < (one.nodes if task.points else task.classes)


@every_task
@every_part
def test_the_sequence_has_the_same_answers(name, part):
    task = TASKS[name]
    for size in (
        task.ladder[part][0],
        task.ladder[part][-1] if part != "test" else task.ladder[part][1 % len(task.ladder[part])],
    ):
        for number, one in enumerate(drawn(task, part, size, 3)):
            view = task.sequence(one, Draws("view", number))
            assert sorted(view.order.tolist()) == list(range(len(one.answers)))
            assert view.symbols.min() >= 0
            assert view.symbols.max() < task.reads
            assert (np.diff(view.positions) > 0).all()
            assert view.positions[-1] == len(view.symbols) - 1
            wanted = view.answers(one)
            known = one.answers if view.names is None else view.names[one.answers]
            assert np.array_equal(wanted, known[view.order])


@every_task
def test_an_instance_follows_from_its_key_alone(name):
    task = TASKS[name]
    size = task.ladder["training"][0]
    first, again, more = (
        drawn(task, "training", size, 2, 7),
        drawn(task, "training", size, 2, 7),
        drawn(task, "training", size, 3, 7),
    )
    other = drawn(task, "training", size, 8, 8)
    for one, same, third in zip(first, again, more, strict=False):
        for field in dataclasses.fields(one):
            assert np.array_equal(getattr(one, field.name), getattr(same, field.name)), field.name
            assert np.array_equal(getattr(one, field.name), getattr(third, field.name)), field.name
        a, b = (task.sequence(each, Draws("view")) for each in (one, same))
        assert np.array_equal(a.symbols, b.symbols)
    assert any(not np.array_equal(one.answers, first[0].answers) or one.nodes != first[0].nodes for one in other)


@every_task
def test_floors_are_answers_and_shares(name):
    task = TASKS[name]
    instances = drawn(task, "test", task.ladder["test"][0], 10)
    for accuracy in floors(task, instances).values():
        assert 0 <= accuracy.graph <= accuracy.node <= 1
    for share in guesses(task, instances).values():
        assert 0 <= share <= 1
    assert floors(task, instances) or guesses(task, instances)


def test_accuracy_is_by_node_and_by_graph():
    instances = drawn(PathParity(), "test", 10, 2)
    wrong = instances[1].answers.copy()
    wrong[:5] = 1 - wrong[:5]
    assert right([instances[0].answers, wrong], instances) == (0.75, 0.5)


def test_nothing_there_has_no_floors():
    assert floors(PathParity(), []) == {}
    assert guesses(PathParity(), []) == {}


def test_the_longest_paths_are_judged_by_thirty():
    assert [PathParity().fixed(size) for size in (100, 999, 1_000)] == [1_000, 100, 30]
