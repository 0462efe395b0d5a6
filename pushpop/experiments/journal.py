"""The study as a file: Optuna's journal, one JSON object a line, mended before Optuna reads it.

A write that a full disk or a power cut tore leaves a line without an end. Optuna reads on without a word and glues its
next line to it: that one is lost, and from the line after it on the file no longer loads.
"""

import fcntl
import json
import logging
import os
from collections.abc import Generator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from optuna.exceptions import OptunaError
from optuna.storages.journal import JournalFileBackend, JournalStorage

from pushpop.errors import StorageError
from pushpop.training.durable import write_whole

OPENING = b'{"op_code":'  # how every line begins
log = logging.getLogger(__name__)


class Journal(JournalFileBackend):
    """Optuna's, made if need be, with one writer at a time, and with nothing left of a write that failed.

    Raises:
        StorageError: another process has it open, or the file is something else.
        OSError: it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        self._mine = own(path)
        try:
            if mend(path):  # another file now, under the same name
                self._mine.close()
                self._mine = own(path)
        except BaseException:
            self._mine.close()
            raise
        super().__init__(str(path), Owned())  # type: ignore[arg-type]  # the base class of locks is not public
        self.line = 0

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        for self.line, entry in enumerate(super().read_logs(log_number_from), log_number_from + 1):
            yield entry

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        try:
            super().append_logs(logs)
        except OSError:
            with suppress(OSError):
                trim(self.path)
            raise

    def close(self) -> None:
        self._mine.close()


class Reading(JournalFileBackend):
    """A journal that may be another process's: as far as it is whole. OSError: it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self._warned = False
        path.stat()  # Optuna would make the file
        super().__init__(str(path), Owned())  # type: ignore[arg-type]

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        try:
            for self.line, entry in enumerate(super().read_logs(log_number_from), log_number_from + 1):
                yield entry
        except ValueError:
            if self._warned:  # it is read again at every question
                return
            self._warned = True
            log.warning("%s: damaged, and told as of before that; a sweep that goes on mends it", self.path)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        raise AssertionError(f"who only looks writes nothing, not {logs}")

    def close(self) -> None:
        """Nothing is held."""


def replay(journal: Journal | Reading) -> JournalStorage:
    """The studies that a journal holds.

    Raises:
        StorageError: a line in it is whole, and yet no write of a study. None is dropped: what comes after it counts
            on what came before.
    """
    try:
        return JournalStorage(journal)
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError, OptunaError):
        raise StorageError(
            f"{journal.path}: line {journal.line} is no write of a study; restore that line from a copy, take it out "
            "if it was never one, or give another --storage"
        ) from None


class Owned:
    """No lock at all, where the file is ours for good.

    Optuna's is a file of its own: after a kill, who comes next would wait 30 s for it to grow old.
    """

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


def own(path: Path) -> FileIO:
    """The journal, held against every other process; the lock dies with this one. Raises StorageError."""
    file = FileIO(path, "rb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StorageError(
            f"{path}: another process has it open; wait for that one, or give another --storage"
        ) from None
    return file


def mend(path: Path) -> bool:
    """Trim a torn last line, and part the lines that were glued to a torn one; each with a warning.

    Gives whether the file had to be replaced.

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
    torn = [str(number) for number, (old, new) in enumerate(zip(lines, whole, strict=True), 1) if old != new]
    if torn:
        log.warning("%s: torn writes dropped from line %s; every whole one is kept", path, ", ".join(torn))
        write_whole(path, b"".join(whole))
    return bool(torn)


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
