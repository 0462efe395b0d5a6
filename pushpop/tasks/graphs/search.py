"""Breadth-first and depth-first search as textbooks have them, with a queue and by recursion's own stack.

What leads where is a list for each node, ascending: ties go to the lowest index. Axes: K pairs.
"""

from collections import deque
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

POP, NOTHING, PUSH = -1, 0, 1  # what is done to the call stack in a step


def following(nodes: int, pairs: Int64[np.ndarray, "K 2"], undirected: bool = False) -> list[list[int]]:
    """Where each node leads, ascending."""
    found: list[set[int]] = [set() for _ in range(nodes)]
    for first, second in pairs.tolist():
        found[first].add(second)
        if undirected:
            found[second].add(first)
    return [sorted(own) for own in found]


def breadth_first(leads: list[list[int]], source: int) -> dict[int, int]:
    """The distance of every node that can be reached."""
    far, waiting = {source: 0}, deque([source])
    while waiting:
        node = waiting.popleft()
        for other in leads[node]:
            if other not in far:
                far[other] = far[node] + 1
                waiting.append(other)
    return far


def parents_by_layer(leads: list[list[int]], far: dict[int, int]) -> list[int]:
    """Of each node its lowest neighbour one step nearer to the source; the source's is itself.

    For undirected graphs that hang together. This is how CLRS breaks ties.
    """
    return [min((other for other in leads[node] if far[other] == far[node] - 1), default=node)
            for node in range(len(leads))]  # fmt: skip


class Step(NamedTuple):
    """One step of a depth-first search: what it does to the call stack, at which node, and who called that node."""

    operation: int  # POP, NOTHING or PUSH
    node: int
    parent: int
    visited: tuple[int, ...]  # so far, in order
    height: int  # of the call stack after it


def depth_first(leads: list[list[int]]) -> tuple[list[int], list[Step]]:
    """Predecessors (a root's is itself) and the trace, from the lowest unvisited node on until all are visited.

    From a node the lowest unvisited one that it leads to is next. A trace has 3 n steps: each node is visited and, in
    the end, popped; before its visit its caller is pushed, or, of a root, nothing is done: the search starts anew.
    """
    callers, steps, order, calls = [-1] * len(leads), list[Step](), list[int](), list[int]()

    def note(operation: int, node: int) -> None:
        steps.append(Step(operation, node, callers[node], tuple(order), len(calls)))

    for root in range(len(leads)):
        if callers[root] >= 0:
            continue
        node: int | None = root
        callers[root] = root
        note(NOTHING, root)
        order.append(root)
        note(NOTHING, root)
        while node is not None:
            onward = next((other for other in leads[node] if callers[other] < 0), None)
            if onward is not None:
                calls.append(node)
                note(PUSH, node)
                callers[onward] = node
                order.append(onward)
                note(NOTHING, onward)
                node = onward
                continue
            left, node = node, calls.pop() if calls else None
            note(POP, left)
    return callers, steps


def brackets(steps: list[Step]) -> str:
    """The trace as a Dyck word: a call opens, a return closes; that of a root closes nothing and is left out.

    >>> brackets(depth_first([[1, 2], [], []])[1])
    '()()'
    """
    height, said = 0, ""
    for step in steps:
        if step.operation == PUSH:
            height, said = height + 1, said + "("
        elif step.operation == POP and height:
            height, said = height - 1, said + ")"
    return said
