"""The hint at what was meant."""

import pytest

from pushpop.errors import meant


@pytest.mark.parametrize(
    ("name", "hint"), [("lsmt", "did you mean 'lstm'? "), ("transformer", ""), ("", ""), (5, ""), (None, "")]
)
def test_only_a_close_name_is_hinted_at(name, hint):
    assert meant(name, ("rnn", "lstm")) == hint


def test_a_dictionary_s_names_will_do():
    assert meant("eagre", {"reference": 1, "eager": 2}) == "did you mean 'eager'? "
