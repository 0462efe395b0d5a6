"""The two made-up translations: their sentences, the answers, and a parser that judges both."""

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from two_languages import JUDGES, gender, svo_sov

from pushpop.errors import ConfigError, WordError
from pushpop.tasks import grammars, synchronous
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.draws import Draws
from pushpop.tasks.grammars import Gender, SvoSov
from pushpop.tasks.words import fixed_words, training_batch, word_set_hash

KINDS = ("svo-sov", "gender")
FIRST = {"svo-sov": ("si1", "vi1", "oi1", "rpi"), "gender": ("the", "me1", "fe1", "or", "and", "we1")}


def of(kind):
    return TASKS[kind].settings()


def verdict(kind, word):
    """What the judge says of a word, and what the task does: translations by names."""
    task = of(kind)
    found = JUDGES[kind]([task.names[symbol] for symbol in word])
    return found, tuple(task.spelled(task.answer(np.asarray(word))))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", ["training", "test"])
def test_the_judge_finds_the_answer_and_no_other(kind, part):
    for word in of(kind).draw(Draws("judged", part), part, 8 if part == "test" else 100):
        found, answer = verdict(kind, word)
        assert list(found) == [answer]
        assert len(word) == len(answer)


def test_the_samples_of_the_paper_are_translated():
    task = SvoSov()
    word = task.check(["si1", "vi28", "oi5", "oi7", "si15", "rpi", "si19", "vi16", "oi10", "oi24"])
    assert " ".join(task.spelled(task.answer(word))) == "so1 oo5 oo7 so15 rpo so19 vo16 oo10 oo24 vo28"
    part = ["we11", "the", "ne19", "and", "the", "me17"]  # no sentence of its own: it begins as nothing does
    german = Gender()
    assert " ".join(german.spelled(german.answer(german.check(["a", "me1", "and", "a", "me2", *part]))[5:])) == (
        "wg11 das ng19 und der mg17"
    )


@pytest.mark.parametrize(("kind", "longest"), [("svo-sov", 6), ("gender", 5)])
def test_a_word_is_refused_where_the_judge_finds_no_translation(kind, longest):
    task, sound = of(kind), 0
    for length in range(1, longest + 1):
        for names in itertools.product(FIRST[kind], repeat=length):
            if length > 4 and names[0] != FIRST[kind][0]:
                continue  # no sentence begins so, which shorter ones have shown
            word = [task.names.index(name) for name in names]
            if JUDGES[kind](list(names)):
                task.check(word)
                sound += 1
            else:
                with pytest.raises(
                    WordError, match=r"^word: no sentence of the grammar: (symbol \d, .* cannot|it breaks)"
                ):
                    task.check(word)
    assert sound == {"svo-sov": 12, "gender": 4}[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_with_one_symbol_changed_is_one_where_the_judge_says_so(kind):
    task, draws, sound = of(kind), Draws("changed"), 0
    for word in task.words(draws, [n for n in range(task.fewest, 20) for _ in range(20)]):
        place, how, symbol = (int(draws.below(bound, 1)[0]) for bound in (len(word), 3, len(FIRST[kind])))
        other = task.names.index(FIRST[kind][symbol])
        changed = [*word[:place], *([], [other], [other, word[place]])[how], *word[place + 1 :]]
        if not JUDGES[kind]([task.names[symbol] for symbol in changed]):
            with pytest.raises(WordError, match="no sentence of the grammar"):
                task.check(changed)
            continue
        found, answer = verdict(kind, task.check(changed))
        assert list(found) == [answer]
        sound += 1
    assert 50 < sound < 250


@pytest.mark.parametrize(
    ("kind", "word", "message"),
    [
        ("svo-sov", "si1 rpi vi2", "symbol 3, vi2, cannot stand there; give one such as: si1 vi28 oi5"),
        ("svo-sov", "si1 vi2 si3", "it breaks off; give one such as: si1 vi28 oi5"),
        ("gender", "the ne1 or", "symbol 3, or, cannot stand there; give one such as: the ne19 and a fe17 we11"),
    ],
)
def test_what_is_no_sentence_is_refused_in_one_line(kind, word, message):
    with pytest.raises(WordError) as refused:
        of(kind).check(word.split(), "word 3")
    assert str(refused.value) == f"word 3: no sentence of the grammar: {message}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [7, 9])
def test_sentences_are_as_likely_as_the_judge_says(kind, length):
    task = of(kind)
    drawn = task.words(Draws("likely"), [length] * 20_000)
    counts = Counter(tuple(task.grammar.kinds[word].tolist()) for word in drawn)
    classes = [kind.count for _, kind in task.grammar.classes]
    chances = {}
    for pattern in counts:
        word = [int(task.grammar.firsts[kind]) for kind in pattern]
        (found,) = JUDGES[task_name(task)]([task.names[symbol] for symbol in word]).values()
        ways = np.prod([classes[kind] for kind in pattern if kind < len(classes)], dtype=object)
        chances[pattern] = found * float(ways)
    whole = sum(chances.values())
    known = synchronous.chances(task.grammar, 128).of["A"][length]
    assert whole <= known * (1 + 1e-12)
    often = {pattern: p / known * 20_000 for pattern, p in chances.items() if p / known * 20_000 >= 5}
    chi_square = sum((counts[pattern] - wanted) ** 2 / wanted for pattern, wanted in often.items())
    assert chi_square < len(often) + 5 * np.sqrt(2 * len(often))
    assert sum(often.values()) > 0.95 * 20_000


def task_name(task):
    return next(name for name in KINDS if TASKS[name].settings is type(task))


@pytest.mark.parametrize(
    ("kind", "shares", "medians"),
    [("svo-sov", (0.361, 0.0148), (15, 81)), ("gender", (0.1126, 0.00217), (13, 78))],
)
def test_lengths_are_those_of_the_published_rejection(kind, shares, medians):
    # The shares of derivations that are kept, and median lengths, were found by drawing derivations one by one.
    task = of(kind)
    known = synchronous.chances(task.grammar, 128).of["A"]
    for (low, high), share, median in zip(((8, 64), (65, 128)), shares, medians, strict=True):
        assert known[low : high + 1].sum() == pytest.approx(share, rel=5e-3)
        drawn = task.draw_lengths(Draws("lengths"), (low, high), 20_000)
        assert (min(drawn), max(drawn)) == (low, high)
        assert int(np.median(drawn)) == median


def test_lengths_may_be_uniform():
    drawn = Counter(SvoSov(spread="uniform").draw_lengths(Draws("lengths"), (8, 64), 57_000))
    assert sorted(drawn) == list(range(8, 65))
    assert sum((count - 1_000) ** 2 / 1_000 for count in drawn.values()) < 56 + 5 * np.sqrt(2 * 56)
    with pytest.raises(ConfigError, match=r"^task.spread: 'even' is not known; give grammar or uniform$"):
        Gender(spread="even")  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "length"), [("svo-sov", 3), ("gender", 5), ("svo-sov", 1_000), ("gender", 300)])
