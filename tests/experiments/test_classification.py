"""Runs of classification tasks: the same loop, folder and verbs, judged by classes; when they have converged."""

import json
from types import SimpleNamespace

import pytest
import torch
from torch import nn

import pushpop
from pushpop.errors import ConfigError, PushpopError, WordError
from pushpop.experiments.convergence import Convergence, steps
from pushpop.experiments.settings import Settings
from pushpop.tasks.combinations import RandomCombinations
from pushpop.training.durable import events

SMALL = {"hidden": 16, "embedding": 8}
FAST = {"words": 640, "batch": 32, "evaluate_every": 10, "checkpoint_every": 5}


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """A run that solves four numbers, in a second."""
    return pushpop.train(
        {"kind": "random-combinations", "size": 4}, {"kind": "lstm", "hidden": 32}, run=tmp_path_factory.mktemp("run"),
        training={"words": 12_800}, seed=0, quiet=True,
    )  # fmt: skip


def test_a_run_ends_with_accuracy_and_baseline_of_both_sets(solved):
    metrics = json.loads((solved.path / "metrics.json").read_text())
    assert metrics["solved"] is True
    assert metrics["ended"] == "patience"
    for split in ("validation", "test"):
        assert metrics[split] == {"accuracy": 1.0, "baseline": 0.25, "words": 24}
    assert metrics["parameters"] == solved.model.count()
    first, third, fresh = (metrics["converged"][rule] for rule in ("one_batch", "three_batches", "fresh_batches"))
    assert 1 <= first <= third - 2
    assert first <= fresh <= metrics["steps"]


def test_the_log_has_the_training_accuracy_beside_the_loss(solved):
    found = list(events(solved.path / "events.jsonl"))
    assert all(0 <= event["accuracy"] <= 1 for event in found)
    assert found[0]["accuracy"] < found[-1]["accuracy"] == 1.0
    assert found[-1]["validation"]["baseline"] == 0.25


def test_classes_are_said_and_scored(solved):
    assert solved.predict([0, 1, 2]) == 3
    assert solved.predict([[3, 1, 2], [0, 3, 1]]) == [0, 2]
    found = solved.evaluate(words=[[3, 1, 2], [0, 3, 1], [1, 0, 3]])
    assert found["accuracy"] == 1.0
    assert found["baseline"] == pytest.approx(2 / 3)
    assert [row["length"] for row in found["by_length"]] == [3]
    assert solved.evaluate()["words"] == 24
    assert solved.evaluate(words=10)["words"] == 10


def test_what_has_no_meaning_is_refused_in_one_line(solved):
    with pytest.raises(WordError, match="with 4 numbers every word has 3; longer ones would bring symbols"):
        solved.evaluate(lengths="10")
    with pytest.raises(PushpopError, match="trace: random-combinations has classes and no answers"):
        solved.trace([0, 1, 2])
    with pytest.raises(PushpopError, match="rounded: random-combinations has classes and no answers"):
        solved.predict([0, 1, 2], rounded=True)


def test_longer_words_are_tried_at_the_end(tmp_path):
    trained = pushpop.train({"kind": "baum-sweet", "size": 2}, {"kind": "uva-gru", **SMALL}, run=tmp_path / "run",
                            training=FAST, quiet=True)  # fmt: skip
    rows = trained.metrics["by_length"]
    assert [row["length"] for row in rows] == [14, 28, 56]
    assert all(0.4 < row["baseline"] < 0.6 for row in rows)
    assert [row["length"] for row in trained.evaluate(lengths="20,30", words=5)["by_length"]] == [20, 30]


def test_a_run_cut_in_two_is_the_whole_run(tmp_path):
    given = {"task": {"kind": "binary-palindrome", "size": 2}, "model": {"kind": "bilstm", **SMALL}, "quiet": True}
    whole = pushpop.train(**given, run=tmp_path / "whole", training=FAST)
    pushpop.train(**given, run=tmp_path / "cut", training={**FAST, "words": 320})
    cut = pushpop.train(**given, run=tmp_path / "cut", training=FAST, resume=True)
    for name, weights in whole.model.state_dict().items():
        assert torch.equal(weights, cut.model.state_dict()[name]), name
    assert cut.metrics["converged"] == whole.metrics["converged"]


def test_a_memory_model_learns_classes_with_one_phase(tmp_path):
    trained = pushpop.train({"kind": "random-combinations", "size": 3}, {"kind": "stack-lstm", "hidden": 16,
                            "memory": 4}, run=tmp_path / "run", training=FAST, quiet=True)  # fmt: skip
    assert trained.settings.model.settings.embeddings == "shared"
    assert trained.predict([0, 1]) in (0, 1, 2)
    rule = (
        "random-combinations has classes and no answers that are written; `pushpop predict` says its classes; or give"
    )
    for place, asked in (("trace", lambda: trained.trace([0, 1])), ("verdict", trained.verdict)):
        with pytest.raises(PushpopError, match=f"^{place}: {rule}"):
            asked()


def test_settings_begin_with_what_is_usual_for_the_task():
    chosen = Settings.from_dict({"task": "baum-sweet"})
    assert chosen.model.kind == "lstm"
    assert (chosen.training.batch, chosen.training.clip) == (128, 10.0)
    assert Settings.from_dict({"task": "baum-sweet", "training": {"batch": 256}}).training.batch == 256
    assert Settings.from_dict(chosen.to_dict()) == chosen


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": {"kind": "stack-lstm", "biases": "per-phase"}},
         "model.biases: per-phase: baum-sweet has no writing phase; give shared"),
        ({"training": {"curriculum": "linear"}},
         "training.curriculum: linear: baum-sweet is not drawn by length; give none"),
        ({"model": "bilsmt"}, "model: 'bilsmt' is not known; did you mean 'bilstm'?"),
        ({"task": "reverse", "model": "bilstm"}, "model.kind: 'bilstm' says a class and writes no answers; "),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(given, said):
    with pytest.raises(ConfigError) as error:
        Settings.from_dict({"task": "baum-sweet", **given})
    assert said in str(error.value)


class Knowing(nn.Module):
    """Right on every word of four numbers, except where told to be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.wrong = False

    def forward(self, symbols, lengths, positions):
        said = (6 - symbols.sum(1) + self.wrong) % 4
        return self.weight * nn.functional.one_hot(said, 4)


def convergence(right: str, fresh: str = "") -> dict[str, int | None]:
    """Steps of the rules where training batches, and then fresh ones, are right (+) or wrong (-) in turn."""
    model, run = Knowing(), SimpleNamespace(step=0, shares=[], converged={})
    rules, task = Convergence(RandomCombinations(size=4), 0), RandomCombinations(size=4)
    batch = task.encode(task.all_words())
    tensors = [torch.from_numpy(part) for part in vars(batch).values()]
    for good, then in zip(right, fresh or right, strict=True):
        model.wrong = good == "-"
        rules.loss(model, tensors)
        model.wrong = then == "-"
        run.model, run.step = model, run.step + 1
        rules(run)
    return steps(run)


def test_the_first_batch_wholly_right_is_the_first_rule():
    assert convergence("--+-")["one_batch"] == 3
    assert convergence("---") == dict.fromkeys(("one_batch", "three_batches", "fresh_batches"))


def test_three_running_are_the_second_rule():
    assert convergence("++-++-+++")["three_batches"] == 9
    assert convergence("++-++")["three_batches"] is None


def test_fresh_batches_are_the_third_rule_tried_after_a_batch_wholly_right():
    assert convergence("-++++", fresh="+-+++")["fresh_batches"] == 3
    assert convergence("--+", fresh="++-")["fresh_batches"] is None
