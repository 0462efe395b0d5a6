"""A graph net and an LSTM over histories, joined: each reads its own half, and says no more than that."""

from dataclasses import replace

import pytest
import torch

from closeness import assert_same
from pushpop.errors import ConfigError
from pushpop.graphs.branches import TwoBranch
from pushpop.graphs.nets import build
from pushpop.graphs.questions import Questions
from pushpop.models.branch_settings import TwoBranchSettings
from pushpop.tasks.graphs.instance import drawn
from pushpop.tasks.graphs.parity import PathParity
from pushpop.tasks.graphs.temporal import Temporal

TASK = Temporal(visits=3, patients=5)
every_way = pytest.mark.parametrize("branches", ["both", "graph", "history"])


def made(branches: str, **chosen) -> TwoBranch:
    found = build("two-branch", TwoBranchSettings(branches=branches, hidden=6, decoder=8, **chosen), TASK, 0).double()
    assert isinstance(found, TwoBranch)
    return found


def asked(count: int = 3, sizes: tuple[int, ...] = (1, 2, 3)) -> Questions:
    instances = [one for size in sizes for one in drawn(TASK, "training", size, count, 1000)]
    return Questions.of(TASK, instances, dtype=torch.float64)


@every_way
def test_it_is_its_parts_node_by_node(branches):
    """Neighbours are summed and histories read, event by event, in plain loops."""
    net, questions = made(branches), asked()
    graphs, found = questions.graphs, net(questions)
    for node in range(graphs.nodes):
        parts, own = [], graphs.features[node]
        if branches != "history":
            heard = sum((graphs.features[source, :3] for source, target in graphs.edges.T.tolist() if target == node),
                        torch.zeros(3, dtype=torch.float64))  # fmt: skip
            layer = net.layers[0]
            parts.append((layer.own(own[:3]) + layer.heard(heard)).relu())
        if branches != "graph":
            events = [event for event in own[3:].view(12, 7) if not event[-1]]
            parts.append(net.cell(torch.stack(events)[None])[0][0, -1])
        assert_same(f"scores of {node}", found[node], net.head.classes(torch.cat(parts)))


@every_way
def test_gradients_reach_every_weight(branches):
    net = made(branches)
    net.loss(asked()).backward()
    for place, weights in net.named_parameters():
        assert weights.grad is not None, place
        assert float(weights.grad.abs().sum()) > 0, place


def test_a_branch_alone_sees_nothing_of_the_other():
    questions = asked()
    features = questions.graphs.features.clone()
    features[:, :3] = features[:, :3].roll(1, 1)
    other = replace(questions, graphs=questions.graphs.carrying(features))
    assert torch.equal(made("history")(other), made("history")(questions))
    assert not torch.equal(made("graph")(other), made("graph")(questions))
    shuffled = questions.graphs.features.clone()
    shuffled[:, 3:10] = shuffled[:, 3:10].roll(1, 0)
    later = replace(questions, graphs=questions.graphs.carrying(shuffled))
    assert torch.equal(made("graph")(later), made("graph")(questions))
    assert not torch.equal(made("history")(later), made("history")(questions))


def test_a_node_to_which_nothing_happened_has_no_state():
    net, questions = made("history"), asked()
    features = questions.graphs.features.clone()
    features[0, 3:] = torch.eye(7, dtype=torch.float64)[6].repeat(12)
    found = net.remembered(features[:, 3:].unflatten(1, (12, 7)))
    assert not found[0].any()
    assert found[1].any()
    nothing = net.remembered(features[:1, 3:].unflatten(1, (12, 7)))
    assert not nothing.any()


def test_a_graph_alone_is_the_graph_in_a_batch():
    net = made("both")
    whole = net(asked())
    for number, one in enumerate(instance for size in (1, 2, 3) for instance in drawn(TASK, "training", size, 3, 1000)):
        alone = net(Questions.of(TASK, [one], dtype=torch.float64))
        assert_same(f"graph {number}", alone, whole[5 * number : 5 * number + 5])


def test_a_task_without_histories_is_refused():
    with pytest.raises(ConfigError, match="task: has no histories for model two-branch; give one that has"):
        build("two-branch", TwoBranchSettings(), PathParity(), 0)
