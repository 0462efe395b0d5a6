"""The ledger of graph claims: every line holds, every line notices a fault, and the figure's own numbers."""

import json
from fractions import Fraction

import networkx as nx
import pytest
import torch

from pushpop.cli import app
from pushpop.errors import GraphError
from pushpop.graphs import structure
from pushpop.graphs.aggregators import Normalised, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.layers import GAT
from pushpop.graphs.processor import Processor
from pushpop.studies import (
    claims,
    claims_attention,
    claims_citations,
    claims_linear,
    claims_matrix,
    claims_pictures,
    claims_symmetry,
    six_nodes,
)
from pushpop.studies.claims import LEDGER, judged
from pushpop.studies.ledger import random_graph
from pushpop.studies.verdicts import CONFIRMED
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation
from pushpop.tasks.graphs.expression import Expression

BY_NUMBER = {entry.number: entry for entry in LEDGER}


@pytest.mark.parametrize("number", BY_NUMBER)
def test_a_claim_holds_and_says_why(number):
    line = judged(BY_NUMBER[number])
    assert line["verdict"] == CONFIRMED, line["evidence"]
    assert all(line["evidence"])


def test_the_ledger_has_every_line_but_the_one_that_is_trained():
    plain = [str(number) for number in range(1, 15)]
    assert [entry.number for entry in LEDGER] == [*plain[:9], "9b", *plain[9:]]


def leaking(forward):
    """An aggregator that feels the whole batch."""
    return lambda self, states, graphs, *more: forward(self, states, graphs, *more) + 0.01 * states.mean(0)


def named(forward):
    """An aggregator that feels which number a node has."""
    return lambda self, states, graphs: forward(self, states, graphs) * (1 + torch.arange(graphs.nodes)[:, None])


def counted(forward):
    """An aggregator that feels the order of edges: every other one counts double."""

    def other(self, states, graphs):
        heavy = states[graphs.sources] * (1 + (torch.arange(graphs.edges.shape[1]) % 2)[:, None])
        return torch.zeros_like(states).index_add(0, graphs.targets, heavy)

    return other


FAULTS = {  # of each line what is broken, and with what
    "1": (Normalised, "scales", lambda old: lambda *given: (old(*given)[0], 2 * old(*given)[1])),
    "2": (claims_matrix, "normalised", lambda old: lambda graphs, *_: old(graphs, "row")),
    "3": (Normalised, "forward", leaking),
    "4": (Normalised, "self_loop", lambda old: 1.0),
    "5": (claims_matrix, "normalised", lambda old: lambda graphs: old(graphs, "none") / 4),
    "6": (claims_attention, "fixed_weights", lambda old: lambda graphs: 2 * old(graphs)),
    "7": (claims_attention, "GATv2", lambda old: GAT),
    "8": (Reduce, "forward", named),
    "9": (Reduce, "forward", counted),
    "9b": (claims_linear, "permutation", lambda old: lambda draws, size: range(size)),
    "10": (Attention, "forward", leaking),
    "11": (Reduce, "forward", leaking),
    "12": (Expression, "unordered", lambda old: lambda self, tree: torch.eye(7)[self.value(tree)].numpy()),
    "13": (Attention, "score", lambda old: lambda self, states, asking, sources, targets: torch.arange(
           len(sources), dtype=torch.float64)[:, None].sin()),
    "14": (Processor, "step", lambda old: lambda self, state, *given: old(self, state, *given) if state.any()
           else old(self, state, *given) + 1e-3 * torch.rand_like(state)),
}  # fmt: skip


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_is_noticed(number, monkeypatch):
    where, name, broken = FAULTS[number]
    old = getattr(where, name)
    new = broken(old)
    monkeypatch.setattr(where, name, property(lambda self: new) if isinstance(old, property) else new)
    assert judged(BY_NUMBER[number])["verdict"] != CONFIRMED


def test_every_line_has_its_fault():
    assert list(FAULTS) == list(BY_NUMBER)


def test_the_figure_has_the_numbers_of_both_readings():
    """Rows of A + I as they are printed, degrees, powers exactly, eigenvalues, twins."""
    known = {
        "figure as drawn": ("110011 110100 001100 011101 100010 100101", [4, 3, 2, 4, 2, 3], Fraction(1, 48),
                            [-0.3687, 0, 0.3333, 0.4520, 0.7500, 1], [[1, 5]]),
        "figure as answered": ("110010 110100 001100 011101 100010 000101", [3, 3, 2, 4, 2, 2], Fraction(1, 72),
                               [-0.2946, -0.0659, 0.4148, 0.5000, 0.8624, 1], [[2, 5]]),
    }  # fmt: skip
    for name, (rows, degrees, power, eigenvalues, open_twins) in known.items():
        graphs = six_nodes.FIGURES[name]()
        plain, matrix = structure.adjacency(graphs, 1.0), structure.normalised(graphs)
        assert " ".join("".join(str(int(one)) for one in row) for row in plain) == rows
        assert plain.sum(1).tolist() == degrees
        assert float(torch.linalg.matrix_power(matrix, 4)[six_nodes.E, six_nodes.C]) == pytest.approx(float(power))
        assert torch.linalg.eigvalsh(matrix).tolist() == pytest.approx(eigenvalues, abs=6e-5)
        assert (structure.twins(graphs), structure.twins(graphs, closed=False)) == ([], open_twins)
        assert int(structure.distances(graphs)[six_nodes.E, six_nodes.C]) == 4


