"""What can be chosen about a net that goes through a search; known without torch, as all settings are."""

from dataclasses import dataclass
from typing import Literal

from pushpop.models.settings import SIZES, YesNo, finite, one_of, share, whole

CallLevel = Literal["none", "graph", "node"]
Operations = Literal["hard", "soft", "unsupervised"]
Positions = Literal["even", "drawn"]


@dataclass(frozen=True, kw_only=True)
class CallStackSettings:
    """A net that goes through a depth-first search step by step, on local hints.

    `hidden`      numbers of a node's state.
    `messages`    numbers that a node says to those it leads to.
    `pooled`      numbers of a graph: each the largest that a node has.
    `stack`       "none", one of each "graph", or one at each "node", all worked with the strengths of their graph.
    `memory`      numbers in one value of the stack.
    `operations`  "hard": pushes and pops are those of the search while training, and wholly done or not at all; "soft":
                  the net's own strengths, which are taught to be those; "unsupervised": its own, and nobody says which.
    `open`        what a nat of entropy of unsupervised operations is worth: it keeps them from becoming sure too soon,
                  which a stack that always pushes never recovers from.
    `push_bias`   of the push at first.
    `pop_bias`    of the pop at first.
    `carried`     whether each node carries a state from step to step ("yes") or all there is are the hints ("no").
    `positions`   of nodes while training: "even", as the task has them, or "drawn", ascending but anywhere.
    """

    hidden: int = 32
    messages: int = 8
    pooled: int = 32
    stack: CallLevel = "node"
    memory: int = 16
    operations: Operations = "hard"
    open: float = 0.0
    push_bias: float = 0.0
    pop_bias: float = 0.0
    carried: YesNo = "no"
    positions: Positions = "even"

    def __post_init__(self) -> None:
        for name in ("hidden", "messages", "pooled", "memory"):
            whole(name, getattr(self, name), SIZES)
        one_of("stack", self.stack, CallLevel)
        one_of("operations", self.operations, Operations)
        share("open", self.open)
        finite("push_bias", self.push_bias)
        finite("pop_bias", self.pop_bias)
        one_of("carried", self.carried, YesNo)
        one_of("positions", self.positions, Positions)
