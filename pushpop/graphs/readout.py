"""From the states of nodes to what is said of whole graphs, and of pairs of nodes.

Axes: N nodes, W width of a state, G graphs, P pairs.
"""

from torch import Tensor

from pushpop.errors import GraphError
from pushpop.graphs.aggregators import expect_states
from pushpop.graphs.graph import Graphs
from pushpop.graphs.segments import expect_reduction, reduce


def read_out(how: str, states: Tensor, graphs: Graphs) -> Tensor:
    """The sum, mean or max of the states [N, W] of each graph's nodes: [G, W]. ConfigError for another name."""
    expect_reduction(how, "read-out")
    expect_states(states, graphs)
    return reduce(how, states, graphs.graph, graphs.count)


def ends_of(states: Tensor, graphs: Graphs, pairs: Tensor) -> tuple[Tensor, Tensor]:
    """The states [P, W] at both ends of `pairs` [2, P] (int64) of nodes. GraphError for nodes of two graphs."""
    expect_states(states, graphs)
    if bool((graphs.graph[pairs[0]] != graphs.graph[pairs[1]]).any()):
        raise GraphError("pairs: of nodes of two graphs nothing can be said; give pairs inside one graph")
    return states[pairs[0]], states[pairs[1]]
