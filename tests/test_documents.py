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
BLOCK = re.compile(r"^```(python|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PIN = re.compile(r"\btorch==([\w.+]+)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_the_blocks_of_a_page_run_from_top_to_bottom(page, tmp_path):
    """In one folder; python blocks go on from one another, as a reader's notebook does."""
    bin_ = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    scripts = [text for language, text in blocks(page) if language == "bash"]
    script = "\n".join(["set -euo pipefail", *scripts])
    code = "\n".join(text for language, text in blocks(page) if language == "python")
    for command in (["bash", "-c", script], [sys.executable, "-W", "error", "-c", code]):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{page.name}:\n{done.stdout}\n{done.stderr}"


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
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
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


def test_every_decision_has_its_own_number():
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert len(numbers) == len(set(numbers))
    assert all(number.isdigit() for number in numbers)
