"""What an entry of the ledger of graph claims is, and the graphs that claims are tried on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pushpop.graphs.graph import Graphs
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, Outcome
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.edges import both_ways

NEAR = 1e-10
DRAWN = 200  # draws, where a claim counts


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A claim, the rule by which it is judged, in words, and the rule itself: it makes its own evidence."""

    number: str
    says: str
    rule: str
    judge: Callable[[], Sequence[Outcome]]


def found(holds: bool, evidence: str) -> Outcome:
    """One check, with its numbers."""
    return Outcome(CONFIRMED if holds else CONTRADICTED, evidence)


def gap(one: Tensor, other: Tensor) -> float:
    """The largest difference."""
    return float((one - other).detach().abs().max()) if one.numel() else 0.0


def numbers(seed: int, *shape: int) -> Tensor:
    """Normal numbers of float64, fixed by the seed."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def random_graph(seed: int, nodes: int, width: int = 4, chance: float = 0.3, doubled: int = 0) -> Graphs:
    """Undirected, each pair with that chance; the last node is alone, and so many edges are there twice."""
    draws = Draws("claims", seed)
    first, second = np.triu_indices(nodes - 1, 1)
    kept = draws.below(1_000_000, len(first)) < chance * 1_000_000
    pairs = np.stack([first[kept], second[kept]], axis=1)
    pairs = np.concatenate([pairs, pairs[:doubled]])
    return Graphs.of(numbers(seed, nodes, width), both_ways(pairs), doubles="keep")
