"""Characters as numbers: against a dictionary, and every refusal in one line."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.errors import ConfigError, WordError
from pushpop.tasks import vocabulary
from pushpop.tasks.vocabulary import Vocabulary

ANY = st.characters(exclude_categories=())  # lone surrogates too
TEXTS = st.text(ANY, max_size=60)


def slow(known, text):
    """`encode` by a dictionary, one character at a time."""
    numbers = {character: n for n, character in enumerate(sorted(set("".join(known))))}
    return [numbers.get(character, len(numbers)) for character in text]


@given(st.lists(TEXTS, max_size=4).filter(any), TEXTS)
def test_encoding_agrees_with_a_dictionary(chunks, text):
    known = Vocabulary.of(chunks)
    assert known.encode(text, unknown="map").tolist() == slow(chunks, text)
    assert known.unknown == len(known.characters) == known.size - 1
    whole = "".join(chunks)
    assert known.decode(known.encode(whole)) == whole


@given(st.text(ANY, min_size=1), TEXTS)
def test_the_first_unknown_character_is_refused_where_it_stands(known, text):
    book = Vocabulary.of([known])
    strange = [n for n, character in enumerate(text) if character not in known]
    if not strange:
        assert book.encode(text).tolist() == slow([known], text)
        return
    before, character = text[: strange[0]], text[strange[0]]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    with pytest.raises(WordError) as refused:
        book.encode(text, place="--prefix")
    said = str(refused.value)
    start = f"--prefix: line {line}, column {column}, offset {len(before)}: {character!r} (U+{ord(character):04X}) is"
    assert said.startswith(start)
    assert said.endswith("have it mapped to the unknown symbol: --unknown map")
    assert said.isprintable()


def test_a_line_end_that_is_not_known_ends_the_line_it_is_on():
    with pytest.raises(
        WordError, match=r"^text: line 1, column 3, offset 2: '\\n' \(U\+000A\) is not among the 2 char"
    ):
        Vocabulary.of(["ab"]).encode("ab\nab\n")


def test_a_table_that_is_off_by_one_would_be_noticed(monkeypatch):
    known = Vocabulary.of(["abc"])
    vars(known)["_table"] = np.roll(known._table, 1)
    assert known.encode("abc", unknown="map").tolist() != slow(["abc"], "abc")


def test_long_texts_are_looked_up_in_pieces(monkeypatch):
    monkeypatch.setattr(vocabulary, "PIECE", 3)
    text = "aébé\U0001f600z\n" * 4
    known = Vocabulary.of([text])
    assert known.encode(text).tolist() == slow([text], text)
    with pytest.raises(WordError, match="line 5, column 2, offset 29: '!'"):
        known.encode(text + "a!a!")


def test_numbers_take_the_fewest_bytes_that_hold_them():
    for size, dtype in ((255, np.uint8), (256, np.uint16), (65_535, np.uint16), (65_536, np.uint32)):
        known = Vocabulary.of([text := "".join(map(chr, range(size)))])
        assert known.size == size + 1
        assert known.encode(text).dtype == known.dtype == dtype
        assert known.encode(text + "\U0010ffff", unknown="map")[-1] == size


def test_an_unknown_character_shows_as_the_replacement():
    known = Vocabulary.of(["ab"])
    assert known.decode([0, 2, 1]) == known.decode(np.array([0, 2, 1], dtype=np.uint8)) == "a\ufffdb"
    assert known.decode([]) == ""
    own = Vocabulary.of(["a\ufffd"])
    assert own.encode("\ufffd!", unknown="map").tolist() == [1, 2]  # a replacement in the text is a character as any
    with pytest.raises(AssertionError, match="not symbols"):
        known.decode([3])


@given(st.binary(max_size=40))
def test_bytes_are_their_own_numbers(data):
    known = Vocabulary.of_bytes()
    ids = known.encode(data)
    assert (ids.tolist(), ids.dtype, known.size, known.unknown) == (list(data), np.uint8, 256, None)
    assert ids.flags.writeable
    assert known.decode(ids) == data
    assert known.encode(data.decode("utf-8", "surrogateescape")).tolist() == list(data)


def test_a_string_among_bytes_is_its_utf8():
    assert Vocabulary.of_bytes().encode("é\n").tolist() == [0xC3, 0xA9, 10]
    with pytest.raises(WordError, match=r"^--prefix: offset 1: U\+D800 is half a character, which has no bytes"):
        Vocabulary.of_bytes().encode("a\ud800", place="--prefix")


def test_bytes_among_characters_are_refused():
    with pytest.raises(WordError, match=r"^text: bytes, where the vocabulary is of characters; decode them first$"):
        Vocabulary.of(["a"]).encode(b"a")


@given(st.text(ANY, min_size=1))
def test_a_vocabulary_outlasts_a_file(text):
    for known in (Vocabulary.of([text]), Vocabulary.of_bytes()):
        assert Vocabulary.from_dict(json.loads(json.dumps(known.to_dict()))) == known


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        None,
        {"unit": "words", "characters": "a"},
        {"unit": ["bytes"], "characters": "a"},
        {"unit": "characters"},
        {"unit": "characters", "characters": ""},
        {"unit": "characters", "characters": "ba"},
        {"unit": "characters", "characters": "aa"},
        {"unit": "characters", "characters": ["a", "b"]},
    ],
)
def test_what_is_no_vocabulary_is_refused(data):
    with pytest.raises(ConfigError, match=r"^run/vocabulary\.json: (not a vocabulary; |damaged; )"):
        Vocabulary.from_dict(data, "run/vocabulary.json")


def test_a_text_of_nothing_has_no_vocabulary():
    for chunks in ([], [""], ["", ""]):
        with pytest.raises(ConfigError, match=r"^vocabulary: the text has no characters"):
            Vocabulary.of(chunks)


@pytest.mark.parametrize(
    "wrong", [((), "characters"), (("b", "a"),), (("a", "a"),), (("ab",),), (("a",), "bytes")], ids=str
)
def test_our_own_mistakes_are_asserted(wrong):
    with pytest.raises(AssertionError):
        Vocabulary(*wrong)
