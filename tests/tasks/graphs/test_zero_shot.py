"""Unseen classes: what a class has follows from the tree, objects are of known or of unseen ones, names are drawn."""

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.instance import drawn, floors, guesses
from pushpop.tasks.graphs.zero_shot import SHOWS, ZeroShot, draw_world, inherited


def test_a_class_has_what_it_says_and_else_what_is_above_it():
    above, said = np.array([0, 0, 1]), np.array([[1, -1, 1], [0, 1, 0], [-1, 0, 0]])
    assert inherited(above, said).tolist() == [[True, False, True], [True, True, True], [False, True, True]]


def follows(task, instance):
    """The class at an end whose inherited signs are those shown, statement by statement."""
    said, shown, ends = task.read_back(instance)
    above = {int(a): int(b) for (a, b), kind in zip(instance.edges.T, instance.kinds, strict=True) if kind == 0}

    def has(node, sign):
        while said[node, sign] == 0:
            node = above[node]
        return said[node, sign] > 0

    return [int(end) for end in ends if all(has(int(end), sign) == shown[sign] for sign in range(len(shown)))]


@pytest.mark.parametrize("part", ["training", "validation", "test"])
@pytest.mark.parametrize("worlds", [1, 64])
def test_just_one_class_fits_and_it_is_the_answer(part, worlds):
    task = ZeroShot(worlds=worlds)
    for one in drawn(task, part, 24, 20):
        assert follows(task, one) == one.answers.tolist()


def test_objects_of_the_test_are_of_classes_never_seen_in_training():
    task = ZeroShot(worlds=1)
    seen, unseen = ({int(one.answers[0]) for one in drawn(task, part, 24, 200)} for part in ("training", "test"))
    assert seen & unseen == set()
    world = draw_world(24, 10, 0.25, 0)
    assert seen | unseen == set(world.leaves.tolist())
    assert len(unseen) == round(0.25 * len(world.leaves))


def test_a_sequence_says_the_same_under_names_of_its_own():
    """Statements and signs, put back together by name."""
    task = ZeroShot()
    for number, one in enumerate(drawn(task, "test", 24, 5)):
        view = task.sequence(one, Draws("v", number))
        symbols = view.symbols.tolist()
        mark = next(at for at in range(0, len(symbols), 3) if symbols[at] == 5)
        told = {tuple(symbols[at : at + 3]) for at in range(0, mark, 3)}
        said = one.kinds < SHOWS
        edges, kinds = view.names[one.edges[:, said]].T.tolist(), one.kinds[said].tolist()
        want = {(subject, kind, what) for (subject, what), kind in zip(edges, kinds, strict=True)}
        assert told == want
        assert len(symbols) == mark + 1 + 2 * task.signs
        assert view.answers(one).tolist() == [int(view.names[one.answers[0]])]


def test_noise_turns_signs_round():
    plain, noisy = ZeroShot(worlds=1), ZeroShot(worlds=1, noise=0.5)
    fits = [follows(noisy, one) == one.answers.tolist() for one in drawn(noisy, "test", 24, 40)]
    assert sum(fits) < 10
    assert all(follows(plain, one) == one.answers.tolist() for one in drawn(plain, "test", 24, 5))


def test_what_a_class_says_itself_is_not_enough():
    instances = drawn(ZeroShot(), "test", 24, 200)
    assert 0.3 < floors(ZeroShot(), instances)["own words"].node < 0.7
    assert 0.05 < guesses(ZeroShot(), instances)["any class at an end"] < 0.15


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"classes": 3}, "task.classes: 3 cannot be; give a whole number from 4 to 200"),
        ({"signs": 4}, "task.classes: 24 are not told apart by 4 signs; give 8 or less, or more signs"),
        ({"noise": 0.6}, "task.noise: 0.6 cannot be; give a number from 0 to 0.5"),
        ({"worlds": 0}, "task.worlds: 0 cannot be; give a whole number from 1 to 100000"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ConfigError) as refused:
        ZeroShot(**settings)
    assert str(refused.value) == says


def test_a_part_without_classes_is_told():
    for unseen, part, told in ((0.0, "test", "unseen"), (1.0, "training", "seen")):
        with pytest.raises(ConfigError, match=f"task.unseen: {unseen} leaves no {told} class; give more than 0"):
            drawn(ZeroShot(unseen=unseen), part, 24, 1)
