"""What runs have cost, and those that came to nothing by name."""

import json

import pytest

from pushpop.reporting.costs import core_hours, costs, cut_short
from pushpop.reporting.records import grouped, read_runs


def rows_of(table):
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def test_words_seconds_and_core_hours_of_each_model_and_in_all(make_run):
    runs = [make_run(seed=0), make_run(seed=1, finished=False), make_run(model="lstm", seed=0)]
    for run, threads in zip(runs, (4, 4, 1), strict=True):
        config = json.loads((run / "config.json").read_text())
        config["training"]["threads"] = threads
        (run / "config.json").write_text(json.dumps(config))
    records = read_runs(runs)
    rows = rows_of(costs(grouped(records)))
    used = [record.total("seconds") for record in records]
    assert rows["stack-lstm"]["words"] == sum(int(record.total("words")) for record in records[:2])
    assert rows["stack-lstm"]["core-hours"] == pytest.approx((used[0] + used[1]) * 4 / 3600)
    assert rows["in all"]["core-hours"] == pytest.approx(((used[0] + used[1]) * 4 + used[2]) / 3600)
    assert str(rows["stack-lstm"]["runs"]) == "2 (1 unfinished)"
    assert rows["stack-lstm"]["words for each solved"] == rows["stack-lstm"]["words"]  # one solved bears both
    assert rows["lstm"]["words for each solved"] is None


def test_threads_left_open_are_counted_as_one_core_and_that_is_said(make_run):
    [record] = read_runs([make_run()])
    assert core_hours(record) == record.total("seconds") / 3600
    assert "leave the threads open" in costs(grouped([record])).caption


def test_what_a_stopped_trial_had_used_counts(write_sweep, tmp_path):
    records = read_runs([write_sweep(tmp_path / "sweep")])
    stopped = [record for record in records if record.status == "pruned"]
    assert all(record.total("words") > 0 for record in stopped)
    [row] = costs(grouped(records)).rows
    assert row[2] == sum(int(record.total("words") or 0) for record in records)
    assert "leave the threads open" not in costs(grouped(records)).caption  # a failed one has used nothing


def test_failed_pruned_and_unfinished_runs_are_named_with_what_is_known(write_sweep, tmp_path):
    table = cut_short(grouped(read_runs([write_sweep(tmp_path / "sweep")])))
    found = [(row[2], row[4]) for row in table.rows]
    assert found == [*[("failed", "TrainingFailed: the loss is nan")] * 3,
                     *[("pruned", "stopped at 50 % of its budget")] * 4, *[("unfinished", "")] * 2]  # fmt: skip
    assert cut_short(grouped(read_runs([write_sweep(tmp_path / "other", quiet=True, pruning=False)]))) is None
