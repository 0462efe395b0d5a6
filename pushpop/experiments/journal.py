"""The study as a file: Optuna's journal, one JSON object a line, mended before Optuna reads it.

A write that a full disk or a power cut tore leaves a line without an end. Optuna reads on without a word and glues its
next line to it: that one is lost, and from the line after it on the file no longer loads.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optuna.storages.journal import JournalFileBackend, JournalStorage

from pushpop.errors import StorageError
from pushpop.training.durable import write_whole

OPENING = b'{"op_code":'  # how every line begins
log = logging.getLogger(__name__)


class Journal(JournalFileBackend):
    """Optuna's, with a lock that dies with its process, and with nothing left of a write that failed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        with flocked(path):
            mend(path)
        super().__init__(str(path), Lock(path))  # type: ignore[arg-type]  # its base class is not public

    def append_logs(self, logs: list[dict[str, object]]) -> None:
        try:
            super().append_logs(logs)
        except OSError:
            with flocked(self.path):
                trim(self.path)
            raise


class Lock:
    """Optuna's own lock is a file: after a kill its heirs would wait 30 s for it to grow old."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held: list[int] = []

    def acquire(self) -> bool:
        handle = os.open(self.path, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self.held.append(handle)
        return True

    def release(self) -> None:
        os.close(self.held.pop())


@contextmanager
def flocked(path: Path) -> Iterator[None]:
    """In here no other process of ours writes to the journal."""
    lock = Lock(path)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def journal(path: Path) -> JournalStorage:
    """The storage in this file, which is made if need be.

    Raises:
        StorageError: the file is something else.
        OSError: it cannot be read or written.
    """
    return JournalStorage(Journal(path))


def mend(path: Path) -> None:
    """Trim a torn last line, and part the lines that were glued to a torn one; each with a warning.

    Raises:
        StorageError: the file is no journal, and is left as it is.
    """
    with path.open("rb") as file:
        first = file.readline(1_000_000)
    if not OPENING.startswith(first[: len(OPENING)]) and OPENING not in first:
        raise StorageError(f"{path}: holds something else than a study's journal; give another --storage")
    trim(path)
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [rescued(line) for line in lines]
    if whole != lines:
        dropped = [number for number, (old, new) in enumerate(zip(lines, whole, strict=True), 1) if old != new]
        numbers = ", ".join(map(str, dropped))
        log.warning("%s: torn writes dropped from line %s; every whole one is kept", path, numbers)
        write_whole(path, b"".join(whole))


def trim(path: Path) -> None:
    """Cut a journal back to its last whole line."""
    with path.open("r+b") as file:
        content = file.read()
        end = content.rfind(b"\n") + 1
        if end < len(content):
            log.warning("%s: %d bytes of a torn last line trimmed", path, len(content) - end)
            file.truncate(end)
            os.fsync(file.fileno())


def rescued(line: bytes) -> bytes:
    """The whole write at the end of a line, which others may have been torn in front of; nothing if there is none."""
    start = 0
    while start >= 0:
        try:
            json.loads(line[start:])
        except ValueError:
            start = line.find(OPENING, start + 1)
        else:
            return line[start:]
    return b""
