"""Command-line options made from settings classes: one for each field, with its default and its meaning.

Nothing here knows which settings there are: a field added to a settings class is an option with no further word.
"""

import inspect
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

from cyclopts import Group, Parameter, Token

ENTRY = re.compile(r"^\s*((?:`\w+`,? ?)+):?\s+(\S.*)$")  # "`hidden`   units of each layer." in a class docstring
ELSEWHERE = re.compile(r"^as in `(\w+)`")


def options_of(
    part: str,
    settings: type[Any],
    defaults: Mapping[str, object],
    group: Group,
    short: Sequence[str] = (),
    said: Mapping[str, str] | None = None,
) -> list[inspect.Parameter]:
    """One option `--part.field` for each field; those in `short` are also `--field`.

    `defaults` (of a preset or a file) stand before the class's own; `group` is the heading in `--help`; `said` is what
    some fields mean, where that is not what the class says.
    """
    hints, lines, usual = get_type_hints(settings), {**meanings(settings), **(said or {})}, settings()
    found = []
    for field in fields(settings):
        names = [f"--{part}.{field.name}".replace("_", "-")]
        if field.name in short:
            names.append(f"--{field.name}")
        strict = whole if hints[field.name] is int else None
        about = Parameter(name=names, group=group, help=lines.get(field.name, ""), converter=strict)
        found.append(
            inspect.Parameter(
                f"{part}__{field.name}",
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults.get(field.name, getattr(usual, field.name)),
                annotation=Annotated[hints[field.name], about],
            )
        )
    return found


def whole(_: object, tokens: Sequence[Token]) -> int:
    """A whole number as it was typed: cyclopts alone rounds 1.7 to 2. Raises ValueError."""
    return int(tokens[0].value)


def nested(given: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """What was given, by part: {"model__hidden": 64} is {"model": {"hidden": 64}}; names of no part are left out."""
    parts: dict[str, dict[str, object]] = {}
    for name, value in given.items():
        part, _, field = name.partition("__")
        if field:
            parts.setdefault(part, {})[field] = value
    return parts


def meanings(settings: type[Any]) -> dict[str, str]:
    """What each setting means, from the entries of the docstrings of the class and those above it ("`name`  meaning").

    >>> class Sizes:
    ...     '''`width`, `height`  in cells,
    ...                       both.
    ...     `depth`: levels.
    ...     '''
    >>> meanings(Sizes)
    {'width': 'in cells, both.', 'height': 'in cells, both.', 'depth': 'levels.'}
    """
    lines: dict[str, str] = {}
    for above in reversed(settings.__mro__[:-1]):
        for name, text in entries(above.__doc__ or "").items():
            there = ELSEWHERE.match(text)
            lines[name] = meanings(getattr(sys.modules[above.__module__], there[1])).get(name, text) if there else text
    return lines


def entries(document: str) -> dict[str, str]:
    """What one docstring says of each name."""
    lines: dict[str, str] = {}
    names: list[str] = []
    for line in document.splitlines():
        entry = ENTRY.match(line)
        if entry:
            names, text = re.findall(r"`(\w+)`", entry[1]), entry[2].strip()
            lines |= dict.fromkeys(names, text)
        elif not line.strip():
            names = []
        else:
            lines |= {name: f"{lines[name]} {line.strip()}" for name in names}
    return lines
