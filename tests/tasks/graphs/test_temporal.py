"""Histories of patients who are related: the answer by hand, and neither half of it says anything alone."""

from collections import Counter

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.instance import drawn, floors, guesses
from pushpop.tasks.graphs.temporal import Temporal


def test_an_answer_by_hand():
    """0 - 1 - 2. A visit 0, 1, 2 sets the dose, 3, 4, 5 adds 0, 1, 2."""
    task = Temporal(patients=3)
    one = task.of(np.array([[0, 1], [1, 2]]), np.array([1, 2, 2]), np.array([[4, 5, 4], [5, 1, 5], [2, 2, 0]]))
    assert one.answers.tolist() == [(1 + 2 + 1 + 2) % 3, (1 + 2 + 1 + 2) % 3, (0 + 2) % 3]
    assert one.symbols[:, 0].tolist() == [1, 2, 2]
    assert one.symbols[1, 1:].tolist() == [5, 1, 5] + [6] * 29


def test_one_half_alone_is_right_once_in_as_many_as_there_are_doses():
    task = Temporal()
    some = drawn(task, "training", 5, 300, 1000)
    for name, rule in floors(task, some).items():
        assert rule.node == pytest.approx(1 / 3, abs=0.03), name
    assert guesses(task, some) == {"any dose": 1 / 3}
    counts = np.bincount(np.concatenate([one.answers for one in some]))
    assert counts.min() / counts.max() > 0.9


def test_everyone_is_related_to_someone_and_all_have_as_many_visits():
    for one in drawn(Temporal(), "test", 16, 5):
        assert set(one.edges[1].tolist()) == set(range(12))
        assert ((one.symbols[:, 1:] < 6).sum(1) == 16).all()
        visits = one.symbols[:, 1:17]
        assert 0.15 < (visits < 3).mean() < 0.35  # one visit in four sets the dose


def test_the_order_of_visits_matters():
    task = Temporal()
    assert task.dose([1, 5]) != task.dose([5, 1])


def test_the_sequence_tells_all_of_it():
    """Read back by name."""
    task = Temporal(patients=4, visits=3)
    for number, one in enumerate(drawn(task, "training", 3, 5, 1000)):
        view = task.sequence(one, Draws("v", number))
        symbols = view.symbols.tolist()
        mark = symbols.index(9)
        told = [symbols[first : first + 5] for first in range(0, 4 * 5, 5)]
        pairs = np.array(symbols[20:mark]).reshape(-1, 2)
        related = Counter[int]()
        traits = {name: trait - 6 for name, trait, *_ in told}
        for first, second in pairs.tolist():
            related[first] += traits[second]
            related[second] += traits[first]
        doses = {name: task.dose(visits) for name, _, *visits in told}
        wanted = [(doses[name] + related[name]) % 3 for name in symbols[mark + 1 :]]
        assert one.answers[view.order].tolist() == wanted


@pytest.mark.parametrize("given", [{"visits": 0}, {"patients": 1}, {"doses": 21}, {"visits": True}])
def test_what_cannot_be_is_refused(given):
    with pytest.raises(ConfigError, match=r"task\.\w+: .* cannot be; give a whole number from"):
        Temporal(**given)
