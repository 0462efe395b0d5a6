"""Tasks on one graph: where it comes from, what is hidden of it, and what cannot be."""

import networkx as nx
import numpy as np
import pytest

from pushpop.errors import ConfigError, GraphError, WordError
from pushpop.tasks.graphs.hiding import hidden
from pushpop.tasks.graphs.karate import karate
from pushpop.tasks.graphs.papers import Links, Nodes, found

NODES = "node\tlabel\tsplit\twords\n0\t1\ttrain\t2 5\n1\t0\tval\t0\n2\t1\ttest\t0 2 3\n3\t0\ttrain\t\n"
EDGES = "u\tv\n0\t1\n2\t1\n"


def pairs(ends) -> set[tuple[int, int]]:
    return set(map(tuple, np.sort(ends, axis=0).T.tolist()))


def test_the_karate_club_is_the_one_that_is_known():
    club, known = karate(), nx.karate_club_graph()
    assert pairs(club.edges) == {tuple(sorted(edge)) for edge in known.edges}
    assert [known.nodes[node]["club"] == "Officer" for node in range(34)] == club.labels.tolist()
    parts = [set(part.tolist()) for part in club.splits.values()]
    assert parts[0] == {0, 33}
    assert [len(part) for part in parts] == [2, 8, 24]
    assert set.union(*parts) == set(range(34))
    assert club.labels[club.splits["validation"]].sum() == 4


@pytest.mark.parametrize("names", [("g/nodes.tsv", "g/edges.tsv"), ("g.nodes.tsv", "g.edges.tsv")])
def test_a_graph_of_ones_own_is_read(tmp_path, names):
    (tmp_path / "g").mkdir()
    for name, text in zip(names, (NODES, EDGES), strict=True):
        (tmp_path / name).write_text(text)
    task = Nodes(graph=str(tmp_path / "g"))
    assert (task.citations.nodes, task.alphabet.inputs, task.alphabet.outputs) == (4, 6, 2)
    assert {name: [part.tolist() for part in both] for name, both in task.parts().items()} == {
        "validation": [[1], [0]], "test": [[2], [1]]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("val", "none", "no node is in val; give 1 or more"),
        ("train", "test", "no node is in train; give 1 or more"),
        ("\t1\t", "\t0\t", "all labels are 0; give 2 classes or more"),
    ],
)
def test_a_graph_that_asks_nothing_is_refused(tmp_path, old, new, says):
    (tmp_path / "nodes.tsv").write_text(NODES.replace(old, new))
    (tmp_path / "edges.tsv").write_text(EDGES)
    with pytest.raises(GraphError) as refused:
        _ = Nodes(graph=str(tmp_path)).citations
    assert str(refused.value) == f"task.graph: {tmp_path}: {says}"


def test_what_is_no_graph_is_told():
    with pytest.raises(ConfigError, match=r"task.graph: 'coro' is no graph and no folder with nodes.tsv; did you mean"):
        found("coro")


def test_hashes_tell_one_question_from_another():
    one, other = Links(graph="karate", split=1), Links(graph="karate", split=2)
    assert one.hashes() == Links(graph="karate", split=1).hashes()
    assert one.hashes()["test"] != other.hashes()["test"]
    assert one.hashes()["test"] != one.hashes()["validation"] != Nodes(graph="karate").hashes()["validation"]


def test_no_pair_is_in_two_parts_and_other_pairs_are_no_edges():
    club = karate()
    whole = pairs(club.edges)
    task = Links(graph="karate", split=3, held_out=0.2, validation=0.1)
    parts = {"left": pairs(task.hidden.left)}
    for name, (ends, right) in task.parts().items():
        parts |= {f"{name} edges": pairs(ends[:, right == 1]), f"{name} others": pairs(ends[:, right == 0])}
    assert {name: len(part) for name, part in parts.items()} == {
        "left": 56, "validation edges": 7, "validation others": 7, "test edges": 15, "test others": 15
    }  # fmt: skip
    assert len(set.union(*parts.values())) == 100
    assert parts["left"] | parts["validation edges"] | parts["test edges"] == whole
    assert not (parts["validation others"] | parts["test others"]) & whole
    assert all(one < other for part in parts.values() for one, other in part)


def test_other_pairs_run_out_in_one_line():
    club = karate()
    with pytest.raises(GraphError, match=r"graph: of 78 edges these shares hide none; give a larger graph or larger"):
        hidden(club, 0, 0.1, 0.001)
    full = nx.complete_graph(8)
    edges = np.array(full.edges).T
    crowd = type(club)(club.labels[:8], club.splits, club.rows[:8], club.words[:8],
                       np.concatenate([edges, edges[::-1]], axis=1), 8)  # fmt: skip
    with pytest.raises(GraphError, match=r"graph: 0 pairs have no edge and 7 are wanted; give a sparser graph"):
        hidden(crowd, 0, 0.2, 0.1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"split": -1}, r"task.split: -1 is no seed; give 0 to"),
        ({"split": 1.5}, r"task.split: 1.5 is not a whole number; give one, such as 0"),
        ({"held_out": 0.5}, r"task.held_out: 0.5 is not a share to hide; give 0.01 to 0.49"),
        ({"validation": 0}, r"task.validation: 0 is not a share to hide"),
    ],
)
def test_impossible_settings_are_refused(given, says):
    with pytest.raises(ConfigError, match=says):
        Links(**given)


@pytest.mark.parametrize(
    ("task", "given", "says"),
    [
        (Nodes(), [3, 34], "nodes: node 2 is 34; nodes of karate are 0 to 33: change it"),
        (Nodes(), [-1], "nodes: node 1 is -1; nodes of karate are 0 to 33: change it"),
        (Nodes(), [True], "nodes: node 1 is True; nodes of karate are 0 to 33: change it"),
        (Nodes(), [], "nodes: names no node; give 1 or more"),
        (Links(), [1, 2, 3], "nodes: 3 nodes are no pair; give 2, such as: 0 1"),
    ],
)
def test_what_is_no_node_is_told(task, given, says):
    with pytest.raises(WordError) as refused:
        task.check(given)
    assert str(refused.value) == says
