"""Lengths and sizes as users write them, and how many words of each."""

import subprocess
import sys

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.experiments.spans import count, ranges


def test_lengths_are_read_as_users_write_them():
    assert ranges("65-128, 1000") == ranges([(65, 128), 1000]) == [(65, 128), (1000, 1000)]
    assert ranges(7) == ranges(np.int64(7)) == ranges([np.int64(7)]) == [(7, 7)]
    for wrong in (True, [True], 5.5, [5.5], [(5.5, 7)], None, [()], {"a": 1}, (1, "x"), [[65, 128]]):
        with pytest.raises(ConfigError, match=r"^lengths: .* is no length; give such as 65-128,1000$"):
            ranges(wrong)
    for wrong in ("a", "5-2", "0", "1-2-3", "", [None], "9999999999"):
        with pytest.raises(ConfigError, match=r"^lengths: "):
            ranges(wrong)


def test_so_many_words_of_each():
    assert [count(None, (16, 16)), count(None, (1_000, 1_000)), count(7, (16, 16))] == [1_000, 100, 7]
    for wrong in (True, 0, -1):
        with pytest.raises(ConfigError, match=r"^words: .* give 1 or more$"):
            count(wrong, (16, 16))


def test_lengths_that_are_none_are_refused_before_torch_is_imported():
    code = (
        "import sys\n"
        "from pushpop.cli.app import main\n"
        "assert main(['eval', 'nowhere', '--lengths', 'a']) == 2\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "pushpop: lengths: 'a' is no length; give such as 65-128,1000\n")
