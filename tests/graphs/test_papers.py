"""Nets that read one graph: each against dense algebra, chance that follows from the step alone, and who hears whom."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import elu, softplus

from closeness import assert_same
from pushpop.graphs.graph import Graphs
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.papers import Known, Links, Papers, build_links, build_papers, products
from pushpop.graphs.structure import adjacency, normalised
from pushpop.models.paper_settings import (
    GATPaperSettings,
    GCNPaperSettings,
    LinkSettings,
    SAGEPaperSettings,
)
from pushpop.tasks.graphs.citation import Citations
from pushpop.tasks.graphs.edges import both_ways

WORDS, CLASSES = 7, 3
KINDS = {
    "gcn": ("gcn", GCNPaperSettings(hidden=6)),
    "gcn row": ("gcn", GCNPaperSettings(hidden=6, norm="row", self_loop=0.5, layers=3)),
    "gcn learned": ("gcn", GCNPaperSettings(hidden=6, loop="learned")),
    "gcn, one layer": ("gcn", GCNPaperSettings(layers=1)),
    "gat": ("gat", GATPaperSettings(hidden=6, heads=2, last_heads=4)),
    "gatv2": ("gatv2", GATPaperSettings(hidden=CLASSES, heads=3, layers=3)),
    **{how: ("sage", SAGEPaperSettings(hidden=6, aggregator=how)) for how in ("sum", "mean", "max", "lstm")},
}


def graph(seed: int = 0, nodes: int = 9) -> Citations:
    """The last node is alone, the one before it has no words."""
    chance = np.random.default_rng(seed)
    first, second = np.triu_indices(nodes - 1, 1)
    kept = chance.random(len(first)) < 0.35
    has = chance.random((nodes, WORDS)) < 0.4
    has[:, WORDS - 1], has[nodes - 2] = False, False
    has[0, WORDS - 1] = True
    rows, words = has.nonzero()
    labels = chance.integers(CLASSES, size=nodes)
    parts = {"training": np.array([0, 1]), "validation": np.array([2]), "test": np.arange(3, nodes)}
    pairs = np.stack([first[kept], second[kept]], axis=1)
    return Citations(labels, parts, rows, words, both_ways(pairs), WORDS)


def made(name: str, seed: int = 5) -> Papers:
    kind, settings = KINDS[name]
    net = build_papers(kind, settings, WORDS, CLASSES, seed)
    for bias in net.biases:
        torch.nn.init.normal_(bias.detach(), generator=torch.Generator().manual_seed(1))
    return net


def by_hand(net: Papers, whole: Citations) -> torch.Tensor:
    """Layer by layer on dense features; each aggregator is held to its own dense oracle elsewhere."""
    graphs = Graphs.of(torch.zeros(whole.nodes, 1), whole.edges)
    state = torch.from_numpy(whole.features())
    last = len(net.biases) - 1
    for number, bias in enumerate(net.biases):
        weight = net.first.weight if number == 0 else net.maps[number - 1].weight.T
        heard = net.heard[number](state @ weight, graphs)
        if number == last and isinstance(net.settings, GATPaperSettings):
            heard = heard.view(whole.nodes, net.settings.last_heads, CLASSES).mean(1)
        if len(net.own):
            heard = heard + state @ (net.own[0].weight if number == 0 else net.own[number].weight.T)
        state = heard + bias
        if number < last:
            state = elu(state) if isinstance(net.settings, GATPaperSettings) else state.relu()
    return state


@pytest.mark.parametrize("name", KINDS)
def test_a_net_is_its_layers_on_dense_features(name):
    net, whole = made(name).eval(), graph()
    assert_same(name, net(Known.of(whole)), by_hand(net, whole))


def test_a_convolution_is_one_product_of_matrices():
    net, whole = made("gcn").eval(), graph()
    A = normalised(Graphs.of(torch.zeros(whole.nodes, 1), whole.edges))
    state = (A @ torch.from_numpy(whole.features()) @ net.first.weight + net.biases[0]).relu()
    assert_same("scores", net(Known.of(whole)), A @ state @ net.maps[0].weight.T + net.biases[1])


@pytest.mark.parametrize("name", KINDS)
def test_a_node_hears_as_far_as_there_are_layers_and_no_farther(name):
    net, whole = made(name).eval(), graph()
    known = Known.of(whole)
    reach = torch.linalg.matrix_power(adjacency(known.graphs, 1.0), len(net.biases)) > 0
    before = net(known)
    for node in range(whole.nodes):
        own = known.words.rows == node
        if not own.any():
            continue
        after = net(Known(replace(known.words, values=known.words.values + own.float()), known.graphs))
        changed = (after - before).abs().amax(1) > 1e-6
        assert not (changed & ~reach[:, node]).any()
        assert changed[node]


@pytest.mark.parametrize("name", KINDS)
def test_what_is_left_out_follows_from_the_step_alone(name):
    net, known = made(name).train(), Known.of(graph())
    nodes, labels = torch.tensor([0, 1]), torch.tensor([1, 2])
    costs = []
    for step in (3, 4, 3):
        net.begin(step)
        torch.rand(1)
        costs.append(net.loss(known, nodes, labels)[0].item())
    assert costs[0] == costs[2]
    dropping = net.settings.words or net.settings.dropout
    assert (costs[0] != costs[1]) == bool(dropping)
    plain = net.eval()(known)[nodes]
    cost, right = net.loss(known, nodes, labels)
    assert_same("loss", cost, torch.nn.functional.cross_entropy(plain, labels))
    assert right.tolist() == (plain.argmax(1) == labels).tolist()


def test_neighbours_are_read_in_another_order_each_step():
    net = made("lstm").train()
    orders = []
    for step in (1, 2, 1):
        net.begin(step)
        first = net.heard[0]
        assert isinstance(first, InOrder)
        orders.append(first.ordered(Known.of(graph()).graphs).sources.tolist())
    assert orders[0] == orders[2] != orders[1]


def test_first_weights_follow_from_the_seed():
    one, same, other = made("gat", 3).state_dict(), made("gat", 3).state_dict(), made("gat", 4).state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["first.weight"], other["first.weight"])


def test_heads_of_the_last_layer_and_sizes_are_counted():
    net = made("gat")
    scores = 2 * 6 + 2 * 4 * CLASSES  # two vectors a head and layer
    assert net.count() == WORDS * 6 + 6 * 4 * CLASSES + scores + 6 + CLASSES
    assert not net.fused()


@pytest.mark.parametrize("kind", ["gae", "vgae"])
def test_vectors_of_links_are_two_convolutions(kind):
    net, whole = build_links(kind, LinkSettings(hidden=5, width=4), WORDS, 2).eval(), graph()
    A = normalised(Graphs.of(torch.zeros(whole.nodes, 1), whole.edges))
    state = (A @ torch.from_numpy(whole.features()) @ net.first.weight).relu()
    vectors = net(Known.of(whole))
    assert_same("vectors", vectors, A @ state @ net.mean.weight.T)
    pairs = torch.tensor([[0, 3, 3], [1, 3, 8]])
    assert_same("products", products(vectors, pairs), (vectors @ vectors.T)[pairs[0], pairs[1]])


def test_the_loss_of_links_is_of_edges_and_of_pairs_that_the_step_draws():
    whole = graph()
    known, edges = Known.of(whole), torch.from_numpy(whole.edges)
    net = build_links("gae", LinkSettings(hidden=5, width=4, words=0.0), WORDS, 2).train()
    net.begin(7)
    cost = net.loss(known, edges)
    drawn = torch.randint(whole.nodes, edges.shape, generator=torch.Generator().manual_seed(7))
    vectors = net(known)
    both = softplus(-products(vectors, edges)).mean() + softplus(products(vectors, drawn)).mean()
    assert_same("loss", cost, both)


def test_a_distribution_costs_what_it_tells():
    """With no spread learned, sigma = 1, and what is left of the divergence is |mean|^2 / 2."""
    whole = graph()
    known, edges = Known.of(whole), torch.from_numpy(whole.edges)
    net = build_links("vgae", LinkSettings(hidden=5, width=4, words=0.0), WORDS, 2)
    assert isinstance(net, Links)
    assert net.spread is not None
    torch.nn.init.zeros_(net.spread.weight.detach())
    net.begin(7)
    cost = net.loss(known, edges)
    chance = torch.Generator().manual_seed(7)
    means = net(known)
    vectors = means + torch.empty(means.shape).normal_(generator=chance)
    drawn = torch.randint(whole.nodes, edges.shape, generator=chance)
    told = (means**2).sum(1).mean() / 2 / whole.nodes
    both = softplus(-products(vectors, edges)).mean() + softplus(products(vectors, drawn)).mean()
    assert_same("loss", cost, both + told)
