"""What can be chosen about a net that reads graphs; known without torch, as all settings are."""

from dataclasses import dataclass
from typing import Literal

from pushpop.errors import ConfigError
from pushpop.models.settings import SIZES, YesNo, finite, one_of, share, whole

DEEP = (1, 64)
OPTIONAL = (0, SIZES[1])
HEADS = (1, 64)
Numbers = Literal["seen", "ranks"]
ReadOut = Literal["asked", "sum", "mean", "max"]
Norm = Literal["sym", "row", "none"]
SelfLoop = Literal["fixed", "learned"]
Weights = Literal["scored", "uniform"]
Joined = Literal["last", "all"]
Reduction = Literal["sum", "mean", "max"]
HeardInTurn = Literal["sum", "mean", "max", "attention", "lstm"]
Order = Literal["natural", "random", "key"]


@dataclass(frozen=True, kw_only=True)
class GraphSettings:
    """What all nets that read graphs have in common.

    `hidden`    numbers of a node's state.
    `encoder`   hidden units (ReLU) of a net that makes of a node's features what goes on; 0: they go on as they are.
    `decoder`   hidden units (ReLU) of a net that makes classes of the states that are asked about; 0: a linear map.
    `read_out`  where the answer about a whole graph is read: at the node that is "asked", or the "sum", "mean" or "max"
                of all its nodes.
    `dropout`   share of the numbers of states left out while training.
    `smoothing`  share of what is right that training spreads over all classes alike: a net that need not be sure has no
                use for which answer it never saw.
    `numbers`   of nodes (their index, say): "seen" by nets as features are; or "ranks", which no node sees: where nodes
                are pointed to, they add to the score of each as much as is learned, and so settle what is else equal.
    """

    hidden: int = 64
    encoder: int = 0
    decoder: int = 0
    read_out: ReadOut = "asked"
    dropout: float = 0.0
    smoothing: float = 0.0
    numbers: Numbers = "seen"

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("encoder", self.encoder, OPTIONAL)
        whole("decoder", self.decoder, OPTIONAL)
        one_of("read_out", self.read_out, ReadOut)
        share("dropout", self.dropout)
        share("smoothing", self.smoothing)
        one_of("numbers", self.numbers, Numbers)


@dataclass(frozen=True, kw_only=True)
class LayeredSettings(GraphSettings):
    """A fixed number of graph layers, each with weights of its own and ReLU behind it.

    `layers`    one on top of the other (1-64): a node hears of nodes so many edges away, and of none beyond.
    `residual`  a layer adds to the state that it is given ("yes"), or makes a new one ("no").
    `joined`    what is answered from: the "last" layer's states, or those of "all" side by side.
    `layer_norm`  each layer's numbers of a node are brought to mean 0 and variance 1, then scaled: "yes" or "no".
    """

    layers: int = 4
    residual: YesNo = "no"
    joined: Joined = "last"
    layer_norm: YesNo = "no"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("layers", self.layers, DEEP)
        one_of("residual", self.residual, YesNo)
        one_of("joined", self.joined, Joined)
        one_of("layer_norm", self.layer_norm, YesNo)


@dataclass(frozen=True, kw_only=True)
class GCNSettings(LayeredSettings):
    """Graph convolutions (Kipf and Welling 2017).

    `norm`       of the augmented adjacency: "sym", "row" (an average) or "none".
    `self_loop`  what a node's own state weighs (lambda; at first, where it is learned).
    `loop`       whether lambda is "fixed", or "learned" in each layer.
    """

    norm: Norm = "sym"
    self_loop: float = 1.0
    loop: SelfLoop = "fixed"

    def __post_init__(self) -> None:
        super().__post_init__()
        normalised(self.norm, self.self_loop, self.loop)


@dataclass(frozen=True, kw_only=True)
class GATSettings(LayeredSettings):
    """Attention over neighbours (GAT: Velickovic et al. 2018; GATv2: Brody et al. 2022).

    `heads`       of attention, each with its share of `hidden`.
    `hears_itself`  whether a node is among its own neighbours: "yes" or "no".
    `weights`     of neighbours: "scored", or "uniform" (their mean, as a control).
    """

    heads: int = 1
    hears_itself: YesNo = "yes"
    weights: Weights = "scored"

    def __post_init__(self) -> None:
        super().__post_init__()
        divided(self.hidden, self.heads)
        one_of("hears_itself", self.hears_itself, YesNo)
        one_of("weights", self.weights, Weights)


@dataclass(frozen=True, kw_only=True)
class GINSettings(LayeredSettings):
    """Graph isomorphism layers (Xu et al. 2019): a net over (1 + eps) h and the sum of the neighbours' h.

    `eps`          at first; with 0, nodes with the same neighbours (themselves counted) come out the same.
    `learned_eps`  whether each layer learns its own: "yes" or "no".
    """

    eps: float = 0.0
    learned_eps: YesNo = "no"

    def __post_init__(self) -> None:
        super().__post_init__()
        finite("eps", self.eps)
        one_of("learned_eps", self.learned_eps, YesNo)


@dataclass(frozen=True, kw_only=True)
class SAGESettings(LayeredSettings):
    """Layers that keep a node's own state apart from its neighbours' (Hamilton et al. 2017).

    `aggregator`  what is made of neighbours: their "sum", "mean" or "max", "attention" to them (of one head), or the
                  last state of an "lstm" that reads them one after another.
    `order`       in which it does: "natural" (as a task gives them), "random" while training, or by "key".
    `key`         the feature whose number is the key, ascending.
    """

    aggregator: HeardInTurn = "mean"
    order: Order = "natural"
    key: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("aggregator", self.aggregator, HeardInTurn)
        one_of("order", self.order, Order)
        whole("key", self.key, OPTIONAL)


@dataclass(frozen=True, kw_only=True)
class RelationalSettings(LayeredSettings):
    """Layers with a matrix for each kind of edge (Schlichtkrull et al. 2018): they tell left from right.

    `aggregator`  what is made of the neighbours over edges of one kind: their "sum", "mean" or "max".
    """

    aggregator: Reduction = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("aggregator", self.aggregator, Reduction)


def positive(name: str, value: object, zero: bool) -> None:
    """Refuse what is not a finite number above 0, or, with `zero`, from 0 on."""
    finite(name, value)
    if isinstance(value, int | float) and (value < 0 or (value == 0 and not zero)):
        raise ConfigError(f"model.{name}: {value!r} cannot be; give {'0 or more' if zero else 'more than 0'}")


def normalised(norm: str, self_loop: float, loop: str) -> None:
    """Refuse what is no way to normalise an adjacency with self loops."""
    one_of("norm", norm, Norm)
    positive("self_loop", self_loop, zero=True)
    one_of("loop", loop, SelfLoop)
    if loop == "learned" and self_loop != 1:
        raise ConfigError(f"model.self_loop: {self_loop} is not learned from; give 1, or model.loop fixed")


def divided(hidden: int, heads: int) -> None:
    """Refuse heads that do not share the state evenly."""
    whole("heads", heads, HEADS)
    if hidden % heads:
        raise ConfigError(f"model.heads: {heads} do not share hidden {hidden} evenly; give a divisor of it")
