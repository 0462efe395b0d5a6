"""Words of the user's own: one word a line, symbols (numbers, or names where a task has them) separated by spaces or
commas."""

import re
from pathlib import Path
from typing import Any, Protocol

from pushpop.errors import WordError, meant
from pushpop.tasks.task import Word, by_names_alone, or_names, shown

INTEGER = re.compile(r"[+-]?[0-9]+")
SEPARATORS = re.compile(r"\s*,\s*|\s+")
MOST_DIGITS = 18  # fits 64 bits; int() itself refuses thousands of digits


class Checks(Protocol):
    """What knows its words: a `WordTask`, or a task whose words are nodes of one graph."""

    @property
    def symbols(self) -> int: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    def check(self, word: Any, place: str, /) -> Word: ...


def parse_word(text: str, task: Checks, place: str) -> Word:
    """The word written in `text`, such as "5 17 99" or "5,17,99". Raises WordError that begins with `place`.

    Where digits are names ("3 + 4"), they are no numbers of symbols too.
    """
    parts, names = SEPARATORS.split(text.strip()) if text.strip() else [], task.names
    for n, part in enumerate(parts, 1):
        if part in names:
            continue
        if by_names_alone(names):
            rule = f"symbols are {' '.join(names)}, separated by spaces or commas: change it"
            raise WordError(f"{place}: symbol {n} is {shown(part)}; {rule}")
        if not INTEGER.fullmatch(part) or len(part) > MOST_DIGITS:
            rule = f"{meant(part, names)}give integers from 0 to {task.symbols - 1}{or_names(names)}"
            told = f"{place}: symbol {n} is {shown(part)}, not an integer{' or a name' * bool(names)} of the alphabet"
            raise WordError(f"{told}; {rule}, separated by spaces or commas")
    return task.check([part if part in names else int(part) for part in parts], place)


def typed(word: Word, task: Checks) -> str:
    """A word as users type it: what `parse_word` makes that word of."""
    return " ".join(task.names[symbol] if symbol < len(task.names) else str(symbol) for symbol in word)


def read_words(path: Path | str, task: Checks) -> list[Word]:
    """The words of a file. Raises WordError naming file:line for the first line that is no word of `task`."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise WordError(f"{path}: there is no such file; give a file with one word a line") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise WordError(f"{path}: cannot be read ({reason}); give a readable file with one word a line") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WordError(
            f"{path}:{line}: byte 0x{data[error.start]:02x} is not UTF-8 text; save as plain text"
        ) from None
    # Not `splitlines`: it also ends lines at marks that no editor counts, and the numbers below would be off.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    if lines == [""]:
        raise WordError(f"{path}: an empty file; give one word a line, such as: 5 17 99")
    return [parse_word(line, task, f"{path}:{number}") for number, line in enumerate(lines, 1)]
