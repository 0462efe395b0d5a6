"""Known words, copies and repeats, each counted again in the plainest way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.evaluation.samples import (
    LENGTHS,
    Quality,
    TrainingText,
    longest_copy,
    qualities,
    quality,
    repeats,
    whole_words,
)
from pushpop.tasks.draws import Draws

BOOK = TrainingText(
    "The heart of democracy is the people's will. It is the will of the People, and of no one else's.\n"
)
few = st.text("ab", max_size=30)


@given(sample=few, text=few)
def test_the_longest_copy_is_the_longest_of_all_stretches(sample, text):
    stretches = (sample[i:j] for i in range(len(sample)) for j in range(i, len(sample) + 1))
    assert longest_copy(sample, text) == max((len(one) for one in stretches if one in text), default=0)


def test_a_copy_in_a_long_sample_is_found_wherever_it_is():
    text = "".join(map(chr, (Draws("text").below(20, 20_000) + 97).tolist()))
    noise = "".join(map(chr, (Draws("noise").below(20, 1_000) + 65).tolist()))
    for place in (0, 1, 500, 999, 1000):
        assert longest_copy(noise[:place] + text[77:177] + noise[place:], text) == 100
    assert longest_copy(text[5_000:8_000], text) == 3_000
    assert longest_copy(noise, text) == 0
    assert longest_copy("", text) == 0


@given(sample=few, least=st.integers(1, 6))
def test_repeats_are_what_stood_there_before(sample, least):
    marked = set()
    for start in range(len(sample) - least + 1):
        if sample.find(sample[start : start + least]) < start:
            marked |= set(range(start, start + least))
    assert repeats(sample, least) == len(marked)


def test_a_loop_repeats_itself_and_a_book_hardly():
    assert repeats("and so on, " * 20) == 19 * 11
    assert repeats(BOOK.text) == 0
    assert repeats("-" * 25) == 24
    assert repeats("-" * 24) == 0


def test_words_that_an_end_may_have_cut_are_left_out():
    assert whole_words("cracy is the peop") == ["is", "the"]
    assert whole_words(" is the.") == ["is", "the"]
    assert whole_words("democracy") == []
    assert whole_words(" l'homme d’état, 1835 x2y naïve_") == ["l'homme", "d’état", "x", "y", "naïve"]


def test_samples_of_one_length_are_counted_together():
    found = quality([" the will of the pepole, ", "." * 25], BOOK)
    assert found == Quality(characters=25, known=0.8, copied=17, repeated=24 / 50)
    assert quality(["...", "1 2"], BOOK).known is None
    assert quality([" people "], BOOK).known == 0, "a word is known as it is written: people's is another"


def test_each_length_that_every_sample_has_is_measured():
    samples = ["A xyzzy plugh. " + "The heart of democracy is " * 120, "It is. " * 60]
    found = qualities(samples, BOOK)
    assert [row.characters for row in found] == [30, 300] == list(LENGTHS[:2])
    assert found[0] == quality([one[:30] for one in samples], BOOK)
    assert found[0].known < found[1].known
    assert found[0].repeated < 0.5 < found[1].repeated
    assert qualities(["short"], BOOK) == []
    assert [row.characters for row in qualities(["short"], BOOK, [5, 6, 2])] == [5, 2]


def test_samples_of_other_lengths_are_our_mistake():
    with pytest.raises(AssertionError):
        quality(["a", "ab"], BOOK)
    with pytest.raises(AssertionError):
        quality([], BOOK)
