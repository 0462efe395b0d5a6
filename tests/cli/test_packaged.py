"""Every command that takes a run folder takes the name of a network of the package, and writes nothing beside it."""

import json

import pytest

from pushpop.experiments.packaged import ROOM


def state() -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in [ROOM, *ROOM.rglob("*")]}


@pytest.mark.parametrize(
    ("argv", "written"),
    [
        (["predict", "@copy", "--input", "5 17 99"], []),
        (["eval", "@reverse", "--lengths", "90", "--words", "4", "--json"], []),
        (["trace", "@reverse", "--input", "5 17 99"], ["trace.html"]),
        (["play", "@copy"], ["play.html"]),
        (["inspect", "@reverse"], ["reverse-inspect.html"]),
        (["report", "@reverse", "@copy", "--traces"], ["reverse-report.html"]),
    ],
    ids=lambda argv: argv[0] if argv else None,
)
def test_a_command_leaves_the_package_as_it_was(argv, written, pushpop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = state()
    said = pushpop(*argv)
    assert said.status == 0, said.error
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    assert state() == before
    assert all(name in said.out for name in written)


def test_answers_are_right(pushpop):
    assert pushpop("predict", "@reverse", "--input", "5 17 99").out == "99 17 5\n"
    assert pushpop("predict", "@copy", "--input", "5 17 99").out == "5 17 99\n"
    assert pushpop("predict", "@bigram-flip", "--input", "5 17 99 4").out == "17 5 4 99\n"
    assert json.loads(pushpop("eval", "@copy", "--lengths", "200", "--words", "4", "--json").out)["coarse"] == 1.0


@pytest.mark.parametrize("command", ["predict", "eval", "trace", "play", "inspect", "generate", "report"])
def test_a_name_that_there_is_not_is_one_line(command, pushpop):
    said = pushpop(command, "@revers", *(["--input", "5"] if command == "trace" else []))
    assert (said.status, said.error.count("\n")) == (2, 1)
    assert "there are @bigram-flip, @copy, @reverse" in said.error
