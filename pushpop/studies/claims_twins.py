"""Claim 4: nodes that hear the very same nodes, themselves counted; and what keeps them apart."""

from collections.abc import Callable

import torch
from torch import nn

from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GAT, GCN, GIN, GATv2, Neighbours, first_weights
from pushpop.graphs.structure import twins
from pushpop.studies.ledger import DRAWN, NEAR, Entry, found, gap, numbers
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.graphs.edges import both_ways

WIDTH, HIDDEN = 4, 32  # so many units that some see a difference, though ReLU is blind below 0
TRIANGLES = 10  # draws of features for each of weights
LAMBDAS = (0.0, 0.5, 1.0, 2.0, 3.0)
LAYERS: dict[str, Callable[[], nn.Module]] = {
    "GCN": lambda: GCN(WIDTH, WIDTH),
    "GIN, eps 0": lambda: GIN(WIDTH, WIDTH, HIDDEN),
    "GCN, lambda 2": lambda: GCN(WIDTH, WIDTH, self_loop=2.0),
    "GCN, lambda 0": lambda: GCN(WIDTH, WIDTH, self_loop=0.0),
    "GIN, eps 1/2": lambda: GIN(WIDTH, WIDTH, HIDDEN, eps=0.5),
    "own state apart": lambda: Neighbours(WIDTH, WIDTH),
    "GAT": lambda: GAT(WIDTH, WIDTH),
    "GAT, 4 heads": lambda: GAT(WIDTH, WIDTH, 4),
    "GATv2": lambda: GATv2(WIDTH, WIDTH),
}
ALWAYS, NEVER = ("GCN", "GIN, eps 0"), ("GCN, lambda 2", "GCN, lambda 0", "GIN, eps 1/2", "own state apart")


def triangle(seed: int) -> Graphs:
    """0, 1 and 2 joined, and 3 to 2: 0 and 1 are twins."""
    return Graphs.of(numbers(seed, 4, WIDTH), both_ways([(0, 1), (0, 2), (1, 2), (2, 3)]))


def by_formula() -> Outcome:
    """What is left between twins after a layer, against the formula."""
    graphs, gaps = triangle(0), list[float]()
    degree = int(graphs.degrees[0])
    for weight in LAMBDAS:
        layer = first_weights(GCN(WIDTH, WIDTH, self_loop=weight), 0).double()
        after = layer(graphs.features, graphs)
        apart = layer.project(graphs.features[0] - graphs.features[1])
        gaps.append(gap(after[0] - after[1], (weight - 1) / (degree + weight) * apart))
    told = ", ".join(f"{weight:g}" for weight in LAMBDAS)
    said = f"twins apart by (lambda - 1) / (d + lambda) (x_0 - x_1) W at lambda {told}: largest gap {max(gaps):.0e}"
    return found(max(gaps) < NEAR and twins(graphs) == [[0, 1]], said)


@torch.no_grad()
def collapsed(name: str) -> int:
    """In how many draws of weights and features twins come out the same."""
    layer, together = LAYERS[name]().double(), 0
    graphs = Graphs.together([triangle(seed) for seed in range(TRIANGLES)])
    for seed in range(DRAWN // TRIANGLES):
        after = first_weights(layer, seed)(graphs.features, graphs)
        together += int(((after[0::4] - after[1::4]).abs().amax(1) < NEAR).sum())
    return together


def counted() -> Outcome:
    """Of every layer."""
    counts = {name: collapsed(name) for name in LAYERS}
    holds = all(counts[name] == DRAWN for name in ALWAYS) and not any(counts[name] for name in NEVER)
    attending = all(counts[name] < DRAWN / 2 for name in counts if name not in (*ALWAYS, *NEVER))
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    return found(holds and attending, f"twins the same, of {DRAWN} draws: {told}")


def at_every_depth() -> Outcome:
    """Once the same, always the same."""
    graphs = triangle(1)
    states, gaps = graphs.features, list[float]()
    for depth in range(4):
        states = first_weights(GCN(WIDTH, WIDTH), depth).double()(states, graphs).tanh()
        gaps.append(gap(states[0], states[1]))
    return found(max(gaps) < NEAR, f"GCN of 1 to 4 layers: largest difference of twins {max(gaps):.0e}")


def collapse() -> list[Outcome]:
    return [by_formula(), counted(), at_every_depth()]


ENTRIES = (
    Entry(
        number="4",
        says="Two nodes with the same neighbours, themselves counted, end up equal; another self loop than 1 cures it.",
        rule="The formula to 1e-10; lambda 1 or eps 0: equal in every draw, with a cure in none, in attention in few.",
        judge=collapse,
    ),
)
