"""Training settings are refused by place and rule, and the plan follows from them."""

import pytest

from pushpop.errors import ConfigError
from pushpop.training.schedule import Plan
from pushpop.training.settings import TrainingSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rate": 0.0}, "training.rate: 0.0 is not a learning rate"),
        ({"rate": float("nan")}, "training.rate: nan"),
        ({"batch": 0}, "training.batch: 0 is too few; give 1 or more"),
        ({"words": -1}, "training.words: -1 cannot be; give 0"),
        ({"clip": float("inf")}, "training.clip: inf cannot be"),
        ({"foretell_words": -1}, "training.foretell_words: -1 cannot be; give 0"),
        ({"foretell": 1.0, "foretell_words": 8, "foretell_then": -1.0}, "training.foretell_then: -1.0 is out of range"),
        ({"foretell": 1.0, "foretell_then": 0.5}, "training.foretell_then: 0.5: never its weight, since"),
        ({"foretell_words": 8}, "training.foretell_words: 8: nothing is foretold before that, since training.foretell"),
        ({"noise_words": -1}, "training.noise_words: -1 cannot be; give 0"),
        ({"noise_words": 8, "noise_then": -1.0}, "training.noise_then: -1.0 is out of range; give 0 (none) to 10"),
        ({"noise_then": 0.3}, "training.noise_then: 0.3: never that, since training.noise_words is 0 (never); give"),
        ({"words": 0}, "a run without a budget never ends; give steps, words or seconds"),
        ({"momentum": 0.9}, "training.momentum: adam has its own"),
        ({"device": "tpu"}, "training.device: 'tpu' is no device; give auto, cpu, cuda"),
        ({"device": "cuda:x"}, "training.device: 'cuda:x' is no device"),
        ({"device": "3"}, "training.device: '3' is no device"),
        ({"device": "cuda:²"}, "training.device: 'cuda:²' is no device"),
        ({"threads": 100_000}, "training.threads: 100000 is too many; give 256 or fewer"),
        ({"candidates": 0}, "training.candidates: 0 is too few; give 1 or more"),
        (
            {"batch": 600, "candidates": 2000},
            "training.candidates: 2000: 600 words a step make 1200000 that are drawn, ",
        ),
        ({"candidates": 2, "candidates_alike": 1.5}, "training.candidates_alike: 1.5 is not a share; give 0 to 1"),
        (
            {"candidates_alike": 0.5},
            "training.candidates_alike: 0.5: there are no candidates, since training",
        ),
        ({"batch": 10**9}, "training.batch: 1000000000 is too many; give 1000000 or fewer"),
        ({"warm_up": 10**400}, "is too many; give 1000000000 or fewer"),
        ({"evaluate_words": 10**9}, "training.evaluate_words: 1000000000 is too many"),
        ({"curriculum_start": 0.0}, "training.curriculum_start: 0.0 is not a share"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_a_way_out(given, said):
    with pytest.raises(ConfigError) as error:
        TrainingSettings(**given)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_first_budget_reached_ends_the_run():
    plan = Plan(TrainingSettings(steps=10, words=100, seconds=5.0, batch=16))
    assert not plan.spent(6, 96, 4.9)
    assert plan.spent(7, 112, 0.0)
    assert plan.spent(10, 0, 0.0)
    assert plan.spent(0, 0, 5.0)
    assert plan.settings.last_step() == 7


def test_rates_rise_over_the_warm_up_and_fall_to_the_end():
    plan = Plan(TrainingSettings(rate=1.0, schedule="linear", warm_up=3, steps=10, words=0))
    assert [round(plan.rate(step), 3) for step in range(10)] == [0.25, 0.5, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    cosine = Plan(TrainingSettings(rate=2.0, schedule="cosine", steps=10, words=0))
    assert (cosine.rate(0), round(cosine.rate(5), 9), round(cosine.rate(10), 9)) == (2.0, 1.0, 0.0)
    assert {Plan(TrainingSettings(rate=0.5)).rate(step) for step in range(100)} == {0.5}


def test_foretelling_weighs_less_once_a_start_has_had_its_words():
    def weights(**given):
        plan = Plan(TrainingSettings(batch=4, words=200, foretell=3.0, **given))
        return [plan.foretell(step) for step in range(50)]

    assert weights() == [3.0] * 50
    assert weights(foretell_words=8) == [3.0] * 2 + [0.0] * 48
    assert weights(foretell_words=9, foretell_then=0.5) == [3.0] * 3 + [0.5] * 47
    twice = weights(foretell_words=8, foretell_then=0.5, starts=8, start_words=8, start_rounds=2)
    assert twice == [3.0] * 16 + [0.5] * 34  # eight starts of two steps; four of them go on for two more, then one
    late = weights(foretell_words=12, foretell_then=0.5, starts=8, start_words=8, start_rounds=2)
    assert late == [3.0] * 16 + [3.0, 0.5] * 4 + [0.5] * 26


def test_noise_is_another_once_a_start_has_had_its_words():
    def noise(**given):
        plan = Plan(TrainingSettings(batch=4, words=200, **given))
        return [plan.noise(step) for step in range(50)]

    assert noise() == [None] * 50
    assert noise(noise_words=9, noise_then=0.5) == [None] * 3 + [0.5] * 47
    assert noise(noise_words=4) == [None] + [0.0] * 49
    twice = noise(noise_words=8, noise_then=0.5, starts=8, start_words=8, start_rounds=2)
    assert twice == [None] * 16 + [0.5] * 34


def test_a_linear_curriculum_grows_with_the_words_and_an_adaptive_one_with_success():
    linear = Plan(TrainingSettings(curriculum="linear", curriculum_start=0.5, curriculum_words=100))
    assert [linear.reach(words, 0.0) for words in (0, 50, 100, 200)] == [0.5, 0.75, 1.0, 1.0]
    adaptive = Plan(TrainingSettings(curriculum="adaptive", curriculum_start=0.5, curriculum_loss=0.1))
    assert adaptive.reach(0, 0.0) == 0.5
    assert adaptive.lengthen(0.0, 0.2) == 0.5
    assert adaptive.lengthen(0.5, 0.05) == 0.625
    assert adaptive.lengthen(1.0, 0.05) == 1.0
    assert Plan(TrainingSettings()).reach(0, 0.0) == 1.0
