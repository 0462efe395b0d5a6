"""`pushpop eval` of a run on text, and `pushpop train text` where it says what it takes."""

import json
from pathlib import Path

import pytest

from pushpop.cli.app import main

LINE = 'the cat sat on the mat. a dog, "the dog?" no!\n'
SIZES = ("--model", "gru-lm", "--model.hidden", "8", "--model.embedding", "4", "--task.window", "16")
BUDGET = ("--training.batch", "4", "--steps", "2", "--seed", "1001", "--device", "cpu", "--quiet")


def trained(folder: Path, *more: str) -> Path:
    corpus, run = folder / "corpus.txt", folder / "run"
    corpus.write_text(LINE * 60, encoding="utf-8")
    assert main(["train", "text", "--corpus", str(corpus), *SIZES, *BUDGET, *more, "--run", str(run)]) == 0
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return trained(tmp_path_factory.mktemp("text"))


def test_of_a_short_tail_the_error_is_unknown(pushpop, run):
    assert "error" not in json.loads(pushpop("eval", run, "--json").out)
    row = next(line for line in pushpop("eval", run).out.splitlines() if "carried" in line)
    assert "–" in row.split()


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (["--lengths", "4"], "--lengths"),
        (["--words", 3], "--words"),
        (["--seed", 0], "--seed"),
        (["--no-rounded"], "--no-rounded"),
        (["--rounded"], "--rounded"),
    ],
)
def test_what_is_of_words_is_refused(pushpop, run, asked, named):
    said = pushpop("eval", run, *asked)
    assert (said.status, said.out) == (2, "")
    rule = "this is a run on text, which takes --file, --windows"
    assert said.error == f"pushpop: eval: {named}: {rule}; leave it out\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"caf\xe9\n", ":1: byte 0xe9 at offset 3 is not utf-8 text"),
        (b"a\0b", ": a binary file (a NUL byte at offset 1)"),
        (b"", ": empty"),
        (None, ": no such corpus, file or folder"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_a_way_out_that_is_there(pushpop, run, tmp_path, data, why):
    path = tmp_path / "other.txt"
    if data is not None:
        path.write_bytes(data)
    said = pushpop("eval", run, "--file", path)
    assert said.status == 2
    assert said.error == f"pushpop: eval: --file {path}{why}; give a text in utf-8, as the run's own\n"


def test_where_nothing_was_held_out_it_is_said_and_another_text_is_scored(pushpop, tmp_path, capsys):
    run = trained(tmp_path, "--task.held-out", "0", "--task.validation", "0")
    assert "nothing: no part was held out" in capsys.readouterr().out
    said = pushpop("eval", run)
    assert (said.status, said.error) == (
        2, f"pushpop: {run}: nothing was held out (task.held_out); score a text with --file\n"
    )  # fmt: skip
    (tmp_path / "other.txt").write_text(LINE)
    assert json.loads(pushpop("eval", run, "--file", tmp_path / "other.txt", "--json").out)["characters"] == 45


def test_help_on_text_speaks_of_windows(pushpop):
    """Where it speaks of words, it says that they are another task's."""
    out = " ".join(pushpop("train", "text", "--help").out.replace("│", " ").split())
    for said in ("windows a step", "budget in windows of task.window characters", "windows scored at an evaluation"):
        assert said in out
    assert "first training.evaluate_words windows best" in out.replace("`", "")
    of_words = " ".join(pushpop("train", "reverse", "--help").out.replace("│", " ").split())
    assert "budget in words." in of_words
    assert "windows" not in of_words
