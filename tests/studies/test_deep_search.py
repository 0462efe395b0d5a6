"""Deep graphs for nets of breadth-first search: what is scored, kept beside a run, and told."""

from pathlib import Path

import pushpop
from pushpop.reporting.runs import Group, Record
from pushpop.studies import deep_search
from pushpop.tasks.graphs.bfs import BreadthFirst


def test_who_knows_the_answers_is_right_on_every_shape(monkeypatch):
    monkeypatch.setattr(deep_search, "say", lambda _net, _task, asked: [one.answers for one in asked])
    rows = deep_search.tried(BreadthFirst(size=4), None, {9: 3})
    assert [row["graphs"] for row in rows] == list(deep_search.SHAPES)
    assert {(row["node"], row["graph"], row["words"]) for row in rows} == {(1.0, 1.0, 3)}
    assert rows[2]["deepest"] > rows[1]["deepest"]  # a path of 9, a grid of 3 x 3


def test_a_run_is_scored_once_and_told(tmp_path):
    run = tmp_path / "run"
    chosen = {"training": {"words": 4, "batch": 2}, "model": {"hidden": 2}}
    pushpop.train({"kind": "bfs", "size": 4}, chosen["model"], training=chosen["training"], run=run, quiet=True)
    assert deep_search.found(run) == []
    deep_search.measure(run, quick=True)
    rows = deep_search.found(run)
    assert [row["length"] for row in rows] == [16] * 3
    (run / "model.safetensors").touch()
    deep_search.measure(run, quick=False)
    assert deep_search.found(run) == rows


def test_a_row_is_the_mean_over_seeds(tmp_path):
    records = []
    for seed, node in enumerate((1.0, 0.98)):
        path = tmp_path / str(seed)
        path.mkdir()
        row = {"graphs": "path", "length": 160, "node": node, "graph": node, "words": 5, "deepest": 150 + seed}
        deep_search.store.write_json(path / deep_search.DEEP, {"rows": [row]})
        records.append(Record(path=path, config={}, metrics=None, trial=None))
    table = deep_search.table([Group("bfs, recurrent-gnn", tuple(records))])
    assert table is not None
    assert table.rows == (("path", 160, 151, 2, 5, "99.0 ± 1.4", "99.0 ± 1.4", "98.0"),)
    assert deep_search.table([Group("none", (Record(path=Path("none"), config={}, metrics=None, trial=None),))]) is None
