"""What a run on text came to, on the terminal; such a run is done, never solved or not."""

import io
import json

import pytest
from made_up_texts import write_text_run
from rich.console import Console

from pushpop.reporting.records import read_run, short
from pushpop.reporting.tables import result_table
from pushpop.reporting.text_result import text_table


@pytest.fixture
def run(tmp_path):
    return write_text_run(tmp_path, seed=1000)


def test_a_row_for_each_way_of_reading_and_each_floor(run):
    table = text_table(json.loads((run / "metrics.json").read_text()))
    assert table.title == ("text · lstm-lm · seed 1000: done after 409,600 characters, 66.7 s (6,144 characters/s)")
    assert table.columns == ("read", "characters", "nats", "bits per character", "±", "accuracy")
    assert [row[0] for row in table.rows] == [
        "validation, state carried", "test, state carried", "test, windows of 30 from zero",
        "test, windows of 256 from zero", "counts, order 3", "counts, order 4",
        "bz2, all of the text", "xz, all of the text",
    ]  # fmt: skip
    assert table.rows[1][1:5] == (111_539, 1.5, pytest.approx(2.164, abs=1e-3), 0.03)
    assert table.rows[-1][1:] == (None, None, 2.518, None, None)


def test_the_terminal_says_done_and_not_that_it_was_not_solved(run):
    out = io.StringIO()
    Console(file=out, width=160).print(result_table(json.loads((run / "metrics.json").read_text())))
    assert "done after 409,600 characters" in out.getvalue()
    assert "solved" not in out.getvalue()
    assert "words" not in out.getvalue()


def test_a_result_without_windows_floors_or_a_validation_part_has_the_rows_that_it_has(run):
    metrics = json.loads((run / "metrics.json").read_text()) | {"validation": {}, "windows": [], "floors": None}
    assert [row[0] for row in text_table(metrics).rows] == ["test, state carried"]


def test_where_nothing_was_held_out_it_is_said(run):
    nothing = {"validation": {}, "test": {}, "windows": [], "floors": None}
    metrics = json.loads((run / "metrics.json").read_text()) | nothing
    assert text_table(metrics).rows == (("nothing: no part was held out", None, None, None, None, None),)


def test_an_error_that_is_unknown_is_a_dash(run):
    metrics = json.loads((run / "metrics.json").read_text())
    del metrics["test"]["error"]
    assert text_table(metrics).rows[1][4] is None
    out = io.StringIO()
    Console(file=out, width=160).print(result_table(metrics))
    assert "\N{EN DASH}" in out.getvalue()


def test_a_run_on_text_is_done_or_not_and_its_words_are_windows(tmp_path):
    ended, going = (read_run(write_text_run(tmp_path, seed=seed, finished=seed == 0)) for seed in range(2))
    assert (ended.status, going.status) == ("done", "unfinished")
    assert (ended.each, ended.solved) == (64, False)


def test_a_damaged_window_counts_as_one_character(tmp_path):
    run = write_text_run(tmp_path, window="wide")
    assert read_run(run).each == 1


def test_of_the_path_of_a_corpus_a_name_has_the_file():
    assert (short("/data/texts/grimm.txt"), short("grimm"), short("/")) == ("grimm.txt", "grimm", "/")
