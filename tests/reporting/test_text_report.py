"""The report of runs on text: its tables, figures and page."""

import json
import math

import pytest
from made_up_texts import write_text_run

from pushpop.reporting import text_pictures, text_tables
from pushpop.reporting.page import write_report
from pushpop.reporting.ranking import ranked
from pushpop.reporting.records import grouped, read_runs
from pushpop.reporting.sections import read_contents
from pushpop.reporting.writing import Spread, markdown


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Three seeds of one model, one of another, and one that has not ended."""
    root = tmp_path_factory.mktemp("runs")
    for seed in range(3):
        write_text_run(root, seed=seed, nats=1.5 + 0.01 * seed)
    write_text_run(root, "transformer-lm", nats=1.6, floors=False)
    write_text_run(root, "stack-lstm-lm", finished=False, samples=False)
    return root


@pytest.fixture(scope="module")
def groups(root):
    return grouped(read_runs([root]))


def column(table, name):
    return [row[table.columns.index(name)] for row in table.rows]


def headings(contents):
    return [section.heading for section in contents.sections]


def test_every_part_of_a_report_is_there(root):
    assert headings(read_contents([root])) == [
        "How well the text is predicted", "Loss", "Characters named right", "Loss by distance from the start",
        "State carried, and windows from zero", "What it writes", "What the samples are worth",
        "Failed, pruned and unfinished", "Text, seed by seed", "Settings",
    ]  # fmt: skip


def test_models_stand_above_the_floors_of_their_text(groups):
    table, floors = text_tables.models(groups)
    below = ["counts, order 3", "counts, order 4", "bz2, all of the text", "xz, all of the text"]
    assert floors == len(below)
    assert column(table, "model") == ["lstm-lm", "stack-lstm-lm", "transformer-lm", *below]
    bits = column(table, "test bits per character")
    assert isinstance(bits[0], Spread)
    assert (bits[0].middle, bits[0].low) == (pytest.approx(1.51 / math.log(2)), pytest.approx(1.5 / math.log(2)))
    assert bits[3:] == [2.559, 2.408, 2.356, 2.518]
    assert [str(cell) for cell in column(table, "seeds done")[:3]] == ["3 of 3", "0 of 1 (1 unfinished)", "1 of 1"]
    assert column(table, "characters")[0] == Spread(409_600, 409_600, 409_600)


def test_windows_and_the_state_carried_stand_in_one_table(groups):
    table = text_tables.windows(groups)
    assert table.columns == ("model", "state carried", "windows of 256, from zero", "windows of 30, from zero")
    assert [row[0] for row in table.rows] == ["lstm-lm", "transformer-lm"]
    assert table.rows[1][3].middle == pytest.approx(1.7 / math.log(2))


def test_distances_are_rows_and_models_columns(groups):
    table = text_tables.distances(groups)
    assert table.columns == ("characters", "lstm-lm", "transformer-lm")
    assert column(table, "characters")[:3] == ["1", "2", "3-4"]
    assert table.rows[0][2].middle == pytest.approx(3.1)


def test_it_is_said_from_how_many_places_texts_were_begun(tmp_path):
    """As many as were measured: 64, or fewer of a short tail."""
    run = write_text_run(tmp_path)
    [group] = grouped(read_runs([tmp_path]))
    assert "over 64 places" in text_tables.distances([group]).caption
    metrics = json.loads((run / "metrics.json").read_text())
    metrics["by_distance"][0]["characters"] = 9
    (run / "metrics.json").write_text(json.dumps(metrics))
    [short] = grouped(read_runs([tmp_path]))
    assert "over 9 places" in text_tables.distances([short]).caption
    assert "over 9 to 64 places" in text_tables.distances([group, short]).caption
    del metrics["by_distance"][0]["characters"]
    (run / "metrics.json").write_text(json.dumps(metrics))
    assert "over places spread over the test" in text_tables.distances(grouped(read_runs([tmp_path]))).caption


def test_the_page_of_texts_alone_asks_a_question_of_text(tmp_path):
    write_text_run(tmp_path / "runs")
    page = write_report([tmp_path / "runs"], tmp_path / "page.html").read_text()
    assert "<h1>What comes next? How well the text is predicted</h1>" in page


def test_samples_of_the_end_come_first(groups):
    table, at_end = text_tables.written_samples(groups)
    assert (len(table.rows), at_end) == (18, 6)
    assert column(table, "at") == ["the end"] * 6 + (["1/3"] * 3 + ["2/3"] * 3) * 2
    assert column(table, "temperature")[:3] == ["greedy", "1", "0.5"]
    greedy, long = column(table, "written")[:2]
    assert greedy.splitlines()[3] == "↵the constitution of the people"
    assert len(long) == text_tables.SHOWN
    assert "<br>" in markdown(table)
    worth = text_tables.worth(groups)
    assert column(worth, "length")[:7] == [30, 30, 300, 3_000, 30, 300, 3_000]


def test_what_a_run_does_not_have_is_left_out(tmp_path):
    run = write_text_run(tmp_path, samples=False, floors=False)
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps(metrics | {"windows": None, "by_distance": [{"from": 1}]}))
    (run / "events.jsonl").unlink()
    assert headings(read_contents([run])) == ["How well the text is predicted", "Text, seed by seed", "Settings"]


def test_losses_have_a_line_for_each_seed_and_part_and_one_for_each_floor(groups):
    axes = text_pictures.loss_figure(groups, "words").axes[0]
    widths = [line.get_linewidth() for line in axes.lines]
    assert (widths.count(0.7), widths.count(2.2), widths.count(1.2)) == (9, 9, 3)
    level = [line.get_ydata()[0] for line in axes.lines if line.get_linewidth() == 1.2]
    assert level[0] == pytest.approx(2.408 * math.log(2))
    assert max(line.get_xdata()[-1] for line in axes.lines if line.get_linewidth() == 2.2) == 409_600
    low, high = axes.get_ylim()
    assert low < 1.3 < 2.0 < high < 4


def test_the_distance_is_on_a_logarithmic_axis_to_ten_thousand(groups):
    axes = text_pictures.distance_figure(groups).axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlim()[0] < 1 < 10_000 < axes.get_xlim()[1]
    assert [len(line.get_xdata()) for line in axes.lines if line.get_linewidth() == 2.2] == [8, 0, 8]
    assert axes.lines[0].get_xdata()[2] == pytest.approx(math.sqrt(12))


def test_two_corpora_are_kept_apart(tmp_path):
    write_text_run(tmp_path, corpus="/books/grimm.txt")
    write_text_run(tmp_path, corpus="tinyshakespeare")
    contents = read_contents([tmp_path])
    found = [heading for heading in headings(contents) if heading.startswith("Loss: ")]
    assert sorted(found) == ["Loss: grimm", "Loss: tinyshakespeare"]
    names = [drawing.name for section in contents.sections for drawing in section.drawings]
    assert len(names) == len(set(names)) == 10
    assert {"text-grimm-loss-characters", "text-tinyshakespeare-distance"} <= set(names)


def test_runs_on_words_beside_them_have_their_own_tables(tmp_path, make_run):
    text = write_text_run(tmp_path)
    found = headings(read_contents([text, make_run()]))
    assert found[:2] == ["Solved, by model", "Words answered wholly right"]
    assert "How well the text is predicted" in found
    assert found[-3:] == ["Seed by seed", "Text, seed by seed", "Settings"]


@pytest.fixture
def swept(tmp_path):
    """A sweep of two sizes and two seeds."""
    folder = tmp_path / "sizes"
    for number, (hidden, seed) in enumerate([(64, 0), (64, 1), (128, 0), (128, 1)]):
        run = write_text_run(folder / "runs", seed=seed, nats=1.5 + 0.1 * (hidden == 64), units=hidden)
        trial = {"number": number, "sweep": "sizes", "variant": "", "configuration": {"model.units": hidden}}
        (run / "trial.json").write_text(json.dumps(trial))
    variants = [{"name": "", "base": {}, "over": {"model.units": {"values": [64, 128]}}, "seeds": []}]
    about = {"name": "sizes", "search": "grid", "seeds": [0, 1], "variants": variants}
    (folder / "sweep.json").write_text(json.dumps(about))
    return folder


def test_a_sweep_of_text_is_ranked_and_drawn_by_nats(swept):
    sections = {section.heading: section for section in read_contents([swept]).sections}
    (listed,) = sections["The sweep sizes"].tables
    assert column(listed.table, "model.units") == ["128", "64"]
    assert column(listed.table, "seeds done") == ["2 of 2", "2 of 2"]
    assert column(listed.table, "validation nats")[0].middle == pytest.approx(1.45)
    assert "right on validation" not in listed.table.columns
    (drawing,) = sections["Every trial of sizes, along each axis"].drawings
    assert drawing.caption == "model.units: the lowest is 1.450 nats, at 128."
    axes = drawing.draw().axes[0]
    assert axes.get_ylabel() == "nats on validation"
    assert axes.get_ylim()[0] > 1.3


def test_runs_without_a_validation_part_stay_as_they_were_given(swept):
    groups = grouped(read_runs([swept]))
    for given in (groups, groups[::-1]):
        assert [group.name for group in ranked(given)] == ["lstm-lm (units 128)", "lstm-lm (units 64)"]
    for run in (swept / "runs" / "text").iterdir():
        for name in ("metrics.json", "events.jsonl"):
            (run / name).write_text((run / name).read_text().replace('"validation"', '"was"'))
        metrics = json.loads((run / "metrics.json").read_text())
        (run / "metrics.json").write_text(json.dumps({**metrics, "validation": {}}))
    groups = grouped(read_runs([swept]))
    for given in (groups, groups[::-1]):
        assert ranked(given) == given


@pytest.fixture(scope="module")
def page(root, tmp_path_factory):
    return write_report([root], tmp_path_factory.mktemp("page") / "report.html")


def test_the_page_says_bits_and_never_solved(page):
    said = page.read_text()
    assert "bits ± 0.030" in said
    assert "the other 12 rows" in said
    assert "&lt;king&gt;" in said
    assert "solved" not in said.partition("<body>")[2].replace('class="solved"', "")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_page_never_scrolls_sideways(page, browser, width, scheme):
    opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(page.as_uri())
    for fold in opened.locator("summary").all():
        fold.click()
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    lines = "[...document.querySelectorAll('.samples td:last-child')].map(cell => getComputedStyle(cell).whiteSpace)"
    assert set(opened.evaluate(lines)) == {"pre-wrap"}
    assert problems == []
    opened.close()
