"""Counting, adding and closing brackets: the answers, judged by other ways to them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.errors import ConfigError, WordError
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.counting import Addition, AnBmCnm
from pushpop.tasks.draws import Draws
from pushpop.tasks.dyck import Dyck
from pushpop.tasks.nesting import nested
from pushpop.tasks.words import fixed_words, word_set_hash

COUNTED = {
    "anbn": lambda n: "a" * n + "b" * n,
    "anbncn": lambda n: "a" * n + "b" * n + "c" * n,
    "anbncndn": lambda n: "a" * n + "b" * n + "c" * n + "d" * n,
    "anb2n": lambda n: "a" * n + "b" * 2 * n,
}


def asked(task, word):
    """A word and its answer, by names, as one text."""
    return "".join(task.names[symbol] for symbol in word) + "".join(task.spelled(task.answer(word)))


@pytest.mark.parametrize("name", COUNTED)
def test_a_word_and_its_answer_are_a_string_of_the_language(name):
    task = TASKS[name].settings()
    for split, lengths in (("validation", range(2, 20)), ("test", range(20, 60))):
        words = fixed_words(task, split)
        assert [asked(task, word) for word in words] == [COUNTED[name](n) for n in lengths]
    assert {len(word) for word in task.draw(Draws("counted"), "training", 500)} == set(range(2, 20))


def test_what_two_letters_count_is_said_by_a_third():
    task = AnBmCnm()
    words = task.draw(Draws("counted"), "training", 1_000)
    for word in words:
        found = re.fullmatch(r"(a+)(b+)(c+)", asked(task, task.check(word)))
        assert found
        assert len(found[1]) + len(found[2]) == len(found[3])
    assert {len(word) for word in words} == set(range(2, 20))
    counts = np.bincount([int((word == 0).sum()) for word in words if len(word) == 19], minlength=19)
    assert (counts[1:19] > 0).mean() > 0.8


@pytest.mark.parametrize("word", ["a", "b a", "b", "a b a", "a b b a b"])
def test_letters_out_of_order_are_refused(word):
    with pytest.raises(WordError, match=r"^word: not a number of a and then one of b; give such as: a a b$"):
        AnBmCnm().check(word.split())


@given(st.integers(1, 2**70), st.integers(1, 2**70))
def test_an_answer_is_the_sum_of_two_numbers_its_lowest_digit_first(one, other):
    task = Addition()
    answer = task.answer(task.check([*f"{one:b}", "+", *f"{other:b}"]))
    assert sum(bit << place for place, bit in enumerate(answer.tolist())) == one + other
    assert answer[-1] == 1


def test_sums_have_every_length_and_any_lengths_of_their_numbers():
    task = Addition()
    words = task.draw(Draws("sums"), "training", 2_000)
    assert {len(task.check(word)) for word in words} == set(range(3, 21))
    plus = [int(np.flatnonzero(word == 2)[0]) for word in words if len(word) == 20]
    assert set(plus) == set(range(1, 19))


@pytest.mark.parametrize("word", ["1 0 1", "1 +", "+ 1", "0 1 + 1", "1 + 0", "1 + 1 + 1"])
def test_what_is_no_sum_is_refused(word):
    with pytest.raises(WordError, match=r"^word: no sum of two binary numbers that begin with 1; give such as"):
        Addition().check(word.split())


def test_lengths_that_no_word_has_are_refused():
    with pytest.raises(ConfigError, match=r"^task.shortest: 1: a and b are 2; give 2 or more$"):
        AnBmCnm(shortest=1, longest=1)
    with pytest.raises(WordError, match=r"^lengths: 1-2: 1 \+ 1 are 3; give 3 or more$"):
        Addition().sizes(1, 2)


@pytest.mark.parametrize("kinds", [1, 2, 4])
def test_an_answer_closes_all_that_is_open_and_no_more(kinds):
    task = Dyck(kinds=kinds)
    for word in task.draw(Draws("brackets"), "test", 200):
        text = "".join(task.names[symbol] for symbol in task.check(word))
        answer = "".join(task.spelled(task.answer(word)))
        assert nested(text + answer, "dyck").closed
        assert len(answer) == len(nested(text, "dyck").open)


def test_every_kind_of_bracket_is_drawn_as_often_and_depths_grow_slowly():
    task = Dyck(kinds=3)
    words = task.words(Draws("brackets"), [100] * 2_000)
    opened = np.bincount(np.concatenate([word[word < 3] for word in words]))
    assert opened / opened.sum() == pytest.approx([1 / 3] * 3, abs=0.01)
    depths = [len(task.answer(word)) for word in words]
    assert np.mean(depths) == pytest.approx(np.sqrt(200 / np.pi), rel=0.05)  # of a coin's walk that turns back at 0


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("( ) )", "symbol 3, ), closes what is not open; change it"),
        ("( [ )", "symbol 3, ), closes what is not open; change it"),
        ("{", "symbol 1 is '{'; it is not an integer or a name: give whole numbers, or names such as (, [, ), ]"),
    ],
)
def test_brackets_that_close_nothing_are_refused(word, message):
    with pytest.raises(WordError) as refused:
        Dyck().check(word.split(), "word 7")
    assert str(refused.value) == f"word 7: {message}"


def test_kinds_of_brackets_have_names():
    assert Dyck(kinds=5).names == ("(", "[", "{", "<", "(5", ")", "]", "}", ">", ")5")
    assert Dyck(kinds=5).answer_names == (")", "]", "}", ">", ")5")
    with pytest.raises(ConfigError, match=r"^task.kinds: 0 kinds of brackets cannot be; give 1 to 32768$"):
        Dyck(kinds=0)


def test_fixed_words_keep_their_hash():
    found = {name: [word_set_hash(fixed_words(TASKS[name].settings(), split)) for split in ("validation", "test")]
             for name in ("anbmcnm", "addition", "dyck")}  # fmt: skip
    assert found == {
        "anbmcnm": ["799e67ad609128ea", "51f0edce0288ca70"],
        "addition": ["f49b36629e587aed", "257e344906c309bd"],
        "dyck": ["e770f7027ec6e30c", "fc85546e6d9bca0e"],
    }
