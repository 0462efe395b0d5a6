"""What `pushpop generate` writes on from: text on the command line, in a file, or on stdin."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from pushpop.errors import ConfigError, WordError

if TYPE_CHECKING:
    from pushpop.tasks.vocabulary import Unit

BEFORE = Group("What it writes on from", sort_key=1)
MARK = "\ufeff"  # some editors put it before all else


@Parameter(name="*", group=BEFORE)
@dataclass(frozen=True, kw_only=True)
class Before:
    """The text that is read first."""

    prefix: Annotated[
        str | None,
        Parameter(
            allow_leading_hyphen=True,
            help="A text; it is printed before what is written. Without one a new line begins.",
        ),
    ] = None
    prefix_file: Annotated[
        str | None,
        Parameter(
            allow_leading_hyphen=True, help="A file of it (UTF-8), of any length, or - for stdin; it is not printed."
        ),
    ] = None
    unknown: Annotated[
        Literal["refuse", "map"],
        Parameter(help="Characters of it that the model does not know: refuse, or map to its unknown symbol."),
    ] = "refuse"

    @property
    def place(self) -> str:
        """Where it stands, as errors have it."""
        if self.prefix_file is None:
            return "--prefix"
        return "stdin" if self.prefix_file == "-" else self.prefix_file

    def check(self) -> None:
        """ConfigError where two are given, or an empty one."""
        if self.prefix is not None and self.prefix_file is not None:
            raise ConfigError("generate: both --prefix and --prefix-file; give one of them")
        if self.prefix == "":
            raise ConfigError("--prefix: nothing in it; give one character or more, or leave it out")

    def read(self, unit: "Unit") -> str | bytes | None:
        """The text, or the bytes where those are the model's unit; None where none is given.

        Raises:
            ConfigError: there is no such file, or nothing in it.
            WordError: it is not UTF-8.
        """
        if self.prefix_file is None:
            return self.prefix
        data = sys.stdin.buffer.read() if self.prefix_file == "-" else contents(self.prefix_file)
        text = data if unit == "bytes" else decoded(data, self.place)
        if not text:
            raise ConfigError(f"{self.place}: nothing in it; give one character or more, or leave it out")
        return text


def contents(path: str) -> bytes:
    """The bytes of a file. ConfigError where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"{path}: cannot be read ({reason}); give a file of text, or - for stdin") from None


def decoded(data: bytes, place: str) -> str:
    """UTF-8 as text. WordError with line, column and offset (from 1, 1 and 0) where it is not."""
    try:
        return data.decode("utf-8").removeprefix(MARK)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        here = f"{place}: line {line}, column {column}, offset {error.start}"
        raise WordError(f"{here}: byte 0x{data[error.start]:02x} is not UTF-8; save it as UTF-8 text") from None
