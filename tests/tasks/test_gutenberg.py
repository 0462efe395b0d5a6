"""Works without their licence: old and new marks, in chunks of any size, and nothing cut that is not one."""

from hashlib import sha256

import pytest
from texts import shared_text

from pushpop.errors import ConfigError
from pushpop.tasks import gutenberg
from pushpop.tasks.gutenberg import clean, works

WORK = "MOBY\n\nCall me Ishmael.\n  Produced by nobody.\n\nThe end.\n"
NEW = (
    "The Project Gutenberg EBook of X\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n\n\n\n"
    "Produced by A. B. and\nC. D.\n\n\n\n"
)
NEW_END = (
    "\n\n\nEnd of the Project Gutenberg EBook of X, by Y\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\n"
    + "law\n" * 4000
)
WRAPPED = "*** START OF THE PROJECT GUTENBERG EBOOK A LONG\nTITLE, VOL. 1 ***\n\nE-text prepared by A\n\n\n"
TIGHT = "***START OF THE PROJECT GUTENBERG ETEXT X***\nThis eBook was produced by A.\n\nProduced by B.\n\n"
OLD = (
    "**Welcome**\n*** START\n"
    + "small\n" * 1500
    + "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n\n"
)
OLD_END = "\n\nEnd of Project Gutenberg's Etext of X\n"
BARE_END = "\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlaw\n"


def cut(text: str, size: int) -> str:
    return "".join(works((text[n : n + size] for n in range(0, len(text), size)), "book.txt"))


@pytest.mark.parametrize("size", [61, 4096, 1 << 20])
@pytest.mark.parametrize("header", ["", NEW, WRAPPED, TIGHT, OLD, NEW + "\n" + OLD], ids=len)
@pytest.mark.parametrize("footer", [NEW_END, OLD_END, BARE_END], ids=len)
@pytest.mark.parametrize("lines", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_header_and_footer_are_cut_and_the_work_is_not(header, footer, lines, size):
    for work in (WORK, WORK * 1_500):  # the second is longer than what is held
        assert cut((header + work + footer).replace("\n", lines), size) == work.replace("\n", lines)


@pytest.mark.parametrize("size", [100, 1 << 20])
def test_works_in_a_row_lose_what_stands_between_them(size):
    for work in (WORK, WORK * 1_500):
        assert cut(NEW + work + NEW_END + WRAPPED + work + BARE_END, size) == work + "\n" + work


def test_a_header_without_a_footer_is_cut_alone():
    assert cut(NEW + WORK, 50) == WORK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        WORK,
        "\n\n  " + WORK + "\n\n",
        "He said: *** START OF THE PROJECT GUTENBERG EBOOK X ***\nand went.\n",
        "The words 'End of Project Gutenberg' in a line.\n",
        "x" * 70_000 + "\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",  # so late that it is no header
        "Produced by an editor.\n\nText.\n",
        "Gutenberg\n" * 9_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_text_without_marks_stays_as_it_is(text):
    for size in (999, 1 << 20):
        assert cut(text, size) == text


def test_what_cannot_be_the_licence_alone_is_refused():
    with pytest.raises(ConfigError, match=r"^book\.txt: more than 65,536 characters follow .*: --task\.licence keep$"):
        cut(WORK + BARE_END + "my own text\n" * 6_000, 5_000)


def test_a_footer_that_is_overlooked_would_be_noticed(monkeypatch):
    monkeypatch.setattr(gutenberg, "HELD", 1)
    assert cut(NEW + WORK * 1_500 + NEW_END, 5) != WORK * 1_500


def test_cleaning_cuts_blank_lines_and_the_mark_of_dos():
    assert clean("\r\n\r\n   ALICE\r\n\r\nThe End\r\n\r\n\x1a") == "   ALICE\n\nThe End\n"
    assert clean(clean(NEW + WORK + NEW_END)) == clean(NEW + WORK + NEW_END) == WORK


@pytest.mark.parametrize(
    ("original", "cleaned"),
    [
        ("book_EN_democracy_in_the_US.txt", "democracy_in_america_v1.txt"),
        ("book_EN_grimms_fairy_tails.txt", "grimms_fairy_tales.txt"),
    ],
)
def test_the_course_s_books_are_cut_to_the_character(original, cleaned):
    text = shared_text(f"original/{original}").read_bytes().decode("utf-8-sig")
    want = shared_text(cleaned).read_bytes().decode()
    assert clean(text) == want
    assert sha256(cut(text, 10_000).encode()).hexdigest() == sha256(want.encode()).hexdigest()
