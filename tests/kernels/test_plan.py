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


@given(own=lengths, workers=workers, padding=st.integers(0, 3), apart=st.booleans(), data=st.data())
def test_every_real_position_has_one_row(own, workers, padding, apart, data):
    longest = int(own.max()) + padding
    wanted = np.array(data.draw(st.lists(st.integers(0, len(own) * longest - 1), unique=True)), dtype=np.int64)
    read = np.array([data.draw(st.integers(0, int(length))) for length in own]) if apart else None
    made = plan(own, longest, wanted, workers, read=read)
    real = np.flatnonzero(np.arange(longest) < own[:, None])
    assert np.array_equal(np.sort(made.source), real)
    assert made.rows == len(real)
    assert made.groups == len(deal(own, workers))
    for row, place in enumerate(made.source):
        assert made.wanted[row] == (np.flatnonzero(wanted == place)[0] if place in wanted else -1)
    check_steps(made, own, own if read is None else read, longest)


def check_steps(made: Plan, own: np.ndarray, read: np.ndarray, longest: int) -> None:
    """Within a part the words running at step t are the first ones, in rows that follow one another.

    A word's part begins where the one before has ended, and the last one has all that is left.
    """
    row, done, last = 0, np.zeros_like(own), np.full_like(own, -1)
    for group in range(made.groups):
        for part in range(made.first_part[group], made.first_part[group + 1]):
            ranks = slice(made.first_word[part], made.first_word[part + 1])
            words, steps = made.order[ranks], range(made.first_step[part], made.first_step[part + 1])
            assert made.before[ranks].tolist() == last[words].tolist()
            begun = done[words]
            most = np.where(begun < read[words], read[words], own[words]) - begun
            for t, step in enumerate(steps):
                running = words[most > t]
                assert made.offset[step] == row
                assert made.count[step] == len(running)
                assert made.source[row : row + len(running)].tolist() == (running * longest + done[running]).tolist()
                last[running] = np.arange(row, row + len(running))
                done[running] += 1
                row += len(running)
            assert len(steps) == most.max()
            assert most.min() > 0, "no word is in a part without a position of its own"
    assert row == made.rows
    assert (done == own).all()
    assert made.ends.tolist() == last.tolist()


def test_the_laws_notice_a_row_too_early_and_a_part_that_goes_on_elsewhere():
    own, read = np.array([3, 1, 2]), np.array([2, 1, 0])
    for apart in (own, read):
        made = plan(own, 3, np.arange(9), 1, read=None if apart is own else read)
        check_steps(made, own, apart, 3)
        with pytest.raises(AssertionError):
            check_steps(made._replace(source=made.source[::-1]), own, apart, 3)
        with pytest.raises(AssertionError):
            check_steps(made._replace(before=made.before + 1), own, apart, 3)


def test_words_are_dealt_to_larger_groups_where_that_is_asked_for():
    own = np.arange(1, 51)
    assert plan(own, 50, np.arange(0), 1).groups == 2
    assert plan(own, 50, np.arange(0), 1, most=64).groups == 1
