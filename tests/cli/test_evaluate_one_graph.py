"""The program on one graph: train, eval, predict, report; and what is refused there."""

import json

import pytest

from pushpop.cli.app import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "club"
    assert main(["train", "nodes", "--steps", "12", "--model.hidden", "8", "--run", str(folder), "--quiet"]) == 0
    return folder


def test_training_says_done_and_what_needs_no_learning(pushpop, run):
    said = pushpop("train", "nodes", "--steps", "12", "--model.hidden", "8", "--run", run)
    assert said.status == 0
    assert "nodes · gcn · seed 0: done after 12 looks at the graph" in said.out
    assert "labels spread along edges" in said.out


def test_a_graph_is_scored_whole(pushpop, run):
    shown, plain = pushpop("eval", run), pushpop("eval", run, "--json")
    assert "labels spread along edges" in shown.out
    metrics = json.loads((run / "metrics.json").read_text())
    assert json.loads(plain.out) == {name: metrics[name] for name in ("validation", "test", "floors")}
    for option in (("--lengths", "5"), ("--seed", "1"), ("--windows", "30"), ("--no-rounded",)):
        said = pushpop("eval", run, *option)
        assert said.status == 2
        assert f"eval: {option[0]}: this is a run on one graph, which takes none of these; leave it out" in said.error


def test_nodes_are_named_in_words(pushpop, run, tmp_path):
    said = pushpop("predict", run, "--input", "0 1 33")
    assert said.status == 0
    assert len(said.out.split()) == 3
    (tmp_path / "asked").write_text("0 1\n33\n")
    assert pushpop("predict", run, "--file", tmp_path / "asked").out.split() == said.out.split()
    wrong = pushpop("predict", run, "--input", "34")
    assert (wrong.status, wrong.error.count("\n")) == (2, 1)
    assert "--input: node 1 is 34; nodes of karate are 0 to 33: change it" in wrong.error


def test_a_real_graph_is_never_solved(pushpop, tmp_path):
    said = pushpop("train", "links", "--require-solved", "--run", tmp_path / "run")
    assert (said.status, said.error.count("\n")) == (2, 1)
    assert "train: --require-solved: a real graph is never solved, only predicted; leave it out" in said.error


def test_its_report_has_a_card_that_says_how_right_it_is(pushpop, run, tmp_path):
    assert pushpop("report", run, "--out", tmp_path / "page.html").status == 0
    page = (tmp_path / "page.html").read_text()
    assert "1 of 1 done" in page
    assert "accuracy" in page


@pytest.mark.parametrize(
    ("nodes", "edges", "says"),
    [
        (
            "0\t0\ttrain\t1\n1\t1\tval\t0\n2\t1\ttest\t0\n",
            "0\t3\n",
            "edges.tsv:2: node 3 is not known; nodes are 0 to 2",
        ),
        (
            "0\t0\ttrain\t1\n1\t-1\tval\t0\n2\t1\ttest\t0\n",
            "0\t1\n",
            "nodes.tsv:3: a node in val without a label; give",
        ),
        ("", "0\t1\n", "nodes.tsv: a graph without nodes has nothing to say; give 1 node or more"),
    ],
)
def test_a_malformed_graph_is_one_line_and_leaves_no_run(pushpop, tmp_path, nodes, edges, says):
    (tmp_path / "nodes.tsv").write_text(f"node\tlabel\tsplit\twords\n{nodes}")
    (tmp_path / "edges.tsv").write_text(f"u\tv\n{edges}")
    said = pushpop("train", "nodes", "--task.graph", tmp_path, "--run", tmp_path / "run")
    assert (said.status, said.error.count("\n")) == (2, 1)
    assert says in said.error
    assert not (tmp_path / "run").exists()
