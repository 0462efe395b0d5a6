"""Networks that come with the package: found by name, right far beyond their training lengths, never written to."""

import re
from pathlib import Path

import pytest

import pushpop as package
from pushpop.errors import RunError
from pushpop.experiments import lengths, packaged
from pushpop.experiments.trial import train
from pushpop.tasks.words import words_of


@pytest.fixture(params=packaged.names())
def name(request) -> str:
    return request.param


def test_there_are_three():
    assert packaged.names() == ["@bigram-flip", "@copy", "@reverse"]
    assert list(packaged.described()) == packaged.names()


def test_each_answers_words_of_200_symbols(name):
    trained = package.load(name)
    assert (trained.solved, f"@{trained.settings.task.kind}") == (True, name)
    words = words_of(trained.task, (200, 200), 20, 0)
    wanted = [trained.task.answer(word) for word in words]
    assert [list(one) for one in trained.predict(words)] == [list(map(int, one)) for one in wanted]


def test_each_knows_how_far_it_was_measured(name):
    folder = packaged.found(Path(name))
    rows = lengths.read(folder / lengths.LENGTHS, folder)
    assert [(row["length"], row["words"], row["rounded"]["words"]) for row in rows] == [
        (length, 100, 100) for length in (256, 1_000, 10_000)
    ]


def test_each_is_small_and_holds_what_a_user_needs(name):
    files = {path.name: path.stat().st_size for path in packaged.found(Path(name)).iterdir()}
    assert set(files) == {"config.json", "lengths.json", "metrics.json", "model.safetensors"}
    assert sum(files.values()) < 500_000


@pytest.mark.parametrize("name", ["@copi", "@COPY"])
def test_a_name_that_there_is_not_says_which_there_are(name):
    rule = "no such network comes with pushpop; did you mean '@copy'? there are @bigram-flip, @copy, @reverse; or"
    with pytest.raises(RunError, match=rf"^{re.escape(f'{name}: {rule}')}"):
        package.load(name)


def test_a_path_is_no_name(tmp_path):
    for path in (tmp_path / "@copy", Path("@copy/run"), Path("copy")):
        assert not packaged.is_name(path)
        assert packaged.found(path) == path
        assert packaged.told(path) == str(path)
        assert packaged.beside(path, "report.html") == path / "report.html"
    assert packaged.told(packaged.ROOM / "copy") == "@copy"
    assert packaged.told(packaged.ROOM) == str(packaged.ROOM)
    for path in (packaged.ROOM / "copy", Path("@copy")):
        assert packaged.beside(path, "report.html") == Path("copy-report.html")


@pytest.mark.parametrize("run", ["@reverse", "@mine", packaged.ROOM / "reverse", packaged.ROOM / "mine"])
def test_nothing_is_trained_in_their_place(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match=r"give another --run|holds another run"):
        train("reverse", model={"kind": "lstm", "hidden": 4}, training={"steps": 1}, run=run, quiet=True)
    assert not any(tmp_path.iterdir())
    assert not (packaged.ROOM / "mine").exists()
