"""What can be chosen about a net of two branches; known without torch, as all settings are."""

from dataclasses import dataclass
from typing import Literal

from pushpop.errors import ConfigError
from pushpop.models.graph_settings import DEEP, GraphSettings, Reduction
from pushpop.models.settings import one_of, whole

Branches = Literal["both", "graph", "history"]


@dataclass(frozen=True, kw_only=True)
class TwoBranchSettings(GraphSettings):
    """A graph net over what nodes are and an LSTM over what happened to each, joined by the decoder.

    `layers`      of the graph net, as GraphSAGE's with ReLU behind each.
    `aggregator`  what is made of neighbours there: their "sum", "mean" or "max".
    `branches`    "both"; or one alone, as a control: the "graph", or the "history".
    """

    hidden: int = 32
    decoder: int = 64
    layers: int = 1
    aggregator: Reduction = "sum"
    branches: Branches = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("layers", self.layers, DEEP)
        one_of("aggregator", self.aggregator, Reduction)
        one_of("branches", self.branches, Branches)
        if self.encoder:
            raise ConfigError(f"model.encoder: {self.encoder} units for two branches that read apart; give 0")
