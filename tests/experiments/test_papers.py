"""Runs on one graph: learned from its training part, kept by validation alone, gone on with bit for bit."""

import json

import numpy as np
import pytest
import torch

import pushpop
from pushpop.errors import ConfigError, PushpopError, RunError, WordError
from pushpop.experiments import score
from pushpop.experiments.papers import LinkJudge, NodeJudge, OneGraphFeed, judge_of, known_of
from pushpop.experiments.settings import Settings
from pushpop.experiments.trial import train_settings
from pushpop.tasks.graphs.papers import Links, Nodes
from pushpop.training.parallel import Team

CPU = torch.device("cpu")
NETS = {
    "gcn": {"kind": "gcn", "hidden": 8},
    "gat": {"kind": "gat", "hidden": 8, "heads": 2},
    "lstm": {"kind": "sage", "hidden": 8, "aggregator": "lstm"},
    "gae": {"kind": "gae", "hidden": 8, "width": 4},
    "vgae": {"kind": "vgae", "hidden": 8, "width": 4},
}


def asked(model: str, **training: object) -> dict[str, object]:
    return {
        "task": "links" if model.endswith("ae") else "nodes",
        "model": NETS[model],
        "training": {"steps": 20, "rate": 0.05, "checkpoint_every": 3, **training},
        "seed": 3,
        "quiet": True,
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return {model: pushpop.train(**asked(model), run=tmp_path_factory.mktemp("runs") / model) for model in NETS}


@pytest.mark.parametrize("model", ["gat", "lstm", "vgae"])
def test_a_run_goes_on_as_if_it_had_never_ended(finished, model, tmp_path):
    run = tmp_path / "run"
    pushpop.train(**asked(model, steps=7), run=run)
    again = pushpop.train(**asked(model), run=run, resume=True)
    whole = finished[model]
    for name, weights in whole.model.state_dict().items():
        assert torch.equal(weights, again.model.state_dict()[name]), name
    same = ("validation", "test", "steps", "kept_step")
    assert {name: whole.metrics[name] for name in same} == {name: again.metrics[name] for name in same}


def test_nodes_are_scored_beside_what_needs_no_learning(finished):
    trained = finished["gcn"]
    found = trained.metrics
    assert (found["solved"], found["test"]["nodes"], found["test"]["baseline"]) == (None, 24, 0.5)
    assert [row["floor"] for row in found["floors"]["rows"]] == ["the commonest class", "labels spread along edges"]
    parts = trained.task.parts()
    nodes, labels = parts["test"]
    assert np.mean(np.array(trained.predict(nodes)) == labels) == found["test"]["accuracy"]
    assert found["test"]["accuracy"] > 0.8
    assert trained.evaluate() == {name: found[name] for name in ("validation", "test", "floors")}


def test_links_are_scored_beside_what_needs_no_learning(finished):
    trained = finished["gae"]
    found = trained.metrics
    assert found["test"]["pairs"] == 14
    assert score.whole(found) == found["validation"]["auc"]
    assert [row["floor"] for row in found["floors"]["rows"]] == [
        "product of degrees", "common neighbours", "cosine of words"
    ]  # fmt: skip
    pairs, right = trained.task.parts()["test"]
    chances = np.array(trained.predict(pairs.T.tolist()))
    assert ((chances > 0) & (chances < 1)).all()
    wins = (chances[right == 1][:, None] > chances[right == 0]).mean()
    assert wins == pytest.approx(found["test"]["auc"])
    assert trained.predict([0, 1]) == pytest.approx(trained.predict([[0, 1]])[0])


def test_weights_are_kept_by_validation_alone(finished):
    """The best accuracy, of equals the lowest loss, of these the last; test scores choose nothing."""
    for model, names in (("gcn", ("accuracy", "loss")), ("gae", ("auc", "ap"))):
        lines = [json.loads(line) for line in (finished[model].path / "events.jsonl").read_text().splitlines()]
        signs = (1, -1) if model == "gcn" else (1, 1)
        ranks = [
            tuple(sign * line["validation"][name] for sign, name in zip(signs, names, strict=True)) for line in lines
        ]
        best = max(range(len(ranks)), key=lambda at: (ranks[at], at))
        assert finished[model].metrics["kept_step"] == lines[best]["step"]
        assert finished[model].metrics["test"] == lines[best]["test"]


def test_training_sees_no_test_and_links_no_hidden_edge():
    """Nothing that is asked can be found in what a net reads or is trained on."""
    task = Links(graph="karate", split=5)
    known = set(map(tuple, known_of(task).graphs.edges.T.tolist()))
    assert len(known) == 2 * task.hidden.left.shape[1]
    for pairs, _ in task.parts().values():
        assert not known & set(map(tuple, pairs.T.tolist()))
    feed = OneGraphFeed(Nodes(), 1, 0, Team(), CPU)
    nodes, labels = feed.wanted
    assert (nodes.tolist(), labels.tolist()) == ([0, 33], [0, 1])


def test_the_judge_is_that_of_the_question():
    assert isinstance(judge_of(Nodes()), NodeJudge)
    assert isinstance(judge_of(Links()), LinkJudge)
    assert judge_of(Nodes()).hashes() == Nodes().hashes()


def test_what_cannot_be_is_one_line(finished, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"training.batch: 2: a batch is the whole graph; give 1"):
        pushpop.train(**asked("gcn", batch=2), run=tmp_path / "run")
    with pytest.raises(ConfigError, match=r"training.patience: 3: nodes is never wholly right; give 0"):
        Settings.from_dict({"task": "nodes", "training": {"patience": 3}})
    with pytest.raises(ConfigError, match=r"training: one graph is not shared among 2 processes; start one"):
        OneGraphFeed(Nodes(), 1, 0, Team(0, 2), CPU)
    with pytest.raises(ConfigError, match=r"model.kind: 'gae' says a graph's missing edges and says no classes of one"):
        Settings.from_dict({"task": "nodes", "model": "gae"})
    with pytest.raises(WordError, match=r"word 2: node 1 is 34; nodes of karate are 0 to 33: change it"):
        finished["gcn"].predict([[3], [34]])
    for verb in ("trace", "generate"):
        with pytest.raises(PushpopError, match=rf"{verb}: .* is a run on one graph; use `pushpop predict`"):
            getattr(finished["gcn"], verb)([1])
    monkeypatch.setattr(type(finished["gcn"].task), "hashes", lambda _: {})
    with pytest.raises(RunError, match=r"its graph karate has changed; restore it, or train on the new one"):
        finished["gcn"].evaluate()


def test_a_run_says_how_often_training_nodes_were_right(finished):
    first = json.loads((finished["gcn"].path / "events.jsonl").read_text().splitlines()[0])
    assert first["accuracy"] in (0.0, 0.5, 1.0)


def test_a_finished_run_is_not_trained_again(finished):
    trained = finished["gcn"]
    assert train_settings(trained.settings, trained.path).metrics == trained.metrics
