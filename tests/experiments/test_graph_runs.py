"""Runs on graph tasks: nets that read the graph and models that read its sequence view, asked the same."""

import json

import numpy as np
import pytest

import pushpop
from pushpop.errors import ConfigError, PushpopError
from pushpop.evaluation.graphs import say, score
from pushpop.experiments.graphed import TrainedGraphs, averaged
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.instance import drawn, fingerprint, mixed
from pushpop.tasks.graphs.lookup import LookUp
from pushpop.tasks.graphs.sequences import encoded, meant, told

PATH = {"kind": "path-parity", "size": 2, "directed": True}
TRAINING = {
    "words": 64,
    "schedule": "constant",
    "batch": 8,
    "evaluate_every": 4,
    "evaluate_words": 10,
    "checkpoint_every": 3,
}
NETS = {
    "sage": {"kind": "sage", "hidden": 8, "layers": 2, "dropout": 0.2},
    "recurrent-gnn": {"kind": "recurrent-gnn", "hidden": 4, "messages": 0},
    "gru": {"kind": "gru", "hidden": 6},
    "stack-lstm": {"kind": "stack-lstm", "hidden": 6, "memory": 3, "engine": "eager"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of each kind of net, of 8 steps."""
    paths = {name: tmp_path_factory.mktemp(name) / "run" for name in NETS}
    return {
        name: pushpop.train(PATH, NETS[name], training=TRAINING, run=path, seed=1000) for name, path in paths.items()
    }


@pytest.mark.parametrize("name", NETS)
def test_a_run_has_both_accuracies_at_every_size(name, runs):
    run = runs[name]
    assert isinstance(run, TrainedGraphs)
    found = run.metrics
    assert found["words"] == 64
    assert [row["length"] for row in found["by_length"]] == [2, 4, 8, 20, 200]
    assert [row["words"] for row in found["by_length"]] == [1000, 1000, 1000, 1000, 100]
    for row in [*found["by_length"], found["validation"], found["test"]]:
        assert 0 <= row["graph"] <= row["node"] <= 1
    assert found["test"]["node"] == pytest.approx(averaged(found["by_length"])["node"])
    assert found["solved"] is False
    rules = {row["floor"] for row in found["floors"]["rows"]}
    assert rules == {"even", "any bit", "any bit, whole graph"}


@pytest.mark.parametrize("name", ["sage", "gru"])
def test_a_run_that_was_cut_goes_on_bit_for_bit(name, runs, tmp_path):
    path = tmp_path / "run"
    pushpop.train(PATH, NETS[name], training={**TRAINING, "words": 32}, run=path, seed=1000)
    pushpop.train(run=path, training={"words": 64}, resume=True)
    assert (path / "model.safetensors").read_bytes() == (runs[name].path / "model.safetensors").read_bytes()


def test_the_tests_own_graphs_are_asked_again_and_others_by_seed(runs):
    run = runs["sage"]
    again = run.evaluate("8,20")
    assert [row["node"] for row in again["by_length"]] == [row["node"] for row in run.metrics["by_length"][2:4]]
    other = run.evaluate("8", words=50, seed=7)
    assert other["by_length"][0]["words"] == 50
    assert other["by_length"][0]["node"] != again["by_length"][0]["node"]


def test_other_rounds_can_be_run_at_the_test(runs):
    run = runs["recurrent-gnn"]
    calls = list[int]()
    run.model.processor.cell.register_forward_hook(lambda *_: calls.append(1))
    for rounds, rule, count in ((None, "2 nodes", 16), ("3", "3", 3), ("nodes", "nodes", 8), (None, "2 nodes", 16)):
        calls.clear()
        assert run.evaluate("8", words=5, rounds=rounds)["rounds"] == rule
        assert len(calls) == count
    assert "rounds" not in runs["sage"].evaluate("8")
    with pytest.raises(ConfigError, match="rounds: sage runs none; leave it out, or give a net such as"):
        runs["sage"].evaluate("8", rounds="2 nodes")
    with pytest.raises(ConfigError, match="rounds: 'many' is no number of rounds; give such as 20, '2 nodes'"):
        run.evaluate("8", rounds="many")


def test_answers_of_one_and_of_many_are_the_same(runs):
    instances = drawn(runs["sage"].task, "validation", 4, 3, 1000)
    many = runs["sage"].predict(instances)
    assert [runs["sage"].predict(one) for one in instances] == many
    assert [len(answers) for answers in many] == [4, 4, 4]


def test_what_is_asked_of_words_or_text_is_refused_in_one_line(runs):
    with pytest.raises(PushpopError, match="is a run on graphs; use `pushpop eval`"):
        runs["sage"].generate("a")
    with pytest.raises(ConfigError, match="lengths: 9999 sizes; give 100 at most"):
        runs["sage"].evaluate("2-10000")
    with pytest.raises(ConfigError, match="stack-lstm-lm"):
        pushpop.train(PATH, "stack-lstm-lm")


def test_events_hold_both_scores_of_both_sets(runs):
    events = [json.loads(line) for line in (runs["gru"].path / "events.jsonl").read_text().splitlines()]
    scored = [event for event in events if "validation" in event]
    assert [event["step"] for event in scored] == [4, 8]
    assert set(scored[0]["validation"]) == {"graph", "node", "words"}
    assert scored[0]["validation"]["words"] == 10


def test_a_sequence_is_answered_in_the_instances_own_order_and_names():
    """Right names said at the right places are right answers, for tasks that point and tasks that name."""
    for task in (DepthFirst(size=8), LookUp(size=4)):
        instances = drawn(task, "training", task.ladder["training"][-1], 5, 1000)
        sequences = told(task, instances, 3)
        batch = encoded(instances, sequences)
        back = meant(batch.targets, sequences)
        assert score(instances, back).graph == 1.0
        for one, sequence, row in zip(instances, sequences, batch.symbols, strict=True):
            assert np.array_equal(row[: len(sequence.symbols)], sequence.symbols)
            wrong = task.sequence(one, Draws("another order"))
            assert len(wrong.symbols) == len(sequence.symbols)


def test_every_size_is_in_the_first_few_and_other_graphs_have_another_fingerprint():
    task = DepthFirst(size=8)
    sizes = [one.nodes for one in mixed(task, "validation")[:4]]
    assert set(sizes) == set(task.ladder["validation"])
    some = drawn(task, "training", 8, 4, 1000)
    assert fingerprint(some) == fingerprint(drawn(task, "training", 8, 4, 1000))
    assert fingerprint(some) != fingerprint(some[::-1])


def test_graphs_asked_together_are_answered_as_alone(runs):
    run = runs["recurrent-gnn"]
    instances = [one for size in (2, 5, 9) for one in drawn(run.task, "training", size, 2, 1001)]
    together = say(run.model, run.task, instances)
    for one, answers in zip(instances, together, strict=True):
        assert np.array_equal(say(run.model, run.task, [one])[0], answers)


def test_of_weights_that_are_as_right_the_latest_are_kept(tmp_path):
    training = {**TRAINING, "words": 4 * 8, "evaluate_every": 1, "rate": 1e-12}  # hardly a weight moves
    metrics = pushpop.train(PATH, NETS["gru"], training=training, run=tmp_path / "run", seed=1000).metrics
    assert metrics["kept_step"] == metrics["steps"] == 4
