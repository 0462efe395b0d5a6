"""Look-up: the value that stands with the key, pairings kept for the test, and what one answer for all gets."""

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.instance import drawn, floors, guesses
from pushpop.tasks.graphs.lookup import LookUp, pairings


@pytest.mark.parametrize("task", [LookUp(), LookUp(names=30), LookUp(size=3, names=3)])
@pytest.mark.parametrize("part", ["training", "test"])
def test_an_answer_is_what_a_dictionary_says(task, part):
    for one in drawn(task, part, task.size, 20):
        keys, values = one.symbols[: task.size].T.tolist()
        stored = dict(zip(keys, values, strict=True))
        assert len(stored) == len(set(values)) == task.size
        queries = one.symbols[one.asked[0]]
        assert (queries[:, 1] == task.names).all()
        assert [stored[key] for key in queries[:, 0].tolist()] == one.answers.tolist()
        symbols = task.sequence(one, Draws("v")).symbols.tolist()
        listed, asked = symbols[: 2 * task.size], symbols[2 * task.size + 1 :]
        spelt = {key: value - task.names for key, value in zip(listed[::2], listed[1::2], strict=True)}
        assert spelt == stored
        assert [stored[key] for key in asked] == task.sequence(one, Draws("v")).answers(one).tolist()


def test_every_key_is_heard_by_every_query_and_by_no_key():
    (one,) = drawn(LookUp(size=4, names=4), "training", 4, 1)
    pairs = set(zip(*one.edges.tolist(), strict=True))
    assert pairs == {(key, query) for key in range(4) for query in range(4, 8)}


def test_the_test_has_pairings_that_training_never_had():
    task = LookUp()
    known = pairings(10, 10)
    assert known.sum() == int(0.8**0.1 * 100) == 97
    for part in ("training", "validation", "test"):
        for one in drawn(task, part, 10, 40):
            keys, values = one.symbols[:10].T
            assert bool(known[keys, values].all()) == (part != "test")


def test_eight_of_ten_graphs_are_made_of_known_pairings():
    known = pairings(10, 10)
    draws = [np.argsort(Draws("g", n).below(2**32, 10)) for n in range(1000)]
    assert np.mean([known[np.arange(10), values].all() for values in draws]) == pytest.approx(0.75, abs=0.08)


def test_one_answer_for_all_is_right_once():
    instances = drawn(LookUp(), "test", 10, 30)
    assert floors(LookUp(), instances)["one for all"] == (pytest.approx(0.1), 0)
    assert guesses(LookUp(), instances)["any value there"] == pytest.approx(0.1)


def test_with_more_names_graphs_may_be_larger():
    assert LookUp(names=50).ladder["test"] == (10, 20, 50)
    assert LookUp().ladder["test"] == (10,)
    (one,) = drawn(LookUp(names=50), "test", 50, 1)
    assert one.nodes == 100


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"size": 11}, "task.size: 11 different keys cannot be had of 10 names; give 10 or less, or more names"),
        ({"names": 1}, "task.names: 1 cannot be; give a whole number from 2 to 256"),
        ({"size": 1}, "task.size: 1 cannot be; give a whole number from 2 to 256"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ConfigError) as refused:
        LookUp(**settings)
    assert str(refused.value) == says
