"""The fifteen tasks of the Chomsky benchmark: their words, answers, lengths and refusals."""

from collections import Counter

import numpy as np
import pytest
from formal_judges import JUDGES

from pushpop.errors import WordError
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.draws import Draws
from pushpop.tasks.formal.catalogue import FORMAL
from pushpop.tasks.formal.expressions import RULE, ModularArithmeticBrackets, SolveEquation
from pushpop.tasks.formal.regular import ModularArithmetic
from pushpop.tasks.words import fixed_words, training_batch, word_set_hash, words_of

every_task = pytest.mark.parametrize("name", FORMAL)
GOLDEN = {
    "even-pairs": ("64ea494274a19901", "c271c380b9540d30"),
    "modular-arithmetic": ("73479df1f391a4fb", "39d7bcc39ca00ee5"),
    "parity-check": ("64ea494274a19901", "c271c380b9540d30"),
    "cycle-navigation": ("df5ddc895a8265b1", "cc1509d7eefb6193"),
    "stack-manipulation": ("860b0af9b1063cc7", "867f5ac925e802bd"),
    "reverse-string": ("64ea494274a19901", "c271c380b9540d30"),
    "modular-arithmetic-brackets": ("9e86639eacceaf32", "cb39f604afb937dd"),
    "solve-equation": ("21aa97951ec2d73e", "bff7372d88fa6bec"),
    "duplicate-string": ("64ea494274a19901", "c271c380b9540d30"),
    "missing-duplicate": ("7ce83703c394629b", "7d65066f21d34241"),
    "odds-first": ("64ea494274a19901", "c271c380b9540d30"),
    "binary-addition": ("a3bd2a5b4ab268af", "e99332c89300c7e2"),
    "binary-multiplication": ("a3bd2a5b4ab268af", "e99332c89300c7e2"),
    "compute-sqrt": ("6b7ebe8cc7ebe2a4", "c271c380b9540d30"),
    "bucket-sort": ("0dbb5c5c0b278ee6", "2e65d2687059e6df"),
}
LEVELS = {"regular": 4, "context-free": 4, "context-sensitive": 7}
# |answer| of a word of L symbols where that alone tells it.
SAID = {"duplicate-string": lambda L: 2 * L, "compute-sqrt": lambda L: (L + 1) // 2} | dict.fromkeys(
    ("reverse-string", "odds-first", "bucket-sort"), lambda L: L
)


def task(name):
    return FORMAL[name].settings()


@every_task
def test_an_answer_is_that_of_the_slow_judge(name):
    asked = task(name)
    words = [word for span in ((1, 12), (39, 40), (133, 133), (499, 500)) for word in words_of(asked, span, 60)]
    for word in words:
        answer = asked.answer(word)
        assert answer.tolist() == JUDGES[name](word.tolist()), word.tolist()
        assert answer.dtype == np.int64
        assert not np.shares_memory(answer, word)
        assert all(0 <= symbol < asked.said for symbol in answer.tolist())
        assert asked.ended or len(answer) == SAID.get(name, lambda _: 1)(len(word))


@every_task
def test_words_keep_their_hash(name):
    asked = task(name)
    validation, test = (word_set_hash(fixed_words(asked, split)) for split in ("validation", "test"))
    assert (validation, test) == GOLDEN[name]


@every_task
def test_a_word_has_the_length_asked_for_and_is_one_of_the_task(name):
    asked = task(name)
    for length in (*range(1, 9), 40, 499, 500, 3001):
        if name == "modular-arithmetic" and length % 2 == 0:
            with pytest.raises(WordError, match="digit; give an odd number"):
                words_of(asked, (length, length), 5)
            continue
        for word in words_of(asked, (length, length), 5):
            assert len(word) == length
            assert asked.check(word).tolist() == word.tolist()


