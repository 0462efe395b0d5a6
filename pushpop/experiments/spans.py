"""Which lengths, or sizes of graphs, are scored, and how many words of each: as users write it. Known without torch."""

from collections.abc import Iterable
from operator import index
from typing import Any, TypeAlias

from pushpop.errors import ConfigError
from pushpop.tasks.task import LONGEST_WORD

Lengths: TypeAlias = str | int | Iterable[int | tuple[int, int]]


def ranges(lengths: Lengths) -> list[tuple[int, int]]:
    """Ranges of lengths, both ends included, from what users write.

    >>> ranges("65-128, 1000")
    [(65, 128), (1000, 1000)]

    Raises:
        ConfigError: not such a list, or lengths no word can have.
    """
    parts: Iterable[Any] = lengths.split(",") if isinstance(lengths, str) else lengths  # type: ignore[assignment]
    if not hasattr(lengths, "__iter__") or (isinstance(lengths, tuple) and len(lengths) == 2):
        parts = [lengths]
    found = []
    for part in parts:
        ends = part.strip().split("-") if isinstance(part, str) else part if isinstance(part, tuple) else (part,)
        try:
            low, high = _length(ends[0]), _length(ends[-1])
        except (ValueError, TypeError, IndexError):
            raise ConfigError(f"lengths: {part!r} is no length; give such as 65-128,1000") from None
        if len(ends) > 2 or not 1 <= low <= high <= LONGEST_WORD:
            raise ConfigError(f"lengths: {part!r} is no range; give 1 to {LONGEST_WORD}, shortest first, as 65-128")
        found.append((low, high))
    return found


def _length(end: object) -> int:
    """A whole number, or its digits. TypeError, ValueError: neither."""
    if isinstance(end, bool):
        raise TypeError
    return int(end) if isinstance(end, str) else index(end)  # type: ignore[arg-type]


def count(words: int | None, lengths: tuple[int, int]) -> int:
    """How many words of these lengths are scored."""
    if isinstance(words, bool):
        raise ConfigError(f"words: {words} is no number of words; give 1 or more")
    if words is not None and words < 1:
        raise ConfigError(f"words: {words} is too few; give 1 or more")
    return words or (1_000 if lengths[0] < 1_000 else 100)
