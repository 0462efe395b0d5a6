"""The direction of imports, and the size of things."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pushpop"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = [  # lowest first; names on one line may not import each other
    {"errors"},
    {"kernels"},
    {"tasks"},
    {"memory"},
    {"models"},
    {"graphs"},
    {"training", "evaluation"},
    {"experiments"},
    {"reporting"},
    {"studies"},
    {"cli"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
NOBODY_S = {"utils", "util", "common", "helpers", "helper", "misc", "manager", "base"}
FRONT_DOORS = {"__init__", "__main__"}  # pushpop/__init__.py hands out names of every part, lazily


def imported(tree: ast.AST, package: tuple[str, ...]) -> set[str]:
    """Dotted names of all that is imported anywhere in the file, inside functions and by `import_module` too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            start = ".".join(part for part in (above, node.module) if part)
            names |= {f"{start}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and re.fullmatch(r"pushpop(\.\w+)+(:\w+)?", str(node.value)):
            names.add(node.value.replace(":", "."))  # "module:function" is an import put off
    return names


def parts(names: set[str]) -> set[str]:
    """The parts of pushpop among dotted names."""
    return {name.split(".")[1] for name in names if name.startswith("pushpop.")} & set(RANK)


def complaints(text: str, where: str) -> list[str]:
    """All that is wrong with a module whose path inside the package is `where`."""
    path = Path(where)
    here = path.parts[0].removesuffix(".py")
    tree = ast.parse(text)
    said = []
    if here not in FRONT_DOORS:
        if here not in RANK:
            return [f"{where}: {here} is no part of the layout"]
        others = sorted(parts(imported(tree, ("pushpop", *path.parts[:-1]))) - {here})
        said += [f"{where}: {here} may not import {there}" for there in others if RANK[there] >= RANK[here]]
    if text.count("\n") >= 300:
        said.append(f"{where}: {text.count(chr(10))} lines; split it: one module, one idea")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length >= 50:
                said.append(f"{where}: {node.name} has {length} lines; a function stays under 50")
    words = {word for part in path.parts for word in part.removesuffix(".py").split("_")}
    said += [f"{where}: {word!r} says nothing; find the word for what it does" for word in sorted(words & NOBODY_S)]
    return said


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_keeps_to_the_layout(path):
    assert complaints(path.read_text(), str(path.relative_to(PACKAGE))) == []


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("from pushpop.cli import app\n", "memory/lists.py", "memory may not import cli"),
        ("def f():\n    import pushpop.models.recurrent\n", "memory/lists.py", "memory may not import models"),
        ("from pushpop import tasks\n", "kernels/unroll.py", "kernels may not import tasks"),
        ("from ..evaluation import metrics\n", "training/loop.py", "training may not import evaluation"),
        ("BUILDER = 'pushpop.studies.bench:run'\n", "models/catalogue.py", "models may not import studies"),
        ("x = 1\n" * 300, "memory/lists.py", "300 lines"),
        ("def f():\n" + "    x = 1\n" * 50, "memory/lists.py", "f has 51 lines"),
        ("", "memory/utils.py", "'utils' says nothing"),
        ("", "memory/list_helpers.py", "'helpers' says nothing"),
        ("", "extras/lists.py", "no part of the layout"),
    ],
)
def test_a_breach_is_noticed(text, where, says):
    assert says in "; ".join(complaints(text, where))


def test_each_layer_may_use_the_ones_below():
    assert (
        complaints("from pushpop.errors import ShapeError\nfrom pushpop.kernels import matmul\n", "memory/x.py") == []
    )


def test_all_that_is_imported_comes_with_the_package():
    """Nothing but the standard library, the package itself, and its stated dependencies; a launcher has its extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for path in MODULES:
        package = ("pushpop", *path.relative_to(PACKAGE).parts[:-1])
        stated = project["dependencies"] + (extras.get(path.stem, []) if "launchers" in package else [])
        known = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in stated}
        known |= {"pushpop", *sys.stdlib_module_names}
        tops = {name.split(".")[0] for name in imported(ast.parse(path.read_text()), package)}
        assert tops <= known, f"{path.relative_to(ROOT)}: {sorted(tops - known)} would be missing after an install"


def test_all_that_is_stated_is_imported():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in stated}
    tops = {name.split(".")[0] for path in MODULES for name in imported(ast.parse(path.read_text()), ("pushpop",))}
    assert names - tops == set(), "a dependency that nothing imports is a download for nothing"


def test_nothing_outside_the_package_is_reached_by_path():
    """An installed wheel has no tests, docs or data beside it."""
    for path in MODULES:
        text = path.read_text()
        assert not re.search(r"parents\[|(\.parent){3}", text), f"{path.name} climbs out of the package"
