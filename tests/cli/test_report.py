"""`pushpop report`: a page and, where asked for, files; each mistake is one line."""

import json
import shutil

import pytest


def test_figures_and_tables_go_where_they_are_wanted(pushpop, small_run, tmp_path):
    said = pushpop("report", small_run, "--out", tmp_path / "page.html", "--figures", tmp_path / "figures")
    assert (said.status, said.error) == (0, "")
    files = list((tmp_path / "figures").iterdir())
    assert said.out == f"report: {tmp_path / 'page.html'}\nfigures: {tmp_path / 'figures'} ({len(files)} files)\n"
    assert {"models.csv", "cost.md", "figures.md", "reverse-error-coarse-words.png"} <= {path.name for path in files}


def test_what_has_ended_is_watched_no_longer(pushpop, small_run, tmp_path):
    assert pushpop("report", small_run, "--out", tmp_path / "page.html", "--watch").status == 0
    assert "http-equiv" not in (tmp_path / "page.html").read_text()


def test_a_sweep_is_reported_with_what_its_trials_came_to(pushpop, small_run, tmp_path):
    sweep = tmp_path / "sweep"
    config = json.loads((small_run / "config.json").read_text())
    for number in range(2):
        run = sweep / "runs" / "reverse" / f"lstm-{config['hash']}-s{number}"
        shutil.copytree(small_run, run)
        (run / "config.json").write_text(json.dumps(config | {"seed": number}))
    (run / "metrics.json").unlink()
    (run / "failure.json").write_text('{"error": "TrainingFailed: the loss is nan", "traceback": "", "attempts": 1}')
    (sweep / "sweep.json").write_text('{"name": "two", "search": "grid", "variants": []}')
    assert pushpop("report", sweep).status == 0
    page = (sweep / "report.html").read_text()
    for wanted in ("The sweep two", "2 trials have begun: 1 not solved, 1 failed", "the loss is nan"):
        assert wanted in page


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--figures", "{file}"], "figures: {file} cannot be written"),
        (["--figures", "{file}/below"], "figures: {file}/below cannot be written"),
        (["--out", "{file}/page.html"], "out: {file} cannot be a folder"),
    ],
)
def test_a_place_that_cannot_be_is_one_line(pushpop, small_run, tmp_path, argv, says):
    (tmp_path / "file").write_text("")
    place = {"file": tmp_path / "file"}
    own = [] if "--out" in argv else ["--out", tmp_path / "page.html"]
    said = pushpop("report", small_run, *own, *(word.format(**place) for word in argv))
    assert said.status == 2
    assert said.error.startswith(f"pushpop: {says.format(**place)}")
    assert said.error.count("\n") == 1
