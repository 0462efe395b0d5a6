"""Threads that own whole groups of words: no slice of a small matrix ever crosses from one to another."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

_taken: ContextVar[int] = ContextVar("_taken", default=0)


def workers(otherwise: int) -> int:
    """How many threads kernels are to take: as many as `taking` says, or else `otherwise`."""
    return _taken.get() or otherwise


@contextmanager
def taking(count: int) -> Iterator[None]:
    """In here kernels take so many threads, if called from this one; 0: as many as torch does."""
    before = _taken.set(count)
    try:
        yield
    finally:
        _taken.reset(before)


class Member:
    """A thread that waits for work: two locks hand it over in half the time that an executor's queue takes."""

    def __init__(self) -> None:
        self._begin, self._done = threading.Lock(), threading.Lock()
        self._begin.acquire()
        self._done.acquire()
        threading.Thread(target=self._serve, name="pushpop", daemon=True).start()

    def begin(self, work: Callable[[], None]) -> None:
        """Have `work` done; `finish` comes before the next."""
        self._work, self._error = work, None
        self._begin.release()

    def finish(self) -> BaseException | None:
        """Wait for the work: the error it ended in, if any."""
        interrupted: BaseException | None = None
        while True:
            try:
                self._done.acquire()
                break
            except KeyboardInterrupt as error:  # the work goes on, and its arrays are in use: wait, then tell
                interrupted = error
        return interrupted or self._error

    def _serve(self) -> None:
        while self._begin.acquire():
            try:
                self._work()
            except BaseException as error:  # raised where the work was asked for
                self._error = error
            self._done.release()


class Crew:
    """As many members as were ever wanted at once, for one caller at a time."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin with no threads: those there were do not survive a fork."""
        self.members: list[Member] = []
        self.busy = threading.Lock()

    def share(self, work: Callable[[Sequence[int]], None], shares: Sequence[Sequence[int]]) -> None:
        """The first share here, the others each in a thread; all have ended before an error is raised."""
        while len(self.members) < len(shares) - 1:
            self.members.append(Member())
        others = self.members[: len(shares) - 1]
        for member, part in zip(others, shares[1:], strict=True):
            member.begin(partial(work, part))
        try:
            work(shares[0])
        finally:
            errors = [member.finish() for member in others]
        for error in errors:
            if error is not None:
                raise error


_crew = Crew()


os.register_at_fork(after_in_child=_crew.renew)


def each(work: Callable[[int], None], groups: int, count: int) -> None:
    """work(0), …, work(groups - 1) on `count` threads, this one included; the first error is raised."""

    def take(share: Sequence[int]) -> None:
        for group in share:
            work(group)

    if count == 1 or groups <= 1 or not _crew.busy.acquire(blocking=False):  # busy with another thread's kernels
        take(range(groups))
        return
    try:
        _crew.share(take, [range(first, groups, count) for first in range(min(count, groups))])
    finally:
        _crew.busy.release()
