"""Words by the hundred, and their answers, against their twins that make one at a time."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushpop.tasks.draws import Draws
from pushpop.tasks.formal import expressions
from pushpop.tasks.formal.expressions import ModularArithmeticBrackets, SolveEquation
from pushpop.tasks.words import candidates, training_batch

TASKS = [ModularArithmeticBrackets(), SolveEquation()]


def same(some, others):
    return len(some) == len(others) and all(
        one.dtype == other.dtype and np.array_equal(one, other) for one, other in zip(some, others, strict=True)
    )


@pytest.mark.parametrize("task", TASKS)
@given(key=st.integers(0, 10**6), lengths=st.lists(st.integers(1, 70), min_size=1, max_size=20))
@settings(deadline=None)
def test_words_and_answers_are_those_of_one_at_a_time(task, key, lengths):
    lengths = lengths * (1 + expressions.MANY // len(lengths))
    words = task.words(Draws("many", key), lengths)
    draws = Draws("many", key)
    assert same(words, [task.word(draws, length) for length in lengths])
    assert same(task.answers_to(words), [task.answer(word) for word in words])


@pytest.mark.parametrize("task", TASKS)
def test_they_are_long_too_and_what_is_drawn_next_is_the_same(task, monkeypatch):
    draws, lengths = Draws("long", 1), [500, 499, 1, 2, 3] * expressions.MANY
    words, after = task.words(draws, lengths), draws.below(1000, 5).tolist()
    monkeypatch.setattr(expressions, "MANY", 10**9)
    draws = Draws("long", 1)
    assert same(words, task.words(draws, lengths))
    assert draws.below(1000, 5).tolist() == after
    assert [word.tolist() for word in words] == [task.check(word).tolist() for word in words]


@pytest.mark.parametrize("task", TASKS)
def test_words_that_are_alike_are_words_of_two_digits_at_most_and_often_of_one_operator(task):
    lengths = [*range(1, 41)] * 50
    words = task.alike(Draws("alike", 4), lengths)
    assert [len(word) for word in words] == lengths
    operators = [task.spelling.index(one) for one in "+-*" if one in task.spelling]
    operands = [*range(5), *(task.spelling.index(one) for one in ")x" if one in task.spelling)]
    found = []
    for word in words:
        left = task.check(word)[:-2] if "=" in task.spelling else task.check(word)
        assert len(set(left[left < 5].tolist())) <= 2
        joins = left[1:][np.isin(left[1:], operators) & np.isin(left[:-1], operands)]
        if len(joins) > 5:
            found.append(min(joins) if min(joins) == max(joins) else 0)
    for kind in (0, *operators):  # 0: several, as they are
        assert found.count(kind) / len(found) == pytest.approx(1 / (len(operators) + 1), abs=0.07)


@pytest.mark.parametrize("task", TASKS)
def test_candidates_are_words_as_they_are_and_after_them_words_that_are_alike(task):
    batch, alone = candidates(task, 3, 5, 100, 40), candidates(task, 3, 5, 60, 0)
    longest = alone.symbols.shape[1]
    assert len(batch.lengths) == 100
    assert np.array_equal(batch.symbols[:60, :longest], alone.symbols)
    few = [len(set(row[(row > 2) & (row < 8)].tolist())) for row in batch.symbols]
    assert np.mean(few[60:]) + 1 < np.mean(few[:60])


@pytest.mark.parametrize("task", TASKS)
def test_a_batch_is_the_same_either_way(task, monkeypatch):
    few = expressions.MANY
    batch = training_batch(task, 3, 5, few)
    monkeypatch.setattr(expressions, "by_hundreds", None)
    with pytest.raises(TypeError):
        training_batch(task, 3, 5, few)
    monkeypatch.setattr(expressions, "MANY", 10**9)
    alone = training_batch(task, 3, 5, few)
    for name, array in vars(batch).items():
        assert np.array_equal(array, getattr(alone, name)), name


@pytest.mark.parametrize("task", TASKS)
def test_without_numba_they_are_made_one_at_a_time(task, monkeypatch):
    batch = training_batch(task, 3, 5, expressions.MANY)
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(expressions, "by_hundreds", None)
    assert np.array_equal(batch.symbols, training_batch(task, 3, 5, expressions.MANY).symbols)
