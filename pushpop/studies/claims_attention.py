"""Claims 6, 7 and 13: weights of attention, their order, and what is lost without them.

Axes: K keys and as many queries.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from pushpop.graphs.aggregators import Normalised
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GAT, GATv2, first_weights
from pushpop.graphs.structure import normalised
from pushpop.studies.ledger import NEAR, Entry, found, gap, numbers, random_graph
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation

KEYS, WIDTH, NETS, LOOKED_UP, GRAPHS = 6, 4, 100, 10, 10


def shares() -> list[Outcome]:
    """Weights are shares; equal scores give the mean; weights of the matrix, without softmax, give a GCN."""
    sums, least, means, gcns = [0.0], [1.0], [0.0], [0.0]
    for seed in range(GRAPHS):
        graphs = random_graph(seed, 4 + seed % 20)
        for dynamic in (False, True):
            attention = first_weights(Attention(WIDTH, 2, dynamic=dynamic), seed).double()
            weighed = attention.weigh(graphs.features, graphs)
            whole = torch.zeros(graphs.nodes, 2, dtype=torch.float64).index_add(0, weighed.targets, weighed.weights)
            sums.append(gap(whole, torch.ones_like(whole)))
            least.append(float(weighed.weights.detach().min()))
        equal = Attention(WIDTH, 2, dynamic=False, uniform=True)
        means.append(gap(equal(graphs.features, graphs), normalised(graphs, "row") @ graphs.features))
        gcns.append(gap(fixed_weights(graphs), Normalised()(graphs.features, graphs)))
    return [
        found(
            max(sums) < NEAR and min(least) >= 0, f"{GRAPHS} graphs: sums 1 to {max(sums):.0e}, least {min(least):.2f}"
        ),
        found(max(means) < NEAR, f"equal scores: the mean over N[i], gap {max(means):.0e}"),
        found(max(gcns) < NEAR, f"alpha_ij = 1 / sqrt(D_i D_j): the GCN's sum, gap {max(gcns):.0e}"),
    ]


def fixed_weights(graphs: Graphs) -> Tensor:
    """Equation 49 with alpha_ij put where the study misses it, and those of equation 48 in it: edge by edge."""
    roots = (graphs.degrees.double() + 1).sqrt()
    heard = [graphs.features[node] / roots[node] ** 2 for node in range(graphs.nodes)]
    for source, target in graphs.edges.T.tolist():
        heard[target] = heard[target] + graphs.features[source] / (roots[source] * roots[target])
    return torch.stack(heard)


def keys_and_queries(features: Tensor) -> Graphs:
    """The first half of the nodes are keys, from each of which an edge leads to each of the others."""
    half = len(features) // 2
    pairs = [(key, half + query) for query in range(half) for key in range(half)]
    return Graphs.of(features, torch.tensor(pairs).T)


@torch.no_grad()
def weights_of(kind: type[GAT], draws: int, keys: int = KEYS) -> Iterator[Tensor]:
    """The weights that each query gives to each key [K, K], in a net with first weights; several draws of both."""
    graphs, layer = keys_and_queries(numbers(0, 2 * keys, WIDTH)), kind(WIDTH, WIDTH, self_loop=False).double()
    for seed in range(draws):
        features = numbers(seed, 2 * keys, WIDTH)
        first_weights(layer, seed)
        weighed = layer.attention.weigh(layer.project(features), graphs, features)
        yield weighed.weights[:, 0].view(keys, keys)


def one_ranking(weights: Tensor) -> bool:
    """Whether all queries put the keys in one order."""
    orders = weights.argsort(1)
    return bool((orders == orders[0]).all())


def rankings() -> list[Outcome]:
    static, dynamic = (sum(map(one_ranking, weights_of(kind, NETS))) for kind in (GAT, GATv2))
    said = f"{KEYS} keys and {KEYS} queries: one ranking for all queries in {static} of {NETS} draws of GAT"
    return [found(static == NETS and dynamic <= NETS // 20, f"{said}, in {dynamic} of GATv2")]


def no_look_up() -> list[Outcome]:
    """Of any net with equal weights and no self term, all queries get one answer: one of k is right."""
    right, graphs = list[int](), 2 * GRAPHS
    for seed in range(graphs):
        stored = torch.from_numpy(permutation(Draws("claim 13", seed), LOOKED_UP))
        known = torch.eye(LOOKED_UP, dtype=torch.float64)
        asked = torch.cat([known, torch.zeros(LOOKED_UP, LOOKED_UP)], 1)
        features = torch.cat([torch.cat([known, known[stored]], 1), asked])
        layer = first_weights(GAT(2 * LOOKED_UP, LOOKED_UP, self_loop=False, uniform=True), seed).double()
        said = layer(features, keys_and_queries(features))[LOOKED_UP:]
        right.append(int((said.argmax(1) == stored).sum()))
    holds = all(count == 1 for count in right)
    accuracy = sum(right) / (graphs * LOOKED_UP)
    said = f"k = {LOOKED_UP}, {graphs} graphs, first weights: node accuracy {accuracy:.3f}, in each 1/k"
    return [found(holds, said)]


ENTRIES = (
    Entry(
        number="6",
        says="The weights alpha_ij belong into equation 49: shares of attention over the neighbours.",
        rule="All 0 or more, of each node 1 in all; equal ones give the mean, the matrix's entries a GCN: to 1e-10.",
        judge=shares,
    ),
    Entry(
        number="7",
        says="GAT ranks neighbours the same for every node, GATv2 does not.",
        rule="With first weights and one head all queries rank alike in every draw of GAT, in 5 % at most of GATv2.",
        judge=rankings,
    ),
    Entry(
        number="13",
        says="To look up, attention cannot be dropped: equal weights give every query the same answer.",
        rule="With uniform weights and no self loop exactly one of k queries is right, in every graph.",
        judge=no_look_up,
    ),
)
