"""Claims 1, 2 and 5: what the matrix of a GCN layer is, what it is not, and where its powers go."""

from collections.abc import Iterator

import torch
from torch import Tensor

from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GCN, first_weights
from pushpop.graphs.structure import adjacency, components, normalised
from pushpop.studies.ledger import NEAR, Entry, found, gap, random_graph
from pushpop.studies.six_nodes import FIGURES
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.graphs.edges import both_ways

SIZES = range(6, 31, 6)
DEPTHS, RANDOM = 8, 60


def message_passing() -> list[Outcome]:
    """Product of matrices, sum over edges one by one, and the layer."""
    gaps, edges, alone, doubled = [0.0], 0, 0, 0
    for seed, nodes in enumerate(SIZES):
        graphs = random_graph(seed, nodes, chance=0.2, doubled=2)
        layer = first_weights(GCN(4, 3, bias=False), seed).double()
        sent = layer.project(graphs.features)
        degrees = adjacency(graphs, 1.0).sum(1)
        passed = sent / degrees[:, None]  # what each node keeps of itself
        for source, target in graphs.edges.T.tolist():
            passed[target] = passed[target] + sent[source] / (degrees[source] * degrees[target]).sqrt()
        product = normalised(graphs) @ sent
        gaps += [gap(product, passed), gap(layer(graphs.features, graphs), product)]
        edges += graphs.edges.shape[1]
        alone += int((graphs.degrees == 0).sum())
        doubled += int((adjacency(graphs) > 1).sum())
    said = f"{len(SIZES)} graphs of 6 to 30 nodes, {edges} edges ({doubled} of them doubled), {alone} nodes alone"
    return [found(max(gaps) < NEAR, f"{said}: largest gap {max(gaps):.0e}")]


def no_average() -> list[Outcome]:
    """Sums of rows, on the figure, on regular graphs, and on random ones."""
    outcomes = []
    for name, figure in FIGURES.items():
        sums = normalised(figure()).sum(1)
        averaged = gap(normalised(figure(), "row").sum(1), torch.ones_like(sums))
        told = " ".join(f"{value:.4f}" for value in sums.tolist())
        outcomes.append(found(averaged < NEAR and not one_each(sums), f"{name}: rows A to F sum to {told}"))
    outcomes.append(regular_or_not())
    gaps = [top_gap(figure()) for figure in FIGURES.values()]
    said = f"its largest eigenvalue is 1, its vector the roots of the degrees (gap {max(gaps):.0e})"
    return [*outcomes, found(max(gaps) < NEAR, said)]


def regular_or_not() -> Outcome:
    """Whether rows of sym sum to 1 exactly where each component has one degree."""
    right, regular = 0, 0
    graphs = [*known_regular(), *(random_graph(seed, 3 + seed % 5, chance=0.5) for seed in range(RANDOM))]
    for each in graphs:
        alike = all(len(set(each.degrees[part].tolist())) == 1 for part in components(each))
        regular += alike
        right += alike == one_each(normalised(each).sum(1))
    said = f"they sum to 1 just where each component is regular: {right} of {len(graphs)} graphs, {regular} of them so"
    return found(right == len(graphs) and 0 < regular < len(graphs), said)


def known_regular() -> Iterator[Graphs]:
    """A ring, a complete graph, and both beside each other."""
    ring = [(n, (n + 1) % 6) for n in range(6)]
    complete = [(first, second) for first in range(4) for second in range(first)]
    beside = [*ring, *((6 + first, 6 + second) for first, second in complete)]
    for nodes, pairs in ((6, ring), (4, complete), (10, beside)):
        yield Graphs.of(torch.ones(nodes, 1, dtype=torch.float64), both_ways(pairs))


def one_each(sums: Tensor) -> bool:
    return gap(sums, torch.ones_like(sums)) < NEAR


def top_gap(graphs: Graphs) -> float:
    """How far the matrix's largest eigenvalue and its vector are from 1 and the roots of the degrees."""
    matrix = normalised(graphs)
    roots = adjacency(graphs, 1.0).sum(1).sqrt()
    largest = torch.linalg.eigvalsh(matrix)[-1]
    return max(gap(matrix @ roots, roots), abs(float(largest) - 1))


def washing_out() -> list[Outcome]:
    """The distance of the matrix's powers from what they come to."""
    outcomes = []
    for name, figure in FIGURES.items():
        rate, norms = washed(figure())
        apart = max(abs(norm - rate**depth) for depth, norm in enumerate(norms, 1))
        said = f"{name}: mu {rate:.4f}, after 1, 4 and 8 layers {norms[0]:.4f}, {norms[3]:.4f}, {norms[7]:.4f}"
        outcomes.append(found(apart < NEAR and rate < 1, f"{said} (gap to mu^L {apart:.0e})"))
    return outcomes


def washed(graphs: Graphs) -> tuple[float, list[float]]:
    """The second largest absolute eigenvalue, and the norms of A^L - P for L = 1 to 8; of a connected graph."""
    matrix = normalised(graphs)
    roots = adjacency(graphs, 1.0).sum(1).sqrt()
    unit = roots / roots.norm()
    projection, power, norms = torch.outer(unit, unit), torch.eye(graphs.nodes, dtype=matrix.dtype), list[float]()
    for _ in range(DEPTHS):
        power = power @ matrix
        norms.append(float(torch.linalg.matrix_norm(power - projection, 2)))
    return float(torch.linalg.eigvalsh(matrix).abs().sort().values[-2]), norms


ENTRIES = (
    Entry(
        number="1",
        says="A GCN layer, A^ H W, is message passing: sums over edges of W h_j / sqrt(D_i D_j).",
        rule="Matrix, edge by edge, and layer agree to 1e-10, with doubled edges and nodes alone.",
        judge=message_passing,
    ),
    Entry(
        number="2",
        says="Normalised symmetrically it is not an average, as the study has it; by rows it is.",
        rule="Rows of D^-1 A sum to 1; rows of D^-1/2 A D^-1/2 do just where every component is regular.",
        judge=no_average,
    ),
    Entry(
        number="5",
        says="Depth washes nodes out: A^ to the L goes to a projection on sqrt(D), by the factor mu a layer.",
        rule="The spectral norm of A^^L - P is mu^L, mu its second eigenvalue, to 1e-10 for L = 1 to 8.",
        judge=washing_out,
    ),
)
