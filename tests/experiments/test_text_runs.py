"""Runs on text: gone on with bit for bit, judged on what was never trained on, and loaded without their corpus."""

import json
import os
import shutil
import signal

import numpy as np
import pytest
import torch

import pushpop
from pushpop.errors import ConfigError, PushpopError, RunError
from pushpop.experiments import store
from pushpop.experiments.feeding import TextFeed
from pushpop.models import precision

LINES = "".join(f"{n} bottles of beer on the wall, {n} bottles of beer.\n" for n in range(200, 0, -1))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("books") / "beer.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def asked(book):
    """A small run with all that chance touches: dropout, windows carried over passes, and evaluations between."""
    return {
        "task": {"kind": "text", "corpus": str(book), "window": 20},
        "model": {"kind": "lstm-lm", "hidden": 16, "embedding": 8, "dropout": 0.3},
        "training": {
            "batch": 8, "steps": 70, "words": 0, "evaluate_every": 15, "evaluate_words": 20, "checkpoint_every": 7,
            "log_every": 3,
        },
        "seed": 3,
        "quiet": True,
    }  # fmt: skip


@pytest.fixture(scope="module")
def finished(asked, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "run"
    pushpop.train(**asked, run=path)
    return path


def test_a_run_says_what_text_costs(finished):
    metrics = json.loads((finished / "metrics.json").read_text())
    whole = len(LINES)
    tail = int(whole * 0.1)
    validation = int((whole - tail) * 0.1)
    assert metrics["solved"] is None
    assert metrics["test"]["characters"] == tail - 1
    assert metrics["validation"]["characters"] == validation - 1
    assert metrics["characters"] == 70 * 8 * 20
    assert metrics["test"]["bits_per_character"] == pytest.approx(metrics["test"]["nats"] / np.log(2))
    assert [row["window"] for row in metrics["windows"]] == [30, 256]
    assert metrics["by_distance"][0]["from"] == 1
    below = metrics["floors"]
    assert (below["counted"], below["scored"]) == (whole - tail, tail)
    assert [row["floor"] for row in below["rows"][:4]] == [
        "counts, order 3",
        "counts, order 4",
        "counts, order 5",
        "counts, order 6",
    ]
    assert below["rows"][0]["characters"] == tail
    assert all(0 < row["bits_per_character"] < 4 for row in below["rows"])
    assert 1.0 < metrics["test"]["nats"] < 3.2, "a few steps have taught it something"
    events = [json.loads(line) for line in (finished / "events.jsonl").read_text().splitlines()]
    assert [event["step"] for event in events if "test" in event] == [15, 30, 45, 60, 70]
    assert events[-1]["loss"] < events[0]["loss"]
    assert 0 < events[-1]["accuracy"] < 1


@pytest.mark.parametrize("has", [True, False])
def test_a_run_says_of_what_precision_its_products_were(asked, tmp_path, monkeypatch, has):
    """That "auto" was asked for says nothing of what another machine would take."""
    monkeypatch.setattr(precision, "quick", lambda _: has)
    given = {**asked, "training": {**asked["training"], "steps": 2, "device": "cpu"}}
    found = pushpop.train(**given, run=tmp_path / "run").metrics
    assert found["precision"] == ("bfloat16" if has else "float32")


def test_the_vocabulary_is_that_of_the_training_part(finished):
    stored = json.loads((finished / "vocabulary.json").read_text())
    head = LINES[: len(LINES) - int(len(LINES) * 0.1)]
    assert stored["characters"] == "".join(sorted(set(head[: len(head) - int(len(head) * 0.1)])))


@pytest.mark.parametrize("state", ["carried", "zero"])
def test_ctrl_c_in_the_midst_and_on_again_is_the_same_run(asked, tmp_path, monkeypatch, state):
    """At a step that is no checkpoint and in the middle of a pass: the state carried goes on too."""
    given = {**asked, "task": {**asked["task"], "state": state}}
    undisturbed = pushpop.train(**given, run=tmp_path / "undisturbed").path
    usual, calls = TextFeed.loss, []

    def pressed(self, model, batch):
        calls.append(1)
        if len(calls) in (12, 45):
            os.kill(os.getpid(), signal.SIGINT)
        return usual(self, model, batch)

    with monkeypatch.context() as patch:
        patch.setattr(TextFeed, "loss", pressed)
        for resume in (False, True):
            with pytest.raises(KeyboardInterrupt):
                pushpop.train(**given, run=tmp_path / "run", resume=resume)
    pushpop.train(run=tmp_path / "run", resume=True, quiet=True)
    for name in ("model.safetensors", "vocabulary.json"):
        assert (tmp_path / "run" / name).read_bytes() == (undisturbed / name).read_bytes(), name
    both = [json.loads((path / "metrics.json").read_text()) for path in (tmp_path / "run", undisturbed)]
    for found in both:
        del found["seconds"], found["characters_per_second"]
    assert both[0] == both[1]
    written = [store.read_samples(path) for path in (tmp_path / "run", undisturbed)]
    for row in (row for rows in written for row in rows):
        del row["seconds"]
    assert written[0] == written[1]
    assert [row["step"] for row in written[0]] == [24] * 3 + [47] * 3 + [70] * 3


def test_evaluating_more_often_changes_nothing(asked, finished, tmp_path):
    often = {**asked, "task": {**asked["task"], "validation": 0.0}}
    weights = []
    for every in (5, 70):
        given = {**often, "training": {**often["training"], "evaluate_every": every}}
        run = pushpop.train(**given, run=tmp_path / f"{every}").path
        weights.append((run / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]


def test_without_a_validation_part_the_last_weights_are_kept(asked, tmp_path):
    given = {**asked, "task": {**asked["task"], "validation": 0.0}, "training": {**asked["training"], "rate": 0.05}}
    run = pushpop.train(**given, run=tmp_path / "run")
    assert run.metrics["kept_step"] == run.metrics["steps"] == 70
    assert run.metrics["validation"] == {}
    state = torch.load(run.path / "state.pt", weights_only=True)
    assert all(torch.equal(state["weights"][name], value.cpu()) for name, value in run.model.state_dict().items())


def test_with_one_the_best_on_it_are_kept(asked, tmp_path):
    given = {**asked, "training": {**asked["training"], "rate": 0.3}}
    run = pushpop.train(**given, run=tmp_path / "run")
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    scores = {event["step"]: event["validation"]["nats"] for event in events if "validation" in event}
    assert run.metrics["kept_step"] == min(scores, key=scores.__getitem__)


def test_the_tail_is_never_trained_on_or_chosen_by(asked, book, tmp_path):
    """Another tail, of the same characters: the weights are the same to the last bit."""
    whole = book.read_text()
    cut = len(whole) - int(len(whole) * 0.1)
    (tmp_path / "other.txt").write_text(whole[:cut] + whole[cut:][::-1])
    given = {**asked, "task": {**asked["task"], "corpus": str(tmp_path / "other.txt")}}
    run = pushpop.train(**given, run=tmp_path / "run")
    undisturbed = pushpop.train(**asked, run=tmp_path / "same")
    assert (run.path / "model.safetensors").read_bytes() == (undisturbed.path / "model.safetensors").read_bytes()
    assert run.metrics["test"]["nats"] > undisturbed.metrics["test"]["nats"]


def test_a_run_is_loaded_without_its_corpus_and_scores_another_text(finished, tmp_path):
    moved = shutil.copytree(finished, tmp_path / "run")
    config = json.loads((moved / "config.json").read_text())
    config["task"]["corpus"] = str(tmp_path / "gone.txt")
    (moved / "config.json").write_text(json.dumps(config))
    run = pushpop.load(moved)
    found = run.evaluate("99 bottles of beer on the wall, é\n", windows=[5])
    assert found["characters"] == 33
    assert found["windows"][0]["window"] == 5
    with pytest.raises(ConfigError, match=r"gone\.txt"):
        run.evaluate()
    with pytest.raises(ConfigError, match="text: 1 characters to score"):
        run.evaluate("9")


def test_a_corpus_that_has_changed_is_not_gone_on_with(asked, tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(LINES)
    given = {**asked, "task": {**asked["task"], "corpus": str(path)}}
    pushpop.train(**given, run=tmp_path / "run")
    path.write_text(LINES.replace("beer", "wine"))
    with pytest.raises(RunError, match="its corpus has changed; restore it, or train anew"):
        pushpop.train(**given, run=tmp_path / "run")


def test_a_changed_corpus_is_not_scored_as_the_tail(asked, tmp_path):
    """Nor one whose characters were renamed in the same order, which gives the same numbers."""
    path = tmp_path / "book.txt"
    path.write_text(LINES)
    given = {**asked, "task": {**asked["task"], "corpus": str(path)}}
    run = pushpop.train(**given, run=tmp_path / "run").path
    for other in (LINES[:-40], LINES.replace("w", "x"), "\t" + LINES):
        path.write_text(other)
        with pytest.raises(RunError, match=r"its corpus .* has changed; restore it, or score a text with --file"):
            pushpop.load(run).evaluate()
        with pytest.raises(RunError, match="its corpus has changed; restore it, or train anew"):
            pushpop.train(**given, run=run)
    assert pushpop.load(run).evaluate("beer on the wall")["characters"] == 15


def test_a_run_on_text_answers_no_words_and_one_on_words_writes_no_text(finished, tiny, tmp_path):
    run = pushpop.load(finished)
    for ask in (lambda: run.predict([1]), lambda: run.trace([1])):
        with pytest.raises(PushpopError, match="is a run on text; use `pushpop generate`"):
            ask()
    words = pushpop.train(**tiny, run=tmp_path / "run")
    with pytest.raises(PushpopError, match="is a run on words; use `pushpop predict`"):
        words.generate("a")


def test_patience_has_nothing_to_wait_for(asked, tmp_path):
    with pytest.raises(ConfigError, match=r"training\.patience: 3: text is never wholly right; give 0"):
        pushpop.train(**{**asked, "training": {**asked["training"], "patience": 3}}, run=tmp_path / "run")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"window": 5_000}, "task.window: 8 windows of 5000, and what follows each, are 40008 characters"),
        ({"window": 0}, "task.window: 0 is no window"),
        ({"held_out": 1.0}, "task.held_out: 1.0 is not a share to keep back"),
        ({"validation": -0.1}, "task.validation: -0.1 is not a share"),
    ],
)
def test_parts_and_windows_that_cannot_be_are_refused_before_a_folder_is_made(asked, tmp_path, task, said):
    with pytest.raises(ConfigError, match=said):
        pushpop.train(**{**asked, "task": {**asked["task"], **task}}, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_damaged_vocabulary_is_one_line(finished, tmp_path):
    moved = shutil.copytree(finished, tmp_path / "run")
    (moved / "vocabulary.json").write_text('{"unit": "characters", "characters": ""}')
    with pytest.raises(RunError, match=r"vocabulary.json: damaged; .* restore it or train anew"):
        pushpop.load(moved)
    (moved / "vocabulary.json").unlink()
    with pytest.raises(RunError, match=r"vocabulary\.json: cannot be read"):
        pushpop.load(moved)
