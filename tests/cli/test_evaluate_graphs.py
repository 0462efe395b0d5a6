"""`pushpop eval` of a run on graphs: sizes, and rounds other than its own."""

import json

import pytest

from pushpop.cli.app import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "path"
    chosen = ("--model", "recurrent-gnn", "--model.hidden", "4", "--model.messages", "0", "--task.size", "2")
    assert main(["train", "path-parity", *chosen, "--steps", "2", "--run", str(folder), "--quiet"]) == 0
    return folder


def test_other_rounds_are_run_and_said_but_not_kept(pushpop, run):
    said = pushpop("eval", run, "--lengths", "8", "--words", "5", "--rounds", "3 nodes")
    assert (said.status, said.error) == (0, "")
    assert "5 graphs, rounds: 3 nodes" in " ".join(said.out.split())
    assert "size" in said.out
    assert "words" not in said.out
    assert not (run / "lengths.json").exists()
    found = json.loads(pushpop("eval", run, "--lengths", "8", "--words", "5", "--json").out)
    assert set(found) == {"graph", "node", "floor", "words", "rounds", "by_length"}
    assert (run / "lengths.json").exists()


def test_what_is_no_number_of_rounds_is_one_line(pushpop, run, small_run):
    said = pushpop("eval", run, "--rounds", "many")
    assert (said.status, said.error.count("\n")) == (2, 1)
    assert "rounds: 'many' is no number of rounds; give such as 20, '2 nodes' or 'depth + 3'" in said.error
    said = pushpop("eval", small_run, "--rounds", "3")
    assert "eval: --rounds: this is a run on words, which takes --lengths" in said.error
