"""Every layer and aggregator with a dense oracle of a few lines, and graphs to hold them to."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from pushpop.graphs.aggregators import Messages, Normalised, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GAT, GCN, GIN, GATv2, Neighbours, Relational, first_weights
from pushpop.graphs.ordered import InOrder

WIDTH, OUT, KINDS = 6, 8, 3


def drawn(seed: int, sizes: tuple[int, ...] = (7, 4, 9), dtype: torch.dtype = torch.float64) -> Graphs:
    """Random graphs with edges of three kinds; of each the last node is alone, and one edge is there twice."""
    chance = torch.Generator().manual_seed(seed)
    parts = []
    for size in sizes:
        pairs = (torch.rand(size, size, generator=chance) < 0.4) & ~torch.eye(size, dtype=torch.bool)
        pairs[-1], pairs[:, -1] = False, False
        edges = pairs.nonzero().T
        edges = torch.cat([edges, edges[:, :1]], 1)
        edges = edges[:, torch.randperm(edges.shape[1], generator=chance)]
        kinds = torch.randint(KINDS, edges.shape[1:], generator=chance)
        features = torch.randn(size, WIDTH, generator=chance, dtype=torch.float64).to(dtype)
        parts.append(Graphs.of(features, edges, kinds=kinds, doubles="keep"))
    return Graphs.together(parts)


def dense(graphs: Graphs, kind: int | None = None) -> Tensor:
    """A[i, j]: how many edges lead from j to i, of one kind or of any."""
    A = graphs.features.new_zeros(graphs.nodes, graphs.nodes)
    for (source, target), own in zip(graphs.edges.T.tolist(), graphs.kinds.tolist(), strict=True):
        A[target, source] += kind in (None, own)
    return A


def gcn(layer: GCN, x: Tensor, graphs: Graphs) -> Tensor:
    return normalised(layer.aggregator, x @ layer.project.weight.T, graphs) + layer.bias


def normalised(layer: Normalised, x: Tensor, graphs: Graphs) -> Tensor:
    A = dense(graphs) + layer.self_loop * torch.eye(graphs.nodes, dtype=x.dtype)
    degrees = A.sum(1)
    inverse = torch.where(degrees > 0, 1 / degrees, 0.0)
    roots = inverse.sqrt()
    return {"sym": roots[:, None] * A * roots, "row": inverse[:, None] * A, "none": A}[layer.norm] @ x


def attention(layer: Attention, x: Tensor, graphs: Graphs, asking: Tensor | None = None) -> Tensor:
    A = dense(graphs) + layer.self_loop * torch.eye(graphs.nodes, dtype=x.dtype)
    parts = []
    asks = None if layer.own is None else layer.own(x if asking is None else asking).chunk(layer.heads, 1)
    for head, h in enumerate(x.chunk(layer.heads, 1)):
        if layer.scores is None:
            scores = torch.zeros_like(A)
        elif asks is None:
            scores = leaky_relu((h @ layer.scores[0, head])[:, None] + h @ layer.scores[1, head], 0.2)
        else:
            scores = leaky_relu(asks[head][:, None] + h, 0.2) @ layer.scores[0, head]
        weights = A * scores.exp()
        whole = weights.sum(1, keepdim=True)
        parts.append(weights / torch.where(whole > 0, whole, 1.0) @ h)
    return torch.cat(parts, 1)


def gat(layer: GAT, x: Tensor, graphs: Graphs) -> Tensor:
    return attention(layer.attention, x @ layer.project.weight.T, graphs, x) + layer.bias


def reduced(how: str, x: Tensor, A: Tensor) -> Tensor:
    if how == "max":
        rows = [x[row > 0].amax(0) if bool((row > 0).any()) else torch.zeros_like(x[0]) for row in A]
        return torch.stack(rows)
    return A @ x if how == "sum" else A @ x / A.sum(1, keepdim=True).clamp(min=1)


def reduce_(layer: Reduce, x: Tensor, graphs: Graphs) -> Tensor:
    return reduced(layer.how, x, dense(graphs))


def gin(layer: GIN, x: Tensor, graphs: Graphs) -> Tensor:
    return layer.net((1 + layer.eps) * x + dense(graphs) @ x)


def neighbours(layer: Neighbours, x: Tensor, graphs: Graphs) -> Tensor:
    heard = ORACLES[type(layer.aggregator)](layer.aggregator, x, graphs)
    return x @ layer.own.weight.T + layer.own.bias + heard @ layer.heard.weight.T


def relational(layer: Relational, x: Tensor, graphs: Graphs) -> Tensor:
    heard = [reduced(layer.how, x, dense(graphs, kind)) for kind in range(layer.kinds)]
    return layer.own(x) + torch.cat(heard, 1) @ layer.heard.weight.T


def messages(layer: Messages, x: Tensor, graphs: Graphs) -> Tensor:
    """Edge by edge."""
    rows = []
    for node in range(graphs.nodes):
        said = [
            layer.out(torch.tanh(layer.target(x[node]) + layer.source(x[source]) + layer.kind.weight[kind]))
            for (source, target), kind in zip(graphs.edges.T.tolist(), graphs.kinds.tolist(), strict=True)
            if target == node
        ]
        nothing = torch.zeros_like(x[0])
        several = torch.stack(said) if said else nothing[None]
        rows.append({"sum": several.sum(0), "mean": several.mean(0), "max": several.amax(0)}[layer.how])
    return torch.stack(rows)


def in_order(layer: InOrder, x: Tensor, graphs: Graphs) -> Tensor:
    """The LSTM's equations, node by node and neighbour by neighbour."""
    cell, rows = layer.cell, []
    for node in range(graphs.nodes):
        h, c = layer.start
        sources = [source for source, target in graphs.edges.T.tolist() if target == node]
        if layer.order == "key":
            sources = sorted(sources, key=lambda source: graphs.features[source, layer.key].item())
        for source in sources:
            gates = cell.weight_ih_l0 @ x[source] + cell.bias_ih_l0 + cell.weight_hh_l0 @ h + cell.bias_hh_l0
            i, f, g, o = gates.chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        rows.append(h)
    return torch.stack(rows)


