"""Public-domain books that are fetched when they are asked for, checked and kept.

The SHA-256 of a book is that of its text once `gutenberg.clean` has cut it: line ends LF, header, footer and licence
off. What is kept is the file as it came, so that it can also be used whole. A file put there by hand is as good.

What could be checked without a network: that cutting the course's two books (democracy-in-america-v1 and
grimms-fairy-tales) gives exactly these sums, that of tinyshakespeare is that of its file, and that Anna Karenina, and
Pride and Prejudice begin and end as the pattern expects. The other four were cut once with the same intent by other
means, and their addresses were not tried; a sum that differs is an error that shows both. Moby-Dick and Paradise Lost
are left out: their sums hold for texts from which a note and a preface had been cut too.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from pushpop.errors import ConfigError
from pushpop.tasks import download, gutenberg

SERVER = "https://raw.githubusercontent.com/"
COURSE = SERVER + "uvadlc/uvadlc_practicals_2020/2023a19/assignment_2/2_recurrentnns_gnns/code/Part%202/assets/"


class Book(NamedTuple):
    """Where a book is, and what its text must be."""

    title: str
    address: str
    sha256: str


BOOKS = {
    "alice-in-wonderland": Book(
        "L. Carroll, Alice's Adventures in Wonderland",
        SERVER + "google/brotli/8e10eeb3378f/tests/testdata/alice29.txt",
        "cc660e04a3bef809b5436e822536cafefa278d55fb3639fb3e93665590d6fc0a",
    ),
    "anna-karenina": Book(
        "L. Tolstoy, Anna Karenina, tr. C. Garnett",
        SERVER + "udacity/deep-learning-v2-pytorch/a6fdf852652a794dd84fb45be7282b01026f789f"
        "/recurrent-neural-networks/char-rnn/data/anna.txt",
        "4e2a70c8a0c90dc0b445cf47565c34bb43e6b6d5c1133d06a5dd30828aca44d5",
    ),
    "democracy-in-america-v1": Book(
        "A. de Tocqueville, Democracy in America, vol. 1, tr. H. Reeve",
        COURSE + "book_EN_democracy_in_the_US.txt",
        "4450826c133195809484cbe127c3eac8461d77f4c96124be2c6ca013693530c2",
    ),
    "democracy-in-america-v2": Book(
        "A. de Tocqueville, Democracy in America, vol. 2, tr. H. Reeve",
        SERVER + "sfpc-amd/democracy-in-america/f0cf36a65e6a/src/democracy_in_america.2.txt",
        "5ada826156936cc0b9ad3a157edee06faa42c68d3c466ec01e101c688dc7d693",
    ),
    "grimms-fairy-tales": Book(
        "J. and W. Grimm, Fairy Tales, tr. E. Taylor and M. Edwardes",
        COURSE + "book_EN_grimms_fairy_tails.txt",
        "a3e6ce469bed8107bf911cc30d2675296341f786dfc62b3056817b52b40ff39c",
    ),
    "pride-and-prejudice": Book(
        "J. Austen, Pride and Prejudice",
        SERVER + "GITenberg/Pride-and-Prejudice_1342/81db45c9c48c592f0b77f01fc59e677ad0a5634e/1342.txt",
        "dfc684d4f857fa938268f9ab9c5567b64bd0691251eca959644adeabe6287a4d",
    ),
    "tinyshakespeare": Book(
        "W. Shakespeare, excerpts of the plays (the sample of char-rnn)",
        SERVER + "karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "war-and-peace": Book(
        "L. Tolstoy, War and Peace, tr. L. and A. Maude",
        SERVER + "GITenberg/War-and-Peace_2600/fa22ab90f00f627e83d14acabe32d91602d2365d/2600.txt",
        "d2774b951b40026908696b8c9b96d94c8f68669cfde41ca4ab709fe6856fd109",
    ),
}


def fetched(name: str) -> bytes:
    """The file of one of BOOKS, from the cache or else from its address. Its text has the sum it must have.

    Raises ConfigError where it cannot be had, or is another text.
    """
    book, path = BOOKS[name], folder() / f"{name}.txt"
    try:
        here = path.read_bytes()
    except OSError:
        here = None
    if here is not None and _sum(here) == book.sha256:
        return here
    try:
        data = download.download(book.address)
    except download.FAILURES as error:
        found = "" if here is None else f", and {path} is another text (its SHA-256, once cut, is {_sum(here)})"
        raise ConfigError(
            f"{name}: cannot be fetched from {book.address} ({download.reason(error)}){found}; fetch it by hand and"
            f" save it as {path}"
        ) from None
    if (given := _sum(data)) != book.sha256:
        raise ConfigError(
            f"{name}: what came from {book.address} is another text: its SHA-256, once cut, is {given} and not"
            f" {book.sha256}; try again later, or save the right one as {path}"
        )
    download.keep(path, data)
    return data


def folder() -> Path:
    """Where books are kept."""
    return download.folder("corpora")


def _sum(data: bytes) -> str:
    """The SHA-256 of the text of a file once it has been cut."""
    text = gutenberg.clean(data.decode("utf-8-sig", "replace"))
    return hashlib.sha256(text.encode()).hexdigest()
