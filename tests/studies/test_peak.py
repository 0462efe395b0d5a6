"""Memory at its peak is seen as it is: what was touched, no more, whatever came before.

The system counts pages by the handful, so that a mebibyte or two may be missing.
"""

import numpy as np
import pytest

from pushpop.errors import RunError
from pushpop.studies import peak

MIB = 2**20


def hold(mebibytes):
    return np.ones(mebibytes * MIB, dtype=np.uint8)


def test_what_an_action_touches_is_seen_though_it_is_given_back():
    assert 38 * MIB <= peak.grown(lambda: hold(40).sum()) <= 48 * MIB


def test_an_earlier_and_larger_peak_hides_nothing():
    if not peak.CLEAR.exists():
        pytest.skip("this system cannot forget a peak")
    hold(120)
    assert 38 * MIB <= peak.grown(lambda: hold(40)) <= 48 * MIB


def test_what_is_reserved_and_not_touched_is_not_counted():
    assert peak.grown(lambda: np.empty(400 * MIB, dtype=np.uint8)) < 8 * MIB


def test_elsewhere_the_largest_so_far_is_what_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(peak, "STATUS", tmp_path / "none")
    monkeypatch.setattr(peak, "CLEAR", tmp_path / "none" / "none")
    seen = iter([100, 130])
    monkeypatch.setattr("resource.getrusage", lambda _: type("Usage", (), {"ru_maxrss": next(seen)}))
    monkeypatch.setattr("sys.platform", "linux")
    assert peak.grown(lambda: None) == 30 * 1024


def test_a_longer_step_takes_more_in_a_process_of_its_own():
    small = {"kind": "stack-lstm", "settings": {"hidden": 16, "memory": 16}, "batch": 4, "threads": 1}
    short, long = (peak.peak_of_step(**small, length=length) for length in (1000, 4000))
    assert 2 * MIB < 2 * short < long < 6 * short


def test_a_process_that_fails_says_why():
    with pytest.raises(RunError, match=r"whose memory was to be seen ended with status 1: .*model.kind: 'stock-lstm'"):
        peak.peak_of_step(kind="stock-lstm", settings={}, batch=1, length=1, threads=1)
