"""Rounds by a rule: counted in each graph, said as people say it, and others at a test."""

import pytest
import torch

from pushpop.errors import ConfigError
from pushpop.graphs.graph import Graphs
from pushpop.graphs.rounds import RoundsOf, running

PATHS = Graphs.together(
    [Graphs.of(torch.zeros(size, 1), [list(range(size - 1)), list(range(1, size))]) for size in (10, 7)]
)


@pytest.mark.parametrize(
    ("text", "rounds"),
    [
        ("nodes", [10, 7]),
        ("1.2 nodes", [12, 9]),
        ("2nodes + 1", [21, 15]),
        ("depth+3", [13, 10]),
        (" 0.5 depth ", [5, 4]),
        ("5", [5, 5]),
    ],
)
def test_they_are_counted_in_each_graph(text, rounds):
    rule = RoundsOf.said(text)
    assert rule(PATHS).tolist() == rounds
    assert RoundsOf.said(str(rule)) == rule


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "edges", "2 edges", "nodes * 2", "0 nodes", "1e3", "99999999", "nodes -1"]
)
def test_what_is_no_number_of_rounds_is_refused(text):
    with pytest.raises(ConfigError) as refused:
        RoundsOf.said(text)
    assert str(refused.value) == f"rounds: {text!r} is no number of rounds; give such as 20, '2 nodes' or 'depth + 3'"


def test_a_net_has_its_own_again_afterwards():
    class Net:
        rounds = RoundsOf(more=1)

    net = Net()
    with running(net) as said:
        assert (said, net.rounds) == ("nodes + 1", RoundsOf(more=1))
    with running(net, "3") as said:
        assert (said, net.rounds) == ("3", RoundsOf(rule="same", more=3))
    assert net.rounds == RoundsOf(more=1)
    with pytest.raises(ZeroDivisionError), running(net, "3"):
        raise ZeroDivisionError
    assert net.rounds == RoundsOf(more=1)


def test_what_runs_none_can_be_given_none():
    with running(object()) as said:
        assert said == ""
    with pytest.raises(ConfigError, match="rounds: gin runs none; leave it out"), running(object(), "3", "gin"):
        pass
