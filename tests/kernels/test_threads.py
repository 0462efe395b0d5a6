"""Threads that own whole groups: each group once, errors come home, a fork starts afresh."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from pushpop.kernels.threads import each, taking, workers


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("groups", [0, 1, 2, 3, 7])
def test_every_group_is_worked_once(groups, count):
    done = []
    each(done.append, groups, count)
    assert sorted(done) == list(range(groups))


def test_a_group_is_whole_in_one_thread_and_threads_share_the_groups():
    meeting = threading.Barrier(2, timeout=60)  # passes only if two threads are there
    names = {}

    def work(group: int) -> None:
        meeting.wait()
        names[group] = threading.current_thread().name

    each(work, 4, 2)
    assert names[0] == names[2] == threading.current_thread().name
    assert names[1] == names[3] != names[0]


@pytest.mark.parametrize("broken", [0, 1])
def test_an_error_in_any_thread_is_raised(broken):
    def work(group: int) -> None:
        if group == broken:
            raise ValueError(f"group {group}")

    with pytest.raises(ValueError, match=f"group {broken}"):
        each(work, 2, 2)


def test_a_forked_process_has_threads_of_its_own():
    code = """
import os
from pushpop.kernels.threads import each
each(lambda group: None, 2, 2)
child = os.fork()
if child == 0:
    done = []
    each(done.append, 2, 2)
    os._exit(sorted(done) != [0, 1])
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_number_of_threads_holds_where_it_is_taken_and_no_further():
    assert workers(3) == 3
    with taking(5):
        assert workers(3) == 5
        with taking(0):
            assert workers(3) == 3
        seen: list[int] = []
        other = threading.Thread(target=lambda: seen.append(workers(3)))
        other.start()
        other.join()
    assert (workers(3), seen) == (3, [3])


def test_an_error_is_raised_only_once_all_threads_have_ended():
    ended: list[int] = []

    def work(group: int) -> None:
        if group == 0:
            raise ValueError("the first")
        time.sleep(0.05)
        ended.append(group)

    with pytest.raises(ValueError, match="the first"):
        each(work, 3, 3)
    assert sorted(ended) == [1, 2], "arrays may be in use still"


def test_two_callers_at_once_do_not_wait_for_each_other():
    """One has the crew; the other does all its work itself."""
    inner: list[int] = []
    each(lambda group: each(inner.append, 4, 2), 2, 2)
    assert sorted(inner) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_an_interruption_while_waiting_leaves_the_crew_in_step():
    ended: list[int] = []

    def work(group: int) -> None:
        if group:
            time.sleep(0.3)
        ended.append(group)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            each(work, 2, 2)
        assert sorted(ended) == [0, 1], "the thread's work has ended"
        each(work, 2, 2)
        assert sorted(ended) == [0, 0, 1, 1], "the next call waits for its own"
    finally:
        signal.signal(signal.SIGALRM, before)
