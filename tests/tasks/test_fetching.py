"""Books that are fetched: from a server of our own, and everything that can go wrong on the way."""

import logging
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from texts import shared_text

from pushpop.errors import ConfigError
from pushpop.tasks import corpora, download, fetching
from pushpop.tasks.corpora import find
from pushpop.tasks.fetching import BOOKS, Book, fetched, folder

WORK = "A work — of art.\n\nThe end.\n"
HEADER = "\ufeffThe Project Gutenberg EBook\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nProduced by A\n\n\n"
FOOTER = "\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\nlaw\n"
FILE = f"{HEADER}{WORK}{FOOTER}".replace("\n", "\r\n").encode()


class Server(ThreadingHTTPServer):
    """Gives `answer`, of which it claims `size` bytes, as often as it is asked; `asked` counts."""

    answer, size, status, asked = FILE, len(FILE), 200, 0


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        self.send_response(self.server.status)
        if self.server.size is not None:
            self.send_header("Content-Length", str(self.server.size))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server that has the one book `a-book`; nothing goes through a proxy; an empty cache."""
    monkeypatch.setenv("PUSHPOP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    with Server(("127.0.0.1", 0), Answer) as own:
        Thread(target=own.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{own.server_port}/book.txt"
        book = Book("A book", address, sha256(WORK.encode()).hexdigest())
        monkeypatch.setitem(fetching.BOOKS, "a-book", book)
        monkeypatch.setitem(corpora.NAMES, "a-book", book.title)
        yield own
        own.shutdown()


def refusal() -> str:
    with pytest.raises(ConfigError) as refused:
        find("a-book")
    said = str(refused.value)
    assert said.isprintable()
    assert said.startswith("a-book: ")
    return said


def test_a_book_is_fetched_once_and_cut(server, tmp_path):
    for _ in range(2):
        corpus = find("a-book")
        assert "".join(corpus.chunks()) == WORK
        assert (corpus.title, corpus.sha256) == ("A book", BOOKS["a-book"].sha256)
    assert server.asked == 1
    assert (tmp_path / "cache" / "corpora" / "a-book.txt").read_bytes() == FILE
    assert list((tmp_path / "cache" / "corpora").iterdir()) == [folder() / "a-book.txt"]
    assert "".join(find("a-book", licence="keep").chunks()) == FILE.decode()
    assert b"".join(find("a-book", unit="bytes").chunks()) == WORK.encode()
    assert "".join(find("a-book", encoding="utf-16").chunks()) == WORK  # that is of the user's own files


def test_a_file_put_there_by_hand_is_as_good(server):
    folder().mkdir(parents=True)
    (folder() / "a-book.txt").write_text(WORK)
    assert "".join(find("a-book").chunks()) == WORK
    assert server.asked == 0


def test_a_damaged_file_is_fetched_again(server):
    folder().mkdir(parents=True)
    for data in (FILE[:-30].replace(b"art", b"war"), b"", b"\xff"):
        (folder() / "a-book.txt").write_bytes(data)
        assert fetched("a-book") == (folder() / "a-book.txt").read_bytes() == FILE
    assert server.asked == 3


def test_another_text_is_refused_with_both_sums(server):
    server.answer = FILE.replace(b"art", b"war")
    other = sha256(WORK.replace("art", "war").encode()).hexdigest()
    said = refusal()
    assert f"is another text: its SHA-256, once cut, is {other} and not {BOOKS['a-book'].sha256}; try again" in said
    assert said.endswith(f"save the right one as {folder()}/a-book.txt")
    assert not folder().exists()


@pytest.mark.parametrize(
    ("size", "reason"), [(len(FILE) + 9, f"({len(FILE)} of {len(FILE) + 9} bytes came)"), (None, "")]
)
def test_half_a_download_never_counts(server, size, reason):
    server.size = size
    if size is None:
        server.answer = FILE[:100]
    assert (reason or "is another text: its SHA-256") in refusal()
    assert not folder().exists()


def test_a_server_that_has_it_not_or_is_not_there(server):
    server.status = 404
    said = refusal()
    assert f"cannot be fetched from {BOOKS['a-book'].address} (HTTP Error 404: Not Found); fetch it by hand" in said
    assert said.endswith(f"and save it as {folder()}/a-book.txt")
    server.shutdown()
    server.server_close()
    assert "(timed out" in (said := refusal()) or "Connection refused" in said
    folder().mkdir(parents=True)
    (folder() / "a-book.txt").write_text("Another text.\n")
    other = sha256(b"Another text.\n").hexdigest()
    assert f", and {folder()}/a-book.txt is another text (its SHA-256, once cut, is {other}); fetch it" in refusal()


def test_a_server_that_says_nothing_is_given_up(server, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.05)
    server.size, server.answer = len(FILE), b""
    monkeypatch.setattr(Answer, "do_GET", lambda self: self.server.answers.wait(5))
    from threading import Event

    server.answers = Event()
    assert "(timed out)" in refusal()
    server.answers.set()


def test_what_is_no_http_is_refused(server, monkeypatch):
    monkeypatch.setattr(Answer, "do_GET", lambda self: self.wfile.write(b"nonsense\n\n"))
    assert "(nonsense)" in refusal()


def test_a_cache_that_cannot_be_written_does_no_harm(server, tmp_path, caplog):
    (tmp_path / "cache").write_text("a file in the way")
    with caplog.at_level(logging.WARNING, "pushpop.corpora"):
        assert "".join(find("a-book").chunks()) == WORK
    assert f"cannot keep a file in {folder()}: " in caplog.text


def test_a_write_that_fails_leaves_nothing(server, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    assert fetched("a-book") == FILE
    assert list(folder().iterdir()) == []


def test_the_cache_is_where_the_kernels_are(monkeypatch, tmp_path):
    monkeypatch.setenv("PUSHPOP_CACHE", "/a")
    assert str(folder()) == "/a/corpora"
    monkeypatch.delenv("PUSHPOP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    assert str(folder()) == "/b/pushpop/corpora"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/c")
    assert str(folder()) == "/c/.cache/pushpop/corpora"

    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", nobody)
    assert folder().name == "corpora"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("alice-in-wonderland", "alice_in_wonderland.txt"),
        ("anna-karenina", "anna_karenina_en.txt"),
        ("democracy-in-america-v1", "original/book_EN_democracy_in_the_US.txt"),
        ("democracy-in-america-v1", "democracy_in_america_v1.txt"),
        ("democracy-in-america-v2", "democracy_in_america_v2.txt"),
        ("grimms-fairy-tales", "original/book_EN_grimms_fairy_tails.txt"),
        ("grimms-fairy-tales", "grimms_fairy_tales.txt"),
        ("pride-and-prejudice", "pride_and_prejudice.txt"),
        ("tinyshakespeare", "tinyshakespeare.txt"),
        ("war-and-peace", "war_and_peace.txt"),
    ],
)
def test_the_books_have_the_sums_that_are_stated(monkeypatch, tmp_path, name, file):
    monkeypatch.setenv("PUSHPOP_CACHE", str(tmp_path))
    folder().mkdir()
    (folder() / f"{name}.txt").write_bytes(shared_text(file).read_bytes())
    assert find(name).sha256 == BOOKS[name].sha256


def test_every_book_is_stated_whole():
    for name, book in BOOKS.items():
        assert corpora.NAMES[name] == book.title
        assert book.address.startswith("https://raw.githubusercontent.com/")
        assert len(book.sha256) == 64
        assert int(book.sha256, 16)
