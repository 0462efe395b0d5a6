"""A journal that was torn, glued, full or is somebody else's: every whole write is there again, with a warning."""

import errno
import json
import logging
import os
import subprocess
import sys
import time

import pytest

from pushpop.errors import StorageError
from pushpop.experiments.ledger import Ledger, look


def write(path) -> list:
    """Two trials, one of them finished, in a new journal; what was written."""
    ledger = Ledger.open(f"journal://{path}", "sweep")
    ledger.begin({"hidden": 64}, {"seed": 0})
    ledger.begin({"hidden": 64}, {"seed": 1})
    ledger.finish(0, "done", 0.5, {"words": 10})
    entries = ledger.entries()
    ledger.close()
    return entries


def read(path) -> list:
    ledger = Ledger.open(f"journal://{path}", "sweep")
    entries = ledger.entries()
    ledger.close()
    return entries


def warnings(caplog) -> str:
    return "; ".join(record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)


TORN = pytest.mark.parametrize(
    "torn",
    ['{"op_code":4,"worker_id":"a","user_attrs":{"x":"', "{", '{"op_code":4,"worker_id":"a"}', "\0" * 99],
    ids=["half", "a byte", "all but its end", "zeros"],
)


@TORN
def test_a_torn_last_line_is_trimmed_with_a_warning(torn, tmp_path, caplog):
    path = tmp_path / "study.journal"
    entries = write(path)
    whole = path.read_bytes()
    path.write_bytes(whole + torn.encode())
    assert read(path) == entries
    assert f"{len(torn)} bytes of a torn last line trimmed" in warnings(caplog)
    assert path.read_bytes() == whole


def test_torn_at_any_byte_it_opens_with_all_that_was_whole(tmp_path):
    """And what is written after that is there, too."""
    path = tmp_path / "study.journal"
    write(path)
    whole = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for cut in {0, 1, *range(3, len(whole), 7), *ends, *(end - 1 for end in ends)}:
        path.write_bytes(whole[:cut])
        expected = sum(cut >= end for end in ends[1:3])  # of two trials, in the lines after that of the study
        ledger = Ledger.open(f"journal://{path}", "sweep")
        assert ledger.begin({}, {}) == expected, f"cut at {cut}"
        ledger.close()
        assert len(read(path)) == expected + 1, f"cut at {cut}"


@pytest.mark.parametrize("line", range(5))
@TORN
def test_lines_glued_to_a_torn_one_are_parted_with_a_warning(line, torn, tmp_path, caplog):
    path = tmp_path / "study.journal"
    entries = write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 5
    path.write_bytes(b"".join([*lines[:line], torn.encode(), *lines[line:]]))
    assert read(path) == entries
    assert f"torn writes dropped from line {line + 1}; every whole one is kept" in warnings(caplog)
    assert path.read_bytes() == b"".join(lines)
    caplog.clear()
    assert read(path) == entries
    assert not caplog.records


def test_a_line_of_which_nothing_is_whole_is_dropped(tmp_path, caplog):
    path = tmp_path / "study.journal"
    entries = write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b'{"op_code":8,"wor{"op_co\n', *lines[3:]]))
    assert read(path) == entries
    assert "dropped from line 4" in warnings(caplog)


