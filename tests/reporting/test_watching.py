"""The report of runs that are still going: it follows them, survives what is half written, and ends with them."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from pushpop.errors import RunError
from pushpop.reporting import records, watching
from pushpop.reporting.records import read_runs

AGAIN = '<meta http-equiv="refresh"'


@pytest.fixture
def steps(monkeypatch):
    """steps([act, ...]): between two looks the next of these happens; more looks than that are a failure."""

    def steps(acts):
        waiting = iter(acts)

        def sleep(_):
            next(waiting)()

        monkeypatch.setattr(watching.time, "sleep", sleep)
        return waiting

    return steps


@pytest.fixture
def lock():
    """lock(folder) holds a folder as a scheduler does, until what it gives is closed."""
    held = []

    def lock(folder):
        held.append((folder / ".lock").open("ab"))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
        return held[-1]

    yield lock
    for file in held:
        file.close()


@pytest.fixture
def small(write_sweep, tmp_path):
    folder = write_sweep(tmp_path / "small", hiddens=(32, 64), rates=(1e-3,), seeds=(1,), quiet=True, pruning=False)
    for log in folder.rglob("events.jsonl"):
        log.unlink()  # a page without curves is soon drawn
    return folder


def test_a_sweep_is_followed_until_its_scheduler_lets_go(small, lock, steps, write_sweep, tmp_path):
    page = tmp_path / "page.html"
    holder = lock(small)
    seen = []

    def more():
        seen.append(page.read_text())
        other = write_sweep(tmp_path / "other", hiddens=(128,), rates=(3e-3,), seeds=(7,), quiet=True, pruning=False)
        for run in other.glob("runs/*/*"):
            (run / "events.jsonl").unlink()
            shutil.move(run, small / "runs" / "reverse")
        shutil.rmtree(other)

    def done():
        seen.append(page.read_text())
        holder.close()

    steps([more, done])
    contents = watching.watch([small], page)
    assert ["hidden 128" in text for text in seen] == [False, True]
    assert all(AGAIN in text and "Still running" in text and "It is still running" in text for text in seen)
    final = page.read_text()
    assert AGAIN not in final
    assert "till running" not in final
    assert len(contents.groups) == 3


def test_a_run_of_its_own_is_followed_until_it_has_ended(make_run, steps, tmp_path):
    run, page = make_run(finished=False, by_length=False), tmp_path / "page.html"
    (run / "events.jsonl").unlink()
    result = (make_run(seed=1) / "metrics.json").read_text()
    steps([lambda: None, lambda: (run / "metrics.json").write_text(result)])
    assert watching.watch([run], page).groups[0].cut_short == ""
    assert AGAIN not in page.read_text()


def test_an_interrupted_sweep_is_not_waited_for(small, steps, tmp_path):
    for path in small.rglob("metrics.json"):
        path.unlink()
    steps([])
    assert watching.watch([small], tmp_path / "page.html").groups[0].cut_short == "1 unfinished"
    assert "figure-small-slice" not in (tmp_path / "page.html").read_text()  # no trial has a score


def test_a_trial_that_outlives_its_scheduler_is_waited_for(small, lock, steps, tmp_path):
    run = next(small.rglob("metrics.json")).parent
    (run / "metrics.json").rename(tmp_path / "result")
    holder = lock(run)

    def ended():
        shutil.move(tmp_path / "result", run / "metrics.json")
        holder.close()

    steps([ended])
    assert [group.cut_short for group in watching.watch([small], tmp_path / "page.html").groups] == ["", ""]


def test_what_is_half_written_is_left_out_until_it_is_whole(small, lock, steps, tmp_path):
    holder, page, said, groups = lock(small), tmp_path / "page.html", [], []
    run = next(small.rglob("metrics.json")).parent
    whole = (run / "config.json").read_bytes()

    def look_again():
        groups.append(page.read_text().count('<div class="card"'))

    def torn():
        look_again()
        (run / "config.json").write_bytes(whole[:30])
        for name, content in (("metrics.json", b""), ("trial.json", b"{"), ("events.jsonl", b'{"step": 1')):
            strange = small / "runs" / "reverse" / f"stack-lstm-0000000{len(content)}-s1"
            strange.mkdir()
            (strange / "config.json").write_bytes(whole)
            (strange / name).write_bytes(content)

    def mended():
        look_again()
        (run / "config.json").write_bytes(whole)
        for strange in (small / "runs" / "reverse").glob("*-0000000*"):
            shutil.rmtree(strange)

    def done():
        look_again()
        holder.close()

    steps([torn, look_again, mended, done])
    watching.watch([small], page, said.append)
    assert groups[0] == groups[-1] == 2
    assert groups[1] >= 1
    assert any("metrics.json: damaged" in line and line.endswith("left out") for line in said)
    assert len(said) == len({*said})  # each is told once, not at every look


def test_a_run_that_vanishes_between_two_looks_is_gone(small, lock, steps, tmp_path):
    holder = lock(small)
    steps([lambda: shutil.rmtree(next(small.rglob("metrics.json")).parent), holder.close])
    assert len(watching.watch([small], tmp_path / "page.html").groups) == 1


def test_nothing_is_drawn_where_nothing_has_changed(small, lock, steps, tmp_path, monkeypatch):
    holder, drawn = lock(small), []
    write = watching.write_contents
    monkeypatch.setattr(watching, "write_contents", lambda *given: drawn.append(given) or write(*given))
    steps([lambda: None, lambda: None, holder.close])
    watching.watch([small], tmp_path / "page.html")
    assert len(drawn) == 2  # the first time, and the last


def test_what_has_not_changed_is_not_read_again(small, monkeypatch):
    cache, read = {}, []
    reading = records.read_run
    monkeypatch.setattr(records, "read_run", lambda path, say: read.append(path) or reading(path, say))
    first = read_runs([small], cache=cache)
    assert len(read) == len(first) == 2
    assert read_runs([small], cache=cache) == first
    assert len(read) == 2
    changed = first[0].path / "metrics.json"
    changed.write_text(json.dumps(json.loads(changed.read_text()) | {"solved": False}))
    os.utime(changed, ns=(1, 1))
    assert [record.status for record in read_runs([small], cache=cache)] == ["not solved", first[1].status]
    assert len(read) == 3


def test_with_nobody_to_tell_what_is_damaged_is_refused(small):
    next(small.rglob("metrics.json")).write_text("{")
    with pytest.raises(RunError, match=r"metrics.json: damaged"):
        read_runs([small])
    said = []
    assert len(read_runs([small], said.append, forgiving=True)) == 1
    assert len(said) == 1


def test_ctrl_c_ends_it_with_the_page_whole_and_still(small, lock, tmp_path):
    lock(small)
    page = tmp_path / "page.html"
    watch = subprocess.Popen(
        [sys.executable, "-m", "pushpop", "report", str(small), "--out", str(page), "--watch"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (page.exists() and AGAIN in page.read_text()):
        assert watch.poll() is None, watch.communicate()
        time.sleep(0.05)
    watch.send_signal(signal.SIGINT)
    out, error = watch.communicate(timeout=60)
    assert (watch.returncode, out, error) == (130, "", "pushpop: interrupted\n")
    text = page.read_text()
    assert text.endswith("</html>")
    assert AGAIN not in text
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []
