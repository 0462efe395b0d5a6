"""What a report is made of: sections with figures and tables, whatever they show."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pushpop.reporting.writing import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """A figure that is drawn when it is wanted; its name is a file's too."""

    name: str
    caption: str
    draw: "Callable[[], Figure]"


@dataclass(frozen=True)
class Listed:
    """A table; its name is a file's too. The last `published` rows are others' figures."""

    name: str
    table: Table
    published: int = 0
    kind: str = ""
    first: int = 0  # rows that the page shows at once, the others folded; 0: by how many there are
    on_page: bool = True  # or among the files alone, where a figure on the page says the same


@dataclass(frozen=True)
class Section:
    """A heading, how to read what is under it, and that."""

    heading: str
    reading: str = ""
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[Listed, ...] = ()


def section(listed: Listed) -> Section:
    return Section(listed.table.title, tables=(listed,))


def slug(name: str) -> str:
    """A name as a file's or an id's.

    >>> slug("model.hidden of mine")
    'model.hidden-of-mine'
    """
    return re.sub(r"[^\w.-]+", "-", name) or "-"
