"""`pushpop inspect`: one page that asks for nothing, and the same as JSON; the classification verbs of the program."""

import json
import re

import pytest

SIZES = (
    "--model.hidden",
    "8",
    "--model.embedding",
    "4",
    "--training.words",
    "128",
    "--training.batch",
    "32",
    "--quiet",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of one task with nets of three kinds: a plain RNN, two directions, a memory."""
    from pushpop.cli.app import main

    folder = tmp_path_factory.mktemp("runs")
    for kind in ("rnn", "bilstm", "stack-lstm"):
        assert main(["train", "random-combinations", "--model", kind, *SIZES, "--run", str(folder / kind)]) == 0
    return folder


@pytest.mark.parametrize("kind", ["rnn", "bilstm", "stack-lstm"])
def test_the_page_is_one_file_that_asks_for_nothing(runs, pushpop, kind):
    assert pushpop("inspect", runs / kind).out == f"inspect: {runs / kind / 'inspect.html'}\n"
    page = (runs / kind / "inspect.html").read_text()
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert "Gradients through time" in page
    assert ("Back-propagation in closed form" in page) is (kind == "rnn")
    assert ("<h2>Gates</h2>" in page) is (kind != "stack-lstm")
    assert page.count("<svg") >= 2 if kind != "rnn" else 1


def test_json_has_all_of_it(runs, pushpop):
    found = json.loads(pushpop("inspect", runs / "rnn", "--json", "--spectral", "0.1,4").out)
    assert [tried["spectral_norm"] for tried in found["rescaled"]] == [0.1, 4.0]
    for weights in found["weights"].values():
        (way,) = weights["directions"]
        assert len(way["dL_dh"]) == len(way["bound"]) == found["positions"] == 5
        assert all(norm <= bound * 1.001 for norm, bound in zip(way["dL_dh"], way["bound"], strict=True))
        assert weights["clip"] == 10.0
        assert weights["factor"] == min(1.0, 10.0 / weights["gradient_norm"])
    assert max(found["formula_gaps"].values()) < 1e-4
    assert found["parameters"]["formula"] == found["parameters"]["count"]
    assert {row["model"] for row in found["catalogue"]} > {"rnn", "bilstm", "uva-peephole", "stack-lstm"}
    assert all(row["by_formula"] == row["by_count"] for row in found["catalogue"])


def test_what_a_memory_does_is_said_in_words(pushpop, small, tmp_path):
    given = ("stack-lstm" if word == "lstm" else word for word in small)
    assert pushpop("train", *given, "--run", tmp_path / "run", "--quiet").status == 0
    found = json.loads(pushpop("inspect", tmp_path / "run", "--json").out)["verdict"]
    assert found["text"].startswith("pushes ")
    assert found["hands"][0]["reading_push"]["mean"] > 0
    assert pushpop("inspect", tmp_path / "run").out.splitlines()[0] == f"verdict: {found['text']}"
    assert f"<b>What its memory does:</b> {found['text']}." in (tmp_path / "run" / "inspect.html").read_text()


def test_a_net_that_writes_answers_is_inspected_too(small_run, pushpop, tmp_path):
    assert pushpop("inspect", small_run, "--out", tmp_path / "page.html").status == 0
    page = (tmp_path / "page.html").read_text()
    assert "Every model for this task" in page
    assert "What its memory does" not in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("x", "--spectral: 'x' is no list of numbers; give such as 0.5,1,2"),
        ("0", "spectral: 0.0 is no spectral norm; give more than 0, such as 0.5,1,2"),
    ],
)
def test_a_spectral_norm_that_is_none_is_refused(runs, pushpop, given, said):
    found = pushpop("inspect", runs / "rnn", "--spectral", given)
    assert (found.status, found.error) == (2, f"pushpop: {said}\n")


def test_classes_are_predicted_and_scored_one_a_line(runs, pushpop):
    assert pushpop("predict", runs / "rnn", "--input", "0 1 2 3 4").out.strip() in set("012345")
    found = json.loads(pushpop("eval", runs / "rnn", "--json").out)
    assert list(found) == ["accuracy", "baseline", "words", "by_length"]
    table = pushpop("eval", runs / "rnn").out
    assert "accuracy" in table
    assert "coarse" not in table


def test_bad_sizes_and_models_of_other_tasks_are_one_line(pushpop):
    found = pushpop("train", "binary-palindrome", "--task.size", "11")
    assert found.status == 2
    assert found.error == "pushpop: task.size: 11 is odd; a palindrome is two halves alike: give 10 or 12\n"
    assert "says a class and writes no answers" in pushpop("train", "reverse", "--model", "bilstm").error


def test_a_transformer_has_scores_answers_a_report_and_its_counts(pushpop, tmp_path):
    run = tmp_path / "run"
    task = ("--task.symbols", "5", "--task.shortest", "2", "--task.longest", "4")
    sizes = ("--model.hidden", "16", "--training.words", "64", "--training.batch", "8", "--quiet")
    assert pushpop("train", "reverse", "--model", "transformer", *task, *sizes, "--run", run).status == 0
    found = json.loads(pushpop("eval", run, "--lengths", "3,20", "--words", "10", "--json").out)
    assert [row["length"] for row in found["by_length"]] == [3, 20]
    assert "rounded" not in found
    assert len(pushpop("predict", run, "--input", "1 2 3").out.splitlines()) == 1
    parts = json.loads(pushpop("inspect", run, "--json").out)["parameters"]
    assert parts["formula"] == parts["count"]
    assert "attention" in [term["part"] for term in parts["terms"]]
    assert pushpop("inspect", run, "--out", tmp_path / "page.html").status == 0
    assert "Gradients through time" not in (tmp_path / "page.html").read_text()
    assert pushpop("report", run, "--out", tmp_path / "report.html").status == 0
    assert "transformer" in (tmp_path / "report.html").read_text()