class Case(NamedTuple):
    """A layer, the slow twin that says what it is, and whether it knows an order among neighbours."""

    build: Callable[[], nn.Module]
    oracle: Callable[..., Tensor]
    ordered: bool = False


CASES = {
    **{f"gcn {norm}": Case(lambda norm=norm: GCN(WIDTH, OUT, norm=norm), gcn) for norm in ("sym", "row", "none")},
    **{
        f"gcn, self loop {loop}": Case(lambda loop=loop: GCN(WIDTH, OUT, self_loop=loop), gcn)
        for loop in (0, 0.5, 2, "learn")
    },
    "gat": Case(lambda: GAT(WIDTH, OUT), gat),
    "gat, 4 heads": Case(lambda: GAT(WIDTH, OUT, 4), gat),
    "gat, uniform": Case(lambda: GAT(WIDTH, OUT, uniform=True), gat),
    "gatv2": Case(lambda: GATv2(WIDTH, OUT), gat),
    "gatv2, 4 heads": Case(lambda: GATv2(WIDTH, OUT, 4), gat),
    "gatv2, no self loop": Case(lambda: GATv2(WIDTH, OUT, self_loop=False), gat),
    "gin": Case(lambda: GIN(WIDTH, OUT), gin),
    "gin, eps 0.5": Case(lambda: GIN(WIDTH, OUT, 5, eps=0.5), gin),
    "gin, eps learned": Case(lambda: GIN(WIDTH, OUT, eps=0.1, learned=True), gin),
    **{how: Case(lambda how=how: Reduce(how), reduce_) for how in ("sum", "mean", "max")},
    **{
        f"neighbours {how}": Case(lambda how=how: Neighbours(WIDTH, OUT, how), neighbours)
        for how in ("sum", "mean", "max")
    },
    "neighbours attention": Case(
        lambda: Neighbours(WIDTH, OUT, Attention(WIDTH, 2, dynamic=True, self_loop=False)), neighbours
    ),
    "neighbours in order": Case(lambda: Neighbours(WIDTH, OUT, InOrder(WIDTH)), neighbours, ordered=True),
    "relational": Case(lambda: Relational(WIDTH, OUT, KINDS), relational),
    "relational max": Case(lambda: Relational(WIDTH, OUT, KINDS, "max"), relational),
    **{
        f"messages {how}": Case(lambda how=how: Messages(WIDTH, 5, KINDS, how), messages)
        for how in ("sum", "mean", "max")
    },
    "lstm, natural order": Case(lambda: InOrder(WIDTH), in_order, ordered=True),
    "lstm, by key": Case(lambda: InOrder(WIDTH, "key", key=1), in_order),
}
ORACLES = {
    Reduce: reduce_,
    Attention: attention,
    InOrder: in_order,
}


def built(name: str, seed: int = 0, dtype: torch.dtype = torch.float64) -> nn.Module:
    """The layer with weights of this seed, those that begin as 0 or 1 stirred: so that they are seen."""
    layer = first_weights(CASES[name].build(), seed).to(dtype)
    chance = torch.Generator().manual_seed(seed + 1)
    for weights in layer.parameters():
        if weights.ndim < 2 or bool((weights == 0).all()):
            weights.data += 0.3 * torch.randn(weights.shape, generator=chance, dtype=torch.float64).to(dtype)
    return layer
