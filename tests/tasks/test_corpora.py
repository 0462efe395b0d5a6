"""Texts by name, from files and from folders: what is read, and each thing that can be wrong with it, in one line."""

import os
import socket
import sys
import tracemalloc
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import shared_text

from pushpop.errors import ConfigError
from pushpop.tasks import corpora
from pushpop.tasks.corpora import NAMES, find
from pushpop.tasks.vocabulary import Vocabulary

LICENSED = (
    "Header\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nWork\n\n"
    "*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlaw\n"
)
WAY_OUT = "name its encoding, such as --task.encoding latin-1, or read it as bytes: --task.unit bytes"


def whole(corpus):
    return (b"" if corpus.unit == "bytes" else "").join(corpus.chunks())


def refusal(*where, **how) -> str:
    with pytest.raises(ConfigError) as refused:
        find(*where, **how)
    said = str(refused.value)
    assert said.isprintable(), "more than one line, or what no terminal shows"
    return said


@pytest.fixture
def book(tmp_path):
    """Writes a file, and gives its path."""

    def write(data, name="book.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


@given(data=st.binary(min_size=1) | st.text(min_size=1).map(str.encode))
def test_a_file_is_read_as_it_stands(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "book.txt"
    path.write_bytes(data)
    corpus = find(path, unit="bytes")
    assert whole(corpus) == data
    assert (corpus.characters, corpus.sha256, corpus.cut) == (len(data), sha256(data).hexdigest(), 0)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        assert WAY_OUT in refusal(path) or "begins as utf-" in refusal(path)
        return
    if b"\0" in data:
        assert "a binary file (a NUL byte at offset" in refusal(path)
    elif text == "\ufeff":
        assert refusal(path).endswith(": empty; give a text of one character or more")
    else:
        corpus, kept = find(path), find(path, licence="keep")
        assert (whole(kept), kept.characters) == (text, len(text))
        assert whole(corpus) == text.removeprefix("\ufeff")
        assert corpus.sha256 == sha256(whole(corpus).encode()).hexdigest()


@pytest.mark.parametrize("unit", ["characters", "bytes"])
def test_a_part_of_it_is_that_slice_whatever_the_blocks(monkeypatch, book, unit):
    text = "a\U0001f600é\r\nz" * 20
    path = book(text)
    want = text if unit == "characters" else text.encode()
    for block in (1, 3, 64, 1 << 18):
        monkeypatch.setattr(corpora, "BLOCK", block)
        corpus = find(path, unit=unit, licence="keep")
        for first, last in ((0, None), (0, 0), (0, 7), (5, 6), (30, 100), (100, 1_000), (7, 3)):
            assert (want[:0]).join(corpus.chunks(first, last)) == want[first:last], (first, last)


@pytest.mark.parametrize("unit", ["characters", "bytes"])
def test_it_is_encoded_as_one_array_of_what_the_training_part_knows(monkeypatch, book, unit):
    monkeypatch.setattr(corpora, "BLOCK", 5)
    corpus = find(book("hello helo, wörld\n"), unit=unit)
    known = corpus.vocabulary(0, 10)
    assert known == (Vocabulary.of(["hello helo"]) if unit == "characters" else Vocabulary.of_bytes())
    ids = corpus.encode(known)
    assert ids.dtype == np.uint8
    assert ids.tolist() == known.encode(whole(corpus), "map").tolist()


def test_a_file_that_changes_after_it_was_found_is_noticed(book):
    path = book("a text of one kind\n")
    corpus = find(path)
    known = corpus.vocabulary()
    for other in ("a text of two kind\n", "a text of one kind\nand more", "a text", ""):
        book(other)
        with pytest.raises(ConfigError, match=r"book\.txt: changed while it was read; let it rest, and try again$"):
            corpus.encode(known)
    path.unlink()
    with pytest.raises(ConfigError, match=r"book\.txt: cannot be read \(no such file or directory\)"):
        corpus.encode(known)


def test_the_licence_is_cut_or_kept(book):
    path = book("\ufeff" + LICENSED)
    corpus, kept = find(path), find(path, licence="keep")
    assert (whole(corpus), corpus.cut) == ("Work\n", len(LICENSED) - 5)
    assert (whole(kept), kept.cut) == ("\ufeff" + LICENSED, 0)
    assert whole(find(path, unit="bytes")) == b"Work\n"


def test_the_course_s_file_whole_has_the_course_s_characters():
    path = shared_text("original/book_EN_democracy_in_the_US.txt")
    kept = find(path, licence="keep")
    assert (kept.characters, len(kept.vocabulary().characters)) == (1_148_435, 84)
    corpus = find(path)
    assert (corpus.characters, len(corpus.vocabulary().characters)) == (1_128_956, 79)
    assert corpus.sha256 == sha256(shared_text("democracy_in_america_v1.txt").read_bytes()).hexdigest()


def test_a_folder_is_its_files_in_the_order_of_their_names(book, tmp_path):
    book("two\n", "f/b.txt")
    book("\ufeffone", "f/a/z.md")
    book("", "f/a.txt")
    book("three", "f/c")
    book("never", "f/.hidden.txt")
    book("never", "f/.git/config")
    corpus = find(tmp_path / "f")
    assert whole(corpus) == "one\ntwo\n\nthree"
    assert [os.path.relpath(name, tmp_path / "f") for name in corpus.files] == ["a.txt", "a/z.md", "b.txt", "c"]
    assert corpus.title == f"{tmp_path}/f (4 files)"
    assert whole(find(tmp_path / "f", unit="bytes")) == b"\xef\xbb\xbfone\ntwo\n\nthree"
    book(LICENSED, "f/b.txt")
    assert whole(find(tmp_path / "f")) == "one\nWork\n\nthree"
    assert find(tmp_path / "f").cut == len(LICENSED) - 5


def test_a_binary_file_in_a_folder_is_refused_by_its_name(book, tmp_path):
    book("one", "f/a.txt")
    book(b"\x89PNG\r\n\x1a\n\0\0", "f/b.png")
    assert refusal(tmp_path / "f") == f"{tmp_path}/f/b.png: a binary file (a NUL byte at offset 8); {WAY_OUT}"


def test_a_folder_of_nothing_is_refused(book, tmp_path):
    book("never", "f/.hidden")
    said = ": a folder without files (hidden ones do not count); give one with texts"
    assert refusal(tmp_path / "f") == f"{tmp_path}/f{said}"
    book("", "f/a")
    book("\ufeff", "f/b")
    assert refusal(tmp_path / "f") == f"{tmp_path}/f (2 files): empty; give a text of one character or more"


@pytest.mark.parametrize(
    ("data", "encoding", "says"),
    [
        (b"one\ntw\xff\n", "utf-8", f":2: byte 0xff at offset 6 is not utf-8 text; {WAY_OUT}"),
        ("é\n".encode() * 9 + b"\xc3", "utf-8", f":10: byte 0xc3 at offset 27 is not utf-8 text; {WAY_OUT}"),
        ("é\n".encode() * 9 + b"\xc3\n", "utf-8", f":10: byte 0xc3 at offset 27 is not utf-8 text; {WAY_OUT}"),
        (b"\xed\xa0\x80", "utf-8", ":1: byte 0xed at offset 0 is not utf-8 text; "),
        (b"a\n\x81", "cp1252", ":2: byte 0x81 at offset 2 is not cp1252 text; "),
        (b"abc\n\0", "utf-8", f": a binary file (a NUL byte at offset 4); {WAY_OUT}"),
        (b"abc\n\0", "latin-1", ": a binary file (a NUL byte at offset 4); "),
        ("ab".encode("utf-16"), "utf-8", ": a binary file (a NUL byte at offset 3); it begins as utf-16 does: --task"),
        ("世界".encode("utf-16"), "utf-8", ":1: byte 0xff at offset 0 is not utf-8 text; it begins as utf-16 does: "),
        ("a\n".encode("utf-16") + b"\0", "utf-16", ":2: byte 0x00 at offset 6 is not utf-16 text; "),
        (b"a\n" + b"\0" * 4, "utf-32", ": not utf-32 text (UTF-32 stream does not start with BOM); "),
        (b"", "utf-8", ": empty; give a text of one character or more"),
        (b"\xef\xbb\xbf", "utf-8", ": empty; give a text of one character or more"),
        (b"\xff\xfe", "utf-16", ": empty; give a text of one character or more"),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 7, 1 << 18])
def test_what_is_no_text_is_refused_where_it_stands(monkeypatch, book, data, encoding, says, block):
    monkeypatch.setattr(corpora, "BLOCK", block)
    if block < 4 and "begins as" in says:
        return  # what a file begins as is seen in its first block
    path = book(data)
    said = refusal(path, encoding=encoding)
    assert said.startswith(f"{path}{says}"), said


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "UTF8", "shift_jis", "mac_roman"]
)
@pytest.mark.parametrize("block", [1, 5, 1 << 18])
def test_named_encodings_are_read(monkeypatch, book, encoding, block):
    monkeypatch.setattr(corpora, "BLOCK", block)
    text = ("日本" if encoding == "shift_jis" else "café") + "\r\nab\n"
    assert whole(find(book(text.encode(encoding)), encoding=encoding)) == text


