"""The program where symbols have names: train, eval, predict, trace and report of a translation."""

import json

import pytest

from pushpop.experiments.answering import of_words
from pushpop.experiments.inspection import sample
from pushpop.experiments.loading import load

SENTENCES = "si1 vi28 oi5\nsi3 si4 rpi si1 vi2 vi30 oi7\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from pushpop.cli.app import main

    folder = tmp_path_factory.mktemp("names") / "run"
    lengths = ("--task.shortest", "3", "--task.longest", "5", "--task.test-shortest", "6", "--task.test-longest", "8")
    small = ("--model.hidden", "8", "--model.memory", "4", "--model.embedding", "4", "--steps", "4")
    few = ("--training.evaluate-words", "20", "--device", "cpu", "--run", str(folder), "--quiet")
    assert main(["train", "svo-sov", "--model", "deque-lstm", "--model.engine", "eager", *lengths, *small, *few]) == 0
    return folder


def test_words_are_asked_and_answered_by_name(pushpop, run, tmp_path):
    (tmp_path / "words").write_text(SENTENCES)
    said = pushpop("predict", run, "--file", tmp_path / "words")
    assert (said.status, said.out.count("\n")) == (0, 2)
    of_name = pushpop("predict", run, "--input", "si1 vi28 oi5").out
    assert of_name == said.out.splitlines(keepends=True)[0] == pushpop("predict", run, "--input", "0 60 70").out
    assert all(part[:2] in ("so", "vo", "oo", "rp") or part in ("-3", "-2") for part in said.out.split())


def test_words_of_ones_own_are_scored_by_name(pushpop, run, tmp_path):
    (tmp_path / "words").write_text(SENTENCES)
    assert json.loads(pushpop("eval", run, "--file", tmp_path / "words", "--json").out)["words"] == 2
    assert json.loads(pushpop("eval", run, "--lengths", "3-9,40", "--words", "5", "--json").out)["words"] == 10


def test_a_trace_has_names(pushpop, run):
    found = json.loads(pushpop("trace", run, "--input", "si1 vi28 oi5", "--json").out)
    assert (found["word"], found["wanted"]) == (["si1", "vi28", "oi5"], ["so1", "oo5", "vo28"])
    assert [step["fed"] for step in found["steps"][:5]] == ["S1", "si1", "vi28", "oi5", "S2"]


def test_a_wrong_name_is_refused_in_one_line(pushpop, run):
    said = pushpop("predict", run, "--input", "si1 vi28 oi55")
    assert said.status == 2
    assert said.error.startswith("pushpop: --input: symbol 3 is 'oi55', not an integer or a name of the alphabet; did")
    said = pushpop("predict", run, "--input", "si1 vi28")
    assert said.error == (
        "pushpop: --input: no sentence of the grammar: it breaks off; give one such as: si1 vi28 oi5\n"
    )


def test_its_run_is_reported_and_can_be_inspected(pushpop, run, tmp_path):
    assert pushpop("report", run, "--out", tmp_path / "page.html").status == 0
    assert "svo-sov" in (tmp_path / "page.html").read_text()
    words, _ = sample(of_words(load(run), "inspect"))
    assert {len(word) for word in words} == {5}
