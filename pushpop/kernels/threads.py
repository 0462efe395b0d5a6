"""Threads that own whole groups of words: no slice of a small matrix ever crosses from one to another."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_pools: dict[int, ThreadPoolExecutor] = {}
os.register_at_fork(after_in_child=_pools.clear)  # threads do not survive a fork


def each(work: Callable[[int], None], groups: int, workers: int) -> None:
    """work(0), …, work(groups - 1) on `workers` threads, this one included; the first error is raised."""
    if workers == 1 or groups <= 1:
        for group in range(groups):
            work(group)
        return
    if workers not in _pools:
        _pools[workers] = ThreadPoolExecutor(workers - 1, thread_name_prefix="pushpop")
    shares = [range(first, groups, workers) for first in range(min(workers, groups))]

    def take(share: range) -> None:
        for group in share:
            work(group)

    others = [_pools[workers].submit(take, share) for share in shares[1:]]
    take(shares[0])
    for other in others:
        other.result()
