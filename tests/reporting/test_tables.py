"""Rows from run folders, and how they are written."""

import csv
import io
import json

import pytest
from rich.console import Console

from pushpop.reporting.records import grouped, read_runs
from pushpop.reporting.tables import by_length, headline, result_table, runs_of, seed_by_seed, settings_table, to_solve
from pushpop.reporting.writing import Spread, comma_separated, markdown, written


@pytest.fixture
def groups(make_run):
    runs = [make_run(seed=0), make_run(seed=1), make_run(seed=2, solved=False), make_run(seed=3, finished=False)]
    return grouped(read_runs([*runs, make_run(model="lstm", seed=0)]))


def column(table, name):
    return [row[table.columns.index(name)] for row in table.rows]


def test_the_headline_counts_every_seed_with_its_interval_and_has_the_published_figures_beside(groups):
    table = headline(groups)
    solved = [str(cell) if cell else None for cell in column(table, "solved")]
    assert solved == ["2 of 4 (1 unfinished)", "0 of 1", None, None, "5 of 9"]
    share = column(table, "share (95 % Wilson)")
    assert (share[0].middle, round(share[0].low, 2), round(share[0].high, 2)) == (0.5, 0.15, 0.85)
    assert (share[4].middle, round(share[4].low, 2), round(share[4].high, 2)) == (5 / 9, 0.27, 0.81)
    assert column(table, "validation coarse")[2:] == [0.741, 0.505, 1.0]
    assert column(table, "test coarse")[2:] == [0.0, 0.0, 1.0]


def test_a_task_nobody_published_has_no_published_rows(make_run):
    run = make_run()
    config = json.loads((run / "config.json").read_text())
    config["task"]["kind"] = "copy"
    (run / "config.json").write_text(json.dumps(config))
    assert len(headline(grouped(read_runs([run]))).rows) == 1


@pytest.mark.parametrize("other", [{"symbols": 4}, {"longest": 16}, {"test_longest": 32}])
def test_a_task_of_another_size_has_no_published_rows(make_run, other):
    run = make_run()
    config = json.loads((run / "config.json").read_text())
    config["task"] |= other
    (run / "config.json").write_text(json.dumps(config))
    table = headline(grouped(read_runs([run])))
    assert len(table.rows) == 1
    assert "italics" not in table.caption


def test_the_median_to_solve_counts_an_unsolved_seed_as_endless(make_run):
    solved = [make_run(seed=seed) for seed in range(3)]
    words = sorted(record.total("words") for record in read_runs(solved))
    assert to_solve(grouped(read_runs(solved))[0], "words") == Spread(words[1], words[0], words[2])
    some = [*solved[:1], make_run(seed=7, solved=False), make_run(seed=8, finished=False)]
    assert to_solve(grouped(read_runs(some))[0], "words").middle is None
    assert to_solve(grouped(read_runs(some[1:]))[0], "words") is None


def test_no_seed_is_left_out(groups):
    table = seed_by_seed(groups)
    assert column(table, "seed") == ["0", "1", "2", "3", "0"]
    assert column(table, "status") == ["solved", "solved", "not solved", "unfinished", "not solved"]


def test_a_seed_that_was_run_twice_is_said(make_run, tmp_path):
    run = make_run(seed=5)
    again = run.with_name("again")
    again.mkdir()
    for file in run.iterdir():
        (again / file.name).write_bytes(file.read_bytes())
    assert "more than once for stack-lstm" in seed_by_seed(grouped(read_runs([run.parent]))).caption


def test_settings_are_written_exactly_with_hash_version_and_commit(groups):
    rows = {row[0]: row[1:] for row in settings_table(groups).rows}
    assert rows["training.rate"] == ("0.003", "0.003")
    assert rows["hash"] == ("5f2a90c1", "c0ffee12")
    assert rows["version"] == ("0.1.0", "0.1.0")
    assert rows["commit"] == ("abc1234", "abc1234")
    assert rows["seeds"] == ("0-3", "0")


def test_scores_by_length_are_soft_and_rounded(groups):
    table = by_length(groups)
    assert column(table, "length")[:9] == [8, 16, 32, 64, 128, 256, 512, 1024, 2048]
    assert column(table, "rounded coarse")[0] == Spread(1.0, 1.0, 1.0)
    assert column(table, "rounded coarse")[-1] is None  # an LSTM has nothing to round
    assert by_length(grouped([])) is None


def test_seeds_are_said_in_short():
    assert runs_of([4, 0, 1, 2, 7]) == "0-2, 4, 7"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, "–"), (0.9996, "1.000"), (12.345, "12.3"), (17_234, "17,234"), (1234.5, "1,234"), ("a", "a"),
        (True, "True"), (Spread(0.5, 0.25, 0.75), "0.500 (0.250 to 0.750)"), (Spread(1.0, 1.0, 1.0), "1.000"),
        (Spread(None, 10, 20), "– (10 to 20)"), (Spread(8.0, 8, 9), "8 (8 to 9)"),
        (Spread(8.0, 8, 8), "8"), (Spread(8.5, 8, 9), "8.5 (8 to 9)"),
    ],
)  # fmt: skip
def test_a_cell_in_words(cell, words):
    assert written(cell) == words


def test_csv_has_raw_numbers_and_three_columns_for_a_spread(groups):
    rows = list(csv.DictReader(io.StringIO(comma_separated(headline(groups)))))
    assert rows[0]["share (95 % Wilson)"] == "0.5"
    assert rows[0]["share (95 % Wilson) low"].startswith("0.15")
    assert rows[2]["model"] == "CS281 study 2019: RNN 4 × 256"


def test_markdown_has_a_line_for_every_row(groups):
    table = seed_by_seed(groups)
    assert markdown(table).count("\n") == len(table.rows) + 2


def test_the_result_of_a_run_is_one_table(make_run):
    metrics = json.loads((make_run() / "metrics.json").read_text())
    metrics["rounded"] = {"validation": {"coarse": 0.5}, "test": {"coarse": 0.25}}
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(result_table(metrics))
    said = console.export_text()
    for wanted in ("solved", "validation", "test", "length 2,048", "rounded coarse", "0.250"):
        assert wanted in said


def test_the_result_of_a_run_without_lengths_has_two_rows(make_run):
    metrics = json.loads((make_run(model="lstm", by_length=False) / "metrics.json").read_text())
    assert result_table(metrics).row_count == 2


def test_the_result_of_a_run_on_graphs_has_the_best_rule_beside_each_size():
    scores = {"graph": 0.0, "node": 0.5, "words": 10}
    size = {"length": 20, **scores, "floor": 0.25}
    floors = [{"length": 20, "floor": "even", "node": 0.25, "graph": 0.0}, {"length": 20, "floor": "any", "share": 0.2}]
    metrics = {"task": "path-parity", "model": "gin", "solved": False, "validation": scores, "test": scores}
    metrics |= {"words": 3_200, "seconds": 1.0}
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(result_table({**metrics, "by_length": [size], "floors": {"rows": floors}}))
    said = console.export_text()
    for wanted in ("size 20", "floor", "0.250", "after 3,200 graphs", "graphs "):
        assert wanted in said
    assert "words" not in said


def test_the_result_of_a_run_on_one_graph_counts_looks_at_it():
    metrics = {"task": "cora", "model": "gcn", "solved": None, "words": 200, "seconds": 3.0, "test": {"accuracy": 0.8}}
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(result_table(metrics))
    said = " ".join(console.export_text().split())
    assert "after 200 looks at the graph" in said
    assert "words" not in said
