"""Claims 8, 9 and 10: what names, orders and strangers change."""

import statistics
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from pushpop.graphs.aggregators import Messages, Normalised, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GAT, GCN, GIN, GATv2, Neighbours, Relational, first_weights
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.processor import Processor
from pushpop.graphs.readout import read_out
from pushpop.graphs.segments import REDUCTIONS
from pushpop.graphs.stacked import StackProcessor
from pushpop.studies.ledger import NEAR, Entry, found, gap, numbers, random_graph
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation

WIDTH, ROUNDS = 4, 3
Run = Callable[[Graphs], Tensor]
DEGREES = (2, 4, 8, 12)
ORDERS, NETS = 20, 3


class Rounds(nn.Module):
    """A processor, with a stack or without, as a layer: the states of nodes after some rounds."""

    def __init__(self, net: Processor | StackProcessor) -> None:
        super().__init__()
        self.net = net

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        after = self.net(states, graphs, ROUNDS)
        return after if isinstance(after, Tensor) else after.state.nodes


LAYERS: dict[str, Callable[[], nn.Module]] = {
    "GCN": lambda: GCN(WIDTH, WIDTH),
    "GCN by rows": lambda: GCN(WIDTH, WIDTH, norm="row", self_loop="learn"),
    "GAT": lambda: GAT(WIDTH, WIDTH, 2),
    "GATv2": lambda: GATv2(WIDTH, WIDTH, 2),
    "GIN": lambda: GIN(WIDTH, WIDTH),
    "sum": lambda: Neighbours(WIDTH, WIDTH, "sum"),
    "mean": lambda: Neighbours(WIDTH, WIDTH, "mean"),
    "max": lambda: Neighbours(WIDTH, WIDTH, "max"),
    "relational": lambda: Relational(WIDTH, WIDTH, 1),
    "messages": lambda: Messages(WIDTH, WIDTH),
    "LSTM, natural order": lambda: Neighbours(WIDTH, WIDTH, InOrder(WIDTH)),
    "LSTM, by key": lambda: Neighbours(WIDTH, WIDTH, InOrder(WIDTH, "key")),
    "processor": lambda: Rounds(Processor(WIDTH, WIDTH, Reduce("max"))),
    "stack per graph": lambda: Rounds(StackProcessor(WIDTH, WIDTH, WIDTH, Reduce("sum"), "graph")),
    "stack per node": lambda: Rounds(StackProcessor(WIDTH, WIDTH, WIDTH, Reduce("sum"), "node")),
}
AGGREGATORS: dict[str, Callable[[], nn.Module]] = {
    "sum": lambda: Reduce("sum"),
    "mean": lambda: Reduce("mean"),
    "max": lambda: Reduce("max"),
    "GCN": Normalised,
    "GAT": lambda: Attention(WIDTH, dynamic=False),
    "GATv2": lambda: Attention(WIDTH, dynamic=True),
    "LSTM": lambda: InOrder(WIDTH),
    "LSTM by key": lambda: InOrder(WIDTH, "key"),
}


def nets() -> Iterator[tuple[str, nn.Module]]:
    for name, build in LAYERS.items():
        yield name, first_weights(build(), 0).double().eval()


def told(gaps: dict[str, float], what: str) -> Outcome:
    """One line for all layers: the largest gap."""
    worst = max(gaps, key=lambda name: gaps[name])
    return found(gaps[worst] < NEAR, f"{len(gaps)} {what}: largest gap {gaps[worst]:.0e} ({worst})")


@torch.no_grad()
def equivariance() -> list[Outcome]:
    """Nodes called otherwise: node states move with the names, what is read out stays."""
    graphs = random_graph(0, 12)
    places = torch.from_numpy(permutation(Draws("claim 8"), 12))
    other = graphs.relabelled(places)
    gaps = {name: gap(net(other.features, other)[places], net(graphs.features, graphs)) for name, net in nets()}
    whole = {how: gap(read_out(how, other.features, other), read_out(how, graphs.features, graphs))
             for how in REDUCTIONS}  # fmt: skip
    return [told(gaps, "layers and nets, nodes relabelled"), told(whole, "read-outs, nodes relabelled")]


