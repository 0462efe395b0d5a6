"""The options of `pushpop sweep`: each mistake in one line that names the option, and what `--list` says and leaves."""

import json

import pytest
from sweeps import SWEEP, changed, write_toml

from pushpop.cli.app import main
from pushpop.experiments.sweep import Sweep
from pushpop.experiments.sweep_folder import claim


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_toml(tmp_path / "tiny.toml", SWEEP)


@pytest.fixture
def begun(file, tmp_path):
    """A sweep of which no trial has begun yet."""
    out = tmp_path / "out"
    out.mkdir()
    claim(out, Sweep.from_dict(SWEEP))
    return out


def refused(capsys, *argv):
    """The one line of a command that is the user's mistake."""
    assert main(["sweep", *map(str, argv)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize("listed", [[], ["--list"]])
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--launcher", "slurn"], "--launcher: 'slurn' is not known; did you mean 'slurm'?"),
        (["--workers", "0"], "--workers: 0 is no number of trials abreast; give 1 or more"),
        (["--storage", ""], "--storage: '' is no URL"),
        (["--trials", "3"], "--trials: a grid has as many as it has, not 3"),
        (["--launcher-options", "partition"], "--launcher-options: 'partition' is no option"),
    ],
)
def test_an_option_that_cannot_be_is_told_as_it_is_typed(file, begun, capsys, listed, options, says):
    assert refused(capsys, file, "--out", begun, *listed, *options).startswith(f"pushpop: {says}")


def test_what_is_no_sweep_cannot_be_listed(file, tmp_path, capsys):
    assert "nowhere: is no folder of a sweep" in refused(capsys, file, "--list", "--out", "nowhere")
    assert "tiny.toml: is no folder of a sweep" in refused(capsys, file, "--list", "--out", file)
    assert "runs/sweeps/tiny: is no folder of a sweep" in refused(capsys, file, "--list")
    (tmp_path / "empty").mkdir()
    assert "empty: holds no sweep.json" in refused(capsys, file, "--list", "--out", "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "tiny.toml"]


def test_to_list_a_database_that_is_not_there_makes_none(file, begun, tmp_path, capsys):
    said = refused(capsys, file, "--list", "--out", begun, "--storage", f"sqlite:///{tmp_path}/study.db")
    assert "study.db: there is no such file" in said
    assert not (tmp_path / "study.db").exists()


def test_a_list_says_nothing_of_what_is_to_come(file, begun, capsys):
    assert main(["sweep", str(file), "--list", "--out", str(begun), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "left" not in said
    assert said["done"] == 0


def test_a_damaged_folder_is_told_when_it_is_listed(file, begun, capsys):
    (begun / "sweep.json").write_text("{}")
    assert "sweep.json: damaged" in refused(capsys, file, "--list", "--out", begun)


def test_more_trials_than_a_search_may_have_are_refused_by_the_option(tmp_path, capsys):
    file = write_toml(tmp_path / "tiny.toml", changed(search="random", trials=1))
    said = refused(capsys, file, "--out", tmp_path / "out", "--trials", "1000000000")
    assert said.startswith("pushpop: --trials: 1000000000 is too many")