def test_sentences_have_the_length_asked_for_and_are_sentences(kind, length):
    task = of(kind)
    for word in task.words(Draws("sized"), [length] * 3):
        assert len(task.check(word)) == length


def test_lengths_that_no_sentence_has_are_refused():
    with pytest.raises(
        ConfigError, match=r"^task.shortest: 1-2: sentences have 3 to 10000 symbols; give such lengths$"
    ):
        SvoSov(shortest=1, longest=2)
    with pytest.raises(WordError, match=r"^lengths: 10001: sentences have 5 to 10000 symbols; give such lengths$"):
        Gender().sizes(10_001, 10_001)


def test_fixed_sentences_keep_their_hash():
    for kind, hashes in (("svo-sov", ("f93ff778bc860419", "95bd1996d682aef3")),
                         ("gender", ("6a55a5fa7cf79ad3", "0be76d2339789428"))):  # fmt: skip
        assert tuple(word_set_hash(fixed_words(of(kind), split)) for split in ("validation", "test")) == hashes


def test_the_first_batch_is_golden():
    batch = training_batch(SvoSov(), 0, 0, 2, (4, 6))
    assert batch.symbols.tolist() == [
        [0, 13, 60, 27, 102, 34, 46, 1, 13, 27, 102, 34, 46, 60],
        [0, 29, 47, 92, 90, 1, 29, 92, 90, 47, 0, 0, 0, 0],
    ]
    assert batch.targets.tolist() == [13, 27, 102, 34, 46, 60, 2, 29, 92, 90, 47, 2]


def test_a_sentence_and_its_translation_are_encoded_by_their_own_numbers():
    task = Gender()
    word = task.check(["a", "fe2", "and", "the", "me1"])
    assert task.encode([word]).targets.tolist()[-1] == 2
    assert [task.answer_names[symbol - 3] for symbol in task.encode([word]).targets[:-1]] == (
        ["eine", "fg2", "und", "der", "mg1"]
    )
    assert task.alphabet.inputs == 3 + 107


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_are_the_judge_s(kind):
    # A sentence of three or five words has one derivation: its probability is that of its rules, worked out by hand.
    by_hand = {"svo-sov": 0.6**2 / 33**3, "gender": 0.25 / (6 * 25) ** 2}
    sentence = {"svo-sov": ["si1", "vi1", "oi1"], "gender": ["the", "me1", "and", "a", "fe1"]}[kind]
    assert list(JUDGES[kind](sentence).values()) == [pytest.approx(by_hand[kind])]


def test_the_judges_refuse_a_wrong_answer():
    assert ("so1", "vo2", "oo3") not in svo_sov(["si1", "vi2", "oi3"])
    assert svo_sov(["si1", "vi2", "oi3"]).keys() == {("so1", "oo3", "vo2")}
    assert gender(["the", "me1", "and", "a", "fe1"]).keys() == {("der", "mg1", "und", "eine", "fg1")}
    assert not svo_sov(["si1", "vi34", "oi3"])
    assert not gender(["the", "me0", "and", "a", "fe1"])


def test_a_drawn_word_follows_a_chance_that_is_worked_out_in_fractions():
    """The tables of inside probabilities, against exact sums over splits."""
    sizes = [Fraction(0)] * 12
    for n in range(1, 12):
        own = Fraction(3, 5) if n == 1 else Fraction(0)
        pairs = sum((sizes[k] * sizes[n - k] for k in range(1, n)), Fraction(0))
        clauses = sum((sizes[k] * sizes[n - 2 - k] for k in range(1, n - 2)), Fraction(0))
        sizes[n] = own + (pairs + clauses) / 5
    known = synchronous.chances(grammars.SVO_SOV, 128).of["S"]
    assert known[:12].tolist() == pytest.approx([float(p) for p in sizes], rel=1e-12)
