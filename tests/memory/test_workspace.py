"""Arrays are used again inside `reused`, and only there."""

import threading

import numpy as np
import pytest

from pushpop.memory import workspace
from pushpop.memory.workspace import empty, reused, zeros


def test_outside_every_array_is_new():
    assert not np.shares_memory(empty(10, np.float32), empty(10, np.float32))


def test_what_was_asked_for_before_is_given_again_in_turn():
    with reused():
        first, second = empty(100, np.float32), zeros(50, np.int64)
        assert not np.shares_memory(first, second)
    with reused():
        again, smaller = empty(100, np.float32), zeros(20, np.float64)
    assert np.shares_memory(first, again)
    assert np.shares_memory(second, smaller)
    assert (smaller.dtype, len(smaller), smaller.any()) == (np.float64, 20, False)


def test_one_that_has_become_too_small_is_replaced():
    with reused():
        empty(10, np.float32)
    with reused():
        larger = empty(1000, np.float64)
        larger[:] = 1
        assert (len(larger), larger.dtype) == (1000, np.float64)


def test_a_call_within_a_call_has_arrays_of_its_own():
    with reused():
        outer = empty(10, np.float32)
        with reused():
            inner = empty(10, np.float32)
        after = empty(10, np.float32)
    assert not any(np.shares_memory(a, b) for a, b in ((outer, inner), (outer, after), (inner, after)))


def test_each_thread_has_its_own():
    seen: list[np.ndarray] = []

    def ask() -> None:
        with reused():
            seen.append(empty(10, np.float32))

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert not np.shares_memory(*seen)


def test_what_is_kept_has_a_limit(monkeypatch):
    monkeypatch.setattr(workspace, "_workspace", workspace.Workspace())
    monkeypatch.setattr(workspace, "LARGEST", 1000)
    with reused():
        kept, beyond = empty(100, np.float64), empty(100, np.float64)
    with reused():
        again, other = empty(100, np.float64), empty(100, np.float64)
    assert np.shares_memory(kept, again)
    assert not np.shares_memory(beyond, other)


def test_an_error_inside_closes_it():
    with pytest.raises(ValueError, match="inside"), reused():
        raise ValueError("inside")
    assert not np.shares_memory(empty(10, np.float32), empty(10, np.float32))