@torch.no_grad()
def locality() -> list[Outcome]:
    """A graph by itself, in a batch, and beside a hub of degree 20 in the same graph, to which nothing leads."""
    first, mate = random_graph(1, 9), random_graph(2, 30, chance=0.6)
    batch = Graphs.together([first, mate])
    hub = [[9 + n for n in range(1, 21)], [9] * 20]
    features = torch.cat([first.features, numbers(3, 21, WIDTH)])
    beside = Graphs.of(features, torch.cat([first.edges, torch.tensor(hub)], 1))
    batched, stranger = dict[str, float](), dict[str, float]()
    for name, net in nets():
        alone = net(first.features, first)
        batched[name] = gap(net(batch.features, batch)[:9], alone)
        if not name.startswith("stack"):  # the nodes of one graph share its strengths, as they share a read-out
            stranger[name] = gap(net(beside.features, beside)[:9], alone)
    return [told(batched, "layers and nets, alone and in a batch"), told(stranger, "beside a stranger of degree 20")]


def stars(degree: int, seed: int) -> Graphs:
    """One node and its neighbours, beside the same with its edges given in other orders."""
    star = Graphs.of(numbers(seed, degree + 1, WIDTH), [list(range(1, degree + 1)), [0] * degree])
    draws = Draws("claim 9", seed)
    orders = [torch.from_numpy(permutation(draws, degree)) for _ in range(ORDERS)]
    return Graphs.together([star.reordered(order) for order in orders])


@torch.no_grad()
def spreads(name: str, tried: Sequence[Sequence[Graphs]]) -> list[float]:
    """How much what a node gets varies over orders, by degree: the median over nets with first weights.

    Of one net the standard deviation over orders, the mean over the node's numbers.
    """
    made = [first_weights(AGGREGATORS[name](), seed).double().eval() for seed in range(NETS)]
    medians = list[float]()
    for of_degree in tried:
        got = [
            net(each.features, each).view(ORDERS, -1, WIDTH)[:, 0] for net, each in zip(made, of_degree, strict=True)
        ]
        medians.append(statistics.median(float(one.std(0, unbiased=False).mean()) for one in got))
    return medians


def by_degree() -> list[list[Graphs]]:
    """What is tried at each degree, for each net."""
    return [[stars(degree, seed) for seed in range(NETS)] for degree in DEGREES]


def order_sensitivity() -> list[Outcome]:
    tried = by_degree()
    blind = {name: max(spreads(name, tried)) for name in AGGREGATORS if name != "LSTM"}
    felt = spreads("LSTM", tried)
    said = ", ".join(f"{value:.3f} at degree {degree}" for degree, value in zip(DEGREES, felt, strict=True))
    return [
        told(blind, f"aggregators, {ORDERS} orders of the same neighbours"),
        found(min(felt) > 1e-3 and felt[-1] > felt[0], f"LSTM in the order given: spread {said}"),
    ]


ENTRIES = (
    Entry(
        number="8",
        says="Layers are equivariant and read-outs invariant under other names of the nodes.",
        rule="Every layer, processor and stack net: relabelled nodes have the same states to 1e-10.",
        judge=equivariance,
    ),
    Entry(
        number="9",
        says="Sums, means, maxima and attention know no order of neighbours; a recurrent aggregator does, the more the "
        "more neighbours.",
        rule="Spread over 20 orders below 1e-10 for all but the LSTM in the order given; its own grows from 2 to 12.",
        judge=order_sensitivity,
    ),
    Entry(
        number="10",
        says="What is not connected is not felt: a graph alone is what it is in a batch and beside strangers.",
        rule="Every layer, processor and stack net to 1e-10, also beside a node of higher degree than any.",
        judge=locality,
    ),
)