def test_equal_inputs_give_equal_outputs_on_nodes_that_a_symmetry_exchanges():
    """B and F of the figure as drawn; A and C, which none exchanges, come out apart."""
    graphs = six_nodes.figure_drawn()
    layer = claims_symmetry.LAYERS["GCN"]().double()
    out = layer(torch.ones(6, 4, dtype=torch.float64), graphs)
    assert torch.allclose(out[six_nodes.B], out[six_nodes.F], atol=1e-12)
    assert not torch.allclose(out[six_nodes.A], out[six_nodes.C], atol=1e-3)


def test_random_graphs_of_claims_are_what_is_said_of_them():
    graphs = random_graph(0, 10, doubled=2)
    assert int(graphs.degrees[-1]) == 0
    assert int((structure.adjacency(graphs) == 2).sum()) == 4
    assert torch.equal(structure.adjacency(graphs), structure.adjacency(graphs).T)


def write(folder, labels, edges):
    nodes = "".join(f"{n}\t{label}\ttest\t{n}\n" for n, label in enumerate(labels))
    (folder / "toy.nodes.tsv").write_text("node\tlabel\tsplit\twords\n" + nodes)
    (folder / "toy.edges.tsv").write_text("u\tv\n" + "".join(f"{u}\t{v}\n" for u, v in edges))


def test_twins_of_a_citation_graph_force_errors(tmp_path):
    """A triangle of closed twins, of which one has another label, and an isolated pair that agrees."""
    write(tmp_path, [0, 0, 1, 2, 2], [(0, 1), (0, 2), (1, 2), (3, 4)])
    line = judged(claims_citations.entry(tmp_path))
    (said,) = line["evidence"]
    assert said == "toy: 2 groups (1 of them isolated pairs), 5 nodes, 5 of them tested, 1 forced errors of 5"
    assert line["verdict"] != CONFIRMED
    with pytest.raises(GraphError, match="no citation graphs there; give a folder with NAME"):
        claims_citations.entry(tmp_path / "nothing")


def test_the_program_prints_every_line_and_writes_the_pictures(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LEDGER", tuple(BY_NUMBER[number] for number in ("3", "5", "8", "9", "11")))
    write(tmp_path, [0, 0], [(0, 1)])
    folder = tmp_path / "figures"
    assert app.main(["claims", "--figures", str(folder), "--citations", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "3. confirmed: From C to E of the figure it takes 4 updates" in said
    assert "4b. confirmed: On citation graphs" in said
    assert "claims: 6 of 6 hold" in said
    names = {path.name for path in folder.iterdir()}
    for name in ("reach", "depth", "attention-static", "attention-dynamic", "order", "linear"):
        assert {f"{name}.png", f"{name}.svg"} <= names
    assert "| 5. Depth washes nodes out" in (folder / "claims.md").read_text()


def test_the_program_says_by_its_status_that_a_claim_does_not_hold(capsys, monkeypatch):
    monkeypatch.setattr(claims, "LEDGER", (BY_NUMBER["8"],))
    assert app.main(["claims", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hold"] is True
    monkeypatch.setattr(Reduce, "forward", named(Reduce.forward))
    assert app.main(["claims", "--json"]) == 1
    (line,) = json.loads(capsys.readouterr().out)["claims"]
    assert (line["number"], line["verdict"]) == ("8", "not confirmed")
    assert app.main(["claims"]) == 1
    assert "claims: 0 of 1 hold" in capsys.readouterr().out


def test_linear_orders_are_networkx_s():
    for number in range(5):
        leads = [[own[place] for place in permutation(Draws("linear", number, node), len(own))]
                 for node, own in enumerate(claims_linear.ring(4))]  # fmt: skip
        graph = nx.DiGraph([(node, other) for node, own in enumerate(leads) for other in own])
        assert claims_linear.depth_first(leads) == list(nx.dfs_preorder_nodes(graph, 0))
        assert claims_linear.breadth_first(leads) == [0, *(other for _, other in nx.bfs_edges(graph, 0))]


def test_a_picture_of_reach_says_how_many_layers_each_node_takes():
    figure = claims_pictures.reach()
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said == ["A", "3 layers", "B", "2 layers", "C", "C itself", "D", "1 layer", "E", "4 layers", "F", "2 layers"]
