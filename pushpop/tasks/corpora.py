"""Corpora: texts by name, or of the user's own, read in chunks however long they are.

    corpus = find("tinyshakespeare")  # or a path to a file or a folder
    corpus.title, corpus.characters, corpus.sha256, corpus.cut
    known = corpus.vocabulary(0, 1_000_000)  # of the first million characters
    ids = corpus.encode(known)  # one array of small integers, a byte a character as long as that holds them

A name comes before a path of the same spelling (`./tinyshakespeare` is the path). Of a folder, all files below it are
read, by their names in order and with a newline between two of them, but for hidden ones. Characters are as they stand
in the files, line ends too; a byte-order mark is dropped, and Project Gutenberg's licence is cut off (see `gutenberg`)
unless it is asked to be kept, which keeps the byte-order mark too. Books by name are as `fetching` says, bracketed
texts as `brackets` does.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

import numpy as np
from jaxtyping import UInt

from pushpop.errors import ConfigError, meant
from pushpop.tasks import brackets, fetching, gutenberg
from pushpop.tasks.decoding import decode, expect_encoding
from pushpop.tasks.vocabulary import Unit, Vocabulary

Licence = Literal["strip", "keep"]
BLOCK = 1 << 18  # bytes read at once
TOPICS = "python-topics"
NAMES = {
    TOPICS: "the reference chapters of this Python's own help",
    **{name: book.title for name, book in fetching.BOOKS.items()},
    **brackets.NAMES,
}

Source = tuple[str, Callable[[], Iterable[bytes]]]  # what messages call a file, and its bytes, anew at each call


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A text that is read anew, in chunks, at each use."""

    title: str
    files: tuple[str, ...]  # that it is made of
    unit: Unit
    characters: int  # or bytes, of a corpus of bytes
    sha256: str  # of the text as UTF-8, or of its bytes
    cut: int  # characters of licence left out of the user's own files
    text: Callable[[], Iterator[str]] = field(repr=False, compare=False)  # bytes as chr(0) to chr(255)

    def chunks(self, first: int = 0, last: int | None = None) -> Iterator[Any]:
        """Its characters from `first` on and before `last`, in strings; of a corpus of bytes, in bytes."""
        last, start = self.characters if last is None else last, 0
        for chunk in self.text():
            if start >= last:
                return
            if piece := chunk[max(0, first - start) : last - start]:
                yield piece if self.unit == "characters" else piece.encode("latin-1")
            start += len(chunk)

    def vocabulary(self, first: int = 0, last: int | None = None) -> Vocabulary:
        """The characters from `first` on and before `last`; all bytes, of a corpus of bytes."""
        return Vocabulary.of_bytes() if self.unit == "bytes" else Vocabulary.of(self.chunks(first, last))

    def encode(self, vocabulary: Vocabulary) -> UInt[np.ndarray, " characters"]:
        """All of it in one array, unknown characters as the unknown symbol.

        Raises ConfigError where it is no longer the text that was found.
        """
        ids, start, digest = np.empty(self.characters, dtype=vocabulary.dtype), 0, hashlib.sha256()
        for chunk in self.chunks(0, self.characters + 1):
            digest.update(_utf8(chunk))
            if start + len(chunk) <= len(ids):
                ids[start : start + len(chunk)] = vocabulary.encode(chunk, "map", self.title)
            start += len(chunk)
        if start != len(ids) or digest.hexdigest() != self.sha256:
            raise ConfigError(f"{self.title}: changed while it was read; let it rest, and try again")
        return ids


def find(
    name_or_path: str | os.PathLike[str],
    *,
    unit: Unit = "characters",
    encoding: str = "utf-8",
    licence: Licence = "strip",
) -> Corpus:
    """The corpus of one of NAMES, a file or a folder, read once to its end.

    `encoding`  of the user's own files; the corpora of NAMES have theirs.
    Raises ConfigError, in one line, for whatever is wrong with it.
    """
    for name, value, choices in (("unit", unit, get_args(Unit)), ("licence", licence, get_args(Licence))):
        if value not in choices:
            raise ConfigError(f"task.{name}: {value!r} is no such choice; give {' or '.join(choices)}")
    expect_encoding(encoding)
    given = os.fsdecode(name_or_path)
    if given == TOPICS:
        return _measured(NAMES[given], [(given, _topics)], unit, "utf-8", "keep")
    if given in brackets.NAMES:
        return _measured(NAMES[given], [(given, lambda: [brackets.corpus(given)])], unit, "utf-8", "keep")
    if given in NAMES:
        raw = fetching.fetched(given)
        text = raw if licence == "keep" else gutenberg.clean(raw.decode("utf-8-sig", "replace")).encode()
        return _measured(NAMES[given], [(given, lambda: [text])], unit, "utf-8", "keep")
    path = Path(given)
    if not stat.S_ISDIR(_mode(path, given)):
        return _measured(_shown(path), [_source(path)], unit, encoding, licence)
    files = _below(path)
    return _measured(f"{_shown(path)} ({len(files)} files)", [_source(file) for file in files], unit, encoding, licence)


