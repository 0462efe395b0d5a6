"""Which start each step is for, beside a plain account of it step by step."""

import pytest

from pushpop.training.schedule import Plan
from pushpop.training.settings import TrainingSettings
from pushpop.training.turns import Turns


def account(starts, steps, rounds):
    """The steps that the start of each step of a run has had before, and those of the one that goes on."""
    had, alive, own = [0] * starts, list(range(starts)), []
    for number in range(rounds):
        for one in alive:
            while had[one] < steps * 2**number:
                own.append(had[one])
                had[one] += 1
        alive = alive[: max(1, len(alive) // 2)] if number + 1 < rounds else alive[:1]
    return own, had[alive[0]]


@pytest.mark.parametrize(("starts", "steps", "rounds"), [(2, 5, 1), (3, 1, 1), (8, 3, 2), (19, 2, 2), (33, 1, 5)])
def test_every_step_is_for_the_start_whose_turn_it_is(starts, steps, rounds):
    turns, (own, went) = Turns(starts, steps, rounds), account(starts, steps, rounds)
    assert turns.end == len(own)
    assert [turns.own(step) for step in range(len(own) + 3)] == [*own, went, went + 1, went + 2]
    assert turns.lost == len(own) - went
    assert [turn.begins for turn in turns.order[1:]] == [turn.ends for turn in turns.order[:-1]]


def test_one_start_has_all_steps():
    assert [Turns(1, 7, 1).own(step) for step in range(9)] == list(range(9))
    assert (Turns(1, 7, 1).order, Turns(1, 7, 1).end, Turns(1, 7, 1).lost) == ([], 0, 0)


def test_the_start_that_goes_on_has_the_rates_that_it_would_have_alone():
    chosen = {"schedule": "cosine", "warm_up": 3, "batch": 1, "words": 0}
    several = Plan(TrainingSettings(steps=40, starts=8, start_words=1, start_rounds=2, **chosen))
    turns = several.turns
    assert (turns.end, turns.lost) == (12, 10)
    alone = Plan(TrainingSettings(steps=30, **chosen))
    assert [several.rate(step) for step in range(12, 40)] == [alone.rate(step) for step in range(2, 30)]
    assert [several.rate(step) for step in range(8)] == [alone.rate(0)] * 8
    assert [several.rate(step) for step in range(8, 12)] == [alone.rate(1)] * 4