def test_optuna_alone_does_not_load_such_a_file(tmp_path):
    """The reason for all this; should it change, `mend` can go."""
    path = tmp_path / "study.journal"
    write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b'{"op_code":8,"wor', *lines[3:]]))
    program = (
        "import sys; from optuna.storages import journal as j; j.JournalStorage(j.JournalFileBackend(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert "JSONDecodeError" in done.stderr


@pytest.mark.parametrize("content", ["{}\n", "once upon a time", "\n", "[1, 2]\n" * 5])
def test_a_file_that_is_something_else_is_refused_and_left_alone(content, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text(content)
    with pytest.raises(StorageError, match=r"holds something else than a study's journal; give another --storage"):
        Ledger.open(f"journal://{path}", "sweep")
    assert path.read_text() == content


def test_a_second_owner_is_refused(tmp_path):
    path = tmp_path / "study.journal"
    entries = write(path)
    ledger = Ledger.open(f"journal://{path}", "sweep")
    with pytest.raises(StorageError, match=r"another process has it open; wait for that one"):
        Ledger.open(f"journal://{path}", "other")
    ledger.close()
    assert read(path) == entries


def test_who_only_looks_needs_not_own_it_and_writes_nothing(tmp_path, caplog):
    path = tmp_path / "study.journal"
    entries = write(path)
    ledger = Ledger.open(f"journal://{path}", "sweep")
    assert look(f"journal://{path}", "sweep") == entries
    assert look(f"journal://{path}", "other") == []
    ledger.begin({}, {})
    entries = ledger.entries()
    ledger.close()
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for damage in (b'{"op_code":4,', b'{"op_code":4,' + last):  # Optuna, too, passes over what is at the end
        path.write_bytes(whole + damage)
        assert look(f"journal://{path}", "sweep") == entries
    assert not caplog.records
    path.write_bytes(whole + b"{" + last + last)
    assert look(f"journal://{path}", "sweep") == entries
    assert "damaged, and told as of before that; a sweep that goes on mends it" in warnings(caplog)
    assert path.read_bytes() == whole + b"{" + last + last
    assert [each.name for each in tmp_path.iterdir()] == ["study.journal"]


@pytest.mark.parametrize("wrong", ['{"op_code":4}', "[]", "3", '{"op_code":99}', '{"op_code":4,"study_id":[]}'])
@pytest.mark.parametrize("open_", [read, lambda path: look(f"journal://{path}", "sweep")], ids=["owned", "looked at"])
def test_a_whole_line_that_is_no_write_is_named_and_nothing_is_dropped(open_, wrong, tmp_path):
    path = tmp_path / "study.journal"
    entries = write(path)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    damaged = b"".join([*lines[:2], wrong.encode() + b"\n", *lines[2:]])
    path.write_bytes(damaged)
    for _ in range(2):  # nothing of the first is still held
        with pytest.raises(StorageError, match=r"study.journal: line 3 is no write of a study; restore") as refused:
            open_(path)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == damaged
    path.write_bytes(whole)
    assert open_(path) == entries


def test_who_only_looks_is_warned_once(tmp_path, caplog):
    path = tmp_path / "study.journal"
    entries = write(path)
    path.write_bytes(path.read_bytes() + b"{\n{\n")
    assert look(f"journal://{path}", "sweep") == entries
    assert len(caplog.records) == 1


def test_to_look_makes_no_journal(tmp_path):
    with pytest.raises(StorageError, match="there is no such file; give the --storage that the sweep is kept in"):
        look(f"journal://{tmp_path}/study.journal", "sweep")
    assert not list(tmp_path.iterdir())


def test_a_mended_journal_has_one_owner_too(tmp_path):
    path = tmp_path / "study.journal"
    write(path)
    path.write_bytes(b"{" + path.read_bytes())
    ledger = Ledger.open(f"journal://{path}", "sweep")
    with pytest.raises(StorageError, match="another process has it open"):
        Ledger.open(f"journal://{path}", "sweep")
    ledger.close()


def test_a_lock_that_a_killed_optuna_left_is_not_waited_for(tmp_path, monkeypatch):
    def wait(seconds: float) -> None:
        raise AssertionError("waited")

    path = tmp_path / "study.journal"
    entries = write(path)
    (tmp_path / "study.journal.lock").symlink_to(path)
    monkeypatch.setattr(time, "sleep", wait)
    ledger = Ledger.open(f"journal://{path}", "sweep")
    assert ledger.begin({}, {}) == len(entries)
    ledger.close()


FULL = """
import resource, sys, time
from pathlib import Path
from pushpop.errors import StorageError
from pushpop.experiments.ledger import Ledger, look

path = Path(sys.argv[1])
ledger = Ledger.open(f"journal://{path}", "sweep")
for number in range(3):
    ledger.begin({"hidden": 64}, {"seed": number})
before, size = ledger.entries(), path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]), resource.RLIM_INFINITY))
for write in (lambda: ledger.begin({}, {}), lambda: ledger.finish(1, "done", 0.5, {})):
    try:
        write()
    except StorageError as error:
        print(error)
    assert path.stat().st_size == size, "the half-written line is still there"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert ledger.entries() == before
ledger.finish(1, "done", 0.5, {})
assert ledger.begin({}, {}) == 3
now = ledger.entries()
ledger.close()
assert Ledger.open(f"journal://{path}", "sweep").entries() == now
assert [entry.state for entry in now] == ["running", "done", "running", "running"]
"""


@pytest.mark.parametrize("room", [0, 40])
def test_a_full_disk_ends_in_one_line_and_the_study_is_whole(room, tmp_path):
    """A limit on the size of files stands for the disk: a write stops in the middle of its line."""
    path = tmp_path / "study.journal"
    command = [sys.executable, "-c", FULL, str(path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = (
        f"storage journal://{path}: cannot be written (File too large); "
        "what was stored before is whole; mend that and start the same sweep again"
    )
    assert done.stdout.splitlines() == [said, said]


def test_a_write_that_does_not_reach_the_disk_ends_in_one_line(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    ledger = Ledger.open(f"journal://{tmp_path}/study.journal", "sweep")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"cannot be written \(No space left on device\); what was stored"):
        ledger.begin({}, {})
    ledger.close()


def test_few_lines_a_trial(tmp_path):
    """Begun, result, ended: ten thousand trials load in a second or so."""
    path = tmp_path / "study.journal"
    write(path)
    codes = [json.loads(line)["op_code"] for line in path.read_text().splitlines()]
    assert len(codes) == 1 + 2 + 2
