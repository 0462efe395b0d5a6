"""Our layers beside PyTorch Geometric's, its three traps, and its graphs as ours. Skipped where it is not installed."""

import importlib
import sys
import warnings

import pytest
import torch
from graph_layers import OUT, WIDTH, built, drawn
from torch import nn

from closeness import assert_same
from pushpop.errors import ConfigError
from pushpop.graphs.geometric import Geometric, from_geometric, geometric, to_geometric
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GCN, Layer
from pushpop.graphs.ordered import InOrder


@pytest.fixture
def pyg():
    """Its layers. What it says when it is imported is its own affair."""
    if importlib.util.find_spec("torch_geometric") is None:
        pytest.skip("torch_geometric is not installed (the extra `graph`)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return geometric("nn")


def simple(seed: int) -> Graphs:
    """Without doubled edges."""
    graphs = drawn(seed)
    return Graphs.of(graphs.features, graphs.edges, graphs.graph, doubles="drop")


def lend(conv: nn.Module, **weights: torch.Tensor) -> Layer:
    """Their layer with these weights of ours."""
    conv = conv.double()
    for name, value in weights.items():
        part = conv.get_parameter(name.replace("__", "."))
        part.data = value.detach().clone().reshape(part.shape)
    return Geometric(conv)


def test_gcn_is_theirs(pyg):
    graphs, ours = simple(1000), built("gcn sym")
    theirs = lend(pyg.GCNConv(WIDTH, OUT), lin__weight=ours.project.weight, bias=ours.bias)
    assert_same("GCN", ours(graphs.features, graphs), theirs(graphs.features, graphs))


@pytest.mark.parametrize(("name", "heads"), [("gat", 1), ("gat, 4 heads", 4)])
def test_gat_is_theirs(pyg, name, heads):
    graphs, ours = simple(1001), built(name)
    to, fro = ours.attention.scores
    theirs = lend(
        pyg.GATConv(WIDTH, OUT // heads, heads),
        lin__weight=ours.project.weight, att_src=fro, att_dst=to, bias=ours.bias,
    )  # fmt: skip
    assert_same("GAT", ours(graphs.features, graphs), theirs(graphs.features, graphs))


@pytest.mark.parametrize(("name", "heads"), [("gatv2", 1), ("gatv2, 4 heads", 4)])
def test_gatv2_is_theirs(pyg, name, heads):
    graphs, ours = simple(1002), built(name)
    attention = ours.attention
    theirs = lend(
        pyg.GATv2Conv(WIDTH, OUT // heads, heads),
        lin_l__weight=ours.project.weight, lin_l__bias=torch.zeros_like(ours.bias), lin_r__weight=attention.own.weight,
        lin_r__bias=attention.own.bias, att=attention.scores, bias=ours.bias,
    )  # fmt: skip
    assert_same("GATv2", ours(graphs.features, graphs), theirs(graphs.features, graphs))


def test_gin_and_the_mean_are_theirs(pyg):
    graphs, ours = simple(1003), built("gin, eps 0.5")
    theirs = lend(pyg.GINConv(ours.net, train_eps=True), eps=ours.eps)
    assert_same("GIN", ours(graphs.features, graphs), theirs(graphs.features, graphs))
    ours = built("neighbours mean")
    theirs = lend(pyg.SAGEConv(WIDTH, OUT), lin_l__weight=ours.heard.weight, lin_l__bias=ours.own.bias,
                  lin_r__weight=ours.own.weight)  # fmt: skip
    assert_same("SAGE", ours(graphs.features, graphs), theirs(graphs.features, graphs))


def test_relational_is_theirs(pyg):
    graphs, ours = simple(1004), built("relational")
    weights = ours.heard.weight.view(OUT, 3, WIDTH).permute(1, 2, 0)
    conv = lend(pyg.RGCNConv(WIDTH, OUT, 3), weight=weights, root=ours.own.weight.T, bias=ours.own.bias).conv
    assert_same("RGCN", ours(graphs.features, graphs), conv(graphs.features, graphs.edges, graphs.kinds))


def beside_a_hub(layer: nn.Module) -> float:
    """How far a node with three neighbours moves when another one, which it is not connected to, has six."""
    chance = torch.Generator().manual_seed(1000)
    x = torch.randn(11, WIDTH, generator=chance)
    alone = Graphs.of(x[:4], [[1, 2, 3], [0, 0, 0]])
    both = Graphs.of(x, [[1, 2, 3, 5, 6, 7, 8, 9, 10], [0, 0, 0, 4, 4, 4, 4, 4, 4]])
    return float((layer(alone.features, alone)[0] - layer(both.features, both)[0]).detach().abs().max())


@pytest.mark.parametrize("name", ["LSTMAggregation", "GRUAggregation"])
def test_trap_their_recurrent_aggregators_feel_strangers_and_ours_does_not(pyg, name):
    torch.manual_seed(1000)
    theirs = Geometric(pyg.SimpleConv(aggr=getattr(pyg, name)(WIDTH, WIDTH)))
    assert beside_a_hub(theirs) > 1e-2
    assert beside_a_hub(InOrder(WIDTH)) < 1e-6


def test_trap_improved_does_nothing_without_edge_weights_and_a_self_loop_of_2_does(pyg):
    path = Graphs.of(torch.eye(3, dtype=torch.float64), [[0, 1, 1, 2], [1, 0, 2, 1]])
    one = torch.eye(3, dtype=torch.float64)
    plain, improved = (lend(pyg.GCNConv(3, 3, bias=False, improved=way), lin__weight=one) for way in (False, True))
    assert torch.equal(plain(path.features, path), improved(path.features, path))
    weighted = improved.conv(path.features, path.edges, torch.ones(4, dtype=torch.float64))
    ours = GCN(3, 3, self_loop=2, bias=False).double()
    ours.project.weight.data = one
    found = ours(path.features, path)
    assert_same("self loop 2", found, weighted)
    assert_same("its diagonal", found.diagonal(), torch.tensor([2 / 3, 0.5, 2 / 3], dtype=torch.float64))


def test_trap_their_gated_net_has_a_matrix_for_each_round(pyg):
    """So it cannot run more of them than it was made for; `Processor` can."""
    assert pyg.GatedGraphConv(5, 7).weight.shape == (7, 5, 5)


def test_graphs_go_there_and_come_back(pyg):
    graphs = drawn(1005)
    again = from_geometric(to_geometric(graphs))
    for name in ("features", "edges", "graph", "kinds", "count"):
        assert torch.equal(*(torch.as_tensor(getattr(one, name)) for one in (graphs, again))), name
    data = geometric("data").Data(x=torch.ones(2, 1), edge_index=torch.tensor([[0, 1], [1, 1]]))
    assert from_geometric(data).edges.tolist() == [[0, 1], [1, 1]]


def test_without_it_there_is_one_line_that_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_geometric", None)
    with pytest.raises(ConfigError) as refused:
        geometric()
    assert str(refused.value) == "torch_geometric: is not installed; give it with: pip install 'pushpop[graph]'"
