"""The hint at what was meant."""

import pytest

from pushpop.errors import meant


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lsmt", "did you mean 'lstm'? "),
        ("LSTM", "did you mean 'lstm'? "),
        ("utf8", "did you mean 'UTF8'? "),
        ("transformer", ""),
        ("", ""),
        (5, ""),
        (None, ""),
    ],
)
def test_only_a_close_name_is_hinted_at_whatever_its_case(name, hint):
    assert meant(name, ("rnn", "lstm", "UTF8")) == hint


def test_a_dictionary_s_names_will_do():
    assert meant("eagre", {"reference": 1, "eager": 2}) == "did you mean 'eager'? "
