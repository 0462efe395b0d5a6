"""Citation graphs from files: what is read, and every malformed line told in one."""

import os
from pathlib import Path

import numpy as np
import pytest

from pushpop.errors import GraphError
from pushpop.tasks.graphs.citation import read_citations

NODES = "node\tlabel\tsplit\twords\n0\t1\ttrain\t2 5\n1\t0\tval\t0\n2\t1\ttest\t0 2 3\n3\t-1\tnone\t\n"
EDGES = "u\tv\n0\t1\n2\t1\n"
SHARED = Path(os.environ.get("PUSHPOP_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "graph"


def read(tmp_path, nodes=NODES, edges=EDGES):
    (tmp_path / "n.tsv").write_text(nodes)
    (tmp_path / "e.tsv").write_text(edges)
    return read_citations(tmp_path / "n.tsv", tmp_path / "e.tsv")


def test_a_small_graph_is_what_is_written(tmp_path):
    found = read(tmp_path)
    assert (found.nodes, found.classes, found.vocabulary) == (4, 2, 6)
    assert found.labels.tolist() == [1, 0, 1, -1]
    assert {name: own.tolist() for name, own in found.splits.items()} == {
        "training": [0],
        "validation": [1],
        "test": [2],
    }
    assert found.edges.tolist() == [[0, 1, 1, 2], [1, 2, 0, 1]]
    want = np.zeros((4, 6))
    want[0, [2, 5]], want[1, 0], want[2, [0, 2, 3]] = 1 / 2, 1, 1 / 3
    assert np.allclose(found.features(), want)


def test_lines_may_end_as_they_do_elsewhere(tmp_path):
    assert read(tmp_path, "\ufeff" + NODES.replace("\n", "\r\n")).nodes == 4


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (NODES, "", "n.tsv:1: nothing is not its line of names; give node<tab>label<tab>split<tab>words"),
        ("node\tlabel", "id\tlabel", "n.tsv:1: 'id\\tlabel\\tsplit\\two... is not its line of names; give node<tab>"),
        ("1\t0\tval\t0", "1 0 val 0", "n.tsv:3: 1 columns, not the 4 of node, label, split, words; put tabs between"),
        ("1\t0\tval\t0", "x\t0\tval\t0", "n.tsv:3: node 'x' cannot be; give a whole number from 0 on"),
        ("1\t0\tval\t0", "2\t0\tval\t0", "n.tsv:3: node 2 comes before node 1; give the nodes 0, 1, 2 and so on, each"),
        ("1\t0\tval\t0", "0\t0\tval\t0", "n.tsv:3: node 0 is there already; give the nodes 0, 1, 2 and so on, each"),
        ("1\t0\tval", "1\t-1\tval", "n.tsv:3: a node in val without a label; give one from 0 on, or the split none"),
        ("1\t0\tval", "1\t\tval", "n.tsv:3: label '' cannot be; give a whole number from 0 on"),
        ("1\t0\tval", "1\t-2\tval", "n.tsv:3: label '-2' cannot be; give a whole number from 0 on"),
        ("\tval\t", "\tvalid\t", "n.tsv:3: split 'valid' is not known; give one of train, val, test, none"),
        ("0 2 3", "0 3 3", "n.tsv:4: words of node 2 are not ascending; give each once, in order"),
        ("0 2 3", "0 -2 3", "n.tsv:4: word '-2' cannot be; give a whole number from 0 on"),
        ("0 2 3", "0 99999999999", "n.tsv:4: word '99999999999' is too large; give 0 to 999999"),
        ("0 2 3", "0 1000000", "n.tsv:4: word '1000000' is too large; give 0 to 999999"),
        ("1\t0\tval", "1\t10000\tval", "n.tsv:3: label '10000' is too large; give 0 to 9999"),
        (NODES, "node\tlabel\tsplit\twords\n", "n.tsv: a graph without nodes has nothing to say; give 1 node or more"),
        ("0\t1\n", "0\t4\n", "e.tsv:2: node 4 is not known; nodes are 0 to 3: change it"),
        ("0\t1\n", "0\t-1\n", "e.tsv:2: node '-1' cannot be; give a whole number from 0 on"),
        ("2\t1\n", "2\t2\n", "e.tsv:3: an edge from node 2 to itself; leave it out"),
        ("2\t1\n", "1\t0\n", "e.tsv:3: the edge of 0 and 1 is there already; leave it out"),
        ("2\t1\n", "2\t1\t0.5\n", "e.tsv:3: 3 columns, not the 2 of u, v; put tabs between them"),
        ("u\tv", "v\tu", "e.tsv:1: 'v\\tu' is not its line of names; give u<tab>v"),
    ],
)  # fmt: skip
def test_a_malformed_line_is_told_with_its_number(tmp_path, old, new, says):
    in_nodes = old in NODES and says.startswith("n.")
    with pytest.raises(GraphError) as refused:
        read(tmp_path, NODES.replace(old, new) if in_nodes else NODES, EDGES if in_nodes else EDGES.replace(old, new))
    assert str(refused.value).startswith(f"{tmp_path}/{says}")
    assert "\n" not in str(refused.value)


def test_files_that_are_none_are_told(tmp_path):
    with pytest.raises(GraphError, match="cannot be read; give a file with columns node, label, split, words"):
        read_citations(tmp_path / "no.tsv", tmp_path / "no.tsv")
    (tmp_path / "n.tsv").write_bytes(NODES.encode() + b"4\t0\ttest\t\xff\n")
    with pytest.raises(GraphError, match=r"n.tsv:6: byte 0xff is not UTF-8 text; save as plain text"):
        read_citations(tmp_path / "n.tsv", tmp_path / "e.tsv")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the citation graphs are not beside the project (shared/data/graph)")
@pytest.mark.parametrize(
    ("name", "nodes", "edges", "classes", "words", "vocabulary", "split"),
    [
        ("cora", 2708, 5278, 7, 49_216, 1433, (140, 500, 1000)),
        ("citeseer", 3327, 4552, 6, 105_165, 3703, (120, 500, 1000)),
    ],
)
def test_the_shared_graphs_are_those_that_are_known(name, nodes, edges, classes, words, vocabulary, split):
    found = read_citations(SHARED / f"{name}.nodes.tsv", SHARED / f"{name}.edges.tsv")
    assert (found.nodes, found.edges.shape[1], found.classes) == (nodes, 2 * edges, classes)
    assert (len(found.words), found.vocabulary) == (words, vocabulary)
    assert tuple(map(len, found.splits.values())) == split
    assert int((found.labels < 0).sum()) == (15 if name == "citeseer" else 0)
    assert np.allclose(found.features().sum(1)[found.labels >= 0], 1, atol=1e-5)