@pytest.mark.parametrize("encoding", ["utf9", "", "hex", "rot13", "undefined", "a\0b", "é", "zlib"])
def test_an_encoding_that_is_none_is_refused(book, encoding):
    said = refusal(book("text"), encoding=encoding)
    assert said.startswith(f"task.encoding: {encoding!r} is not an encoding; ")
    assert said.endswith("give one that Python knows, such as utf-8, latin-1, cp1252, utf-16")
    assert "did you mean 'utf-8'? " in refusal(book("text"), encoding="utf-88")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"unit": "words"}, "task.unit: 'words' is no such choice; give characters or bytes"),
        ({"licence": "drop"}, "task.licence: 'drop' is no such choice; give strip or keep"),
    ],
)
def test_a_choice_that_is_none_is_refused(book, how, says):
    assert refusal(book("text"), **how) == says


def test_what_is_not_there_is_refused_with_the_nearest_name(book, tmp_path):
    names = f"give a path, or one of {', '.join(sorted(NAMES))}"
    assert refusal("tinyshakespere") == (
        f"tinyshakespere: no such corpus, file or folder; did you mean 'tinyshakespeare'? {names}"
    )
    assert refusal("") == f"'': no such corpus, file or folder; {names}"
    below = f"{book('x')}/below"
    assert refusal(below) == f"{below}: no such corpus, file or folder; {names}"
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    assert refusal(tmp_path / "nowhere").startswith(f"{tmp_path}/nowhere: no such corpus, file or folder")


