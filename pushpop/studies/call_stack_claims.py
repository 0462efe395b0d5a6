"""What is claimed of call stacks in graph nets, each claim with the rule by which our runs judge it."""

import statistics
from collections.abc import Sequence
from itertools import pairwise

from pushpop.reporting.runs import Record
from pushpop.studies.sized import at_size, of
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED, Claim, Outcome

SMALL, LARGE = 16, 48
AIM = 0.99


def solves(records: Sequence[Record], variant: str) -> list[Outcome]:
    """Whether every seed has at least 99 of 100 nodes right at three times the size."""
    found = at_size(of(records, variant), "node", LARGE)
    if not found:
        return []
    right = sum(score >= AIM for score in found)
    said = f"{variant}: so in {right} of {len(found)} seeds, lowest {100 * min(found):.1f}"
    return [Outcome(CONFIRMED if right == len(found) else CONTRADICTED, said)]


def ordered(records: Sequence[Record], size: int, *ways: str) -> list[Outcome]:
    """Whether means over seeds go up from the first variant to the last."""
    found = [at_size(of(records, way), "node", size) for way in ways]
    if not all(found):
        return []
    means = [statistics.fmean(some) for some in found]
    said = ", ".join(f"{way} {100 * mean:.1f}" for way, mean in zip(ways, means, strict=True))
    up = all(one < other for one, other in pairwise(means))
    return [Outcome(CONFIRMED if up else CONTRADICTED, f"at {size} nodes: {said}")]


def found_alone(records: Sequence[Record]) -> list[Outcome]:
    """Whether a stack that nobody taught helps: over none at both sizes."""
    outcomes = []
    for size in (SMALL, LARGE):
        pair = [at_size(of(records, name), "node", size) for name in ("none", "node, unsupervised")]
        if all(pair):
            without, with_it = map(statistics.fmean, pair)
            said = f"at {size} nodes: {100 * with_it:.1f} against {100 * without:.1f} without a stack"
            close = abs(with_it - without) < 0.01
            outcomes.append(Outcome(UNDECIDED if close else CONFIRMED if with_it > without else CONTRADICTED, said))
    return outcomes


CLAIMS = (
    Claim(
        says="With a stack at each node a net taught on small graphs finds every predecessor in graphs three times as "
        "large (Juerss et al. 2023: 100 %).",
        rule="At least 99 % of nodes at 48 in every seed, operations hard.",
        judge=lambda records: solves(records, "node, hard"),
    ),
    Claim(
        says="No stack does worse than one of each graph, and that worse than one at each node (the same: 65.3, 98.0 "
        "and 100 % at 32 nodes, 72.9, 73.0 and 100 at 96).",
        rule="Means of node accuracy go up in this order, at 16 and at 48 nodes; operations hard.",
        judge=lambda records: [
            outcome
            for size in (SMALL, LARGE)
            for outcome in ordered(records, size, "none", "graph, hard", "node, hard")
        ],
    ),
    Claim(
        says="The same holds where the stack's strengths are soft, taught to be the search's operations (ours).",
        rule="At least 99 % of nodes at 48 in every seed, a stack at each node.",
        judge=lambda records: solves(records, "node, soft"),
    ),
    Claim(
        says="A soft stack at each node helps even where nobody says what it is to do (ours; nothing is published).",
        rule="The mean is higher than without a stack, at 16 and at 48 nodes; less than one percent is not decided.",
        judge=found_alone,
    ),
)
