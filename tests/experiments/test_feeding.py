"""What a step is given to train on: the lengths that a curriculum has reached."""

import pytest

from pushpop.experiments.feeding import reached
from pushpop.tasks.formal.regular import ModularArithmetic
from pushpop.tasks.strings import BigramFlip, Reverse


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
