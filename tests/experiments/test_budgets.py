"""A budget can be raised after the end: the run goes on as if it had been larger from the start, or is left alone."""

import json
import shutil

import pytest

import pushpop
from pushpop.errors import RunError
from pushpop.experiments import feeding, store

EASY = {"kind": "reverse", "symbols": 2, "shortest": 1, "longest": 1, "test_shortest": 1, "test_longest": 1}


def budget(tiny, **given):
    """The tiny run with this budget and no other."""
    return {**tiny, "training": {**tiny["training"], "steps": 0, "words": 0, **given}}


def contents(path):
    return {entry.name: (entry.read_bytes(), entry.stat().st_mtime_ns) for entry in path.iterdir()}


def outcome(path):
    """All that a run leaves, without its clock."""
    log = [{**json.loads(line), "seconds": 0} for line in (path / "events.jsonl").read_text().splitlines()]
    metrics, config = (json.loads((path / name).read_text()) for name in ("metrics.json", "config.json"))
    return (path / "model.safetensors").read_bytes(), log, {**metrics, "seconds": 0}, config


@pytest.fixture(scope="module")
def short(tmp_path_factory, tiny):
    """A run that ended after 10 steps, two evaluations; who changes it makes a copy."""
    path = tmp_path_factory.mktemp("runs") / "run"
    pushpop.train(**budget(tiny, steps=10), run=path)
    return path


@pytest.fixture
def run(short, tmp_path):
    return shutil.copytree(short, tmp_path / "run")


@pytest.mark.parametrize("curriculum", ["none", "adaptive"])
@pytest.mark.parametrize("engine", ["", "fused"])
def test_a_raised_budget_ends_bit_for_bit_where_the_larger_one_does(curriculum, engine, tmp_path, tiny):
    model = {"kind": "stack-lstm", "hidden": 6, "memory": 4, "engine": engine} if engine else tiny["model"]
    rhythm = {"curriculum": curriculum, "curriculum_loss": 1e9}
    whole, raised = tmp_path / "whole", tmp_path / "raised"
    pushpop.train(**{**budget(tiny, words=88, **rhythm), "model": model}, run=whole)
    for words in (20, 60, 88):  # 5, 15 and 22 steps, evaluated every 5
        pushpop.train(**{**budget(tiny, words=words, **rhythm), "model": model}, run=raised, resume=True)
        assert json.loads((raised / "metrics.json").read_text())["words"] == words
    assert outcome(raised) == outcome(whole)
    assert outcome(whole)[2]["ended"] == "budget"


def test_a_budget_that_ended_between_two_evaluations_leaves_its_own_in_the_log(tmp_path, tiny):
    """Why the promise is about whole numbers of evaluations; and the comparison above notices."""
    for name, first in (("whole", 22), ("raised", 12)):
        for steps in (first, 22):
            pushpop.train(**budget(tiny, steps=steps), run=tmp_path / name, resume=True)
    assert outcome(tmp_path / "raised")[1] != outcome(tmp_path / "whole")[1]


def test_a_larger_budget_is_taken_up_only_when_asked(run, tiny):
    before = contents(run)
    with pytest.raises(RunError, match=r"its budget was used up; go on to the larger one with --resume") as error:
        pushpop.train(**budget(tiny, steps=12), run=run)
    assert "\n" not in str(error.value)
    assert contents(run) == before
    assert pushpop.train(run=run, resume=True, training={"steps": 12}).metrics["steps"] == 12


@pytest.mark.parametrize("given", [{"steps": 10}, {"steps": 3}, {"words": 40}, {"words": 38}, {"seconds": 1e-6}])
def test_as_much_or_less_gives_the_stored_result_and_touches_no_file(given, run, tiny):
    before = contents(run)
    for resume in (False, True):
        assert pushpop.train(**budget(tiny, **given), run=run, resume=resume).metrics["steps"] == 10
    assert contents(run) == before


def test_a_run_that_patience_ended_has_ended_whatever_its_budget(tmp_path):
    training = {"rate": 0.05, "evaluate_every": 10, "words": 4000, "batch": 4}
    path = tmp_path / "run"
    model = {"kind": "gru", "hidden": 4}
    found = pushpop.train(EASY, model, training=training, run=path).metrics
    assert found["ended"] == "patience"
    older = {name: value for name, value in found.items() if name != "ended"}
    for stored in (found, older):  # earlier versions did not say how a run ended
        store.write_json(path / "metrics.json", stored)
        before = contents(path)
        for words in (4000, 8000):
            for resume in (False, True):
                again = pushpop.train(EASY, model, training={**training, "words": words}, run=path, resume=resume)
                assert again.metrics == stored
        assert contents(path) == before


