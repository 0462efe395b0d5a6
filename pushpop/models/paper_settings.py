"""What can be chosen about a net that reads one graph whole: of papers and their words, say. Knows no torch."""

from dataclasses import dataclass
from typing import Literal

from pushpop.models.graph_settings import HEADS, Norm, SelfLoop, divided, normalised
from pushpop.models.settings import LAYERS, SIZES, one_of, share, whole

Gathered = Literal["sum", "mean", "max", "lstm"]


@dataclass(frozen=True, kw_only=True)
class PaperSettings:
    """Layers over one graph; the first reads only the words that a node has.

    `hidden`   numbers of a node's state.
    `layers`   one on top of the other (1-8), the last of which scores the classes.
    `words`    share of a node's words left out while training.
    `dropout`  share of the numbers of states left out while training.
    """

    hidden: int = 64
    layers: int = 2
    words: float = 0.5
    dropout: float = 0.5

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("layers", self.layers, LAYERS)
        share("words", self.words)
        share("dropout", self.dropout)


@dataclass(frozen=True, kw_only=True)
class GCNPaperSettings(PaperSettings):
    """Graph convolutions (Kipf and Welling 2017), ReLU between them.

    `norm`       of the augmented adjacency: "sym", "row" (an average) or "none".
    `self_loop`  what a node's own state weighs (lambda).
    `loop`       whether lambda is "fixed", or "learned" in each layer, from 1 on.
    """

    norm: Norm = "sym"
    self_loop: float = 1.0
    loop: SelfLoop = "fixed"

    def __post_init__(self) -> None:
        super().__post_init__()
        normalised(self.norm, self.self_loop, self.loop)


@dataclass(frozen=True, kw_only=True)
class GATPaperSettings(PaperSettings):
    """Attention over neighbours and the node itself (Velickovic et al. 2018; Brody et al. 2022), ELU between layers.

    `heads`       of attention, each with its share of `hidden`.
    `last_heads`  of the last layer, each of which scores all classes; their mean counts.
    `attention`   share of the weights of neighbours left out while training.
    """

    heads: int = 8
    last_heads: int = 1
    words: float = 0.6
    dropout: float = 0.6
    attention: float = 0.6

    def __post_init__(self) -> None:
        super().__post_init__()
        divided(self.hidden, self.heads)
        whole("last_heads", self.last_heads, HEADS)
        share("attention", self.attention)


@dataclass(frozen=True, kw_only=True)
class SAGEPaperSettings(PaperSettings):
    """Layers that keep a node's own state apart from its neighbours' (Hamilton et al. 2017), ReLU between them.

    `aggregator`  what is made of neighbours: their "sum", "mean" or "max", or the state of an "lstm" that reads them
                  one after another, while training in another order each time.
    """

    aggregator: Gathered = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("aggregator", self.aggregator, Gathered)


@dataclass(frozen=True, kw_only=True)
class LinkSettings:
    """Graph convolutions to a vector for each node; a pair is likely an edge where their product is high.

    `hidden`   numbers of a node's state in the first layer.
    `width`    numbers of a node's vector.
    `words`    share of a node's words left out while training.
    `dropout`  share of the numbers of states left out while training.
    """

    hidden: int = 64
    width: int = 32
    words: float = 0.5
    dropout: float = 0.0

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("width", self.width, SIZES)
        share("words", self.words)
        share("dropout", self.dropout)
