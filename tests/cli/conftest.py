"""A small run to use, and the program as a function."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from pushpop.cli.app import main

SMALL = (
    *("reverse", "--model", "lstm", "--model.hidden", "8", "--task.symbols", "9"),
    *("--task.shortest", "1", "--task.longest", "3", "--task.test-shortest", "4", "--task.test-longest", "5"),
    *("--training.evaluate-every", "5", "--device", "cpu", "--steps", "5"),
)


class Said(NamedTuple):
    status: int
    out: str
    error: str


@pytest.fixture
def small() -> tuple[str, ...]:
    """`train` arguments of the run of `small_run`; the last two are its budget."""
    return SMALL


@pytest.fixture
def pushpop(capsys):
    """The program, in this process: status, stdout and stderr of one command line."""

    def call(*argv: object) -> Said:
        capsys.readouterr()
        status = main([str(token) for token in argv])
        return Said(status, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Path:
    """A finished run of five steps; right about nothing, but whole."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    assert main(["train", *SMALL, "--run", str(folder), "--quiet"]) == 0
    assert json.loads((folder / "metrics.json").read_text())["steps"] == 5
    return folder
