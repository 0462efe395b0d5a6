"""The figure of six nodes of the UvA assignment (Deep Learning, fall 2020, assignment 2, part 3), in both readings.

Drawn are A-B, A-E, A-F, B-D, C-D and D-F. The answers of the study leave A-F out, so theirs is a tree.
"""

import torch

from pushpop.graphs.graph import Graphs
from pushpop.tasks.graphs.edges import both_ways

NAMES = "ABCDEF"
A, B, C, D, E, F = range(6)
ANSWERED = ((A, B), (A, E), (B, D), (C, D), (D, F))
DRAWN = (*ANSWERED, (A, F))
PLACES = {A: (1.0, 2.0), B: (0.0, 1.0), C: (1.0, -1.0), D: (1.0, 0.0), E: (2.4, 2.0), F: (2.0, 1.0)}  # in a picture


def figure_drawn() -> Graphs:
    """With A-F: six undirected edges. Each node's features are its own unit vector, in float64."""
    return figure(DRAWN)


def figure_answered() -> Graphs:
    """Without A-F: five undirected edges, a tree."""
    return figure(ANSWERED)


def figure(pairs: tuple[tuple[int, int], ...]) -> Graphs:
    return Graphs.of(torch.eye(6, dtype=torch.float64), both_ways(pairs))


FIGURES = {"figure as drawn": figure_drawn, "figure as answered": figure_answered}
