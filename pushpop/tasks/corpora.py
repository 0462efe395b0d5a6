"""Where texts come from: files of the user's."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pushpop.errors import ConfigError


@dataclass(frozen=True)
class Corpus:
    """A text file."""

    path: Path
    encoding: str

    @cached_property
    def characters(self) -> int:
        """How many there are."""
        return sum(map(len, self.chunks()))

    def chunks(self) -> Iterator[str]:
        """The text, piece by piece."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            while piece := file.read(1 << 20):
                yield piece


def find(name: str, *, unit: str, encoding: str, licence: str) -> Corpus:
    """The corpus of that name. Raises ConfigError where there is none."""
    path = Path(name)
    if not path.is_file() or unit != "characters" or licence != "strip":
        raise ConfigError(f"task.corpus: {name!r} is no text file; give the path of one")
    return Corpus(path, encoding)
