"""Nets of a fixed number of graph layers: a node hears of nodes so many edges away, and of none beyond.

Axes: N nodes, I numbers given of a node, W width of a state.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from pushpop.graphs.attention import Attention
from pushpop.graphs.contract import GraphNet, Readable, given
from pushpop.graphs.layers import GAT, GCN, GIN, GATv2, Layer, Neighbours, Relational
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.questions import Questions
from pushpop.models.graph_settings import (
    GATSettings,
    GCNSettings,
    GINSettings,
    LayeredSettings,
    RelationalSettings,
    SAGESettings,
)


class Layered(GraphNet):
    """h <- ReLU(layer(h)) for each layer, with what the settings add: a residual, a LayerNorm, states left out."""

    def __init__(self, kind: str, settings: LayeredSettings, task: Readable) -> None:
        wide = settings.layers if settings.joined == "all" else 1
        super().__init__(settings, task, settings.hidden * wide)
        self.settings = settings
        widths = [given(task, settings), *[settings.hidden] * settings.layers]
        self.layers = nn.ModuleList(LAYERS[kind](settings, *pair, task.kinds) for pair in pairwise(widths))
        normed = settings.layer_norm == "yes"
        self.norms = nn.ModuleList(nn.LayerNorm(width) if normed else nn.Identity() for width in widths[1:])

    def states(self, inputs: Tensor, questions: Questions) -> Tensor:
        """[N, W]: the last layer's states, or those of all side by side."""
        state, all_of_them = inputs, list[Tensor]()
        for layer, norm in zip(self.layers, self.norms, strict=True):
            after = norm(layer(self.left_out(state, self.settings.dropout), questions.graphs)).relu()
            residual = self.settings.residual == "yes" and after.shape == state.shape
            state = state + after if residual else after
            all_of_them.append(state)
        return torch.cat(all_of_them, 1) if self.settings.joined == "all" else state


def gcn(settings: LayeredSettings, inputs: int, outputs: int, _: int) -> Layer:
    assert isinstance(settings, GCNSettings)
    own = "learn" if settings.loop == "learned" else settings.self_loop
    return GCN(inputs, outputs, norm=settings.norm, self_loop=own)


def gat(settings: LayeredSettings, inputs: int, outputs: int, _: int, kind: type[GAT] = GAT) -> Layer:
    assert isinstance(settings, GATSettings)
    uniform, own = settings.weights == "uniform", settings.hears_itself == "yes"
    return kind(inputs, outputs, settings.heads, self_loop=own, uniform=uniform)


def gatv2(settings: LayeredSettings, inputs: int, outputs: int, kinds: int) -> Layer:
    return gat(settings, inputs, outputs, kinds, GATv2)


def gin(settings: LayeredSettings, inputs: int, outputs: int, _: int) -> Layer:
    assert isinstance(settings, GINSettings)
    return GIN(inputs, outputs, eps=settings.eps, learned=settings.learned_eps == "yes")


def sage(settings: LayeredSettings, inputs: int, outputs: int, _: int) -> Layer:
    assert isinstance(settings, SAGESettings)
    if settings.aggregator == "attention":
        return Neighbours(inputs, outputs, Attention(inputs, dynamic=True, self_loop=False))
    if settings.aggregator == "lstm":
        return Neighbours(inputs, outputs, InOrder(inputs, settings.order, settings.key))
    return Neighbours(inputs, outputs, settings.aggregator)


def relational(settings: LayeredSettings, inputs: int, outputs: int, kinds: int) -> Layer:
    assert isinstance(settings, RelationalSettings)
    return Relational(inputs, outputs, kinds, settings.aggregator)


LAYERS: dict[str, Callable[[LayeredSettings, int, int, int], Layer]] = {
    "gcn": gcn,
    "gat": gat,
    "gatv2": gatv2,
    "gin": gin,
    "sage": sage,
    "relational": relational,
}


def build(kind: str, settings: LayeredSettings, task: Readable) -> Layered:
    """Such as a `gin`."""
    return Layered(kind, settings, task)
