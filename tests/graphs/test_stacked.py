"""A stack under a graph net: the very stack of the memories, at graph level and at node level."""

import pytest
import torch
from graph_layers import WIDTH, drawn

from closeness import assert_same
from pushpop.errors import ConfigError, ShapeError
from pushpop.graphs.aggregators import Reduce
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import first_weights
from pushpop.graphs.readout import read_out
from pushpop.graphs.stacked import StackProcessor
from pushpop.memory.reference import pop_stack, read, read_stack

both_levels = pytest.mark.parametrize("level", ["graph", "node"])
VALUE = 3


def made(level: str, how: str = "max", seed: int = 0) -> StackProcessor:
    return first_weights(StackProcessor(WIDTH, 5, VALUE, Reduce("sum"), level, how), seed).double()


def by_hand(net: StackProcessor, graphs: Graphs, rounds: int, strengths: torch.Tensor | None = None) -> torch.Tensor:
    """Round by round, each stack a list of cells of its own, by the equations of `memory.reference`."""
    shared = net.level == "graph"
    owners = list(range(graphs.count)) if shared else graphs.graph.tolist()
    cells = [[[], []] for _ in owners]
    nodes = net.processor.start(graphs)
    for number in range(rounds):
        tops = torch.stack([read(v, read_stack(s)) if v else torch.zeros(VALUE, dtype=torch.float64) for s, v in cells])
        given = torch.cat([graphs.features, tops[graphs.graph] if shared else tops], 1)
        nodes = net.processor.step(nodes, given, graphs)
        whole = read_out(net.how, nodes, graphs)
        said = net.strengths(whole).sigmoid() if strengths is None else strengths[number]
        values = net.value(whole if shared else nodes).tanh()
        for place, (owner, cell) in enumerate(zip(owners, cells, strict=True)):
            push, pop = said[owner]
            cell[0][:] = [*pop_stack(cell[0], pop), push]
            cell[1].append(values[place])
    return nodes


@both_levels
@pytest.mark.parametrize("how", ["sum", "mean", "max"])
def test_rounds_are_those_done_by_hand(level, how):
    graphs, net = drawn(1000, (4, 3)), made(level, how)
    net.strengths.weight.data *= 3
    assert_same("nodes", net(graphs.features, graphs, 5).state.nodes, by_hand(net, graphs, 5))


@both_levels
def test_operations_that_are_taught_are_done_and_what_the_net_said_is_told(level):
    graphs, net = drawn(1001, (4, 3)), made(level)
    given = torch.randint(2, (6, 2, 2), generator=torch.Generator().manual_seed(1)).double()
    found = net(graphs.features, graphs, 6, given)
    assert_same("nodes", found.state.nodes, by_hand(net, graphs, 6, given))
    assert found.push.shape == found.pop.shape == (6, 2)
    assert bool(((found.push > 0) & (found.push < 1)).all())
    assert found.push.requires_grad
    with pytest.raises(ShapeError, match=r"strengths: expected \[2, 2\] float64"):
        net(graphs.features, graphs, 6, given[:, :1])


def test_with_one_node_both_levels_are_the_same():
    lonely = [Graphs.of(torch.full((1, WIDTH), float(n), dtype=torch.float64), []) for n in range(4)]
    graphs = Graphs.together(lonely)
    at_graphs, at_nodes = made("graph"), made("node")
    for net in (at_graphs, at_nodes):
        net.strengths.weight.data *= 3
    found = [net(graphs.features, graphs, 6) for net in (at_graphs, at_nodes)]
    assert torch.equal(found[0].state.nodes, found[1].state.nodes)
    assert torch.equal(found[0].push, found[1].push)
    assert torch.equal(found[0].state.memory.read(), found[1].state.memory.read())


@both_levels
def test_names_batch_mates_and_cuts_change_nothing(level):
    graphs, net = drawn(1002), made(level)
    whole = net(graphs.features, graphs, 5)
    one = graphs.alone(1)
    alone = net(one.features, one, 5)
    assert_same("alone", alone.state.nodes, whole.state.nodes[graphs.graph == 1])
    assert_same("its strengths", alone.push[:, 0], whole.push[:, 1])
    places = torch.cat([torch.arange(7).flip(0), 7 + torch.arange(4).flip(0), 11 + torch.arange(9).flip(0)])
    other = graphs.relabelled(places)
    assert_same("relabelled", net(other.features, other, 5).state.nodes[places], whole.state.nodes)
    first = net(graphs.features, graphs, 2)
    assert_same("continued", net(graphs.features, graphs, 3, state=first.state).state.nodes, whole.state.nodes)


@both_levels
def test_a_graph_that_has_ended_keeps_its_memory(level):
    graphs, net = drawn(1003), made(level)
    found = net(graphs.features, graphs, torch.tensor([2, 0, 5])).state
    for number, rounds in enumerate((2, 0, 5)):
        one = graphs.alone(number)
        want = net(one.features, one, rounds).state
        assert_same(f"nodes {number}", found.nodes[graphs.graph == number], want.nodes)
        rows = graphs.graph == number if level == "node" else torch.arange(3) == number
        assert_same(f"top {number}", found.memory.read()[rows], want.memory.read())


@both_levels
def test_gradients_are_finite_differences(level):
    graphs, net = drawn(1004, (3, 2)), made(level, "mean")
    taught = list(net.parameters())
    run = lambda x, *_: net(x, graphs, 3).state.nodes  # noqa: E731
    assert torch.autograd.gradcheck(run, (graphs.features.requires_grad_(), *taught), fast_mode=True)


def test_no_rounds_do_nothing():
    graphs, net = drawn(1005), made("node")
    found = net(graphs.features, graphs, 0)
    assert found.push.shape == (0, 3)
    assert len(found.state.memory) == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"level": "edge"}, "level: 'edge' is not known; give graph or node"),
        ({"value": 0}, "stack: value 0 is not a size; give 1 or more"),
        ({"how": "last"}, "read_out: 'last' is not known; give one of sum, mean, max"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ConfigError) as refused:
        StackProcessor(**{"inputs": 2, "width": 2, "value": 2, "aggregator": Reduce("sum")} | settings)
    assert str(refused.value) == says
