"""A depth-first search as a net is taught it: what is known at each of its steps, node by node.

Axes: N nodes of all graphs, G graphs, S steps of the longest search, H hints.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from pushpop.graphs.graph import Graphs, offsets
from pushpop.tasks.graphs.dfs import traced
from pushpop.tasks.graphs.search import POP, PUSH

CURRENT, PARENT, VISITED, FRESH = range(4)
HINTS = 4  # of a node: that it is the current one, or its caller; was visited before this step; is visited in it
STEPS = 3  # of a search, for each node


@dataclass(frozen=True, eq=False)
class Lesson:
    """The searches of a batch of graphs, step by step; a shorter one is followed by steps that are not live."""

    hints: Tensor  # [N, S, H] of 0 and 1: local, and nothing of who called whom but for the current node
    operations: Tensor  # [G, S, 2] of 0 and 1: push and pop of the call stack
    nodes: Tensor  # [G, S] int64: the current node, by its number in the batch
    callers: Tensor  # [G, S] int64: who called it
    live: Tensor  # [G, S] bool

    @classmethod
    def of(cls, graphs: Graphs) -> Self:
        """By the textbook's algorithm, from the edges alone."""
        sizes = graphs.sizes.tolist()
        edges, first = graphs.edges.cpu().numpy(), offsets(sizes)
        owner = graphs.graph.cpu().numpy()[edges[0]]
        count, steps = len(sizes), STEPS * max(sizes)
        hints = np.zeros((graphs.nodes, steps, HINTS), dtype=np.float32)
        operations = np.zeros((count, steps, 2), dtype=np.float32)
        nodes, callers = np.tile(np.array(first)[:, None], (2, 1, steps))
        for number, (size, start) in enumerate(zip(sizes, first, strict=True)):
            own, length = traced(size, edges[:, owner == number] - start), STEPS * size
            visited = np.concatenate([np.zeros((1, size), dtype=bool), own.visited])
            at, known = np.arange(length), slice(start, start + size)
            hints[start + own.nodes, at, CURRENT] = 1
            hints[start + own.parents, at, PARENT] = 1
            hints[known, :length, VISITED] = visited[:-1].T
            hints[known, :length, FRESH] = (visited[1:] & ~visited[:-1]).T
            operations[number, :length] = own.operations[:, None] == (PUSH, POP)
            nodes[number, :length] += own.nodes
            callers[number, :length] += own.parents
        live = np.arange(steps) < STEPS * np.array(sizes)[:, None]
        kept = {"dtype": graphs.features.dtype, "device": graphs.edges.device}
        tensors = (torch.from_numpy(array) for array in (nodes, callers, live))
        return cls(
            torch.from_numpy(hints).to(**kept), torch.from_numpy(operations).to(**kept),
            *(tensor.to(graphs.edges.device) for tensor in tensors),
        )  # fmt: skip


def begun(graphs: Graphs) -> tuple[Tensor, Tensor]:
    """The hints [N, H] that every search begins with, and where it does [G]: at the first node, which is its own
    caller."""
    first = torch.cumsum(graphs.sizes, 0) - graphs.sizes
    nothing = torch.zeros(graphs.nodes, device=first.device, dtype=torch.bool)
    return known(first, first, nothing, torch.zeros_like(first, dtype=torch.bool), graphs.features.dtype), first


def known(node: Tensor, parent: Tensor, visited: Tensor, fresh: Tensor, dtype: torch.dtype) -> Tensor:
    """The hints [N, H] of a step: its node and who called it [G] (int64), which nodes were visited before [N] (bool),
    and whether the node is visited now [G] (bool)."""
    hints = torch.zeros(len(visited), HINTS, dtype=dtype, device=visited.device)
    hints[node, CURRENT] = 1
    hints[parent, PARENT] = 1
    hints[:, VISITED] = visited.to(dtype)
    hints[node, FRESH] = fresh.to(dtype)
    return hints
