"""The judge of bracketed texts: against a twin that deletes pairs, and against documents that were spoilt."""

import json
import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.tasks.brackets import documents
from pushpop.tasks.nesting import PAIRS, Nested, closing_marks, nested, to_the_deepest, well_formed

every_language = pytest.mark.parametrize("language", PAIRS)


def deleted(text: str) -> str:
    """A text of Dyck brackets without its pairs, innermost first."""
    while (less := re.sub(r"\(\)|\[\]|\{\}|<>", "", text)) != text:
        text = less
    return text


@given(st.text("()[]{}<>", max_size=14))
def test_what_is_closed_is_what_has_only_pairs(text):
    found = nested(text, "dyck")
    assert found.closed == (deleted(text) == "")
    if found.sound:
        assert found.open == deleted(text)


@given(st.text("()[]{}<>", max_size=14))
def test_the_depth_is_the_most_that_is_open_at_once(text):
    depths = [len(deleted(text[:end])) for end in range(len(text) + 1)]
    if nested(text, "dyck").closed:
        assert nested(text, "dyck").depth == max(depths)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("", "dyck", Nested("", 0, True)),
        ("([", "dyck", Nested("([", 2, True)),
        ("())", "dyck", Nested("", 1, False)),
        ("([)]", "dyck", Nested("([", 2, False)),
        ("(1+2)/(3", "arithmetic", Nested("(", 1, True)),
        ('{"a":[', "json", Nested("{[", 2, True)),
    ],
)
def test_a_text_stands_as_it_is_written(text, language, found):
    assert nested(text, language) == found


@every_language
def test_a_document_that_is_cut_spoilt_or_doubled_is_not_well_formed(language):
    """Any bracket taken out, or made one of another kind."""
    for text in islice(documents(language, (2, 4), "test", 1), 12):
        marks = [place for place, one in enumerate(text) if one in PAIRS[language] or one in closing_marks(language)]
        for place in marks:
            without = text[:place] + text[place + 1 :]
            assert not nested(without, language).closed
            assert not well_formed(without, language)
            other = (
                next(one for one in closing_marks(language) if one != text[place]) if len(PAIRS[language]) > 1 else "("
            )
            assert not well_formed(text[:place] + other + text[place + 1 :], language) or text[place] == other
        assert not any(well_formed(text[:end], language) for end in range(marks[-1]))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "dyck"),
        ("(x)", "dyck"),
        ("[1,]", "json"),
        ('{"a" 1}', "json"),
        ("7", "json"),
        ("()", "lisp"),
        ("(add)", "lisp"),
        ("(add x) (add y)", "lisp"),
        ("((add x) y)", "lisp"),
        ("(x 3)", "lisp"),
        ("(ad x 3)", "lisp"),
        ("(add z 3)", "lisp"),
        ("(add C 3)", "lisp"),
        ("(add  x)", "lisp"),
        ("(add x y", "lisp"),
        ("(1+)", "arithmetic"),
        ("(1**2)", "arithmetic"),
        ("(1+())", "arithmetic"),
        ("(x(1+2)+3)", "arithmetic"),
        ("(xy+3)", "arithmetic"),
        ("(1+2)+(3+4)", "arithmetic"),
        ("(z+1)", "arithmetic"),
        ("12", "arithmetic"),
        ("Ann said “”", "quotations"),
        ("Ann said “no", "quotations"),
        ("Tom said “no”", "quotations"),
        ("Ann said “R”", "quotations"),
        ("Ann said “Bob said “no””", "quotations"),
        ("Ann said “no” Bob said “no”", "quotations"),
    ],
)
def test_what_is_no_document_is_refused(text, language):
    assert not well_formed(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("([]{}<>)", "dyck"),
        ('[{"a":[]},7,null]', "json"),
        ("(add x (mul 3 4) y)", "lisp"),
        ("((1+2)*x-(3/4))", "arithmetic"),
        ("Ann said “no, Bob said ‘so be it, Eve said “who”’, yes”", "quotations"),
    ],
)
def test_what_is_a_document_is_known_as_one(text, language):
    assert well_formed(text, language)


def test_json_is_what_the_library_reads():
    for text in islice(documents("json", (1, 6), "test", 2), 50):
        json.loads(text)
        assert well_formed(text, "json")


@every_language
def test_a_document_is_cut_where_it_is_deepest_for_the_first_time(language):
    for text in islice(documents(language, (5, 5), "test", 3), 20):
        cut = to_the_deepest(text, language)
        assert text.startswith(cut)
        assert cut[-1] in PAIRS[language]
        assert len(nested(cut, language).open) == 5
        assert nested(cut[:-1], language).depth == 4
