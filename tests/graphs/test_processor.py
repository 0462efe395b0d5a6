"""Rounds with the same weights in each: stepped, resumed, of each graph its own, and along a path a recurrent net."""

import pytest
import torch
from graph_layers import ORACLES, WIDTH, drawn
from torch import nn

from closeness import assert_same
from pushpop.errors import ConfigError, ShapeError
from pushpop.graphs.aggregators import Messages, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import first_weights
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.processor import Processor, rounds_of

AGGREGATORS = {
    "sum": lambda: Reduce("sum"),
    "max": lambda: Reduce("max"),
    "attention": lambda: Attention(5, dynamic=True),
    "in order": lambda: InOrder(5),
}
every_aggregator = pytest.mark.parametrize("name", AGGREGATORS)
both_ways_to_carry = pytest.mark.parametrize("carry", ["own", "neighbours"])


def made(name: str, carry: str, seed: int = 0) -> Processor:
    return first_weights(Processor(WIDTH, 5, AGGREGATORS[name](), carry), seed).double()


@every_aggregator
@both_ways_to_carry
def test_a_round_is_a_gru_s_step_at_every_node(name, carry):
    graphs, net = drawn(1000), made(name, carry)
    state = net.start(graphs)
    for _ in range(3):
        heard = ORACLES[type(net.aggregator)](net.aggregator, state, graphs)
        given, carried = (torch.cat([graphs.features, heard], 1), state) if carry == "own" else (graphs.features, heard)
        gates = given @ net.cell.weight_ih.T + net.cell.bias_ih, carried @ net.cell.weight_hh.T + net.cell.bias_hh
        (r, z, n), (hr, hz, hn) = (part.chunk(3, 1) for part in gates)
        reset, keep = (r + hr).sigmoid(), (z + hz).sigmoid()
        state = (1 - keep) * (n + reset * hn).tanh() + keep * carried
    assert_same("state", net(graphs.features, graphs, 3), state)


@every_aggregator
@both_ways_to_carry
def test_whole_is_cut_and_continued(name, carry):
    graphs, net = drawn(1001), made(name, carry)
    first = net(graphs.features, graphs, 4)
    assert_same("state", net(graphs.features, graphs, 3, first), net(graphs.features, graphs, 7))


@every_aggregator
@both_ways_to_carry
def test_each_graph_may_have_rounds_of_its_own(name, carry):
    graphs, net = drawn(1002), made(name, carry)
    rounds = torch.tensor([3, 0, 6])
    found = net(graphs.features, graphs, rounds)
    for number in range(3):
        one = graphs.alone(number)
        want = net(one.features, one, int(rounds[number]))
        assert_same(f"graph {number}", found[graphs.graph == number], want)


def test_more_rounds_need_no_more_weights():
    """Claim 14 of the ledger: the same net runs ten times as long."""
    graphs, net = drawn(1003), made("max", "own")
    before = sum(weights.numel() for weights in net.parameters())
    assert bool(net(graphs.features, graphs, 200).isfinite().all())
    assert before == sum(weights.numel() for weights in net.parameters()) == 3 * 5 * (WIDTH + 5 + 5 + 2)


def test_along_a_path_it_is_the_gru_over_the_string():
    """Claim 11: after r rounds the first r states are the GRU's; after as many as there are nodes, all of them."""
    length = 9
    x = torch.randn(length, WIDTH, generator=torch.Generator().manual_seed(1000), dtype=torch.float64)
    path = Graphs.of(x, [list(range(length - 1)), list(range(1, length))])
    net = made("sum", "neighbours")
    gru = nn.GRU(WIDTH, 5).double()
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(gru, f"{part}_l0").data = getattr(net.cell, part).data
    want = gru(x[:, None])[0][:, 0]
    for rounds in range(length + 2):
        got = net(x, path, rounds)
        assert_same(f"after {rounds}", got[:rounds], want[:rounds])
        if rounds < length - 1:
            assert float((got - want)[rounds:].detach().abs().max()) > 1e-3


def test_gradients_are_finite_differences():
    graphs, net = drawn(1004, (4,)), made("in order", "own")
    taught = list(net.parameters())
    run = lambda x, *_: net(x, graphs, 2)  # noqa: E731
    assert torch.autograd.gradcheck(run, (graphs.features.requires_grad_(), *taught), fast_mode=True)


@both_ways_to_carry
def test_noise_is_of_training_and_of_its_own_generator(carry):
    """Normal, of the deviation that is asked for, after each round."""
    graphs, net = drawn(1007, (40, 50)), made("sum", carry)
    quiet = net(graphs.features, graphs, 2)
    net.noise = 0.3
    drawn_noise = torch.randn(quiet.shape, generator=torch.Generator().manual_seed(3)).double()
    net.chance.manual_seed(3)
    assert_same("state", net(graphs.features, graphs, 1), net.eval()(graphs.features, graphs, 1) + 0.3 * drawn_noise)
    assert_same("state", net(graphs.features, graphs, 2), quiet)
    net.train().chance.manual_seed(3)
    assert not torch.allclose(net(graphs.features, graphs, 2), quiet)


def test_graphs_of_equal_rounds_need_no_rounds_of_their_own():
    graphs = drawn(1008)
    assert rounds_of(torch.tensor([4, 4, 4]), graphs) == (4, None)
    whole, own = rounds_of(torch.tensor([4, 0, 2]), graphs)
    assert whole == 4
    assert own is not None
    assert own.tolist() == torch.tensor([4, 0, 2])[graphs.graph].tolist()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"carry": "self"}, "carry: 'self' is not known; give one of own, neighbours"),
        ({"width": 0}, "processor: width 0 is not a size; give 1 or more"),
        ({"inputs": 0}, "processor: inputs 0 is not a size; give 1 or more"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ConfigError) as refused:
        Processor(**{"inputs": 2, "width": 2, "aggregator": Reduce("sum")} | settings)
    assert str(refused.value) == says


@pytest.mark.parametrize("rounds", [-1, True, 2.0])
def test_rounds_are_whole_numbers(rounds):
    graphs, net = drawn(1005), made("sum", "own")
    with pytest.raises(ConfigError, match=f"rounds: {rounds} is no number of rounds; give 0 or more"):
        net(graphs.features, graphs, rounds)
    with pytest.raises(ShapeError, match=r"rounds: expected \[3\] int64 on cpu, given \[2\] int64 on cpu"):
        net(graphs.features, graphs, torch.tensor([1, 2]))
    with pytest.raises(ConfigError, match="rounds: -2 is no number of rounds"):
        net(graphs.features, graphs, torch.tensor([1, 2, -2]))


def test_messages_know_the_kind_of_an_edge():
    graphs = drawn(1006)
    net = first_weights(Processor(WIDTH, 5, Messages(5, 7, 3)), 0).double()
    other = Graphs.of(graphs.features, graphs.edges, graphs.graph, (graphs.kinds + 1) % 3, doubles="keep")
    first, second = (net(one.features, one, 2) for one in (graphs, other))
    assert float((first - second).detach().abs().max()) > 1e-4
