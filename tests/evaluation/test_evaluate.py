"""Free-running evaluation, judged by models whose every answer is known."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from speakers import Babbler, Reverser, Stumbler, Watcher

from pushpop.errors import PushpopError, WordError
from pushpop.evaluation import evaluate as module
from pushpop.evaluation.evaluate import ask, evaluate, groups, predict, scored, split_by_length
from pushpop.evaluation.metrics import Scores
from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import END
from pushpop.tasks.formal.context_free import ReverseString, StackManipulation
from pushpop.tasks.strings import Reverse
from pushpop.tasks.words import words_of

TASK = Reverse()
WORDS = words_of(TASK, (3, 9), 20)
SIZES = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=20)


def test_a_model_that_is_right_scores_one():
    assert evaluate(Reverser(), TASK, WORDS) == Scores(coarse=1.0, fine=1.0, token=1.0, words=20)


def test_one_known_error_gives_the_known_scores():
    """The fourth symbol is wrong: 3 of k + 1 before it, k of k + 1 right in all."""
    words = [[1, 2, 3, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1]]
    scores = evaluate(Stumbler(), TASK, words)
    assert (scores.coarse, scores.fine) == (0.0, pytest.approx((3 / 5 + 3 / 10) / 2))
    assert scores.token == pytest.approx((4 / 5 + 9 / 10) / 2)


def test_a_word_too_short_for_the_error_is_right():
    # the fourth place is the end symbol of a word of three, and past the end of a word of two
    words = [[1, 2, 3], [5, 6], [7]]
    rows = split_by_length(TASK, words, ask(Stumbler(), TASK, words))
    assert [scores["coarse"] for _, scores in rows] == [1.0, 1.0, 0.0]


def test_an_answer_that_never_ends_is_cut_at_the_right_one_s_length():
    answered = ask(Babbler(), TASK, [[1, 2], [3]])
    assert [said.tolist() for said in answered.said] == [[5, 4, 1], [6, 1]]
    assert [wanted.tolist() for wanted in answered.wanted] == [[5, 4, END], [6, END]]
    assert evaluate(Babbler(), TASK, [[1, 2], [3]]).fine == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_predictions_are_what_users_type_in_the_words_order():
    words = [[5, 17, 99], [1], [127, 0]]
    assert predict(Reverser(), TASK, words) == [[99, 17, 5], [1], [0, 127]]
    assert predict(Babbler(), TASK, [[4]]) == [[4, -2]]
    assert predict(Reverser(), TASK, []) == []


@pytest.mark.parametrize("positions", [1, 40, 100, 10**9])
@pytest.mark.parametrize("model", [Reverser, Stumbler, Babbler])
def test_grouping_changes_no_answer(model, positions):
    alone = [predict(model(), TASK, [word])[0] for word in WORDS]
    assert predict(model(), TASK, WORDS, positions=positions) == alone
    assert evaluate(model(), TASK, WORDS, positions=positions) == evaluate(model(), TASK, WORDS)


def test_a_call_keeps_to_the_positions_given():
    model = Reverser()
    evaluate(model, TASK, WORDS, positions=100)
    assert len(model.calls) > 1
    assert sum(batch for batch, _ in model.calls) == len(WORDS)
    assert all(batch * (2 * read - 1) <= 100 for batch, read in model.calls)  # read k + 2, said k + 1


@given(SIZES, st.integers(1, 200))
def test_groups_hold_every_word_once_and_fit_or_stand_alone(sizes, positions):
    made = list(groups(sizes, positions))
    assert sorted(n for group in made for n in group) == list(range(len(sizes)))
    for group in made:
        padded = len(group) * (max(sizes[n][0] for n in group) + max(sizes[n][1] for n in group))
        assert padded <= positions or len(group) == 1


def test_a_group_that_forgets_padding_would_be_noticed():
    sizes = [(1, 1), (50, 50)]
    assert list(groups(sizes, 102)) == [[0], [1]]  # 102 positions in all, but 200 once padded


def test_accuracy_by_length_is_that_of_the_words_of_each_length():
    rows = split_by_length(TASK, WORDS, ask(Stumbler(), TASK, WORDS))
    assert [k for k, _ in rows] == sorted({len(word) for word in WORDS})
    for k, scores in rows:
        assert scores == asdict(evaluate(Stumbler(), TASK, [word for word in WORDS if len(word) == k]))


def test_a_benchmark_s_task_has_its_own_score_beside_ours():
    words = [[1, 0, 1, 1], [1, 1, 0, 1], [1, 0]]
    answered = ask(Stumbler(), ReverseString(), words)  # the fourth place is wrong
    found = scored(ReverseString(), words, answered)
    assert found.pop("position") == pytest.approx((3 / 4 + 2 / 2) / 2)  # of lengths 4 and 2, without the end mark
    assert found == asdict(evaluate(Stumbler(), ReverseString(), words))
    assert "position" not in scored(TASK, words, answered)
    assert scored(StackManipulation(), words, answered)["position"] == pytest.approx((8 / 10 + 3 / 3) / 2)
    rows = split_by_length(ReverseString(), words, answered)
    assert [(length, row["position"], row["words"]) for length, row in rows] == [(2, 1.0, 1), (4, 3 / 4, 2)]


def test_a_training_model_answers_at_rest_and_trains_on():
    model = Reverser().train()
    evaluate(model, TASK, WORDS)
    assert not any(model.was_training)
    assert model.training
    assert torch.is_grad_enabled()


def test_a_model_trains_on_even_if_evaluation_fails(monkeypatch):
    model = Reverser().train()
    monkeypatch.setattr(module, "prompts", lambda words: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        evaluate(model, TASK, WORDS)
    assert model.training


def test_a_wrong_word_is_named_by_its_number():
    with pytest.raises(WordError, match=r"^word 2: symbol 3 is 128; symbols are whole numbers from 0 to 127"):
        evaluate(Reverser(), TASK, [[1], [1, 2, 128]])
    with pytest.raises(WordError, match=r"^word 1: an empty word"):
        predict(Reverser(), TASK, [np.array([], dtype=np.int64)])


def test_rounding_is_refused_where_there_is_nothing_to_round():
    with pytest.raises(PushpopError, match=r"^rounded: Reverser has no memory .*; give a model with one"):
        evaluate(Reverser(), TASK, WORDS, rounded=True)
    assert evaluate(Watcher(), TASK, [[1]], rounded=True).words == 1
    one = torch.ones(1, dtype=torch.int64)
    with pytest.raises(PushpopError, match=r"^rounded: Reverser has no memory .*; give a model with one"):
        SequenceModel.answer(Reverser(), one[None], one, one, END, rounded=True)


def test_rounding_reaches_the_model(monkeypatch):
    asked = []
    monkeypatch.setattr(
        Watcher, "answer", lambda self, *args, rounded: asked.append(rounded) or torch.full((1, 2), END), raising=True
    )
    for rounded in (True, False):
        ask(Watcher(), TASK, [[1]], rounded=rounded)
    assert asked == [True, False]
