"""The symbols of a text: which characters a model knows, each with its number, and one more for all others.

Axes: n characters of a text (or its bytes).
Characters are numbered by code point; the one symbol for all unknown ones is the number after the last. Bytes are their
own numbers, and none is unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from jaxtyping import UInt

from pushpop.errors import ConfigError, WordError

Unit = Literal["characters", "bytes"]
PIECE = 1 << 20  # characters looked up at once: what a piece needs beside its text stays within a few MB
CODE_POINTS = 0x110000
BYTES = tuple(map(chr, range(256)))
REPLACEMENT = "\ufffd"  # what an unknown character shows as


@dataclass(frozen=True)
class Vocabulary:
    """The characters a model knows, sorted by code point; of bytes, chr(0) to chr(255).

    >>> known = Vocabulary.of(["hello"])
    >>> known.encode("hole").tolist(), known.size
    ([1, 3, 2, 0], 5)
    >>> known.decode(known.encode("help", unknown="map"))
    'hel\ufffd'
    """

    characters: tuple[str, ...]
    unit: Unit = "characters"

    def __post_init__(self) -> None:
        assert self.unit == "bytes" or len(self.characters) > 0, "a vocabulary of no characters"
        assert self.unit == "characters" or self.characters == BYTES, "bytes are 256, all of them"
        assert list(self.characters) == sorted(set(self.characters)), "not sorted, or one of them twice"
        assert all(len(character) == 1 for character in self.characters), "not single characters"

    @classmethod
    def of(cls, chunks: Iterable[str]) -> "Vocabulary":
        """All characters of a text that comes in chunks. Raises ConfigError where there are none."""
        seen = np.zeros(CODE_POINTS, dtype=bool)
        for chunk in chunks:
            for piece in _pieces(chunk):
                seen[_codes(piece)] = True
        if not seen.any():
            raise ConfigError("vocabulary: the text has no characters; give one of at least one")
        return cls(tuple(map(chr, np.flatnonzero(seen).tolist())))

    @classmethod
    def of_bytes(cls) -> "Vocabulary":
        """All 256 bytes."""
        return cls(BYTES, "bytes")

    @property
    def unknown(self) -> int | None:
        """The number of the symbol for characters that are not known; None of bytes."""
        return None if self.unit == "bytes" else len(self.characters)

    @property
    def size(self) -> int:
        """How many symbols there are, the unknown one included."""
        return len(self.characters) + (self.unit == "characters")

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest unsigned integers that hold every symbol."""
        return np.min_scalar_type(self.size - 1)

    def encode(
        self, text: str | bytes, unknown: Literal["refuse", "map"] = "refuse", place: str = "text"
    ) -> UInt[np.ndarray, " n"]:
        """The number of each character, of type `dtype`. In a vocabulary of bytes, a string's are those of its UTF-8.

        `unknown`  refuse: WordError at the first character that is not known, with `place`, line and column (counted
                   from 1) and offset (from 0); map: the unknown symbol stands for it.
        """
        if self.unit == "bytes":
            return np.frombuffer(_utf8(text, place), dtype=np.uint8).copy()  # torch warns of a read-only one
        if isinstance(text, bytes):
            raise WordError(f"{place}: bytes, where the vocabulary is of characters; decode them first")
        ids = np.empty(len(text), dtype=self.dtype)
        start = 0
        for piece in _pieces(text):
            here = ids[start : start + len(piece)]
            # Past the table's last entry, which is the unknown symbol, every code is that entry.
            np.take(self._table, _codes(piece), out=here, mode="clip")
            if unknown == "refuse" and (strange := here == self.unknown).any():
                raise self._refusal(text, start + int(strange.argmax()), place)
            start += len(piece)
        return ids

    def decode(self, ids: Iterable[int] | np.ndarray) -> str | bytes:
        """The text of these numbers: bytes in a vocabulary of bytes; U+FFFD shows the unknown symbol."""
        numbers = ids if isinstance(ids, np.ndarray) else np.array(list(ids), dtype=np.int64)
        assert numbers.size == 0 or 0 <= numbers.min() <= numbers.max() < self.size, "not symbols of this vocabulary"
        if self.unit == "bytes":
            return numbers.astype(np.uint8).tobytes()
        return self._codes[numbers].tobytes().decode("utf-32-le", "surrogatepass")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a run folder."""
        if self.unit == "bytes":
            return {"unit": "bytes"}
        return {"unit": "characters", "characters": "".join(self.characters)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], place: str = "vocabulary") -> "Vocabulary":
        """The vocabulary that `to_dict` wrote. Raises ConfigError, beginning with `place`, for anything else."""
        if not isinstance(data, Mapping) or data.get("unit") not in ("characters", "bytes"):
            raise ConfigError(f"{place}: not a vocabulary; it has a unit, which is characters or bytes")
        if data["unit"] == "bytes":
            return cls.of_bytes()
        text = data.get("characters")
        if not isinstance(text, str) or not text or list(text) != sorted(set(text)):
            raise ConfigError(f"{place}: damaged; its characters are a string of one or more, sorted, each once")
        return cls(tuple(text))

    @cached_property
    def _codes(self) -> UInt[np.ndarray, " size"]:
        return _codes("".join(self.characters) + REPLACEMENT).astype(np.uint32)

    @cached_property
    def _table(self) -> np.ndarray:
        """The number of each code point up to the last known one, and one entry more."""
        known = self._codes[:-1]
        table = np.full(int(known[-1]) + 2, self.unknown, dtype=self.dtype)
        table[known] = np.arange(len(known))
        return table

    def _refusal(self, text: str, offset: int, place: str) -> WordError:
        line = text.count("\n", 0, offset) + 1
        column = offset - text.rfind("\n", 0, offset)
        here = f"{place}: line {line}, column {column}, offset {offset}"
        return WordError(
            f"{here}: {text[offset]!r} (U+{ord(text[offset]):04X}) is not among the {len(self.characters)} characters"
            " of the training text; leave it out, or have it mapped to the unknown symbol: --unknown map"
        )


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def _codes(text: str) -> np.ndarray:
    """The code point of each character: uint8 where all are ASCII, otherwise uint32."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _utf8(text: str | bytes, place: str) -> bytes:
    """A command line's bytes that are not UTF-8 come as lone surrogates, and go back to what they were."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise WordError(
            f"{place}: offset {error.start}: U+{code:04X} is half a character, which has no bytes; leave it out"
        ) from None
