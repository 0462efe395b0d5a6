"""The guide as a site: it builds without a warning, its links lead somewhere, and nothing in it asks a network."""

import doctest
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from pushpop.models.interface import Strengths
from pushpop.models.settings import MemorySettings
from pushpop.studies.results import SECTIONS
from pushpop.tasks.strings import Reverse

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


def machinery(name: str):
    spec = importlib.util.spec_from_file_location(name, DOCS / "machinery" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built(source: Path, out: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(out / "trees"), str(source)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run([*command, str(out / "site")], env=environment, capture_output=True, text=True, check=False)


def said(notebook: Path) -> list[str]:
    """What each cell of code prints, or the kind of picture that it shows."""
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    return [
        "".join("".join(out["text"]) if "text" in out else min(out["data"]) for out in cell["outputs"])
        for cell in cells
    ]


class Page(HTMLParser):
    """What a page leads to, what it fetches, and where one can be led to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.fetched, self.anchors = [], [], {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get(FETCHED.get(tag, "")):
            self.fetched.append(given[FETCHED[tag]])


def lost(site: Path) -> Iterator[str]:
    """Every link and file of the pages of a folder that is not there; and all that a page would ask a network for."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    for path, page in pages.items():
        where = path.relative_to(site)
        yield from (f"{where} fetches {url}" for url in page.fetched if url.startswith(("http:", "https:", "//")))
        inside = [url for url in page.links + page.fetched if not url.startswith(("http:", "https:", "//", "data:"))]
        for url in inside:
            name, _, anchor = url.partition("#")
            target = (path.parent / unquote(name.partition("?")[0])).resolve() if name else path
            if not target.exists() or (target in pages and anchor not in pages[target].anchors):
                yield f"{where} leads to {url}"


def test_the_guide_builds_without_a_warning_and_every_link_leads_somewhere(tmp_path):
    done = built(DOCS, tmp_path)
    assert done.returncode == 0, done.stderr
    site = tmp_path / "site"
    assert list(lost(site)) == []
    memories, tasks = (page(site, f"reference/{name}.html") for name in ("memories", "tasks"))
    assert "pushpop.memory.lists.Stack" in memories
    assert "values [B, N, W], strengths [B, N], oldest first" in memories
    assert "runs/&lt;task&gt;" in page(site, "reference/runs.html"), "a name in angle brackets is no link"
    assert "how many symbols words are made of" in tasks
    assert "20 of 20 (0.839 to 1.000)" in page(site, "studies/reversal-seeds.html")
    assert "--training.rate" in page(site, "reference/commands.html")
    claims = page(site, "studies/cs281-reversal.html")
    assert 'text-right"><p>verdict' in claims
    assert 'text-right"><p>evidence' not in claims, "prose begins at the left"
    assert page(site, "guide/idea.html").count("<munderover>") == 3, (
        "equations are set by the browser, without a script"
    )


def page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def test_a_guide_with_a_mistake_is_not_built(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "conf.py").write_text("extensions = ['myst_nb']\nmyst_heading_anchors = 3\n")
    (tmp_path / "docs" / "index.md").write_text("# Page\n\n[nowhere](#not-there)\n")
    done = built(tmp_path / "docs", tmp_path)
    assert done.returncode != 0
    assert "not-there" in done.stderr


def test_links_that_lead_nowhere_and_what_is_fetched_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="#here"></a><a href="b.html#there"></a><a href="c.html"></a><a href="https://x.org"></a>'
    )
    (tmp_path / "b.html").write_text('<script src="https://cdn.org/a.js"></script><img src="data:x"><a href="a.html">')
    assert sorted(lost(tmp_path)) == [
        "a.html leads to b.html#there",
        "a.html leads to c.html",
        "b.html fetches https://cdn.org/a.js",
    ]


def test_every_study_has_its_page():
    names = {path.stem for path in (DOCS / "studies").glob("*.md")} - {"index"}
    assert names == set(SECTIONS)
    for name in names:
        assert f"```{{study}} {name}\n```" in (DOCS / "studies" / f"{name}.md").read_text()


def test_a_study_without_runs_says_how_to_make_them(tmp_path, monkeypatch):
    studies = machinery("studies")
    monkeypatch.setattr(studies, "RESULTS", tmp_path)
    assert "`pushpop reproduce rules` makes them" in studies.tables("rules")


def test_settings_become_a_table_with_what_the_classes_above_say():
    docstrings = machinery("docstrings")
    rows = "\n".join(docstrings.table(MemorySettings))
    assert "   * - ``margin``\n     - ``1.0``\n     - how far the sigmoid" in rows
    assert "   * - ``layers``\n     - ``1``\n     - layers, one on top of the other (1-8)." in rows, (
        "from another class"
    )
    assert "One of shared, per-phase." in rows
    lines = ["Adds up.", "", "`a`  is one,", "     and more.", "`b`: another.", "", "Raises all."]
    assert docstrings.without_settings(lines) == ["Adds up.", "", "Raises all."]
    assert docstrings.signed(None, "class", "", Reverse) == ("", None)
    assert docstrings.signed(None, "class", "", dict) is None


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a * b is |c|, o_t, d_", r"a \* b is \|c\|, o_t, d\_"),
        ("* a bullet of `a * b`", "* a bullet of `a * b`"),
        (">>> a * b", ">>> a * b"),
        ("in `runs/<task>/x`, or so", "in ``runs/<task>/x``, or so"),
        (":raises ConfigError: a * b", r":raises ConfigError: a \* b"),
    ],
)
def test_prose_stays_prose(line, found):
    assert machinery("docstrings").prose([line]) == [found]


def test_fields_say_what_their_comments_say():
    rows = "\n".join(machinery("docstrings").commented(Strengths))
    assert "   * - ``pop``\n     - ``Tensor``\n     - [B, A] in [0, 1]" in rows
    assert list(machinery("docstrings").commented(Reverse)) == []


def test_links_to_pages_above_the_guide_lead_to_pages_of_it():
    assert doctest.testmod(machinery("outside")).failed == 0


def test_pictures_are_those_that_the_memories_make():
    """Made anew by `python docs/machinery/drawings.py`."""
    for name, draw in machinery("drawings").DRAWINGS.items():
        assert (DOCS / "pictures" / f"{name}.svg").read_text() == draw(), name


@pytest.mark.parametrize("path", sorted((DOCS / "guide").glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_runs_from_top_to_bottom_and_says_what_it_holds(path, tmp_path):
    out = tmp_path / path.name
    command = [sys.executable, str(DOCS / "machinery" / "notebooks.py"), str(path), str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MPLBACKEND", None)  # a picture is shown below its cell
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert said(out) == said(path)
    assert "image/png" in said(path)
    assert path.stat().st_size < 100_000


def test_a_notebook_with_a_mistake_is_found_out(tmp_path):
    cells = [
        {"cell_type": "code", "execution_count": None, "id": "c0", "metadata": {}, "outputs": [], "source": "1 / 0"}
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    bad = tmp_path / "bad.ipynb"
    bad.write_text(json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}))
    command = [sys.executable, str(DOCS / "machinery" / "notebooks.py"), str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr
