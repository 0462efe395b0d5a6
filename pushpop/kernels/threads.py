"""Threads that own whole groups of words: no slice of a small matrix ever crosses from one to another."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

_taken: ContextVar[int] = ContextVar("_taken", default=0)
_pools: dict[int, ThreadPoolExecutor] = {}
os.register_at_fork(after_in_child=_pools.clear)  # threads do not survive a fork


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


def each(work: Callable[[int], None], groups: int, count: int) -> None:
    """work(0), …, work(groups - 1) on `count` threads, this one included; the first error is raised."""
    if count == 1 or groups <= 1:
        for group in range(groups):
            work(group)
        return
    if count not in _pools:
        _pools[count] = ThreadPoolExecutor(count - 1, thread_name_prefix="pushpop")
    shares = [range(first, groups, count) for first in range(min(count, groups))]

    def take(share: range) -> None:
        for group in share:
            work(group)

    others = [_pools[count].submit(take, share) for share in shares[1:]]
    take(shares[0])
    for other in others:
        other.result()
