"""Whether a bracketed text is closed, how deep it goes, and whether it is a document of its language: the judge of
what models write. It knows nothing of how `brackets` makes documents.
"""

import json
import re
from collections.abc import Callable
from typing import NamedTuple

PAIRS = {
    "dyck": {"(": ")", "[": "]", "{": "}", "<": ">"},
    "quotations": {"\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb"},
    "json": {"[": "]", "{": "}"},
    "lisp": {"(": ")"},
    "arithmetic": {"(": ")"},
}
SAID = re.compile(
    r"(?:Ann|Bob|Eve|Sam) said ([\u201c\u2018\u00ab])([^\u201c\u2018\u00ab\u201d\u2019\u00bb]*)([\u201d\u2019\u00bb])"
)
SPOKEN = re.compile(r"(?:[a-z ]+|Q)(?:, (?:[a-z ]+|Q))*")
CALL = re.compile(r"\((?:add|mul|list|if|max)(?: (?:[xyC]|\d+))+\)")
SUM = re.compile(r"\((?:[xy]|\d+)(?:[-+*/](?:[xy]|\d+))+\)")
BRACKETS = re.compile(r"[()\[\]{}<>]+")


class Nested(NamedTuple):
    """How a text stands at its end."""

    open: str  # the brackets still open, the outermost first
    depth: int  # the most that were open at once
    sound: bool  # whether each bracket that closes is of the kind of the last one open

    @property
    def closed(self) -> bool:
        """Whether every bracket was closed by its own kind."""
        return self.sound and not self.open


def nested(text: str, language: str) -> Nested:
    """How the brackets of a text stand; after one that closes nothing of its kind no more is read.

    >>> nested("[(])", "dyck")
    Nested(open='[(', depth=2, sound=False)
    """
    partner = PAIRS[language]
    waiting: list[str] = []
    deepest = 0
    for character in text:
        if character in partner:
            waiting.append(character)
            deepest = max(deepest, len(waiting))
        elif character in partner.values():
            if not waiting or partner[waiting[-1]] != character:
                return Nested("".join(waiting), deepest, False)
            waiting.pop()
    return Nested("".join(waiting), deepest, True)


def closing_marks(language: str) -> str:
    """The brackets that close."""
    return "".join(PAIRS[language].values())


def to_the_deepest(text: str, language: str) -> str:
    """A document up to where it is first as deep as it ever is."""
    whole = nested(text, language).depth
    return next(text[:end] for end in range(1, len(text) + 1) if nested(text[:end], language).depth == whole)


def well_formed(text: str, language: str) -> bool:
    """Whether a text is closed and a document of its language in all else.

    >>> [well_formed(text, "json") for text in ('{"a":[]}', '["a":1]', '7')]
    [True, False, False]
    """
    found = nested(text, language)
    return bool(found.closed and found.depth and GRAMMARS[language](text))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return text[0] in "[{"


def _is_arithmetic(text: str) -> bool:
    """The innermost parentheses, with one sign or more in them, are taken for an atom until one is left."""
    while (less := SUM.sub("x", text)) != text:
        text = less
    return text == "x"


def _is_lisp(text: str) -> bool:
    """The innermost calls of a known name are taken for one word until one is left; none is called itself."""
    if "C" in text:
        return False
    while (less := CALL.sub("C", text)) != text:
        text = less
    return text == "C"


def _is_quotation(text: str) -> bool:
    """The innermost quotations are taken for one word until one is left; none stands right inside marks of its kind."""
    kinds = dict(zip("PQR", PAIRS["quotations"], strict=True))

    def word(match: re.Match[str]) -> str:
        mark, said, _ = match.groups()
        own = next(kind for kind, opening in kinds.items() if opening == mark)
        plain = re.sub(r"[PQR]", "Q", said)
        return own if SPOKEN.fullmatch(plain) and own not in said else match[0]

    if set(text) & set(kinds):
        return False
    while (less := SAID.sub(word, text)) != text:
        text = less
    return text in kinds


GRAMMARS: dict[str, Callable[[str], bool]] = {
    "dyck": lambda text: BRACKETS.fullmatch(text) is not None,
    "quotations": _is_quotation,
    "json": _is_json,
    "lisp": _is_lisp,
    "arithmetic": _is_arithmetic,
}
