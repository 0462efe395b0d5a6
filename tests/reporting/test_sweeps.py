"""A sweep folder as the report reads it: counted whole, ranked by validation alone, its pruner measured."""

import json
import shutil

import pytest

from pushpop.reporting.ranking import ranked, worth
from pushpop.reporting.records import grouped, read_runs
from pushpop.reporting.sections import read_contents
from pushpop.reporting.sweeps import configurations, pruning
from pushpop.reporting.writing import Spread


def column(table, name):
    return [row[table.columns.index(name)] for row in table.rows]


def read_sweep(folder):
    [sweep] = read_contents([folder]).sweeps
    return sweep


@pytest.fixture(scope="module")
def folder(write_sweep, tmp_path_factory):
    return write_sweep(tmp_path_factory.mktemp("sweeps") / "rates")


@pytest.fixture(scope="module")
def sweep(folder):
    return read_sweep(folder)


def test_every_trial_is_there_whatever_became_of_it(sweep):
    statuses = [record.status for record in sweep.records]
    assert len(statuses) == 36
    assert {status: statuses.count(status) for status in set(statuses)} == {
        "solved": 13, "not solved": 14, "failed": 3, "pruned": 4, "unfinished": 2,
    }  # fmt: skip
    for said in ("grid", "model.hidden, training.rate", "1000-1002", "36 trials", "3 failed, 4 pruned, 2 unfinished"):
        assert said in sweep.state()


def test_a_trial_that_failed_before_it_had_settings_is_named_by_its_sweep(sweep):
    failed = [group for group in sweep.groups if group.first.status == "failed"]
    assert [(group.name, len(group.records), group.first.seed) for group in failed] == [
        ("stack-lstm (hidden 128, rate 0.01)", 3, 1000)
    ]
    assert sweep.axes == ["model.hidden", "training.rate"]


def test_a_trial_that_has_not_begun_to_train_is_unfinished(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "new", hiddens=(64,), rates=(1e-3,), seeds=(1000,), quiet=True, pruning=False)
    [run] = [path.parent for path in folder.rglob("trial.json")]
    for name in ("config.json", "events.jsonl", "metrics.json"):
        (run / name).unlink(missing_ok=True)
    assert [record.status for record in read_runs([folder])] == ["unfinished"]


def test_a_result_weighs_more_than_what_was_said_before_it(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "again", hiddens=(64,), rates=(1e-3,), seeds=(1000,), quiet=True, pruning=False)
    [run] = [path.parent for path in folder.rglob("trial.json")]
    (run / "pruned.json").write_text('{"words": 9, "percent": 50, "spared": false}')
    assert read_runs([run])[0].finished
    (run / "metrics.json").unlink()
    assert read_runs([run])[0].status == "pruned"
    (run / "failure.json").write_text('{"error": "x"}')
    assert read_runs([run])[0].status == "failed"


def test_configurations_are_ranked_by_validation_and_never_by_test(sweep, folder, tmp_path):
    table = configurations(sweep)
    assert column(table, "rank") == [*range(1, 13)]
    shares = [cell.middle for cell in column(table, "share (95 % Wilson)")]
    assert shares == sorted(shares, reverse=True)
    assert {0.0, 1.0} < {*shares}
    before = [group.first.hash for group in ranked(sweep.groups)]
    for path in shutil.copytree(folder, tmp_path / "sweep").rglob("metrics.json"):  # test words upside down
        metrics = json.loads(path.read_text())
        metrics["test"] = {name: 1 - value if name != "words" else value for name, value in metrics["test"].items()}
        path.write_text(json.dumps(metrics))
    assert [group.first.hash for group in ranked(grouped(read_runs([tmp_path])))] == before


def test_a_setting_is_shown_as_it_was_given_however_small(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "small", hiddens=(64,), rates=(1.5e-5, 1e-3), seeds=(1000,), quiet=True)
    assert set(column(configurations(read_sweep(folder)), "training.rate")) == {"1.5e-05", "0.001"}


def test_how_often_pruning_is_wrong_is_what_the_spared_came_to(sweep):
    spared = [record for record in sweep.records if record.spared]
    assert len(spared) == 6
    rows = dict(pruning(sweep).rows)
    assert (rows["trials stopped"], rows["trials spared: doomed, but let go on"]) == (4, 6)
    found = rows["false-prune rate (95 % Wilson)"]
    assert (found.middle, round(found.high, 2)) == (0.0, 0.39)


def test_a_spared_trial_that_is_solved_makes_a_false_prune(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "wrong")
    spared = next(run for run in read_runs([folder]) if run.spared)
    metrics = json.loads((spared.path / "metrics.json").read_text())
    (spared.path / "metrics.json").write_text(json.dumps(metrics | {"solved": True}))
    rows = dict(pruning(read_sweep(folder)).rows)
    assert rows["false-prune rate (95 % Wilson)"].middle == 1 / 6
    assert (rows["of those have ended"], rows["of those were right on validation"]) == (6, 0)
    assert rows["of those were solved"] == 1


def test_without_spared_trials_it_was_not_measured(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "unspared", quiet=True, seeds=(1000,))
    for path in folder.rglob("pruned.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"spared": False}))
        (path.parent / "metrics.json").unlink(missing_ok=True)
    table = pruning(read_sweep(folder))
    assert dict(table.rows)["false-prune rate (95 % Wilson)"] == "not measured"
    assert "was not measured" in table.caption
    assert pruning(read_sweep(write_sweep(tmp_path / "never", quiet=True, pruning=False))) is None


def test_a_pruned_trial_has_the_score_of_its_last_evaluation_and_an_unfinished_or_failed_one_none(sweep):
    scores = {record.status: worth(record) for record in sweep.records}
    assert scores["unfinished"] is None
    assert scores["failed"] is None
    assert 1 <= scores["pruned"] <= 2.1
    assert scores["solved"] < 1


def test_a_sweep_that_has_just_begun_is_a_report_too(tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "sweep.json").write_text('{"name": "new", "search": "grid"}')
    contents = read_contents([tmp_path / "new"])
    assert contents.groups == ()
    assert "No trial has begun" in contents.sections[0].reading


def test_a_damaged_sweep_file_hides_no_run(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "torn", hiddens=(32, 64), rates=(1e-3,), seeds=(1000,), quiet=True)
    (folder / "sweep.json").write_text("{")
    said = []
    contents = read_contents([folder], said.append)
    assert len(contents.groups) == 2
    assert contents.sweeps[0].axes == ["model.hidden"]
    assert len(said) == 1
    assert "sweep.json: damaged" in said[0]


def test_variants_are_an_axis_and_their_own_axes_are_theirs(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "variants", hiddens=(32, 64), rates=(1e-3,), seeds=(1000,), quiet=True)
    for number, path in enumerate(sorted(folder.rglob("trial.json"))):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"variant": ("deep", "wide")[number]}))
    sweep = read_sweep(folder)
    assert sweep.axes == ["variant", "model.hidden"]
    assert sorted(column(configurations(sweep), "variant")) == ["deep", "wide"]


def test_a_sweep_beside_other_runs_takes_only_its_own(write_sweep, make_run, tmp_path):
    folder = write_sweep(tmp_path / "own", hiddens=(64,), rates=(1e-3,), seeds=(1000,), quiet=True)
    contents = read_contents([folder, make_run(model="lstm")])
    assert len(contents.groups) == 2
    assert [record.model for record in contents.sweeps[0].records] == ["stack-lstm"]


def test_a_share_comes_with_its_interval(sweep):
    assert all(isinstance(cell, Spread) for cell in column(configurations(sweep), "share (95 % Wilson)"))
