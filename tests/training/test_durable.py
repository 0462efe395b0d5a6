"""Files that a kill leaves whole."""

import json
from pathlib import Path

import pytest

from pushpop.training.durable import Log, events, rewind, write_whole


def test_a_torn_last_line_is_left_out(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2}\n{"step": 3, "los')
    assert [event["step"] for event in events(path)] == [1, 2]


def test_a_rewound_log_forgets_later_steps_and_its_torn_line(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    rewind(path, 2)
    log = Log(path)
    log.append({"step": 3, "loss": 0.5})
    log.close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"step": 1}, {"step": 2}, {"step": 3, "loss": 0.5},
    ]  # fmt: skip


def test_a_log_that_is_not_there_has_no_events(tmp_path):
    assert list(events(tmp_path / "events.jsonl")) == []


@pytest.mark.parametrize(
    "line", ['{"step": "x"}', '{"words": 3}', '{"step": 2, "loss": "y"}', '{"step": 2, "test": [1]}', "[1]", "3",
             '{"step": 2, "test": {"coarse": "z"}}'],
)  # fmt: skip
def test_a_line_that_is_no_event_is_left_out(line, tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text(f'{{"step": 1, "loss": null, "test": {{"coarse": 0.5}}}}\n{line}\n')
    assert [event["step"] for event in events(path)] == [1]
    rewind(path, 5)
    assert path.read_text().count("\n") == 1


def test_a_kill_before_the_file_is_replaced_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new, and never finished")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
