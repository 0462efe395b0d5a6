"""PyTorch Geometric beside our own layers: its layers under our graphs, its graphs as ours. The extra `graph` has it.

Three of its layers do what one would not think, and our own are to be used instead: `LSTMAggregation` (and
`GRUAggregation`) read on over padding, so a node depends on nodes that no edge leads from; `GCNConv(improved=True)`
changes nothing without edge weights; `GatedGraphConv` has a matrix for each round and cannot run more.
"""

from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import Layer


def geometric(part: str = "") -> Any:
    """The package, or a part of it. ConfigError where it is not installed."""
    try:
        return import_module(f"torch_geometric.{part}" if part else "torch_geometric")
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("torch_geometric"):
            raise
        raise ConfigError("torch_geometric: is not installed; give it with: pip install 'pushpop[graph]'") from None


class Geometric(Layer):
    """A layer of PyTorch Geometric as one of ours: `conv(states, edges)`."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, states: Tensor, graphs: Graphs) -> Tensor:
        return self.conv(states, graphs.edges)


def to_geometric(graphs: Graphs) -> Any:
    """The graphs as PyTorch Geometric's `Data`: x, edge_index, batch, edge_type. ConfigError where it is missing."""
    data = geometric("data")
    return data.Data(x=graphs.features, edge_index=graphs.edges, batch=graphs.graph, edge_type=graphs.kinds)


def from_geometric(data: Any) -> Graphs:
    """PyTorch Geometric's `Data` or `Batch` as graphs; edges doubled or from a node to itself stay as they are.

    Raises GraphError or ShapeError for what is no such graph.
    """
    return Graphs.of(
        data.x,
        data.edge_index,
        getattr(data, "batch", None),
        _whole(getattr(data, "edge_type", None)),
        doubles="keep",
        loops="keep",
    )


def _whole(kinds: Tensor | None) -> Tensor | None:
    return None if kinds is None else kinds.to(torch.int64)
