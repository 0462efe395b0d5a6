"""What a step is given to train on: the lengths that a curriculum has reached, and words beyond them."""

import pytest
import torch

from pushpop.experiments.feeding import WordFeed, reached
from pushpop.experiments.seeds import of_step
from pushpop.experiments.settings import Settings
from pushpop.experiments.trained import build_model
from pushpop.tasks.formal.regular import ModularArithmetic
from pushpop.tasks.strings import BigramFlip, Reverse
from pushpop.training.parallel import Team


@pytest.mark.parametrize("reach", [0.0, 0.05, 0.3, 0.5, 0.99, 1.0])
def test_where_there_are_words_of_all_lengths_it_is_a_share_of_them(reach):
    assert reached(Reverse(shortest=3, longest=40), reach) == (3, 3 + round(reach * 37))


def test_of_lengths_that_words_cannot_have_none_is_asked_for():
    for step in range(101):
        for task, rest in ((ModularArithmetic(shortest=2, longest=4), 1), (BigramFlip(shortest=3, longest=9), 0)):
            shortest, longest = reached(task, step / 100)
            assert any(length % 2 == rest for length in range(shortest, longest + 1))
            assert task.lengths[0] <= shortest <= longest <= task.lengths[1]
    assert reached(ModularArithmetic(), 0.05) == (1, 3)
    assert reached(BigramFlip(), 1.0) == BigramFlip().lengths


@pytest.mark.parametrize(("share", "batch", "within"), [(0.5, 8, 4), (0.9, 1, 1), (0.9, 4, 1), (0.0, 3, 3)])
def test_words_beyond_a_curriculum_leave_at_least_one_within_it(share, batch, within):
    """By the loss of those within, it goes on."""
    training = {"curriculum": "adaptive", "curriculum_beyond": share, "batch": batch, "foretell": 0.5}
    settings = Settings.from_dict({"task": {"kind": "reverse", "shortest": 2, "longest": 60}, "training": training})
    feed = WordFeed(settings.task.build(), settings, Team(), torch.device("cpu"))
    (given, _), share_in_mean = feed.make(3, 0.05)
    rows = given.positions[given.told] // given.symbols.shape[1]
    assert rows.unique().tolist() == list(range(within))
    assert share_in_mean == 1.0
    (given, _), _ = feed.make(3, 1.0)
    assert len((given.positions[given.told] // given.symbols.shape[1]).unique()) == batch


def test_noise_is_in_each_step_what_the_plan_says():
    training = {"batch": 4, "noise_words": 8, "noise_then": 0.7}
    settings = Settings.from_dict({"task": {"kind": "reverse", "shortest": 2, "longest": 9}, "training": training})
    feed, model = WordFeed(settings.task.build(), settings, Team(), torch.device("cpu")), build_model(settings)
    for step, noise in ((1, None), (2, 0.7)):
        feed.loss(model, feed.make(step, 1.0)[0])
        drawn = model.interface.noise.drawn.clone()
        model.shake(of_step(settings.seed, step), noise)
        torch.testing.assert_close(drawn, model.interface.noise.drawn, atol=0, rtol=0)


def test_what_is_foretold_weighs_in_each_step_what_the_plan_says():
    training = {"batch": 4, "foretell": 3.0, "foretell_words": 8, "foretell_then": 0.5}
    settings = Settings.from_dict({"task": {"kind": "reverse", "shortest": 2, "longest": 9}, "training": training})
    feed = WordFeed(settings.task.build(), settings, Team(), torch.device("cpu"))

    def weight(step):
        (given, _), _ = feed.make(step, 1.0)
        return given.weights[~given.told].sum().item()

    assert [weight(step) for step in range(4)] == pytest.approx([3.0, 3.0, 0.5, 0.5])
