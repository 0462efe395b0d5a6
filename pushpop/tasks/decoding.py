"""Bytes of a file as text, in blocks, with the exact place of the first one that is wrong."""

import codecs
from collections.abc import Iterable, Iterator
from encodings.aliases import aliases
from typing import NoReturn

from pushpop.errors import ConfigError, meant

WIDE = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def expect_encoding(name: str) -> None:
    """ConfigError where `name` is not a text encoding that Python knows."""
    try:
        b"".decode(name)  # refuses those that are no text encodings too, such as hex
        "a".encode(name)
        codecs.getincrementaldecoder(name)
    except (LookupError, ValueError):
        known = ["utf-8", "latin-1", "cp1252", "utf-16"]
        close = meant(name, [*known, *aliases])
        raise ConfigError(
            f"task.encoding: {name!r} is not an encoding; {close}give one that Python knows, such as {', '.join(known)}"
        ) from None


def decode(blocks: Iterable[bytes], encoding: str, place: str) -> Iterator[str]:
    """The text of `blocks`, its characters as they stand: line ends and a byte-order mark are kept.

    Raises ConfigError, beginning with `place`, at the first NUL byte (unless the encoding has them) and at the first
    byte that is not of the encoding, with line (counted from 1) and offset (from 0).
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    has_nul = "a".encode(encoding) != b"a"
    before, lines, first = 0, 1, b""  # bytes that were given to the decoder, and the line on which they end
    for block in blocks:
        first = first or block[:4]
        if not has_nul and (nul := block.find(b"\0")) >= 0:
            raise ConfigError(f"{place}: a binary file (a NUL byte at offset {before + nul}); {_way_out(first)}")
        try:
            text = decoder.decode(block)
        except UnicodeError as error:
            _refuse(error, before + len(block), lines, first, (place, encoding))
        before += len(block)
        lines += text.count("\n")
        yield text
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        _refuse(error, before, lines, first, (place, encoding))


def _refuse(error: UnicodeError, end: int, line: int, first: bytes, of: tuple[str, str]) -> NoReturn:
    """The decoder looked at bytes that end at offset `end` and begin on `line`."""
    place, encoding = of
    if not isinstance(error, UnicodeDecodeError):
        raise ConfigError(f"{place}: not {encoding} text ({error}); {_way_out(first)}") from None
    at, wrong = end - len(error.object) + error.start, error.object[error.start]
    line += error.object[: error.start].decode(error.encoding, "replace").count("\n")
    raise ConfigError(
        f"{place}:{line}: byte 0x{wrong:02x} at offset {at} is not {encoding} text; {_way_out(first)}"
    ) from None


def _way_out(first: bytes) -> str:
    name = next((name for mark, name in WIDE if first.startswith(mark)), "")
    begins = f"it begins as {name} does: " if name else "name its encoding, such as "
    return f"{begins}--task.encoding {name or 'latin-1'}, or read it as bytes: --task.unit bytes"
