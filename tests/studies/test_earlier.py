"""Study folders of version 0.1 go on: their runs are moved to where a sweep looks for them, scores and all."""

import json

import pytest
from made_up_runs import write_made_up

from pushpop.experiments import lengths, store
from pushpop.experiments.sweep_folder import ABOUT
from pushpop.studies import findings
from pushpop.studies.catalogue import STUDIES
from pushpop.studies.earlier import adopt

ROW = {"length": 256, "coarse": 1.0, "fine": 1.0, "token": 1.0, "words": 100}


@pytest.fixture
def sweep():
    return STUDIES["reversal-seeds"].sweep(seeds=[0, 1])


@pytest.fixture
def old(sweep, tmp_path):
    """A folder as version 0.1 left it: config.json without settings that are newer, scores beside the runs."""
    for _, settings, _ in findings.trials(sweep, tmp_path / "none"):
        run = write_made_up(tmp_path / f"{settings.model.kind}-s{settings.seed}", settings, [0.5])
        config = json.loads((run / "config.json").read_text())
        config["model"].pop("initialisation", None)
        (run / "config.json").write_text(json.dumps({**config, "hash": "e2be7b1e"}))
        run.with_name(f"{run.name}.far.json").write_text(json.dumps({"by_length": [ROW]}))
    return tmp_path


def test_each_run_is_found_where_the_sweep_looks_for_it(old, sweep):
    adopt(old, sweep, old / "sweep")
    runs = [run for _, _, run in findings.trials(sweep, old / "sweep")]
    assert len(runs) == 6
    for run in runs:
        assert store.status(run) is store.Status.FINISHED
        assert lengths.read(run / lengths.LENGTHS, run) == [ROW]
    assert {path.name for path in old.iterdir()} == {"sweep"}
    assert json.loads((old / "sweep" / ABOUT).read_text())["name"] == "reversal_seeds"


def test_moving_that_was_broken_off_is_gone_on_with(old, sweep, monkeypatch):
    moved = []

    def break_off(path):
        if len(moved) == 3:
            raise KeyboardInterrupt
        moved.append(path)

    monkeypatch.setattr("pushpop.studies.earlier.keep_scores", break_off)
    with pytest.raises(KeyboardInterrupt):
        adopt(old, sweep, old / "sweep")
    monkeypatch.undo()
    adopt(old, sweep, old / "sweep")
    assert all((run / store.METRICS).exists() for _, _, run in findings.trials(sweep, old / "sweep"))


def test_scores_that_name_other_weights_are_not_kept(old, sweep):
    (old / "rnn-s0.far.json").write_text(json.dumps({"weights": "0" * 16, "by_length": [ROW]}))
    adopt(old, sweep, old / "sweep")
    (run,) = (old / "sweep").glob("runs/reverse/rnn-*-s0")
    assert not (run / lengths.LENGTHS).exists()


def test_a_run_with_other_settings_is_left_where_it_is(old, sweep):
    config = json.loads((old / "lstm-s1" / "config.json").read_text())
    config["training"]["rate"] = 0.5
    (old / "lstm-s1" / "config.json").write_text(json.dumps(config))
    adopt(old, sweep, old / "sweep")
    assert {path.name for path in old.iterdir()} == {"sweep", "lstm-s1", "lstm-s1.far.json"}


def test_a_folder_without_earlier_runs_is_left_alone(sweep, tmp_path):
    adopt(tmp_path, sweep, tmp_path / "sweep")
    assert list(tmp_path.iterdir()) == []