def test_patience_that_ran_out_with_the_budget_ended_the_run(tmp_path):
    """Told by the state alone, where the result does not say."""
    training = {"rate": 0.05, "evaluate_every": 10, "words": 4000, "batch": 4}
    path, model = tmp_path / "run", {"kind": "gru", "hidden": 4}
    steps = pushpop.train(EASY, model, training=training, run=path).metrics["steps"]
    shutil.rmtree(path)
    stored = dict(pushpop.train(EASY, model, training={**training, "steps": steps}, run=path).metrics)
    assert stored.pop("ended") == "patience"
    store.write_json(path / "metrics.json", stored)
    again = pushpop.train(EASY, model, training={**training, "steps": steps + 10}, run=path, resume=True)
    assert again.metrics == stored


@pytest.mark.parametrize("damage", [None, b"not a state"])
def test_without_its_state_a_finished_run_keeps_its_result(damage, run, tiny):
    (run / "state.pt").unlink()
    if damage:
        (run / "state.pt").write_bytes(damage)
    before = {name: both[0] for name, both in contents(run).items()}
    with pytest.raises(RunError, match=r"state.pt") as error:
        pushpop.train(**budget(tiny, steps=12), run=run, resume=True)
    assert "\n" not in str(error.value)
    assert {name: both[0] for name, both in contents(run).items()} == before


def interrupted(tiny, path, monkeypatch, last):
    """A run begun for 22 steps and left at its checkpoint of step `last`."""
    usual, calls = feeding.loss, []

    def dies(model, batch):
        calls.append(1)
        if len(calls) > last + 1:  # one is thrown away before training
            raise KeyboardInterrupt
        return usual(model, batch)

    with monkeypatch.context() as patch:
        patch.setattr(feeding, "loss", dies)
        with pytest.raises(KeyboardInterrupt):
            pushpop.train(**budget(tiny, steps=22), run=path)


@pytest.mark.parametrize(
    ("given", "steps"), [({"words": 104}, 26), ({"steps": 22, "words": 80}, 20), ({"steps": 9}, 9)]
)
def test_an_unfinished_run_goes_on_to_any_budget_it_has_not_passed(given, steps, tmp_path, monkeypatch, tiny):
    whole, path = tmp_path / "whole", tmp_path / "run"
    pushpop.train(**budget(tiny, **given), run=whole)
    interrupted(tiny, path, monkeypatch, 8)
    pushpop.train(**budget(tiny, **given), run=path, resume=True)
    assert outcome(path) == outcome(whole)
    assert outcome(whole)[2]["steps"] == steps


@pytest.mark.parametrize("given", [{"steps": 8}, {"words": 31}, {"steps": 22, "seconds": 1e-6}])
def test_an_unfinished_run_that_has_passed_a_budget_refuses_it(given, tmp_path, monkeypatch, tiny):
    path = tmp_path / "run"
    interrupted(tiny, path, monkeypatch, 8)
    config = (path / "config.json").read_bytes()
    with pytest.raises(
        RunError, match=r"has had 8 steps, 32 words and \d+ seconds, all of the budget given or more;"
    ) as error:
        pushpop.train(**budget(tiny, **given), run=path, resume=True)
    assert "\n" not in str(error.value)
    assert (path / "config.json").read_bytes() == config


def test_where_the_rate_falls_to_the_end_another_budget_is_another_run(tmp_path, tiny):
    path = tmp_path / "run"
    pushpop.train(**budget(tiny, steps=10, schedule="linear"), run=path)
    with pytest.raises(RunError, match=r"holds another run: training.steps is 10 there and 12 here"):
        pushpop.train(**budget(tiny, steps=12, schedule="linear"), run=path, resume=True)


def test_what_a_sweep_leaves_before_the_run_is_no_strange_file(tmp_path, tiny):
    names = ["failure.json", "pruned.json", "trial.json", "output.txt"]
    for name in [*names, *(f".{name}.unfinished" for name in names[:-1])]:
        (tmp_path / name).write_text("{}")
    assert store.status(tmp_path) is store.Status.ABSENT
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RunError, match=r"holds thesis.tex but no config.json"):
        store.status(tmp_path)
