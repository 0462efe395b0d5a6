"""Claim 3: how far a node can see."""

import torch
from torch import Tensor, nn

from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GCN, first_weights
from pushpop.graphs.structure import adjacency, distances, normalised
from pushpop.studies.ledger import Entry, found, random_graph
from pushpop.studies.six_nodes import FIGURES, C, E
from pushpop.studies.verdicts import Outcome

GRAPHS, NODES = 5, 10
# What is known of A^^L and of (A + I)^L from C to E, L = 4, 5, 6.
POWERS = {"figure as drawn": (1 / 48, 0.038194, 0.054832), "figure as answered": (1 / 72, 0.026620, 0.039448)}
WALKS = {"figure as drawn": (2, 10, 42), "figure as answered": (1, 5, 20)}


def derivatives(graphs: Graphs, layers: int, target: int, seed: int = 0) -> Tensor:
    """How the state of `target` after so many GCN layers with tanh depends on each node's features: [N]."""
    states = graphs.features.detach().requires_grad_()
    net = nn.ModuleList(first_weights(GCN(states.shape[1], states.shape[1]), seed + n) for n in range(layers)).double()
    after = states
    for layer in net:
        after = layer(after, graphs).tanh()
    return torch.autograd.grad(after[target].sum(), states)[0].abs().sum(1)


def four_updates() -> list[Outcome]:
    """The derivative from C to E by layers, in both readings of the figure."""
    outcomes = []
    for name, figure in FIGURES.items():
        graphs = figure()
        reached = [float(derivatives(graphs, layers, E)[C]) for layers in (1, 2, 3, 4)]
        matrix, plain = normalised(graphs), adjacency(graphs, 1.0)
        powers = [float(torch.linalg.matrix_power(matrix, n)[E, C]) for n in range(1, 7)]
        walks = tuple(int(torch.linalg.matrix_power(plain, n)[E, C]) for n in (4, 5, 6))
        known = all(abs(one - other) < 1e-6 for one, other in zip(powers[3:], POWERS[name], strict=True))
        holds = reached[:3] == [0, 0, 0] and reached[3] > 0 and powers[:3] == [0, 0, 0] and known
        said = f"{name}: {' '.join(f'{value:.3g}' for value in reached)}; A^^4 from C to E 1/{1 / powers[3]:.0f}"
        outcomes.append(found(holds and walks == WALKS[name], f"{said}, walks of 4, 5, 6 steps {walks}"))
    return outcomes


def as_far_as_layers() -> list[Outcome]:
    """On random graphs, from every node to every other, with one positive weight, so that nothing cancels."""
    layer = GCN(1, 1, bias=False).double()
    layer.project.weight.data.fill_(1.0)
    right = pairs = 0
    for seed in range(GRAPHS):
        graphs = random_graph(seed, NODES, width=1, chance=0.2)
        far = distances(graphs)
        for layers in range(1, 5):
            seen = jacobian(layer, graphs, layers) > 0
            right += int((seen == ((far >= 0) & (far <= layers))).sum())
            pairs += far.numel()
    said = f"{GRAPHS} random graphs, 1 to 4 layers: {right} of {pairs} pairs of nodes as their distance says"
    return [found(right == pairs, said)]


def jacobian(layer: nn.Module, graphs: Graphs, layers: int) -> Tensor:
    """How each node's state after so many tanh layers of width 1 depends on each node's feature: [N, N]."""
    states = graphs.features.detach().requires_grad_()
    after = states
    for _ in range(layers):
        after = layer(after, graphs).tanh()
    rows = [torch.autograd.grad(one, states, retain_graph=True)[0][:, 0] for one in after[:, 0]]
    return torch.stack(rows)


ENTRIES = (
    Entry(
        number="3",
        says="From C to E of the figure it takes 4 updates: L layers see L hops and no more.",
        rule="The derivative of E by C is exactly 0 at 1, 2, 3 layers and not at 4; else it is 0 just beyond L hops.",
        judge=lambda: [*four_updates(), *as_far_as_layers()],
    ),
)
