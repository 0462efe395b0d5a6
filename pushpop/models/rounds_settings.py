"""What can be chosen about nets that read graphs in rounds, the same weights in each; known without torch."""

from dataclasses import dataclass
from typing import Literal

from pushpop.errors import ConfigError
from pushpop.models.graph_settings import OPTIONAL, GraphSettings, Order, Reduction, divided, positive
from pushpop.models.settings import SIZES, YesNo, finite, one_of, quiet, whole

MOST_ROUNDS, MOST_FOR_EACH = 1_000_000, 1_000
Heard = Literal["sum", "mean", "max", "attention"]
Carry = Literal["own", "neighbours"]
RoundsRule = Literal["nodes", "depth", "same"]
Said = Literal["last", "once"]


@dataclass(frozen=True, kw_only=True)
class RoundsSettings(GraphSettings):
    """What nets have in common that run one layer in rounds, as many of them as a rule says of each graph.

    `rounds`  what is counted: the graph's "nodes", its "depth" (nodes on the longest of the shortest ways from one to
              another, both included), or nothing: all graphs have the "same". In the first round a node hears nothing,
              so as many as the depth take what is known from anywhere to anywhere.
    `factor`  rounds for each that is counted; what it comes to is rounded up.
    `more`    rounds on top of that.
    `fewest`  share of these rounds that is run at least while training: how many is drawn anew in each step, so that
              what is right once stays right. 1: always all of them.
    `noise`   standard deviation of what is added to each number of the states after each round while training. Only
              states far apart are told from each other then, and what is told so holds for ever more rounds.
    """

    hidden: int = 32
    rounds: RoundsRule = "nodes"
    factor: float = 1.0
    more: int = 0
    fewest: float = 1.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("rounds", self.rounds, RoundsRule)
        positive("factor", self.factor, zero=False)
        if self.factor > MOST_FOR_EACH:
            raise ConfigError(f"model.factor: {self.factor!r} is too many rounds; give {MOST_FOR_EACH} or less")
        whole("more", self.more, (0, MOST_ROUNDS))
        positive("fewest", self.fewest, zero=True)
        if self.fewest > 1:
            raise ConfigError(f"model.fewest: {self.fewest} is more than all rounds; give a share from 0 to 1")
        quiet("noise", self.noise)
        if self.rounds == "same" and not self.more:
            raise ConfigError("model.more: 0 rounds for all graphs make nothing of them; give 1 or more")


@dataclass(frozen=True, kw_only=True)
class RecurrentGraphSettings(RoundsSettings):
    """A GRU at every node whose time is rounds of messages, with the same weights in all of them.

    `aggregator`  what is made of the neighbours' messages: "sum", "mean", "max", or "attention" to them.
    `messages`    hidden units of a net that makes a message of both ends of an edge and its kind; 0: a neighbour's
                  state as it is, and kinds of edges are not seen.
    `carry`       each node carries its "own" state through the rounds and hears its neighbours, or carries on what its
                  "neighbours" say: then on a directed path this is the GRU over the string.
    `heads`       of attention, where that is the aggregator.
    `said`        what is answered: what the "last" states say; or what each node said when it held the answer for
                  known, "once" and never again, as a gate of its own decides.
    """

    aggregator: Heard = "max"
    messages: int = 64
    carry: Carry = "own"
    heads: int = 1
    said: Said = "last"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("aggregator", self.aggregator, Heard)
        whole("messages", self.messages, OPTIONAL)
        one_of("carry", self.carry, Carry)
        divided(self.hidden, self.heads)
        one_of("said", self.said, Said)


@dataclass(frozen=True, kw_only=True)
class OrderedGraphSettings(RoundsSettings):
    """A GRU at every node, as `recurrent-gnn`, that hears its neighbours one after another, by an LSTM.

    `order`  in which it does: "natural" (as a task gives them: arguments in their places), "random" while training, or
             by "key".
    `key`    the feature whose number is the key, ascending.
    `carry`  as in `RecurrentGraphSettings`. Of a tree whose edges lead to the root, "neighbours" makes the recurrent
             net that goes up it: more rounds than it is deep change nothing.
    `kinds`  whether it hears of which kind an edge is too: "yes" or "no".
    """

    order: Order = "natural"
    key: int = 0
    carry: Carry = "neighbours"
    kinds: YesNo = "no"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("order", self.order, Order)
        whole("key", self.key, OPTIONAL)
        one_of("carry", self.carry, Carry)
        one_of("kinds", self.kinds, YesNo)


@dataclass(frozen=True, kw_only=True)
class StackedGraphSettings(RecurrentGraphSettings):
    """A GRU at every node, as `recurrent-gnn`, that reads the top of a stack in each round, and then pops and pushes.

    `memory`     numbers in one value of the stack.
    `pooled`     what a graph pops and pushes with is said by the "sum", "mean" or "max" of its nodes' states.
    `push_bias`  of the push at first.
    `pop_bias`   of the pop at first.
    """

    memory: int = 32
    pooled: Reduction = "max"
    push_bias: float = 0.0
    pop_bias: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.said != "last":
            raise ConfigError("model.said: once: nets with a stack answer from the last states; give last")
        whole("memory", self.memory, SIZES)
        one_of("pooled", self.pooled, Reduction)
        finite("push_bias", self.push_bias)
        finite("pop_bias", self.pop_bias)
