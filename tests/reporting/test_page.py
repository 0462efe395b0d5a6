"""The report as a page: complete, self-contained, and true to the folders."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from pushpop.errors import ConfigError, RunError
from pushpop.reporting import pictures
from pushpop.reporting.canvas import INK
from pushpop.reporting.exports import save
from pushpop.reporting.markup import demand_place
from pushpop.reporting.page import excerpt, write_report, write_sections
from pushpop.reporting.records import grouped, read_runs
from pushpop.reporting.sections import Listed, Section, read_contents
from pushpop.reporting.writing import Table

ADDRESS = re.compile(r"(?:https?:)?//\w|url\((?!#)|@import|\bsrc=", re.IGNORECASE)


class Text(HTMLParser):
    """The words of a page, the ids in it, and the rows of its tables."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.ids, self.words, self.inside = [], [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.ids += [value for name, value in attributes if name == "id"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.inside = tag

    def handle_data(self, data):
        if self.inside not in ("style", "script"):
            self.words.append(data)
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def said(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def page(write_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    runs = [write_run(folder, seed=seed) for seed in range(4)]
    runs += [write_run(folder, seed=11, solved=False), write_run(folder, seed=12, finished=False)]
    runs += [write_run(folder, model="lstm", seed=seed) for seed in range(2)]
    return write_report(runs, folder / "deep" / "report.html").read_text()


def test_every_seed_is_in_the_table_with_its_status(page):
    rows = [[cell.strip() for cell in row] for row in Text(page).rows]
    found = [(row[0], row[1], row[2][2:]) for row in rows if len(row) > 6 and row[2][:1] in ("✓", "✗", "…")]
    assert found == [
        *(("stack-lstm", str(seed), "solved") for seed in range(4)),
        ("stack-lstm", "11", "not solved"), ("stack-lstm", "12", "unfinished"),
        ("lstm", "0", "not solved"), ("lstm", "1", "not solved"),
    ]  # fmt: skip


def test_solved_seeds_come_with_their_interval_and_the_published_ones_beside(page):
    said = Text(page).said()
    assert "4 of 6 solved, 1 unfinished" in said
    assert "95 % interval 0.30 – 0.90" in said
    for published in ("RNN 4 × 256", "0.741", "LSTM 2 × 256", "0.505", "5 of 9", "0.267 – 0.811"):
        assert published in said


def test_the_page_names_no_address(page):
    assert ADDRESS.findall(page) == []
    assert ADDRESS.findall('<img src="x">') != []


def test_the_page_is_for_dark_and_light_and_for_a_phone(page):
    assert "prefers-color-scheme: dark" in page
    assert "width=device-width" in page
    assert INK not in page  # lines and letters take the page's colour
    assert "currentColor" in page


def test_a_study_can_put_sections_of_its_own_above_the_others(make_run, tmp_path):
    run = make_run(by_length=False)
    (run / "events.jsonl").unlink()
    own = Section("A verdict", "It holds.", tables=(Listed("claims", Table("Claims", ("claim",), (("yes",),))),))
    contents = read_contents([run])
    page = write_sections(contents.groups, [own, *contents.sections], tmp_path / "page.html", above=1)
    said = Text(page.read_text()).said()
    assert -1 < said.index("A verdict") < said.index("It holds.") < said.index("95 % interval")
    assert said.index("95 % interval") < said.rindex("Solved, by model"), "the contents name it before"


def test_what_is_emphasised_in_the_readme_is_so_in_the_page_and_stays_harmless(make_run, tmp_path):
    table = Table("Claims", ("who", "**16**"), (("*A paper, 2017*", "**6.9x**"), ("*<b>*", "2 * 3"), ("***", "*")))
    own = Section("A verdict", "It holds.", tables=(Listed("claims", table),))
    contents = read_contents([make_run(by_length=False)])
    said = write_sections(contents.groups, [own, *contents.sections], tmp_path / "page.html", above=1).read_text()
    for shown in (
        "<strong>16</strong>",
        "<em>A paper, 2017</em>",
        "<strong>6.9x</strong>",
        "<em>&lt;b&gt;</em>",
        "2 * 3",
    ):
        assert shown in said
    assert "*A paper" not in said


def contents_of(page):
    """The addresses and the words of the list of contents, in order."""
    return re.findall(r'<li><a href="#([^"]*)">(.*?)</a></li>', page)


def test_the_contents_name_every_heading_in_order_and_lead_to_it(page):
    headings = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', page)
    assert contents_of(page) == headings
    assert len(headings) > 5
    assert page.index('class="contents"') < page.index("<h2")


def test_two_headings_that_are_the_same_have_two_places(make_run, tmp_path):
    own = [Section("Twice", "One."), Section("Twice", "Two.")]
    contents = read_contents([make_run()])
    page = write_sections(contents.groups, [*own, *contents.sections], tmp_path / "page.html", above=2).read_text()
    assert [place for place, heading in contents_of(page) if heading == "Twice"] == ["part-Twice", "part-Twice-2"]
    assert len(Text(page).ids) == len(set(Text(page).ids))


def test_ids_are_there_once(page):
    ids = Text(page).ids
    assert len(ids) == len(set(ids))


def test_every_figure_has_a_caption_that_says_what_to_see(page):
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    captions = [re.search(r"<figcaption>(.*?)</figcaption>", figure, re.DOTALL)[1] for figure in figures]
    assert len(figures) == 12  # coarse, fine, their errors and loss by words and by seconds; two by length
    for caption in captions:
        assert re.search(r"stack-lstm: .*\d", caption)
        assert re.search(r"lstm: .*\d", caption)


def test_a_figure_has_a_line_for_every_seed_and_a_median(make_run):
    groups = grouped(read_runs([make_run(seed=seed) for seed in range(5)]))
    lines = pictures.learning_curves(groups, "coarse", "words").axes[0].lines
    assert sorted(line.get_linewidth() for line in lines) == [0.7] * 10 + [2.2] * 2
    assert {line.get_linestyle() for line in lines} == {"-", "--"}


def test_the_lengths_trained_on_are_shaded(make_run):
    groups = grouped(read_runs([make_run()]))
    [patch] = pictures.length_curves(groups, "coarse").axes[0].patches
    assert (patch.get_x(), patch.get_x() + patch.get_width()) == (8, 64)


def test_the_same_runs_give_the_same_page(make_run, tmp_path):
    runs = [make_run(seed=seed) for seed in range(2)]
    first, second = (write_report(runs, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second


def test_what_stands_in_a_folder_cannot_run_in_the_page(make_run, tmp_path):
    run = make_run(trick="</td><script>alert(1)</script>", by_length=False, words=4_000)
    page = write_report([run], tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_run_with_nothing_measured_yet_is_shown_as_unfinished(make_run, tmp_path):
    run = make_run(finished=False)
    (run / "events.jsonl").write_text("")
    page = write_report([run], tmp_path / "report.html").read_text()
    assert "… unfinished" in page
    assert "<figure" not in page


def test_a_missing_run_writes_no_page(make_run, tmp_path):
    with pytest.raises(RunError, match="no such run folder"):
        write_report([make_run(), tmp_path / "nowhere"], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_a_page_that_cannot_be_written_is_the_user_s_mistake(make_run, tmp_path):
    with pytest.raises(ConfigError, match=r"out: .* is a folder; give the name of a file"):
        write_report([make_run()], tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"out: .* cannot be a folder"):
        write_report([make_run(seed=1)], tmp_path / "file" / "report.html")


def test_a_page_that_is_watched_loads_itself_again(make_run, tmp_path):
    run = make_run(finished=False)
    (run / "events.jsonl").write_text("")
    page = write_report([run], tmp_path / "report.html", refresh=5).read_text()
    assert '<meta http-equiv="refresh" content="5">' in page


def test_pictures_and_tables_are_saved_as_files(make_run, tmp_path):
    written = save([make_run(), make_run(model="lstm")], tmp_path / "pictures")
    names = {path.name for path in written}
    assert {"reverse-coarse-words.png", "reverse-coarse-words.svg", "reverse-length-coarse.png", "models.csv",
            "seeds.md", "settings.md", "lengths.csv", "cost.md", "figures.md"} <= names  # fmt: skip
    assert all(path.stat().st_size > 100 for path in written)
    assert (tmp_path / "pictures" / "reverse-loss-words.png").read_bytes().startswith(b"\x89PNG")


def test_neither_matplotlib_nor_torch_is_imported_before_it_is_needed():
    code = "import sys, pushpop.reporting.page, pushpop.reporting.trace_page, pushpop.reporting.tables\n"
    code += "sys.exit(', '.join({'matplotlib', 'torch', 'jinja2', 'rich'} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def swept(write_sweep, tmp_path_factory):
    """A page of two sweeps, one with more configurations than a table shows at once."""
    folder = tmp_path_factory.mktemp("swept")
    rates = tuple(10 ** (-4.05 + number / 9) for number in range(28))
    write_sweep(folder / "wide", hiddens=(64, 128) * 14, rates=rates, seeds=(1,), search="random", step=100)
    write_sweep(folder / "grid", seeds=(1, 2), step=100)
    return write_report([folder], folder / "report.html")


def test_a_sweep_has_its_configurations_what_mattered_and_its_pruning_on_the_page(swept):
    said = Text(swept.read_text()).said()
    for heading in ("The sweep grid", "The sweep wide", "Pruning in grid", "What mattered in grid", "false-prune rate",
                    "Every trial of wide, along each axis", "Cost", "Failed, pruned and unfinished",
                    "Error against words and training time"):  # fmt: skip
        assert heading in said
    assert "The best 5 of 40 configurations, by validation words alone" in said
    assert "! failed" in said
    assert "✂ pruned" in said


def test_a_long_table_shows_its_first_rows_and_folds_all_of_them(swept):
    page = swept.read_text()
    folded = re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", page, re.DOTALL)
    rows = {title: len(Text(inside).rows) for title, inside in folded}
    assert rows["all 40 rows"] - 2 == 40  # and two of heads
    assert rows["all 52 rows"] - 2 == 52  # every run


def test_of_a_very_long_table_the_page_has_the_first_thousand():
    rows = tuple((str(number),) for number in range(1_500))
    shown, own, folded, title = excerpt(Listed("long", Table("Long", ("n",), (*rows, ("theirs",))), published=1))
    assert (len(shown), own, len(folded)) == (11, 10, 1_000)
    assert shown[-1] == ("theirs",)
    assert title == "the first 1,000 of 1,500 rows; --figures writes them all"


def test_every_figure_of_a_sweep_says_what_to_see_with_a_figure(swept):
    figures = re.findall(r"<figure.*?</figure>", swept.read_text(), re.DOTALL)
    assert len(figures) > 10
    for figure in figures:
        assert re.search(r"\d", re.search(r"<figcaption>(.*?)</figcaption>", figure, re.DOTALL)[1]), figure[-300:]


def test_the_page_of_a_sweep_names_no_address_and_no_id_twice(swept):
    page = swept.read_text()
    assert ADDRESS.findall(page) == []
    ids = Text(page).ids
    assert len(ids) == len({*ids})
    assert page.count("<figure") == 2 * (1 + 2) + 10  # importance and two axes each; then curves


@pytest.fixture
def opened(browse, swept):
    """opened(width, scheme) gives the page in a window, with all it asked for and complained of."""

    def opened(width, scheme="light"):
        window = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
        return browse(swept, **window, reduced_motion="no-preference")

    return opened


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_page_asks_for_nothing_and_never_scrolls_sideways(opened, swept, width, scheme):
    page = opened(width, scheme)
    assert [url for url in page.asked if not url.startswith("data:")] == [swept.as_uri()]
    for fold in page.locator("summary").all():
        fold.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.querySelectorAll('svg')].every(one => one.getBoundingClientRect().height > 40)")
    assert page.problems == []


def test_on_a_phone_a_wide_table_scrolls_and_says_so(opened):
    page = opened(390)
    table = page.locator(".scroll", has_text="right on validation").first
    assert table.evaluate("box => box.scrollWidth > box.clientWidth + 100")
    cue = "box => getComputedStyle(box, '::before').content"
    assert "swipe" in table.evaluate(cue)
    table.evaluate("box => box.scrollLeft = box.scrollWidth")
    assert table.evaluate("box => box.scrollLeft") > 100
    first = table.locator("tbody th").first
    assert first.bounding_box()["x"] >= 0  # the names stay where they are
    assert "swipe" not in opened(1280).locator(".scroll", has_text="right on validation").first.evaluate(cue)


def test_letters_can_be_read_in_both_colour_schemes(opened):
    """Contrast of the captions, and of the labels in a figure, with what is behind them: 4.5 is what WCAG asks."""
    for scheme in ("light", "dark"):
        page = opened(1280, scheme)
        for where in ("figcaption", "figure svg text", ".caption", "td small"):
            ink, ground = page.locator(where).first.evaluate(COLOURS_OF)
            assert contrast(ink, ground) >= 4.5, (scheme, where)


COLOURS_OF = """one => {
  const shown = getComputedStyle(one), ink = one.tagName == 'text' ? shown.fill : shown.color;
  let at = one;
  while (at && getComputedStyle(at).backgroundColor == 'rgba(0, 0, 0, 0)') at = at.parentElement;
  return [ink, getComputedStyle(at).backgroundColor].map(text => text.match(/[\\d.]+/g).slice(0, 3).map(Number));
}"""


def contrast(one, other):
    """The ratio of two colours' luminances, as WCAG 2 has it."""
    lights = []
    for colour in (one, other):
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_a_page_replaces_a_page_and_nothing_else(tmp_path):
    """A checkpoint, say: `--out RUN/state.pt` for `--out RUN/play.html`."""
    page, weights = tmp_path / "report.html", tmp_path / "state.pt"
    page.write_text("\n\n<!DOCTYPE html><title>old</title>")
    weights.write_bytes(b"PK\x03\x04 all that was learned")
    demand_place(page)
    with pytest.raises(ConfigError, match=r"state\.pt is there and is no page; give the name"):
        demand_place(weights)
