"""Windows of a text: which are read at a step, and that those carried follow one another."""

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.windows import Reading

TEXT = np.arange(1000, dtype=np.uint16)


def reading(**chosen):
    return Reading(**{"text": TEXT, "batch": 4, "window": 10, "regime": "carried", "seed": 7, **chosen})


def test_targets_are_what_follows_and_windows_of_a_pass_follow_one_another():
    read = reading()
    assert read.steps == 24
    before = None
    for step in range(read.steps + 2):
        windows = read.windows(step)
        assert windows.symbols.shape == windows.targets.shape == (4, 10)
        assert (windows.targets == (windows.symbols + 1) % 1000).all(), "the text is a ring of 0..999"
        assert windows.fresh == (step % read.steps == 0)
        if not windows.fresh:
            assert (windows.symbols[:, 0] == before.targets[:, -1]).all()
        before = windows


def test_a_pass_reads_nothing_twice_and_leaves_out_less_than_a_window_of_each_part():
    read = reading()
    seen = np.concatenate([read.windows(step).symbols.ravel() for step in range(read.steps)])
    assert len(set(seen.tolist())) == len(seen) == 4 * 24 * 10


def test_passes_begin_elsewhere_and_seeds_differ():
    first = {int(reading().windows(24 * run).symbols[0, 0]) for run in range(6)}
    assert len(first) > 3
    assert int(reading(seed=8).windows(0).symbols[0, 0]) != int(reading().windows(0).symbols[0, 0])


def test_a_step_depends_on_nothing_but_its_number_and_the_seed():
    read = reading()
    later = read.windows(31)
    assert (reading().windows(31).symbols == later.symbols).all()


def test_windows_from_zero_are_anywhere_and_always_fresh():
    read = reading(regime="zero", batch=64)
    starts = np.concatenate([read.windows(step).symbols[:, 0] for step in range(200)])
    assert all(read.windows(step).fresh for step in range(3))
    assert starts.min() == 0
    assert starts.max() == 989, "the last window whose targets are there"
    assert all((read.windows(step).targets == read.windows(step).symbols + 1).all() for step in range(20))


@pytest.mark.parametrize(("regime", "size"), [("carried", 43), ("zero", 10)])
def test_a_text_shorter_than_its_windows_is_refused_with_the_numbers(regime, size):
    with pytest.raises(ConfigError, match=f"task.window: .* {size} are trained on; give a smaller"):
        reading(regime=regime, text=TEXT[:size])
    reading(regime=regime, text=TEXT[: size + 1])