@every_task
def test_the_test_has_as_many_words_of_each_length(name):
    words = fixed_words(task(name), "test")
    counts = Counter(map(len, words))
    odd = name == "modular-arithmetic"
    assert set(counts) == set(range(41, 501, 2 if odd else 1))
    assert set(counts.values()) == {5 if odd else 3}
    assert len(set(map(len, words[:100]))) == 100
    assert max(map(len, words[:100])) - min(map(len, words[:100])) > 400
    lengths = {len(word) for word in fixed_words(task(name), "validation")}
    assert lengths == set(range(1, 41, 2 if odd else 1))


def test_of_more_lengths_than_words_some_are_drawn():
    words = fixed_words(type(task("parity-check"))(test_longest=5_000), "test")
    assert len(words) == 1_000


def test_the_catalogue_has_all_fifteen_by_level():
    assert set(FORMAL) == set(JUDGES) == set(GOLDEN)
    assert Counter(task(name).level for name in FORMAL) == LEVELS
    for name in FORMAL:
        assert TASKS[name].description.startswith(f"{task(name).level}: ")
        assert TASKS[name].build(TASKS[name].settings()) == task(name)


@every_task
def test_the_alphabet_holds_what_is_heard_and_said(name):
    asked = task(name)
    batch = training_batch(asked, 0, 0, 64)
    assert batch.symbols.max() < asked.alphabet.inputs
    assert batch.targets.max() < asked.alphabet.outputs
    assert asked.chance == (0.2 if asked.said == 5 else 0.5)


def share(found, values):
    counts = Counter(found)
    assert set(counts) == set(values)
    return max(abs(count / len(found) - 1 / len(values)) for count in counts.values())


def test_words_follow_the_published_chances():
    draws = Draws("chances of formal words")

    def many(name, length):
        return [task(name).word(draws, length).tolist() for _ in range(3_000)]

    stacks = many("stack-manipulation", 10)
    assert share([sum(symbol < 2 for symbol in word) for word in stacks], range(1, 10)) < 0.03
    assert share([symbol for word in stacks for symbol in word if symbol >= 2], (2, 3, 4)) < 0.02
    assert share([word[0] for word in stacks], (0, 1)) < 0.03
    simple = many("modular-arithmetic", 3)
    assert share([word[0] for word in simple], range(5)) < 0.03
    assert share([word[1] for word in simple], (5, 6, 7)) < 0.03
    sums = many("binary-addition", 9)
    assert share([word.index(2) for word in sums], range(1, 8)) < 0.03
    assert share([tuple(word[:2]) for word in sums if word.index(2) == 2], ((1, 0), (0, 1), (1, 1))) < 0.08
    assert share([tuple(word) for word in many("binary-addition", 2)], ((0, 0), (1, 0), (0, 1))) < 0.04
    assert share([word.index(2) for word in many("missing-duplicate", 7)], range(6)) < 0.03
    assert share([tuple(word) for word in many("compute-sqrt", 2)], ((0, 1), (1, 0), (1, 1))) < 0.04
    nested = [word for word in many("modular-arithmetic-brackets", 9) if word[1] < 5]
    assert share([word[2] for word in nested], (5, 6, 7)) < 0.06
    assert abs(len(nested) / 3_000 - 1 / 5) < 0.03  # |left| is any of 1 to 5
    equations = many("solve-equation", 7)  # (l + r) = v
    assert share([word[-1] for word in equations], range(5)) < 0.03
    found = Counter(word.index(9) for word in equations)
    assert set(found) == {1, 3}
    assert abs(found[1] / 3_000 - 3 / 5) < 0.03  # of five places three lead to the first digit


