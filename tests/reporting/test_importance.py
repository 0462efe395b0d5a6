"""What mattered in a sweep: found where it is known, and refused with a reason where it cannot be told."""

import json
import random

import pytest

from pushpop.reporting.importance import by_optuna, distributions, importance
from pushpop.reporting.sections import read_contents


def swept(folder):
    [sweep] = read_contents([folder]).sweeps
    return sweep


def drawn(count, seed=0):
    draws = random.Random(seed)
    return [{"rate": 10 ** draws.uniform(-4, -1), "idle": draws.random(), "kind": draws.choice("ab")}
            for _ in range(count)]  # fmt: skip


@pytest.mark.parametrize("count", [40, 120])
@pytest.mark.parametrize("decides", ["rate", "idle", "kind"])
def test_the_setting_that_decides_is_found(decides, count):
    params = drawn(count)
    chance = random.Random(9)
    scores = [abs(one[decides] - 0.01) if decides != "kind" else (one["kind"] == "a") + chance.random() / 9
              for one in params]  # fmt: skip
    found = by_optuna(params, scores, len(scores) // 2)
    assert max(found, key=found.get) == decides
    assert sum(found.values()) == pytest.approx(1)


def test_a_setting_that_only_some_trials_have_is_weighed_too():
    params = [{**one, "layers": number % 4} if one["kind"] == "a" else one for number, one in enumerate(drawn(160))]
    chance = random.Random(9)
    scores = [(one.get("layers") != 2) + chance.random() / 9 for one in params]
    found = by_optuna(params, scores, len(scores) // 2)
    assert set(found) == {"rate", "idle", "kind", "layers"}
    assert found["layers"] > found["rate"]


def test_an_axis_is_a_range_if_it_took_many_numbers_and_choices_otherwise():
    params = [{"rate": 10.0**-number, "width": number, "hidden": 2 ** (number % 3), "on": bool(number % 2)}
              for number in range(1, 13)]  # fmt: skip
    found = {name: type(one).__name__ for name, one in distributions(params).items()}
    assert found == {"rate": "FloatDistribution", "width": "IntDistribution", "hidden": "CategoricalDistribution",
                     "on": "CategoricalDistribution"}  # fmt: skip
    assert distributions(params)["rate"].log
    assert not distributions(params)["width"].log


def test_of_a_sweep_it_says_how_and_with_how_many_trials(write_sweep, tmp_path):
    sweep = swept(write_sweep(tmp_path / "whole", seeds=(1, 2, 3, 4)))
    found = importance(sweep)
    assert next(iter(found.shares)) == "model.hidden"
    scored = sum(record.status in ("solved", "not solved", "pruned") for record in sweep.records)
    assert f"{scored} trials" in found.how
    assert "PED-ANOVA" in found.how
    assert f"{len(sweep.records) - scored} trials without a score are left out" in found.how


def test_too_few_trials_are_refused_with_the_number(write_sweep, tmp_path):
    found = importance(swept(write_sweep(tmp_path / "few", seeds=(1,), quiet=True, pruning=False)))
    assert (found.shares, "12 trials have a score" in found.how) == ({}, True)


def test_trials_that_are_all_alike_are_refused(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "alike", quiet=True, pruning=False)
    for path in folder.rglob("metrics.json"):
        alike = {"validation": {"coarse": 0.0, "fine": 0.0}, "solved": False}
        path.write_text(json.dumps(json.loads(path.read_text()) | alike))
    found = importance(swept(folder))
    assert (found.shares, "all but 0 are as bad as the worst" in found.how) == ({}, True)


def test_where_most_trials_are_equally_bad_the_others_are_the_best(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "plateau", quiet=True, pruning=False)
    for path in folder.rglob("metrics.json"):
        if json.loads((path.parent / "config.json").read_text())["model"]["hidden"] < 128:
            alike = {"validation": {"coarse": 0.0, "fine": 0.0}, "solved": False}
            path.write_text(json.dumps(json.loads(path.read_text()) | alike))
    found = importance(swept(folder))
    assert next(iter(found.shares)) == "model.hidden"
    assert "the better 9" in found.how


def test_where_only_the_seed_varies_nothing_can_matter(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "seeds", hiddens=(64,), rates=(1e-3,), seeds=tuple(range(24)), quiet=True)
    found = importance(swept(folder))
    assert (found.shares, "Nothing but the seed" in found.how) == ({}, True)
