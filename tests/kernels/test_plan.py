"""How words are laid out: every real position has one row, no padding has any, and work is dealt evenly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.kernels.plan import LARGEST_GROUP, Plan, deal, plan

lengths = st.lists(st.integers(1, 12), min_size=1, max_size=80).map(np.array)
workers = st.integers(1, 4)


def check_deal(hands: list[np.ndarray], own: np.ndarray, workers: int) -> None:
    assert sorted(np.concatenate(hands)) == list(range(len(own))), "every word once"
    sizes = [len(hand) for hand in hands]
    assert max(sizes) <= LARGEST_GROUP
    assert max(sizes) - min(sizes) <= 1, "groups are even"
    assert len(hands) % workers == 0 or len(hands) == len(own), "each thread has as many groups"
    for hand in hands:
        assert (np.diff(own[hand]) <= 0).all(), "the longest word of a group is its first"
    work = [own[hand].sum() for hand in hands]
    assert max(work) - min(work) <= own.max(), "a group has at most one longest word's work more than another"


@given(own=lengths, workers=workers)
def test_words_are_dealt_evenly(own, workers):
    check_deal(deal(own, workers), own, workers)


def test_the_judge_notices_a_word_dealt_twice_and_one_out_of_order():
    own = np.array([3, 2, 1])
    with pytest.raises(AssertionError, match="every word once"):
        check_deal([np.array([0, 1]), np.array([1, 2])], own, 2)
    with pytest.raises(AssertionError, match="is its first"):
        check_deal([np.array([1, 0, 2])], own, 1)


@given(own=lengths, workers=workers, padding=st.integers(0, 3), data=st.data())
def test_every_real_position_has_one_row(own, workers, padding, data):
    longest = int(own.max()) + padding
    wanted = np.array(data.draw(st.lists(st.integers(0, len(own) * longest - 1), unique=True)), dtype=np.int64)
    made = plan(own, longest, wanted, workers)
    real = np.flatnonzero(np.arange(longest) < own[:, None])
    assert np.array_equal(np.sort(made.source), real)
    assert made.rows == len(real)
    assert sorted(made.order) == list(range(len(own)))
    for row, place in enumerate(made.source):
        assert made.wanted[row] == (np.flatnonzero(wanted == place)[0] if place in wanted else -1)
    check_steps(made, own, longest)


def check_steps(made: Plan, own: np.ndarray, longest: int) -> None:
    """Within a group the words running at step t are the first ones, in rows that follow one another."""
    endings, row = made.endings(own), 0
    for group in range(made.groups):
        words = made.order[made.first_word[group] : made.first_word[group + 1]]
        for t, step in enumerate(range(made.first_step[group], made.first_step[group + 1])):
            running = words[own[words] > t]
            assert made.offset[step] == row
            assert made.count[step] == len(running)
            assert made.source[row : row + len(running)].tolist() == (running * longest + t).tolist()
            row += len(running)
        assert t + 1 == own[words].max()
        assert made.source[endings[words]].tolist() == (words * longest + own[words] - 1).tolist()
    assert row == made.rows


def test_the_laws_notice_a_row_too_early():
    own = np.array([3, 1, 2])
    made = plan(own, 3, np.arange(9), 1)
    check_steps(made, own, 3)
    with pytest.raises(AssertionError):
        check_steps(made._replace(source=made.source[::-1]), own, 3)
