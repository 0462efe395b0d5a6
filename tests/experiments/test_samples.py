"""Samples that a run on text keeps: when they are written, of which weights, and that they change nothing."""

import json

import pytest
import torch

import pushpop
from pushpop.evaluation.continuation import continuation
from pushpop.evaluation.sampling import Sampling
from pushpop.experiments import samples, store
from pushpop.experiments.feeding import TextFeed
from pushpop.experiments.judging import TextJudge

LINES = "".join(f"{n} bottles of beer on the wall, {n} bottles of beer.\n" for n in range(200, 0, -1))


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    book = tmp_path_factory.mktemp("books") / "beer.txt"
    book.write_text(LINES, encoding="utf-8")
    rhythm = {"evaluate_every": 20, "evaluate_words": 5, "checkpoint_every": 20, "log_every": 20}
    return {
        "task": {"kind": "text", "corpus": str(book), "window": 20},
        "model": {"kind": "lstm-lm", "hidden": 8, "embedding": 4, "dropout": 0.3},
        "training": {"batch": 8, "steps": 60, "words": 0, "rate": 0.02, "schedule": "constant", **rhythm},
        "seed": 1003,
        "quiet": True,
    }


@pytest.fixture(scope="module")
def run(asked, tmp_path_factory):
    """A run whose samples are long, however short it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "PAYS", 10)
        patch.setattr(samples, "LENGTHS", (30, 60, 120))
        return pushpop.train(**asked, run=tmp_path_factory.mktemp("runs") / "run")


def test_at_each_third_five_greedy_ones_and_one_at_each_temperature(run):
    rows = store.read_samples(run.path)
    assert [(row["part"], row["step"], row["temperature"]) for row in rows] == [
        (part, 20 * part, temperature) for part in (1, 2, 3) for temperature in (0.0, 1.0, 0.5)
    ]
    assert [len(row["samples"]) for row in rows] == [5, 1, 1] * 3
    assert [len(row["samples"][0]["text"]) for row in rows] == [30, 60, 60] * 2 + [30, 120, 120]
    assert [[one["characters"] for one in row["qualities"]] for row in rows[-2:]] == [[30, 60, 120]] * 2
    firsts = [[one["prefix"] for one in row["samples"]] for row in rows if row["temperature"] == 0]
    assert firsts[0] == firsts[1] == firsts[2]
    assert all(len(one) == 1 and one in LINES for one in firsts[0])


def test_those_at_the_end_are_of_the_weights_that_are_kept_and_can_be_made_again(run):
    rows = {row["temperature"]: row for row in store.read_samples(run.path) if row["part"] == 3}
    assert {row["weights"] for row in rows.values()} == {run.metrics["kept_step"]}
    begun = continuation(run.model, run.vocabulary)
    assert begun.texts(Sampling(temperature=0.5), 1003, 1, 120) == [rows[0.5]["samples"][0]["text"]]
    first = rows[0.0]["samples"][0]
    greedy = continuation(run.model, run.vocabulary, first["prefix"]).texts(Sampling(temperature=0), 0, 1, 30)
    assert greedy == [first["text"]]


def test_weights_that_are_kept_are_lent_and_given_back(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(TextJudge, "rank", lambda _, scores, step: (-step,))  # the first are the best
    run = pushpop.train(**asked, run=tmp_path / "run")
    rows = [row for row in store.read_samples(run.path) if row["part"] == 3]
    assert run.metrics["kept_step"] == 20
    assert {row["weights"] for row in rows} == {20}
    assert continuation(run.model, run.vocabulary).texts(Sampling(), 1003, 1, 30) == [rows[1]["samples"][0]["text"]]
    state = torch.load(run.path / "state.pt", weights_only=True)
    assert any(not torch.equal(state["weights"][name], value) for name, value in run.model.state_dict().items())


def test_they_change_nothing(asked, run, tmp_path, monkeypatch):
    monkeypatch.setattr(TextFeed, "diaries", lambda *_: [])
    silent = pushpop.train(**asked, run=tmp_path / "run")
    assert not (silent.path / "samples.jsonl").exists()
    for name in ("model.safetensors", "vocabulary.json"):
        assert (silent.path / name).read_bytes() == (run.path / name).read_bytes()


def test_what_was_written_after_the_last_checkpoint_is_written_again_once(asked, tmp_path, monkeypatch):
    """Killed with samples of step 40, the last of them half written, and a checkpoint of step 25."""
    given = {**asked, "training": {**asked["training"], "checkpoint_every": 25}}
    undisturbed = pushpop.train(**given, run=tmp_path / "undisturbed").path
    usual, calls = TextFeed.loss, []

    def killed(self, model, batch):
        calls.append(1)
        if len(calls) == 47:  # the first is thrown away
            raise ZeroDivisionError
        return usual(self, model, batch)

    with monkeypatch.context() as patch:
        patch.setattr(TextFeed, "loss", killed)
        with pytest.raises(ZeroDivisionError):
            pushpop.train(**given, run=tmp_path / "run")
    assert store.read_samples(tmp_path / "run")[-1]["step"] == 40
    file = tmp_path / "run" / "samples.jsonl"
    file.write_bytes(file.read_bytes()[:-100])  # and the last line is torn
    pushpop.train(**given, run=tmp_path / "run", resume=True)
    both = [store.read_samples(path) for path in (tmp_path / "run", undisturbed)]
    for row in (row for rows in both for row in rows):
        del row["seconds"]
    assert both[0] == both[1]


def test_a_larger_budget_goes_on_with_what_was_written(asked, tmp_path):
    pushpop.train(**asked, run=tmp_path / "run")
    longer = {**asked, "training": {**asked["training"], "steps": 120}}
    pushpop.train(**longer, run=tmp_path / "run", resume=True)
    # a third of the larger budget has been said by the two thirds, and by the end, of the smaller one
    assert sorted({row["step"] for row in store.read_samples(tmp_path / "run")}) == [20, 40, 60, 80, 120]


def test_bytes_that_are_no_characters_are_shown_as_such(asked, tmp_path):
    book = tmp_path / "book.bin"
    book.write_bytes(bytes(range(128, 256)) * 40)
    given = {**asked, "task": {**asked["task"], "corpus": str(book), "unit": "bytes"}}
    given["training"] = {**asked["training"], "steps": 3}
    run = pushpop.train(**given, run=tmp_path / "run")
    rows = store.read_samples(run.path)
    assert [row["step"] for row in rows] == [1] * 3 + [2] * 3 + [3] * 3
    assert "\ufffd" in rows[0]["samples"][0]["prefix"]


@pytest.mark.parametrize(
    "row",
    [
        "no row",
        {"step": 1},
        {"step": 1, "words": 8, "seconds": 0.5, "part": 1, "of": 3, "temperature": 1, "samples": "x", "qualities": []},
        {"step": 1, "words": 8, "seconds": 0.5, "part": 1, "of": 3, "temperature": 1, "samples": [{}], "qualities": []},
    ],
)
def test_a_line_that_is_damaged_is_left_out(row, tmp_path):
    good = {"step": 1, "words": 8, "seconds": 0.5, "part": 1, "of": 3, "temperature": 1, "qualities": []}
    good["samples"] = [{"prefix": "a", "text": "b"}]
    lines = [json.dumps(row), json.dumps(good), json.dumps(good)[:-1]]
    (tmp_path / "samples.jsonl").write_text("\n".join(lines))
    assert store.read_samples(tmp_path) == [good]
