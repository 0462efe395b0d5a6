"""Docstrings as Sphinx reads them: prose stays prose, and a class that holds data has a table of it.

Of settings the table says of each field, those of the classes above it too, what `pushpop train --help` says; of other
fields what the comment beside it says: shapes, mostly.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pushpop.cli.options import entries, meanings

MARK = re.compile(r"(?<=\w)_(?!\w)|[*|\\]")  # what has a meaning in reStructuredText, and none in our prose
FIELD = re.compile(r"^    (\w+): ([^#]+?)(?: = [^#]+?)?  # (.+)$", re.MULTILINE)
QUOTED = re.compile(r"(`[^`]*`)")


def process(_app: Any, what: str, _name: str, thing: Any, _options: Any, lines: list[str]) -> None:
    """Change the lines of a docstring in place."""
    if what == "class" and is_dataclass(thing) and meanings(thing):
        lines[:] = [*prose(without_settings(lines)), "", *table(thing), ""]
    elif what == "class" and thing.__module__.startswith("pushpop."):  # the handler is asked of what is imported too
        lines[:] = [*prose(lines), "", *commented(thing), ""]
    else:
        lines[:] = prose(lines)


def prose(lines: list[str]) -> list[str]:
    """Lines in which stars and strokes are themselves; examples, bullets and fields stay as they are."""
    found, example = [], False
    for line in lines:
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        start = re.match(r"\s*(\* |:[\w ]+:)?", line)
        head = start[0] if start else ""
        parts = QUOTED.split(line.removeprefix(head))
        escaped = [spelled(part) if part.startswith("`") else MARK.sub(r"\\\g<0>", part) for part in parts]
        found.append(line if example else head + "".join(escaped))
    return found


def spelled(quoted: str) -> str:
    """What stands in backticks: a name that may be known, or with angle brackets, which would be a link, plain."""
    return f"`{quoted}`" if "<" in quoted else quoted


def without_settings(lines: list[str]) -> list[str]:
    """A docstring without its paragraphs that list settings."""
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(one for one in paragraphs if not entries(one)).split("\n")


def table(settings: type[Any]) -> Iterator[str]:
    """Each field with its choices, its default and its meaning, as reStructuredText."""
    said, hints = meanings(settings), get_type_hints(settings)
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: auto", "")
    yield from ("   * - setting", "     - default", "     - meaning")
    for field in fields(settings):
        kind = hints[field.name]
        choices = f" One of {', '.join(map(str, get_args(kind)))}." if get_origin(kind) is Literal else ""
        default = "" if field.default is MISSING else f"``{field.default}``"
        meaning = "".join(prose([f"{said.get(field.name, '')}{choices}"]))
        yield from (f"   * - ``{field.name}``", f"     - {default}", f"     - {meaning}")


def commented(holder: type[Any]) -> Iterator[str]:
    """Each field of a class that has a comment beside it, as reStructuredText; nothing where there is none."""
    found = FIELD.findall(inspect.getsource(holder))
    if found:
        yield from (".. list-table::", "   :header-rows: 1", "   :widths: auto", "")
        yield from ("   * - field", "     - type", "     - what it is")
    for name, kind, said in found:
        yield from (f"   * - ``{name}``", f"     - ``{kind}``", f"     - {prose([said])[0]}")


def signed(_app: Any, what: str, _name: str, thing: Any, *_: Any) -> tuple[str, None] | None:
    """Without a signature where there is a table."""
    return ("", None) if what == "class" and is_dataclass(thing) and meanings(thing) else None


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process)
    app.connect("autodoc-process-signature", signed)
    return {"parallel_read_safe": True}
