"""Files that survive a kill at any instant: replaced whole, or appended to line by line."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a reader, at any instant, finds the old file or the new one, whole.

    One writer at a time: the unfinished copy has a fixed name beside the file, so a kill leaves at most one.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Log:
    """An append-only file of events, one JSON object a line. What is appended outlasts the process at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Unbuffered: a line goes out in one system call or not at all, unless the disk is full or the power goes.
        self._file = path.open("ab", buffering=0)

    def append(self, event: dict[str, Any]) -> None:
        self._file.write(json.dumps(event).encode() + b"\n")

    def sync(self) -> None:
        """Make what was appended outlast a power cut."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def is_event(event: object) -> bool:
    """Whether this is a step with its numbers, each by itself or in an object of them."""
    if not isinstance(event, dict) or type(event.get("step")) is not int:
        return False
    values = [inner for value in event.values() for inner in (value.values() if isinstance(value, dict) else [value])]
    return all(value is None or type(value) in (int, float) for value in values)


def events(path: Path, whole: Callable[[object], bool] = is_event) -> Iterator[dict[str, Any]]:
    """Every event of a log in order. A torn last line is left out, and so is a line that is not an event (`whole`)."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if whole(event):
                yield event


def rewind(path: Path, step: int, whole: Callable[[object], bool] = is_event) -> None:
    """Forget events after `step`: a resumed run will write them again, once."""
    kept = [event for event in events(path, whole) if event["step"] <= step]
    write_whole(path, b"".join(json.dumps(event).encode() + b"\n" for event in kept))
