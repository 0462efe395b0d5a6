"""Words that are run: README blocks, docstring examples, and what must be said in the same words in two places."""

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import pushpop

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDE = sorted((ROOT / "docs" / "guide").glob("*.md"))
BLOCK = re.compile(r"^```(python|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOLD = re.compile(r"^```python\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CUT = "<end of block>"
# Their commands stand in README too, or in tests of their own, and run there with fewer steps.
LONG = ("tour.md", "first-five-minutes.md", "sweeps.md", "reproduce.md")
PIN = re.compile(r"\btorch==([\w.+]+)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def run_in(folder: Path, command: list[str], name: str) -> str:
    """What a command prints, run as a reader of the page would."""
    bin_ = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run_blocks(text: str, folder: Path, name: str) -> None:
    """All bash blocks, then all python blocks: these print what a text block right after them says."""
    scripts = [script for language, script in BLOCK.findall(text) if language == "bash"]
    if scripts:
        run_in(folder, ["bash", "-c", "\n".join(["set -euo pipefail", *scripts])], name)
    told = TOLD.findall(text)
    if not told:
        return
    code = "".join(f"{block}\nprint({CUT!r}, end='')\n" for block, _ in told)
    printed = run_in(folder, [sys.executable, "-W", "error", "-c", code], name).split(CUT)
    for (block, wanted), found in zip(told, printed, strict=False):
        assert not wanted or found == wanted, f"{name}: prints\n{found}\nnot\n{wanted}\nin\n{block}"


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.long if page in GUIDE and page.name in LONG else ())
        for page in PAGES
        if blocks(page)
    ],
    ids=lambda page: page.name,
)
def test_the_blocks_of_a_page_run_from_top_to_bottom(page, tmp_path):
    """In one folder; python blocks go on from one another, as a reader's notebook does."""
    run_blocks(page.read_text(), tmp_path, page.name)


def test_a_page_that_tells_what_is_not_printed_is_found_out(tmp_path):
    page = "```python\nx = 2\n```\n\n```python\nprint(x + 2)\n```\n\n```text\n{}\n```\n"
    run_blocks(page.format(4), tmp_path, "page")
    with pytest.raises(AssertionError, match=r"(?s)prints\s+4\s+not\s+5"):
        run_blocks(page.format(5), tmp_path, "page")


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.name)
def test_every_block_of_the_guide_runs_or_is_what_one_prints(page):
    text = page.read_text()
    run, shown = len(blocks(page)), sum(bool(wanted) for _, wanted in TOLD.findall(text))
    assert len(FENCE.findall(text)) == run + shown == text.count("\n```") / 2


def test_a_block_that_is_wrong_is_found_out():
    assert BLOCK.findall("# page\n```python\n1 / 0\n```\n```\nplain\n```\n") == [("python", "1 / 0\n")]


@pytest.mark.parametrize("name", [module.name for module in pkgutil.walk_packages(pushpop.__path__, "pushpop.")])
def test_docstring_examples_are_true(name):
    if name.endswith("__main__"):
        pytest.skip("importing it runs the program")
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_torch_has_one_pin():
    """The first command of the bootstrap and the constraints of the second name the same torch; no page another."""
    pins = {path: set(PIN.findall((ROOT / path).read_text())) for path in ("Makefile", "constraints.txt")}
    assert pins["Makefile"] == pins["constraints.txt"]
    assert len(pins["Makefile"]) == 1
    for path in [ROOT / "pyproject.toml", ROOT / ".ci" / "run", ROOT / "CONTRIBUTING.md", *PAGES]:
        assert set(PIN.findall(path.read_text())) <= pins["Makefile"], f"{path.name} names another torch"
        for line in path.read_text().splitlines():
            assert not re.search(r"pip install .*\btorch\b(?!==)", line), f"{path.name} installs an unpinned torch"


def test_the_constraints_meet_what_the_package_asks():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["dev"], *extras["docs"]]
    pinned = {
        line.split("==")[0].lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    names = {re.match(r"[\w-]+", line)[0].lower() for line in asked}
    assert names - pinned == set()


def test_the_changelog_knows_this_version():
    assert f"## [{pushpop.__version__}] - 20" in (ROOT / "CHANGELOG.md").read_text()


def test_links_between_pages_lead_somewhere():
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        for target in re.findall(r"\]\(((?!https?:|#)[^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target} is not there"


def anchors(text: str) -> set[str]:
    """What the headings of a page are called in links, as GitHub and MyST do it."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lost_anchors(page: Path) -> list[str]:
    """Links to a heading, of this page or another, that is not there."""
    links = re.findall(r"\]\(((?!https?:)[^)#]*)#([^)]+)\)", FENCE.sub("", page.read_text()))
    return [
        f"{target}#{name}"
        for target, name in links
        if name not in anchors((page.parent / target if target else page).read_text())
    ]


def test_links_to_headings_lead_somewhere(tmp_path):
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        assert lost_anchors(page) == [], page.name
    (tmp_path / "page.md").write_text("# What `a.b` is\n[here](#what-ab-is), [lost](#b) [too](page.md#c)\n")
    assert lost_anchors(tmp_path / "page.md") == ["#b", "page.md#c"]


def test_readme_leads_to_every_page_of_the_guide():
    text = (ROOT / "README.md").read_text()
    assert [page.name for page in GUIDE if f"](docs/guide/{page.name})" not in text] == []


def test_every_decision_has_its_own_number():
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert len(numbers) == len(set(numbers))
    assert all(number.isdigit() for number in numbers)
