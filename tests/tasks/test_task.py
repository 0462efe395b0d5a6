"""Tasks: their settings, the words they accept, and the answers."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.errors import ConfigError, WordError
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.draws import Draws
from pushpop.tasks.strings import BigramFlip, Copy, Reverse
from pushpop.tasks.task import Transduction, WordTask, draw_words

WORDS = st.lists(st.integers(0, 127), min_size=1, max_size=40)
REVERSE = Reverse()
COLOURS = ("red", "green", "blue", "white")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Named(Transduction):
    """Whether each symbol of a word, which has a name, comes late in the alphabet."""

    symbols, answer_symbols = 4, 2
    names, answer_names = COLOURS, ("early", "late")

    def word(self, draws, length):
        return draws.below(4, length)

    def answer(self, word):
        return word // 2


@given(WORDS)
def test_an_answer_is_the_word_backwards_and_its_answer_the_word(word):
    answer = REVERSE.answer(np.array(word))
    assert answer.tolist() == list(reversed(word))
    assert REVERSE.answer(answer).tolist() == word


@given(WORDS)
def test_copying_is_reversing_twice(word):
    assert Copy().answer(np.array(word)).tolist() == REVERSE.answer(REVERSE.answer(np.array(word))).tolist()


@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127)), min_size=1, max_size=20))
def test_flipping_pairs_is_reversing_them_in_the_reversed_word(pairs):
    answer = BigramFlip().answer(np.array([symbol for pair in pairs for symbol in pair]))
    assert answer.tolist() == [symbol for pair in pairs for symbol in reversed(pair)]
    assert BigramFlip().answer(answer).tolist() == [symbol for pair in pairs for symbol in pair]


@pytest.mark.parametrize("task", [REVERSE, Copy(), BigramFlip()])
def test_an_answer_is_no_view_of_the_word(task):
    word = np.array([1, 2, 3, 4])
    task.answer(word)[0] = 9
    assert word.tolist() == [1, 2, 3, 4]


def test_words_of_pairs_have_even_lengths():
    task = BigramFlip()
    assert {len(word) for word in task.draw(Draws("pairs"), "test", 2_000)} == set(range(66, 129, 2))
    with pytest.raises(WordError, match=r"^word: 3 symbols are no pairs; give an even number of them$"):
        task.check([1, 2, 3])
    with pytest.raises(WordError, match=r"^lengths: 7: words of bigram-flip are pairs; give an even number$"):
        task.sizes(7, 7)
    with pytest.raises(ConfigError, match=r"^task.shortest: 7: words of bigram-flip are pairs; give an even number$"):
        BigramFlip(shortest=7, longest=7)


@pytest.mark.parametrize("word", [["green", "white"], ["green", 3], [1, 3], np.array([1, 3])])
def test_symbols_with_names_are_given_by_name_or_number(word):
    assert Named().check(word).tolist() == [1, 3]


def test_answers_are_spelled_by_name_where_there_is_one():
    assert Named().spelled([0, 1, 2, -3]) == ["early", "late", "2", "-3"]
    assert REVERSE.spelled([5, 17, -2]) == ["5", "17", "-2"]


def test_a_model_of_two_alphabets_reads_and_says_the_larger():
    assert Named().alphabet == (7, 7, 1)
    assert Named().encode([np.array([3, 0])]).symbols.tolist() == [[0, 6, 3, 1, 4, 3]]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (["gren"], "symbol 1 is 'gren'; it is not an integer or a name: did you mean 'green'? give whole numbers, or "),
        ([4], "symbol 1 is 4; symbols are whole numbers from 0 to 3, or names such as red, green, blue, white: change"),
        ("red green", "'red green' is not a sequence of integers; give one, such as [5, 17, 99]"),
    ],
)
def test_a_wrong_name_is_refused_in_one_line(word, message):
    with pytest.raises(WordError) as refused:
        Named().check(word)
    assert str(refused.value).startswith(f"word: {message}")


def test_names_are_apart_one_a_symbol_and_numbers_mean_themselves():
    tasks = [kind.build(kind.settings()) for kind in TASKS.values() if kind.settings.answers in ("written", "class")]
    for task in [Named(), *tasks]:
        assert isinstance(task, WordTask)
        for names, count in ((task.names, task.symbols), (task.answer_names, task.answer_symbols)):
            assert len(names) in (0, count)
            assert len(set(names)) == len(names)
            for number, name in enumerate(names):
                assert not set(name) & set(" ,\t"), name
                assert not name.lstrip("+-").isdigit() or int(name) == number, name
                assert name not in ("S1", "S2", "S3")


def test_settings_are_the_published_ones():
    assert dataclasses.asdict(REVERSE) == {
        "symbols": 128,
        "shortest": 8,
        "longest": 64,
        "test_shortest": 65,
        "test_longest": 128,
    }
    assert REVERSE.lengths == (8, 64)
    assert REVERSE.test_lengths == (65, 128)


def test_settings_are_frozen_and_given_by_name():
    with pytest.raises(dataclasses.FrozenInstanceError):
        REVERSE.symbols = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        Reverse(3)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"symbols": 0}, "task.symbols: 0 is not an alphabet's size; give 1 to 65536"),
        ({"symbols": 10**9}, "task.symbols: 1000000000 is not an alphabet's size; give 1 to 65536"),
        ({"symbols": "128"}, "task.symbols: '128' is not a whole number; give one, such as 128"),
        ({"longest": 64.0}, "task.longest: 64.0 is not a whole number; give one, such as 64"),
        ({"shortest": True}, "task.shortest: True is not a whole number; give one, such as 8"),
        ({"shortest": 0}, "task.shortest: 0 is not a word's length; give 1 to 1000000"),
        ({"test_longest": 10**7}, "task.test_longest: 10000000 is not a word's length; give 1 to 1000000"),
        ({"shortest": 65}, "task.shortest: 65 is more than task.longest 64; give 64 or less"),
        ({"test_longest": 64}, "task.test_shortest: 65 is more than task.test_longest 64; give 64 or less"),
    ],
)
def test_an_impossible_setting_is_refused_in_one_line(settings, message):
    with pytest.raises(ConfigError) as refused:
        Reverse(**settings)
    assert str(refused.value) == message


@pytest.mark.parametrize("settings", [{"symbols": 1}, {"shortest": 64}, {"shortest": 1, "longest": 1}])
def test_the_ends_of_a_range_are_allowed(settings):
    Reverse(**settings)


@pytest.mark.parametrize("word", [[0, 127], (5,), range(3), np.array([5, 17], np.uint8), [np.int32(4), 4]])
def test_a_word_of_the_task_passes_as_an_array(word):
    checked = REVERSE.check(word)
    assert checked.dtype == np.int64
    assert checked.tolist() == [int(symbol) for symbol in word]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ([], "word: an empty word; give 1 symbol or more"),
        (np.array([], np.int64), "word: an empty word; give 1 symbol or more"),
        ([5, 128], "word: symbol 2 is 128; symbols are whole numbers from 0 to 127: change it"),
        (np.array([5, -1]), "word: symbol 2 is -1; symbols are whole numbers from 0 to 127: change it"),
        ([5, 10**30], "word: symbol 2 is a number of over 20 digits; symbols are whole numbers from 0 to 127"),
        ([5, 1.0], "word: symbol 2 is 1.0; it is not an integer: give whole numbers alone"),
        ([True], "word: symbol 1 is True; it is not an integer: give whole numbers alone"),
        ([5, "a\nb"], r"word: symbol 2 is 'a\nb'; it is not an integer: give whole numbers alone"),
        ([[5, 17]], "word: symbol 1 is [5, 17]; it is not an integer: give whole numbers alone"),
        (np.array([1.0]), "word: symbol 1 is np.float64(1.0); it is not an integer: give whole numbers alone"),
        ("5 17", "word: '5 17' is not a sequence of integers; give one, such as [5, 17, 99]"),
        (5, "word: 5 is not a sequence of integers; give one, such as [5, 17, 99]"),
    ],
)
def test_a_wrong_word_is_refused_in_one_line(word, message):
    with pytest.raises(WordError) as refused:
        REVERSE.check(word)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_refusal_begins_with_the_place_given():
    with pytest.raises(WordError, match=r"^word 3: an empty word"):
        REVERSE.check([], "word 3")


def test_lengths_are_uniform_and_both_ends_included():
    words = draw_words(REVERSE, Draws("lengths"), (8, 64), 57_000)
    counts = np.bincount([len(word) for word in words])
    assert counts[:8].sum() == 0
    assert len(counts) == 65
    chi_square = ((counts[8:] - 1000.0) ** 2 / 1000).sum()
    assert abs(chi_square - 56) < 4 * np.sqrt(2 * 56)


def test_symbols_are_uniform_at_every_place():
    words = np.stack(draw_words(Reverse(symbols=5), Draws("symbols"), (3, 3), 5000))
    for place in range(3):
        chi_square = ((np.bincount(words[:, place], minlength=5) - 1000.0) ** 2 / 1000).sum()
        assert chi_square < 20


def test_the_catalogue_builds_every_task_from_its_default_settings():
    for kind in TASKS.values():
        task = kind.build(kind.settings())
        assert kind.description
        if task.answers in ("text", "graph", "nodes", "links"):
            continue
        assert isinstance(task, WordTask)
        (word,) = task.draw(Draws("any"), "training", 1)
        assert len(task.answer(task.check(word))) > 0
        assert task.encode([word]).symbols.max() < task.alphabet.inputs
