"""Project Gutenberg's header, footer and licence, cut from around the works in a text.

A work begins after the line `*** START OF THE PROJECT GUTENBERG EBOOK ... ***` (or, in old files, after the line that
ends the small print) and the credits of who produced it; it ends before `*** END OF THE PROJECT GUTENBERG EBOOK` or
`End of Project Gutenberg's ...`, whichever comes first. A text without these marks is left as it is; one that has only
the second is cut at its end alone; several works in a row are joined by a line end. No word of a work is changed.
"""

import re
from collections.abc import Iterable, Iterator

from pushpop.errors import ConfigError

HEADER = 1 << 16  # characters in which a first header must end; the longest small print has some 15,000
LICENCE = 1 << 16  # that may follow a work; the full licence has some 19,000
OPENING = 1 << 13  # in which blank lines and credits are looked for after a header
HELD = 1 << 12  # kept back until it is known that no footer begins there

LINE = r"(?:\A|(?<=\n))"
START = re.compile(LINE + r"(?:\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG E(?:BOOK|TEXT).{0,400}?\*\*\*"
                   r"|\*END\*? ?THE SMALL PRINT!)[^\n]*\n?", re.DOTALL)  # fmt: skip
END = re.compile(r"(?<=\n)(?:\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG E(?:BOOK|TEXT)"
                 r"|End of (?:[Tt]h(?:e|is) )?Project Gutenberg)")  # fmt: skip
BLANK = re.compile(r"(?:[ \t]*\r?\n)+")
CREDIT = re.compile(r"(?:Produced|E-?text prepared|This e-?(?:text|book) was (?:produced|prepared)) by\b.*?"
                    r"(?:\r?\n[ \t]*(?=\r?\n)|\Z)", re.DOTALL | re.IGNORECASE)  # fmt: skip


def works(chunks: Iterable[str], place: str = "text") -> Iterator[str]:
    """The works in a text that comes in chunks, in chunks.

    Raises ConfigError, beginning with `place`, where so much follows a footer that it cannot be the licence alone.
    """
    text = _Text(chunks)
    text.fill(HEADER)
    footer = END.search(text.held, 0, HEADER)
    headers = list(START.finditer(text.held, 0, footer.start() if footer else HEADER))
    if headers:
        text.open(headers[-1].end())
    while True:
        yield from _one(text)
        if text.ended and not text.held:
            return
        text.fill(LICENCE + 1)
        following = START.search(text.held, 0, LICENCE)
        if following is None:
            if len(text.held) > LICENCE:
                raise ConfigError(
                    f"{place}: more than {LICENCE:,} characters follow a Project Gutenberg footer; cut them off, or"
                    " keep the whole text as it stands: --task.licence keep"
                )
            return
        text.open(following.end())
        yield "\n"


def clean(text: str) -> str:
    """The works of a whole text with LF line ends, and no blank lines (or end mark of DOS) around them."""
    work = "".join(works([text.replace("\r\n", "\n")])).rstrip(" \t\r\n\x1a") + "\n"
    return work[_end(BLANK.match(work)) :]


class _Text:
    """What has been read and not yet given away."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self.held, self.ended, self._chunks = "", False, iter(chunks)

    def fill(self, size: int) -> None:
        """Read until `size` characters are held, or the text has ended."""
        parts, held = [self.held], len(self.held)
        while held < size and not self.ended:
            if (chunk := next(self._chunks, None)) is None:
                self.ended = True
            else:
                parts.append(chunk)
                held += len(chunk)
        self.held = "".join(parts)

    def open(self, start: int) -> None:
        """Go to where a work begins: past its header, blank lines and credits."""
        self.held = self.held[start:]
        self.fill(OPENING)
        start = _end(BLANK.match(self.held))
        while credit := CREDIT.match(self.held, start, start + OPENING):
            start = _end(BLANK.match(self.held, credit.end()), credit.end())
        self.held = self.held[start:]


def _one(text: _Text) -> Iterator[str]:
    """A work up to its footer; nothing is held where it ends with the text."""
    while True:
        gutenberg = "GUTENBERG" in text.held or "Gutenberg" in text.held  # many times quicker than the pattern
        if gutenberg and (footer := END.search(text.held)):
            work = text.held[: footer.start()].rstrip()
            yield work + ("\r\n" if text.held.startswith("\r\n", len(work)) else "\n")
            text.held = text.held[footer.start() :]
            return
        if text.ended:
            yield text.held
            text.held = ""
            return
        if len(text.held) > HELD:
            yield text.held[:-HELD]
            text.held = text.held[-HELD:]
        text.fill(HELD + 1)


def _end(found: re.Match[str] | None, otherwise: int = 0) -> int:
    return found.end() if found else otherwise
