"""How many rounds a net runs on each graph: a rule, which may be another one at test than it was in training."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, get_args

import torch
from torch import Tensor

from pushpop.errors import ConfigError
from pushpop.graphs.graph import Graphs
from pushpop.graphs.structure import depths
from pushpop.models.rounds_settings import MOST_ROUNDS, RoundsRule, RoundsSettings

SAID = re.compile(r"((?P<factor>\d{1,7}(\.\d+)?) *)?(?P<rule>nodes|depth)( *\+ *(?P<more>\d{1,7}))?|(?P<same>\d{1,7})")


@dataclass(frozen=True, kw_only=True)
class RoundsOf:
    """How many rounds each graph gets: `factor` for each that `rule` counts in it, rounded up, and `more`.

    A graph's rounds follow from it alone, so it has the same in any batch. With "nodes" a net is told how many there
    are, and with "depth" how deep the graph is: it is to be said beside what such a net gets right.
    """

    rule: RoundsRule = "nodes"
    factor: float = 1.0
    more: int = 0

    @classmethod
    def of(cls, settings: RoundsSettings) -> Self:
        return cls(rule=settings.rounds, factor=settings.factor, more=settings.more)

    @classmethod
    def said(cls, text: str) -> Self:
        """As people say it, and as `str` does: "2 nodes", "1.5 depth + 3", "20". ConfigError for anything else.

        >>> RoundsOf.said("1.5 depth + 3")
        RoundsOf(rule='depth', factor=1.5, more=3)
        """
        found = SAID.fullmatch(text.strip())
        more = int(found["more"] or found["same"] or 0) if found else 0
        factor = float(found["factor"] or 1) if found else 0.0
        if not found or more > MOST_ROUNDS or not factor or (found["same"] and not more):
            raise ConfigError(f"rounds: {text!r} is no number of rounds; give such as 20, '2 nodes' or 'depth + 3'")
        rules: dict[str, RoundsRule] = {name: name for name in get_args(RoundsRule)}
        return cls(rule=rules[found["rule"] or "same"], factor=factor, more=more)

    def __call__(self, graphs: Graphs) -> Tensor:
        """Rounds of each graph: [G] int64."""
        counted = {"nodes": lambda: graphs.sizes, "depth": lambda: depths(graphs) + 1}.get(self.rule)
        if counted is None:
            return torch.full((graphs.count,), self.more, device=graphs.edges.device)
        # In float64, a hair below: so that 1.2 rounds for each of 10 nodes are 12, not 13.
        return (counted().double() * self.factor - 1e-9).ceil().long().clamp(min=0) + self.more

    def __str__(self) -> str:
        if self.rule == "same":
            return f"{self.more}"
        times = f"{self.factor:g} " if self.factor != 1 else ""
        return f"{times}{self.rule}{f' + {self.more}' if self.more else ''}"


@contextmanager
def running(model: Any, rounds: str | None = None, kind: str = "this") -> Iterator[str]:
    """The model runs so many rounds in here, or its own where none are given: which is said. "" where it runs none.

    ConfigError for rounds that are none, or of a model that runs none: it is called by its `kind`.
    """
    own = getattr(model, "rounds", None)
    if not isinstance(own, RoundsOf):
        if rounds is not None:
            raise ConfigError(f"rounds: {kind} runs none; leave it out, or give a net such as recurrent-gnn")
        yield ""
        return
    model.rounds = own if rounds is None else RoundsOf.said(rounds)
    try:
        yield str(model.rounds)
    finally:
        model.rounds = own
