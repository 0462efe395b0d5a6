"""What classes a model says, and what that is worth beside the best constant guess."""

import numpy as np
import pytest
import torch
from torch import nn

from pushpop.errors import WordError
from pushpop.evaluation.classify import Classified, classify, score, split_by_length
from pushpop.tasks.binary import BaumSweet
from pushpop.tasks.combinations import RandomCombinations

TASK = RandomCombinations(size=5)
WORDS = [[0, 1, 2, 3], [4, 3, 1, 0], [4, 1, 2, 3]]


class Summing(nn.Module):
    """Knows the rule of random combinations: what is missing from 0 + 1 + 2 + 3 + 4."""

    def forward(self, symbols, lengths, positions):
        assert positions.tolist() == [row * symbols.shape[1] + n - 1 for row, n in enumerate(lengths.tolist())]
        return nn.functional.one_hot(10 - symbols.sum(1), 5).double()


class Saying(nn.Module):
    """Always says one class of two, and keeps how many words it was asked at once."""

    def __init__(self, said: int) -> None:
        super().__init__()
        self.said, self.asked = said, []

    def forward(self, symbols, lengths, positions):
        self.asked.append(tuple(symbols.shape))
        return nn.functional.one_hot(torch.full((len(lengths),), self.said), 2).double()


def test_a_model_that_knows_the_rule_is_right_on_every_word():
    assert classify(Summing(), TASK, WORDS) == ([4, 2, 0], [4, 2, 0])


def test_accuracy_stands_beside_the_best_constant_guess():
    found = score(Classified([1, 1, 1, 0], [1, 0, 1, 0]))
    assert (found.accuracy, found.baseline, found.words) == (0.75, 0.75, 4)


def test_a_constant_guess_of_the_commonest_class_is_the_baseline():
    task = BaumSweet(size=4)
    words = [np.array(word) for word in ([1, 0, 0, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1, 1])]
    found = score(classify(Saying(0), task, words))
    assert found.accuracy == found.baseline == 0.5
    assert [(length, part.accuracy, part.words) for length, part in
            split_by_length(words, classify(Saying(0), task, words))] == [(4, 2 / 3, 3), (5, 0.0, 1)]  # fmt: skip


def test_words_go_in_calls_of_bounded_size_and_come_back_in_order():
    task, model = BaumSweet(size=4, padding="none"), Saying(1)
    words = [np.ones(n, dtype=np.int64) for n in (9, 3, 30, 4)]
    assert classify(model, task, words, positions=20) == ([1] * 4, [1] * 4)
    assert model.asked == [(2, 4), (1, 9), (1, 30)]


def test_a_word_that_is_not_the_task_s_is_refused_with_its_number():
    with pytest.raises(WordError, match="word 2: 1 1 2 3: not such a word"):
        classify(Summing(), TASK, [WORDS[0], [1, 1, 2, 3]])
