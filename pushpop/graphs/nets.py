"""Nets that read graphs, built by their kind."""

from collections.abc import Callable
from typing import Any

import torch

from pushpop.graphs import branches, layered, once, recurrent
from pushpop.graphs.contract import GraphNet, Readable
from pushpop.models.graph_settings import GraphSettings

BUILDERS: dict[str, Callable[[str, Any, Readable], GraphNet]] = {
    **dict.fromkeys(layered.LAYERS, layered.build),
    "two-branch": branches.build,
    "recurrent-gnn": once.recurrent,
    "ordered-gnn": recurrent.ordered,
    **dict.fromkeys(("graph-stack-gnn", "node-stack-gnn"), recurrent.stacked),
}


def build(kind: str, settings: GraphSettings, task: Readable, seed: int) -> GraphNet:
    """A net of that kind, whose first weights follow from all that is given here; a task's description will do.

    Raises ConfigError where the settings do not fit the task.
    """
    with torch.random.fork_rng(devices=[]):  # what layers draw before they get weights of the seed disturbs nobody
        made = BUILDERS[kind](kind, settings, task)
    return made.begin(seed)
