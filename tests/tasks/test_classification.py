"""Classification tasks: their words, classes and baselines against brute force, and what is kept from training."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.errors import ConfigError, WordError
from pushpop.tasks.binary import KEPT, BaumSweet, BinaryPalindrome, even_numbers, members
from pushpop.tasks.classification import Classification
from pushpop.tasks.combinations import RandomCombinations
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import NO_SEPARATOR
from pushpop.tasks.words import fixed_words, training_batch, words_of

TASKS = [
    RandomCombinations(size=6), RandomCombinations(size=9), BaumSweet(size=4), BaumSweet(size=6, padding="none"),
    BinaryPalindrome(size=10), BinaryPalindrome(size=4, padding="none"),
]  # fmt: skip


def even(number: int) -> bool:
    """The definition, on the digits as text."""
    return all(len(zeros) % 2 == 0 for zeros in f"{number:b}".split("1"))


@given(st.integers(1, 5_000))
def test_members_are_counted_as_by_the_definition(most):
    assert members(most) == sum(even(number) for number in range(1, most + 1))


def test_many_numbers_at_once_are_judged_by_the_definition():
    numbers = np.arange(1, 3_000)
    assert even_numbers(numbers).tolist() == [even(number) for number in numbers.tolist()]


@pytest.mark.parametrize(("size", "positives", "baseline"), [(4, 719, 0.823), (5, 3_298, 0.671), (6, 16_718, 0.504)])
def test_baum_sweet_has_the_published_positives_and_baseline(size, positives, baseline):
    assert members(10**size) - members(9) == positives
    assert BaumSweet(size=size).baseline == pytest.approx(baseline, abs=5e-4)


def test_the_baum_sweet_baseline_is_that_of_the_law_by_hand():
    inside, outside = 719, 9_991 - 719
    assert BaumSweet(size=4).baseline == pytest.approx(inside / (inside + KEPT * outside), rel=1e-12)


def test_the_palindrome_baseline_is_that_of_all_halves():
    ones = Fraction(0)
    for digits in product(range(9), repeat=2):
        half = "".join(f"{digit:b}" for digit in digits)
        ones += Fraction(int(half[0]) + int(half[-1]), 2 * 81)
    assert BinaryPalindrome(size=4).baseline == pytest.approx(float(ones), rel=1e-12)


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_words_are_the_task_s_own_and_of_its_lengths(task: Classification):
    low, high = task.lengths
    for word in task.draw(Draws("here"), "training", 200):
        assert low <= len(task.check(word)) <= high
        assert 0 <= task.answer(word).item() < task.classes


def test_the_class_of_a_combination_is_the_missing_number():
    task = RandomCombinations(size=11)
    for word in task.draw(Draws("here"), "training", 100):
        assert {*word.tolist(), *task.answer(word).tolist()} == set(range(11))


def test_every_order_of_a_combination_is_as_likely():
    words = RandomCombinations(size=4).draw(Draws("orders"), "training", 24_000)
    counts = np.unique(np.stack(words), axis=0, return_counts=True)[1]
    assert len(counts) == 24
    assert (abs(counts - 1_000) < 5 * 1_000**0.5).all()


def test_the_class_of_a_palindrome_completes_it():
    task = BinaryPalindrome(size=6)
    for word in task.draw(Draws("here"), "test", 100):
        whole = [*word.tolist(), task.answer(word).item()]
        assert whole == whole[::-1]
        assert len(whole) % 2 == 0


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_what_is_tested_was_never_trained_on(task):
    parts = [{tuple(word.tolist()) for word in task.draw(Draws(part), part, 3_000)} for part in
             ("training", "validation", "test")]  # fmt: skip
    if task == RandomCombinations(size=6):
        assert min(map(len, parts)) > 690
    else:
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]


def test_720_words_are_tested_exhaustively_and_others_on_200_batches():
    assert len({tuple(word.tolist()) for word in fixed_words(RandomCombinations(size=6), "test")}) == 720
    assert len(fixed_words(RandomCombinations(size=16), "test")) == 200 * 128
    assert len(fixed_words(RandomCombinations(size=16), "validation")) == 1_000


def test_padding_stands_in_front_and_is_a_symbol_of_its_own():
    task = BaumSweet(size=4)
    batch = task.encode([np.array([1, 0, 0, 1]), np.ones(20, dtype=np.int64)])
    assert batch.symbols[0].tolist() == [0] * 12 + [2, 1, 1, 2] + [0] * 4
    assert batch.lengths.tolist() == [16, 20]
    assert batch.positions.tolist() == [15, 39]
    assert batch.targets.tolist() == [1, 1]
    assert task.alphabet == (3, 2, NO_SEPARATOR)


def test_without_padding_symbols_are_as_users_type_them():
    task = BaumSweet(size=4, padding="none")
    batch = task.encode([np.array([1, 0, 0, 1]), np.array([1, 0])])
    assert batch.symbols.tolist() == [[1, 0, 0, 1], [1, 0, 0, 0]]
    assert batch.positions.tolist() == [3, 5]
    assert batch.targets.tolist() == [1, 0]
    assert task.alphabet == (2, 2, NO_SEPARATOR)


@pytest.mark.parametrize("task", [BaumSweet(size=4), BinaryPalindrome(size=4)], ids=str)
def test_far_words_have_their_length_and_classes_as_often(task):
    for length in task.far:
        words = words_of(task, (length, length), 400)
        assert {len(task.check(word)) for word in words} == {length}
        assert abs(np.mean([task.answer(word).item() for word in words]) - 0.5) < 0.1


def test_half_of_the_far_words_outside_are_one_bit_off():
    task = BaumSweet(size=4)
    outside = [word for word in words_of(task, (40, 40), 400) if not task.answer(word).item()]
    near = 0
    for word in outside:
        flipped = [np.where(np.arange(40) == place, 1 - word, word) for place in range(1, 40)]
        near += any(task.answer(other).item() for other in flipped)
    assert 0.35 < near / len(outside) < 0.75


def test_batches_depend_on_seed_and_number_alone():
    first = training_batch(BaumSweet(size=5), 3, 7, 32)
    again = training_batch(BaumSweet(size=5), 3, 7, 32)
    other = training_batch(BaumSweet(size=5), 3, 8, 32)
    assert (first.symbols == again.symbols).all()
    assert not (first.symbols == other.symbols).all()


def test_first_words_are_golden():
    assert training_batch(RandomCombinations(size=6), 0, 0, 2).symbols.tolist() == [[0, 4, 5, 1, 3], [0, 1, 3, 2, 4]]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: RandomCombinations(size=1),
         "task.size: 1 cannot be; one number of two or more is missing: give 2 to 1024"),
        (lambda: BinaryPalindrome(size=11),
         "task.size: 11 is odd; a palindrome is two halves alike: give 10 or 12"),
        (lambda: BaumSweet(size=1), "task.size: 1 cannot be; numbers go from 10 to 10^size: give 2 to 9"),
        (lambda: BaumSweet(padding="right"),  # type: ignore[arg-type]
         "task.padding: 'right' is not known; give left or none"),
        (lambda: RandomCombinations(size=2.5),  # type: ignore[arg-type]
         "task.size: 2.5 is not a whole number; give one, such as 6"),
    ],
)  # fmt: skip
def test_a_size_that_cannot_be_is_refused_with_the_rule(build, message):
    with pytest.raises(ConfigError) as error:
        build()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("task", "word", "message"),
    [
        (RandomCombinations(size=4), [0, 1, 1],
         "word: 0 1 1: not such a word; give 3 different numbers from 0 to 3, so that one is missing"),
        (RandomCombinations(size=4), [0, 1],
         "word: 0 1: not such a word; give 3 different numbers from 0 to 3, so that one is missing"),
        (BaumSweet(), [0, 1], "word: it begins with 0; give a binary number, which begins with 1"),
        (BinaryPalindrome(), [1, 0, 1],
         "word: not a palindrome without its last bit; give an odd number of bits, as 1 0 0"),
        (BinaryPalindrome(), [1, 0],
         "word: not a palindrome without its last bit; give an odd number of bits, as 1 0 0"),
    ],
)  # fmt: skip
def test_a_word_of_no_class_is_refused(task, word, message):
    with pytest.raises(WordError) as error:
        task.check(word)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("task", "lengths", "rule"),
    [
        (RandomCombinations(size=6), (20, 20), "lengths: 20: with 6 numbers every word has 5; longer ones"),
        (BinaryPalindrome(), (40, 40), "lengths: 40: a palindrome without its last bit has an odd number"),
        (BaumSweet(), (1, 1), "lengths: 1: 1 alone is in class 1"),
    ],
)
def test_lengths_without_words_are_refused_with_the_rule(task, lengths, rule):
    with pytest.raises(WordError, match=rule):
        words_of(task, lengths, 3)
