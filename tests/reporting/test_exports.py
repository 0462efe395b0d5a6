"""The report as files, and what TensorBoard makes of the same folders."""

import csv
import json
import re

import pytest

from pushpop.errors import ConfigError
from pushpop.reporting.exports import save
from pushpop.reporting.sections import read_contents, slug
from pushpop.training.durable import Log, events
from pushpop.training.tensorboard import TensorBoard


@pytest.fixture(scope="module")
def folder(write_sweep, tmp_path_factory):
    return write_sweep(tmp_path_factory.mktemp("exports") / "rates", seeds=(1, 2))


@pytest.fixture(scope="module")
def figures(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("files") / "figures"
    assert {path.name for path in save([folder], place)} == {path.name for path in place.iterdir()}
    return place


def test_every_figure_and_every_table_becomes_files(folder, figures):
    contents = read_contents([folder])
    names = {path.name for path in figures.iterdir()}
    drawings = [one.name for part in contents.sections for one in part.drawings]
    tables = [one.name for part in contents.sections for one in part.tables]
    wanted = {f"{name}.{ending}" for name in drawings for ending in ("png", "svg")}
    assert names == wanted | {f"{name}.{ending}" for name in tables for ending in ("csv", "md")} | {"figures.md"}
    assert {"rates-importance.png", "rates-slice-training.rate.svg", "rates-configurations.csv", "rates-pruning.md",
            "reverse-error-coarse-seconds.png", "cost.csv", "cut-short.md"} <= names  # fmt: skip
    said = (figures / "figures.md").read_text()
    for png in figures.glob("*.png"):
        assert png.read_bytes().startswith(b"\x89PNG")
        assert png.with_suffix(".svg").read_bytes().startswith(b"<?xml")
        assert f"({png.stem}.svg)" in said
    assert not re.search(r"\d{4}-\d\d-\d\dT", (figures / "reverse-loss-words.svg").read_text())


def test_a_table_of_files_has_every_row(figures):
    rows = list(csv.DictReader((figures / "rates-configurations.csv").read_text().splitlines()))
    assert len(rows) == 12
    assert {row["model.hidden"] for row in rows} == {"16", "32", "64", "128"}
    assert len(list(csv.DictReader((figures / "seeds.csv").read_text().splitlines()))) == 24


def test_a_place_that_cannot_be_written_is_the_user_s_mistake(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"figures: .* cannot be written .*give another folder"):
        save([folder], tmp_path / "file" / "figures")


def test_a_name_of_any_letters_names_a_file():
    assert slug("../Größe 64/x") == "..-Größe-64-x"
    assert "/" not in slug("/")


def test_two_sweeps_of_one_name_keep_their_files_apart(write_sweep, tmp_path):
    for place in ("a", "b"):
        write_sweep(tmp_path / place / "same", hiddens=(32, 64), rates=(1e-3,), seeds=(1,), quiet=True)
    names = [one.name for part in read_contents([tmp_path]).sections for one in part.tables]
    assert {"same-configurations", "same-2-configurations"} <= {*names}
    assert len(names) == len({*names})


def test_tensorboard_finds_every_trial_below_a_sweep(write_sweep, tmp_path):
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    folder = write_sweep(tmp_path / "sweep", hiddens=(64,), rates=(1e-3,), seeds=(1, 2), quiet=True, pruning=False)
    for log in [*folder.rglob("events.jsonl")]:
        lines = [*events(log)]
        log.write_text("")
        recorder = Log(log)
        with TensorBoard(log.parent, log) as board:  # as a trial writes it, line by line
            for event in lines:
                recorder.append(event)
                board(event)
        recorder.close()
    found = EventMultiplexer().AddRunsFromDirectory(str(folder))
    found.Reload()
    trials = {str(path.parent.relative_to(folder)) for path in folder.rglob("config.json")}
    assert set(found.Runs()) == trials
    assert len(trials) == 2
    for trial in trials:
        log = [json.loads(line) for line in (folder / trial / "events.jsonl").read_text().splitlines()]
        wanted = [(event["step"], event["validation"]["coarse"]) for event in log if "validation" in event]
        shown = [(point.step, point.tensor_proto.float_val[0]) for point in found.Tensors(trial, "validation/coarse")]
        assert [step for step, _ in shown] == [step for step, _ in wanted]
        assert [score for _, score in shown] == pytest.approx([score for _, score in wanted])
