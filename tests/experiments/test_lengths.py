"""Scores by length belong to the weights they were measured on, and better measured ones stay."""

import json

import pytest

from pushpop.experiments import lengths


def row(length, words, coarse=1.0):
    return {"length": length, "coarse": coarse, "fine": coarse, "token": coarse, "words": words}


def found(*soft, rounded=()):
    return {"by_length": list(soft), **({"rounded": {"by_length": list(rounded)}} if rounded else {})}


@pytest.fixture
def run(tmp_path):
    for name in ("config.json", "metrics.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


def keep(run, found, seed=0):
    return lengths.keep(run / "lengths.json", run, found, seed, [one["length"] for one in found["by_length"]])


def test_rows_of_other_weights_are_gone(run):
    keep(run, found(row(20, 5)))
    assert [one["length"] for one in lengths.read(run / "lengths.json", run)] == [20]
    (run / "model.safetensors").write_bytes(b"others")
    assert lengths.read(run / "lengths.json", run) == []
    assert [one["length"] for one in keep(run, found(row(30, 5)))] == [30]


def test_rows_that_name_no_weights_are_taken_only_where_asked_for(run):
    (run / "old.json").write_text(json.dumps({"by_length": [row(20, 5)]}))
    assert lengths.read(run / "old.json", run) == []
    assert lengths.read(run / "old.json", run, untied=True) == [row(20, 5)]


def test_of_an_unfinished_run_nothing_is_kept(run):
    (run / "metrics.json").unlink()
    assert keep(run, found(row(20, 5))) == []
    assert not (run / "lengths.json").exists()


def test_fewer_words_replace_nothing_and_rounded_scores_stay_until_replaced(run):
    keep(run, found(row(20, 100), rounded=[row(20, 100, 0.5)]), seed=1)
    keep(run, found(row(20, 2, 0.0), rounded=[row(20, 2, 0.0)]), seed=2)
    (kept,) = lengths.read(run / "lengths.json", run)
    assert kept == {**row(20, 100), "seed": 1, "rounded": {**row(20, 100, 0.5), "seed": 1}}
    keep(run, found(row(20, 200, 0.25)), seed=3)
    (kept,) = lengths.read(run / "lengths.json", run)
    assert kept == {**row(20, 200, 0.25), "seed": 3, "rounded": {**row(20, 100, 0.5), "seed": 1}}


def test_the_mismatch_stays_until_it_is_measured_anew_or_the_weights_are_others(run):
    path, measured = run / "lengths.json", {"stored": 1.0, "taken": 0.5, "mismatch": 0.5, "length": 1.0}
    assert lengths.mismatch_of(path, run) == {}
    keep(run, {**found(row(20, 5)), "mismatch": measured})
    keep(run, found(row(30, 5)))
    assert lengths.mismatch_of(path, run) == measured
    keep(run, {**found(row(30, 5)), "mismatch": {**measured, "length": None}})
    assert lengths.mismatch_of(path, run)["length"] is None
    (run / "model.safetensors").write_bytes(b"others")
    assert lengths.mismatch_of(path, run) == {}


@pytest.mark.parametrize("rows", [5, [1, 2], [{"length": "x"}], [{"length": 3, "words": 1, "coarse": "x"}],
                                  [{"length": 3, "words": 1, "rounded": 4}]])  # fmt: skip
def test_what_is_no_row_is_left_out(rows, run):
    (run / "lengths.json").write_text(json.dumps({"weights": lengths.fingerprint(run), "by_length": rows}))
    assert lengths.read(run / "lengths.json", run) == []
