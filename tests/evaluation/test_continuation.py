"""Text goes on from text, whatever the prefix and the unit: whole or in pieces, to a length or a sentence's end."""

import pytest
import torch

from pushpop.errors import ConfigError, WordError
from pushpop.evaluation.continuation import characters, continuation, opening, to_sentence_end
from pushpop.evaluation.sampling import Sampling
from pushpop.models.catalogue import LANGUAGE, build_language
from pushpop.tasks.vocabulary import Vocabulary

KNOWN = Vocabulary.of(["The cat. Says no!\n"])
GREEDY = Sampling(temperature=0)


def untrained(vocabulary: Vocabulary, kind: str = "gru-lm"):
    """Scores scaled up, so that it has something to say."""
    found = LANGUAGE[kind]
    settings = found.settings(**{name: 16 for name in ("hidden", "embedding") if hasattr(found.settings, name)})
    model = build_language(kind, settings, vocabulary.size, 1001)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(1.5)
    return model


@pytest.fixture(scope="module")
def known():
    return untrained(KNOWN)


@pytest.mark.parametrize("kind", LANGUAGE)
def test_every_kind_of_model_writes_the_same_alone_together_and_piece_by_piece(kind):
    read = continuation(untrained(KNOWN, kind), KNOWN, "The cat")
    together = read.texts(Sampling(), seed=3, samples=9, length=12)
    assert len(set(together)) == 9
    assert {len(text) for text in together} == {12}
    for sample in (5, 8):
        assert "".join(read.pieces(Sampling(), 3, sample, 12)) == together[sample]
    assert "\ufffd" not in "".join(together)


def test_a_prefix_may_have_lines_and_any_length(known):
    for prefix in ("The cat.\nSays no!\n", "no " * 2_000):
        read = continuation(known, KNOWN, prefix)
        assert "".join(read.pieces(GREEDY, length=20)) == read.texts(GREEDY, length=20)[0]
    assert continuation(known, KNOWN).begun.tail == (0,), "the end of a line"


def test_characters_that_are_not_known_are_refused_with_their_place_or_mapped(known):
    with pytest.raises(WordError, match=r"^--prefix: line 2, column 4, offset 6: 'z' \(U\+007A\)"):
        continuation(known, KNOWN, "no\nThezat", place="--prefix")
    assert continuation(known, KNOWN, "Thez", "map").begun.tail[-1] == KNOWN.unknown
    with pytest.raises(WordError, match="prefix: nothing to write on from"):
        continuation(known, KNOWN, "")


def test_bytes_go_on_from_bytes_or_text_and_are_shown_as_text():
    every = Vocabulary.of_bytes()
    model = untrained(every)
    assert continuation(model, every, "é").begun.tail == (0xC3, 0xA9)
    assert continuation(model, every, b"\xff").begun.tail == (0xFF,)
    read = continuation(model, every, b"\xff")
    (text,) = read.texts(Sampling(temperature=2.0), length=200)
    assert "\ufffd" in text
    assert "".join(read.pieces(Sampling(temperature=2.0), length=200)) == text


def test_sentences_end_each_where_its_own_does(known):
    read = continuation(known, KNOWN, "The cat")
    hot = Sampling(temperature=3.0)
    whole, ended = read.texts(hot, 0, 6, 400), read.texts(hot, 0, 6, 400, complete=True)
    assert [text[: len(start)] for text, start in zip(whole, ended, strict=True)] == ended
    assert ended == ["".join(to_sentence_end(text)) for text in whole]
    assert len({len(text) for text in ended}) > 1


def test_how_many_samples_is_a_number_from_one(known):
    read = continuation(known, KNOWN)
    assert read.texts(GREEDY, samples=3, length=0) == [""] * 3
    for wrong in (0, -1, "3"):
        with pytest.raises(ConfigError, match=r"^samples: .* is no number of samples; give 1 or more"):
            read.texts(GREEDY, samples=wrong)


def test_without_a_prefix_a_line_begins():
    assert opening(Vocabulary.of(["ab\nc"])) == "\n"
    assert opening(Vocabulary.of(["cba"])) == "a"
    assert opening(Vocabulary.of_bytes()) == "\n"


def test_symbols_become_characters_as_they_come():
    known = Vocabulary.of(["añ∑😀"])
    text = "a😀∑ñ"
    assert list(characters([*known.encode(text).tolist(), known.size - 1], known)) == [*text, "\ufffd"]


def test_bytes_become_characters_when_they_are_whole_and_none_is_lost():
    every = Vocabulary.of_bytes()
    whole = "é😀x".encode()
    fed = iter(whole)
    shown = characters(fed, every)
    assert next(shown) == "é"
    assert len(list(fed)) == len(whole) - 2, "a character is shown when its last byte is there"
    for text in (whole, b"\xff\xfe", b"a\xc3(", whole[:4], b"\xf0\x9f\x98", bytes(range(256))):
        assert "".join(characters(text, every)) == text.decode("utf-8", "replace")
        exact = "".join(characters(text, every, "surrogateescape"))
        assert exact.encode("utf-8", "surrogateescape") == text


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("of the people. And", "of the people."),
        ("of the people.\nAnd", "of the people."),
        ("of 3.5 people! And", "of 3.5 people!"),
        ('"Of us?" he said.', '"Of us?"'),
        ("‘Of us?’ he said.", "‘Of us?’"),
        ("of them... And", "of them..."),
        ("of them.", "of them."),
        (". And", "."),
        ("of them", "of them"),
        ("", ""),
    ],
)
def test_a_sentence_ends_where_its_mark_is_followed_by_space_or_quotes(text, ends):
    assert "".join(to_sentence_end(text)) == ends
    assert "".join(to_sentence_end([text[:2], text[2:]])) == ends, "in pieces of any size"