def _measured(title: str, sources: list[Source], unit: Unit, encoding: str, licence: Licence) -> Corpus:
    """Read it once: how long it is, and its sum."""
    text = partial(_text, sources, unit, encoding, licence)
    read, characters, digest = list[int](), 0, hashlib.sha256()
    for chunk in text(read):
        digest.update(_utf8(chunk if unit == "characters" else chunk.encode("latin-1")))
        characters += len(chunk)
    if not characters:
        raise ConfigError(f"{title}: empty; give a text of one character or more")
    return Corpus(
        title=title,
        files=tuple(name for name, _ in sources),
        unit=unit,
        characters=characters,
        sha256=digest.hexdigest(),
        cut=max(0, sum(read) - characters),
        text=text,
    )


def _text(
    sources: list[Source], unit: Unit, encoding: str, licence: Licence, read: list[int] | None = None
) -> Iterator[str]:
    """All files as one text, a newline between those that are not empty. `read` is given what is read before a cut."""
    begun, read = False, list[int]() if read is None else read
    for place, blocks in sources:
        own = False
        for chunk in _file(place, blocks(), unit, encoding, licence, read):
            if chunk and not own:
                if begun:
                    read.append(1)
                    yield "\n"
                own = True
            yield chunk
        begun = begun or own


def _file(
    place: str, blocks: Iterable[bytes], unit: Unit, encoding: str, licence: Licence, read: list[int]
) -> Iterator[str]:
    plain = (block.decode("latin-1") for block in blocks) if unit == "bytes" else decode(blocks, encoding, place)
    if licence == "keep":
        return plain
    marked = plain if unit == "bytes" else _unmarked(plain)
    return gutenberg.works(_counted(marked, read), place)


def _unmarked(chunks: Iterable[str]) -> Iterator[str]:
    """Without the byte-order mark that some editors begin a file with."""
    begun = False
    for chunk in chunks:
        yield chunk if begun else chunk.removeprefix("\ufeff")
        begun = begun or bool(chunk)


def _counted(chunks: Iterable[str], read: list[int]) -> Iterator[str]:
    for chunk in chunks:
        read.append(len(chunk))
        yield chunk


def _topics() -> list[bytes]:
    """The same for one version of Python alone, patch releases differ: no figure may rest on it."""
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise ConfigError(
            f"{TOPICS}: this Python comes without pydoc_data.topics; name another corpus, or give a file"
        ) from None
    return ["\n".join(topics[name] for name in sorted(topics)).encode()]


def _source(path: Path) -> Source:
    return _shown(path), partial(_blocks, path)


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        _unreadable(path, error)


def _below(folder: Path) -> list[Path]:
    """All files below a folder in the order of their names, but for hidden ones. Links to folders are not followed."""
    found = list[Path]()
    for place, folders, files in os.walk(folder, onerror=lambda error: _unreadable(folder, error)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in files if not name.startswith(".")]
    if not found:
        raise ConfigError(f"{_shown(folder)}: a folder without files (hidden ones do not count); give one with texts")
    for file in found:
        _mode(file, str(file))
    return sorted(found, key=lambda file: file.relative_to(folder).as_posix())


def _mode(path: Path, given: str) -> int:
    """Of a file or a folder. Raises ConfigError for all else."""
    try:
        if not given:
            raise FileNotFoundError
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        close, known = meant(given, NAMES), ", ".join(sorted(NAMES))
        place = _shown(path) if given else "''"
        raise ConfigError(f"{place}: no such corpus, file or folder; {close}give a path, or one of {known}") from None
    except (OSError, ValueError) as error:
        _unreadable(path, error)
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise ConfigError(f"{_shown(path)}: a pipe, socket or device; save what it gives as a file, and give that")
    return mode


def _unreadable(path: Path, error: OSError | ValueError) -> NoReturn:
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    place = getattr(error, "filename", None)
    raise ConfigError(f"{_shown(Path(place or path))}: cannot be read ({reason}); give a readable file") from None


def _shown(path: Path) -> str:
    """A path on one line, whatever is in its name."""
    text = str(path)
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _utf8(chunk: str | bytes) -> bytes:
    return chunk if isinstance(chunk, bytes) else chunk.encode("utf-8", "surrogatepass")