def test_weird_files_are_read(book):
    for data in (b"x", b"\n", b"\x1a" * 3, b"a" * 10_000, b"\r" * 10, b"\xc2\x80", b"\x01\x02"):
        corpus = find(book(data))
        assert whole(corpus).encode() == data
        assert corpus.encode(corpus.vocabulary()).shape == (corpus.characters,)


def test_weird_names_show_on_one_line(book, tmp_path):
    for name, shows in (
        ("a\nb.txt", "a\\nb.txt"),
        (os.fsdecode(b"\xff.txt"), "\\udcff.txt"),
        ("é", "é"),
        ("\x1b[31m", "\\x1b[31m"),
    ):
        path = book("text", name)
        assert find(path).title == f"{tmp_path}/{shows}"
        assert find(os.fsencode(path)).title == f"{tmp_path}/{shows}"
        path.write_bytes(b"\xff")
        assert refusal(path).startswith(f"{tmp_path}/{shows}:1: byte 0xff")
    assert refusal("a\0b").startswith("a\\x00b: cannot be read (")
    assert "file name too long" in refusal("x" * 5_000)


def test_what_is_neither_file_nor_folder_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    own = socket.socket(socket.AF_UNIX)
    own.bind(str(tmp_path / "socket"))
    own.close()
    said = ": a pipe, socket or device; save what it gives as a file, and give that"
    for path in ("/dev/null", "/dev/zero", tmp_path / "pipe", tmp_path / "socket"):
        assert refusal(path) == f"{path}{said}"
    assert "/loop: cannot be read (too many levels of symbolic links)" in refusal(tmp_path / "loop")
    (tmp_path / "loop").unlink()
    assert refusal(tmp_path).endswith(said)


@pytest.mark.parametrize("name", ["book.txt", "f/deep/book.txt"])
def test_what_may_not_be_read_is_refused(monkeypatch, book, tmp_path, name):
    """Root may read anything, so the refusal is made up."""
    path = book("text", name)
    where = tmp_path / name.split("/")[0]

    def denied(self, *_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.open", denied)
    assert refusal(where) == f"{path}: cannot be read (permission denied); give a readable file"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read anything")
def test_a_folder_that_may_not_be_listed_is_refused(book, tmp_path):
    book("text", "f/a.txt")
    book("text", "f/shut/b.txt").parent.chmod(0)
    try:
        assert refusal(tmp_path / "f") == f"{tmp_path}/f/shut: cannot be read (permission denied); give a readable file"
    finally:
        (tmp_path / "f" / "shut").chmod(0o700)


def test_every_python_has_its_topics(monkeypatch):
    from pydoc_data.topics import topics

    corpus = find("python-topics")
    assert whole(corpus) == "\n".join(value for _, value in sorted(topics.items()))
    assert corpus.characters > 300_000
    assert whole(find("python-topics", unit="bytes")) == whole(corpus).encode()
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    assert refusal("python-topics") == (
        "python-topics: this Python comes without pydoc_data.topics; name another corpus, or give a file"
    )


def test_a_name_comes_before_a_path_of_its_spelling(monkeypatch, book, tmp_path):
    book("mine", "python-topics")
    monkeypatch.chdir(tmp_path)
    assert find("python-topics").title == NAMES["python-topics"]
    assert whole(find("./python-topics")) == "mine"


@pytest.mark.parametrize("megabytes", [30, pytest.param(100, marks=pytest.mark.long)])
@pytest.mark.parametrize("letter", ["e", "é"])
def test_a_long_text_takes_little_more_than_its_array(tmp_path, megabytes, letter):
    """And an upper bound that the whole text, as one string and as one array, would break."""
    line = (f"A lin{letter} of a book that goes on and on and on. " * 4 + "\n").encode()
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(line * (1_000_000 // len(line)))
    tracemalloc.start()
    try:
        corpus = find(path)
        ids = corpus.encode(corpus.vocabulary(0, corpus.characters * 8 // 10))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ids.shape == (corpus.characters,)
    assert corpus.characters > megabytes * 0.9e6
    assert peak < 1.1 * corpus.characters + 10e6, f"{peak / corpus.characters:.2f} bytes a character"
