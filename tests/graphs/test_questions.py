"""Instances as a batch: nothing is lost on the way, shares right are plain Python's, and a net can point."""

import numpy as np
import pytest
import torch

from closeness import assert_same
from pushpop.errors import ConfigError, GraphError, ShapeError
from pushpop.graphs.layers import first_weights
from pushpop.graphs.questions import Pointer, Questions, pointed, pointed_loss
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.expression import Expression
from pushpop.tasks.graphs.instance import drawn, right
from pushpop.tasks.graphs.kinship import Kinship
from pushpop.tasks.graphs.lookup import LookUp
from pushpop.tasks.graphs.parity import PathParity
from pushpop.tasks.graphs.zero_shot import ZeroShot

TASKS = {
    "path-parity": PathParity(),
    "bfs": BreadthFirst(),
    "dfs": DepthFirst(size=8),
    "expression": Expression(depth=2),
    "look-up": LookUp(),
    "kinship": Kinship(),
    "family": Kinship(told="family"),
    "zero-shot": ZeroShot(),
}
POINTING = ("bfs", "dfs", "zero-shot")
every_task = pytest.mark.parametrize("name", TASKS)


def asked(name, count=4):
    task = TASKS[name]
    instances = [one for size in task.ladder["training"][-2:] for one in drawn(task, "training", size, count)]
    return instances, Questions.of(task, instances, dtype=torch.float64)


@every_task
def test_a_batch_is_its_instances(name):
    instances, questions = asked(name)
    assert questions.graphs.count == len(instances)
    first = 0
    for number, one in enumerate(instances):
        graph, own = questions.graphs.alone(number), questions.owner == number
        assert np.array_equal(graph.features.numpy(), one.features(TASKS[name].columns).astype(np.float64))
        found = sorted(zip(*graph.edges.tolist(), graph.kinds.tolist(), strict=True))
        assert found == sorted(zip(*one.edges.tolist(), one.kinds.tolist(), strict=True))
        assert np.array_equal(questions.asked[:, own].numpy() - first, one.asked)
        assert np.array_equal(questions.answers[own].numpy() - first * TASKS[name].points, one.answers)
        first += one.nodes


@every_task
def test_shares_right_are_those_of_plain_python(name):
    instances, questions = asked(name)
    said = questions.answers.clone()
    said[::3] += 1
    shares = questions.shares(said)
    off = said - questions.answers
    chosen = [one.answers + off[questions.owner == number].numpy() for number, one in enumerate(instances)]
    node, graph = right(chosen, instances)
    assert float(shares.mean()) == pytest.approx(node)
    assert float((shares == 1).double().mean()) == pytest.approx(graph)


@every_task
def test_states_are_read_where_it_is_asked(name):
    _, questions = asked(name)
    states = torch.arange(questions.graphs.nodes, dtype=torch.float64)[:, None]
    assert torch.equal(questions.ends(states).T.long(), questions.asked)


@pytest.mark.parametrize("name", POINTING)
def test_the_right_node_is_among_the_choices(name):
    instances, questions = asked(name)
    which, nodes = questions.choices
    there = torch.bincount(which[nodes == questions.answers[which]], minlength=len(questions.answers))
    assert bool((there == 1).all())
    for one in instances:
        if name != "zero-shot":
            for place, node in enumerate(one.asked[0].tolist()):
                own = set(one.choices[1, one.choices[0] == place].tolist())
                assert own == set(one.edges[0, one.edges[1] == node].tolist()) | {node}


@pytest.mark.parametrize("name", POINTING)
def test_a_pointer_s_loss_and_choice_are_those_worked_out_answer_by_answer(name):
    _, questions = asked(name)
    states = torch.randn(questions.graphs.nodes, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pointer = first_weights(Pointer(5), 0).double()
    scores = pointer(states, questions)
    losses, best = [], []
    for number, answer in enumerate(questions.answers.tolist()):
        nodes = questions.choices[1, questions.choices[0] == number]
        heard = pointer.asked(states[questions.asked[0, number]]) + pointer.choice(states[nodes])
        own = pointer.score(heard.tanh())[:, 0]
        losses.append(-own.log_softmax(0)[nodes == answer].squeeze())
        best.append(int(nodes[own.argmax()]))
    assert_same("loss", pointed_loss(scores, questions), torch.stack(losses).mean())
    assert pointed(scores, questions).tolist() == best
    assert float(questions.shares(pointed(scores, questions)).mean()) <= 1


def test_a_loss_is_a_number_however_wrong_a_pointer_is():
    _, questions = asked("bfs")
    which, nodes = questions.choices
    scores = torch.where(nodes == questions.answers[which], -5000.0, 0.0).double().requires_grad_()
    loss = pointed_loss(scores, questions)
    loss.backward()
    assert 1000 < float(loss.detach()) < 6000
    assert bool(scores.grad.isfinite().all())


def test_of_equal_scores_the_first_is_taken():
    _, questions = asked("bfs")
    chosen = pointed(torch.zeros(questions.choices.shape[1]), questions)
    assert bool((chosen <= questions.asked[0]).all())


def test_what_cannot_be_is_refused():
    with pytest.raises(GraphError, match="no instances; give 1 or more"):
        Questions.of(PathParity(), [])
    _, questions = asked("bfs")
    with pytest.raises(ShapeError, match=r"Questions.shares: said: expected \[\d+\] int64"):
        questions.shares(questions.answers[1:])
    with pytest.raises(ConfigError, match="pointer: width 0 is not a size"):
        Pointer(0)