@pytest.mark.parametrize(
    ("name", "word", "message"),
    [
        ("parity-check", [0, 2], "symbol 2 is 2; symbols are whole numbers from 0 to 1: change it"),
        (
            "modular-arithmetic",
            [1, 5],
            "symbol 2 is +; digits 0-4 and operators take turns, digits first and last: change it",
        ),
        ("modular-arithmetic", [5], "symbol 1 is +; digits 0-4 and"),
        ("modular-arithmetic", [1, 2, 3], "symbol 2 is 2; digits 0-4 and"),
        ("stack-manipulation", [2, 1], "symbol 1 is pop; a word begins with what lies on the stack"),
        ("stack-manipulation", [1, 3, 0], "symbol 3 is 0; after an action come actions alone: pop, push-0, push-1"),
        ("modular-arithmetic-brackets", [1, 5, 2], f"symbol 2 is +; {RULE}: change it"),
        ("modular-arithmetic-brackets", [8, 1, 5], f"symbol 3 is +; {RULE}"),
        ("modular-arithmetic-brackets", [8, 8, 3, 9, 9], f"symbol 5 is ); {RULE}"),
        ("modular-arithmetic-brackets", [8, 1, 5, 2, 6, 3, 9], f"symbol 5 is -; {RULE}"),
        ("modular-arithmetic-brackets", [6, 6, 1], f"symbol 2 is -; {RULE}"),
        ("modular-arithmetic-brackets", [6, 8, 1, 9], f"symbol 2 is (; {RULE}"),
        ("modular-arithmetic-brackets", [8, 9], f"symbol 2 is ); {RULE}"),
        ("solve-equation", [0, 1], "symbol 2 is 1; of 1 or 2 symbols all are 0"),
        ("solve-equation", [9, 1, 1], "symbol 2 is 1; an equation ends with = and a digit"),
        ("solve-equation", [9, 10, 9], "symbol 3 is x; an equation ends with = and a digit"),
        ("solve-equation", [7, 9, 5, 9, 8, 10, 2], "symbol 4 is x; x and = stand in an equation once"),
        ("solve-equation", [3, 10, 3], "symbol 1 is 3; x stands in an equation once, for one of its digits"),
        ("solve-equation", [7, 9, 5, 8, 10, 2], f"symbol 4 is ); {RULE}"),
        ("missing-duplicate", [0], "symbol 1 is 0; of length 1 there is 1 alone"),
        ("missing-duplicate", [0, 2, 1], "symbol 3 is 1; a word of odd length ends with a dot"),
        ("missing-duplicate", [0, 0], "0 of its bits are hidden (?); hide one"),
        ("missing-duplicate", [2, 0, 2, 0], "2 of its bits are hidden (?); hide one"),
        ("missing-duplicate", [2, 0, 1, 1], "symbol 4 is 1; both halves are the same but for the hidden bit"),
        ("missing-duplicate", [2, 3, 1, 3], "symbol 2 is .; a dot fills up a word of odd length, at its end alone"),
        ("binary-addition", [0, 1, 0], "+ is in it 0 times; it stands once, between two numbers: change it"),
        ("binary-addition", [1, 2, 1, 2, 1], "+ is in it 2 times; it stands once, between two numbers"),
        ("binary-addition", [2, 0], "+ is in it 1 times; it stands in words of 3 symbols or more"),
        ("binary-multiplication", [2, 0, 1], "symbol 1 is *; there is a number on either side of it"),
    ],
)
def test_a_word_that_is_none_is_refused_in_one_line(name, word, message):
    with pytest.raises(WordError) as refused:
        task(name).check(word)
    assert str(refused.value).startswith(f"word: {message}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("made", [ModularArithmeticBrackets(), SolveEquation(), ModularArithmetic()])
def test_no_symbol_more_or_less_makes_a_word(made):
    """Of a word without one symbol, or with one twice, either it is refused or the slow judge can read it too."""
    name = next(name for name in FORMAL if FORMAL[name].settings is type(made))
    refused = 0
    for word in words_of(made, (5, 25), 40):
        symbols = word.tolist()
        for n in range(len(symbols)):
            for other in (symbols[:n] + symbols[n + 1 :], symbols[:n] + symbols[n : n + 1] + symbols[n:]):
                try:
                    found = made.check(other)
                except WordError:
                    refused += 1
                else:
                    assert made.answer(found).tolist() == JUDGES[name](other)
    assert refused > 1_000


def test_a_million_symbols_are_no_trouble():
    for name in ("modular-arithmetic-brackets", "binary-addition", "stack-manipulation"):
        asked = task(name)
        (word,) = words_of(asked, (200_000, 200_000), 1)
        assert asked.check(word) is not None
        assert len(asked.answer(word)) > 0
