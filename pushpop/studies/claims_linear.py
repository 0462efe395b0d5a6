"""Claim 9b: what becomes of a graph that is read as a sequence, node by node, depth first or breadth first."""

from collections import deque
from collections.abc import Callable
from itertools import pairwise

from pushpop.studies.ledger import Entry, found
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation

NODES, ORDERS = 24, 20
DEGREES = (2, 4, 8, 12)
Leads = list[list[int]]


def ring(degree: int) -> Leads:
    """Nodes in a circle, each joined to the nearest `degree` others: all alike."""
    steps = [step for near in range(1, degree // 2 + 1) for step in (near, -near)]
    return [[(node + step) % NODES for step in steps] for node in range(NODES)]


def path() -> Leads:
    """Nodes in a row, the first at its end."""
    return [[other for other in (node - 1, node + 1) if 0 <= other < NODES] for node in range(NODES)]


def depth_first(leads: Leads) -> list[int]:
    """Nodes as they are first visited from node 0 on, neighbours as they stand."""
    order, waiting = list[int](), [0]
    while waiting:
        node = waiting.pop()
        if node not in order:
            order.append(node)
            waiting += reversed(leads[node])
    return order


def breadth_first(leads: Leads) -> list[int]:
    order, waiting = [0], deque([0])
    while waiting:
        for other in leads[waiting.popleft()]:
            if other not in order:
                order.append(other)
                waiting.append(other)
    return order


ORDERINGS: dict[str, Callable[[Leads], list[int]]] = {"depth first": depth_first, "breadth first": breadth_first}


def predecessors(linearise: Callable[[Leads], list[int]], leads: Leads) -> float:
    """How many different nodes stand just before a node in 20 orders of one graph, from the same node on: the mean.

    They differ in the order alone in which neighbours are gone to, which is nothing that the graph says.
    """
    before: list[set[int]] = [set() for _ in leads]
    for number in range(ORDERS):
        draws = Draws("claim 9b", number)
        order = linearise([[own[place] for place in permutation(draws, len(own))] for own in leads])
        for first, second in pairwise(order):
            before[second].add(first)
    return sum(map(len, before[1:])) / (len(leads) - 1)


def curve(name: str) -> list[float]:
    """By degree."""
    return [predecessors(ORDERINGS[name], ring(degree)) for degree in DEGREES]


def artificial() -> list[Outcome]:
    outcomes = []
    for name, linearise in ORDERINGS.items():
        least, counts = predecessors(linearise, path()), curve(name)
        said = ", ".join(f"{count:.1f} at degree {degree}" for degree, count in zip(DEGREES, counts, strict=True))
        evidence = f"{name}, {ORDERS} orders, nodes before a node: {least:.0f} on a path from its end; {said}"
        outcomes.append(found(least == 1 and counts == sorted(counts) and counts[0] < counts[-1], evidence))
    return outcomes


ENTRIES = (
    Entry(
        number="9b",
        says="Read as a sequence, depth first or breadth first, a graph has an order that is not there, the worse the "
        "higher the degrees.",
        rule="Over 20 orders of one graph the nodes that stand just before a node grow in number with the degree, from "
        "2 to 12; of a path from its end there is one.",
        judge=artificial,
    ),
)
