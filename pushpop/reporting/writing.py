"""How a table is written: as Markdown, CSV, or for the terminal."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import rich.table

NONE = "–"


@dataclass(frozen=True)
class Spread:
    """A middle with the lowest and highest beside it: a median over seeds, or a share with its interval."""

    middle: float | int | None
    low: float | int
    high: float | int


@dataclass(frozen=True)
class Noted:
    """A value with a note on it: how many of the seeds were counted though they never ended."""

    value: str | int
    note: str

    def __str__(self) -> str:
        return f"{written(self.value)} ({self.note})"


Cell = str | int | float | bool | Spread | Noted | None


def noted(value: str | int, note: str) -> Cell:
    """A value with a note on it, if there is one to make."""
    return Noted(value, note) if note else value


@dataclass(frozen=True)
class Table:
    """A heading, column names, and rows of plain values; how they are written is another's matter."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""


def written(value: Cell) -> str:
    """A cell in words: shares with three places, large numbers with thousands."""
    match value:
        case None:
            return NONE
        case bool() | str() | Noted():
            return str(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"
        case Spread(middle, low, high) if middle == low == high:
            return written(low)  # a whole number where the values are, as their median may not be
        case Spread(float() as middle, int() as low, int() as high):  # a median of whole numbers, an even count of them
            half = f"{middle:.1f}".removesuffix(".0") if middle < 100 else written(middle)
            return f"{half} ({written(low)} to {written(high)})"
        case Spread(middle, low, high):
            return f"{written(middle)} ({written(low)} to {written(high)})"
    raise AssertionError(f"no such cell: {value!r}")


def markdown(table: Table) -> str:
    lines = [
        [cell.replace("|", "\\|").replace("\n", "<br>") for cell in line]
        for line in [table.columns, *map(strings, table.rows)]
    ]
    lines.insert(1, ["---"] + ["---:"] * (len(table.columns) - 1))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def in_words(table: Table) -> dict[str, list[Any]]:
    """Columns, and rows as they are written: what a summary keeps of a table for the README."""
    return {"columns": list(table.columns), "rows": [strings(row) for row in table.rows]}


def captioned(table: Table) -> dict[str, Any]:
    """The same, with its caption."""
    return {**in_words(table), "caption": table.caption}


def comma_separated(table: Table) -> str:
    """Raw values; a column of spreads becomes three: its own, low and high."""
    wide = [any(isinstance(row[column], Spread) for row in table.rows) for column in range(len(table.columns))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(title for name, three in zip(table.columns, wide, strict=True)
                    for title in ([name, f"{name} low", f"{name} high"] if three else [name]))  # fmt: skip
    for row in table.rows:
        writer.writerow(value for cell, three in zip(row, wide, strict=True) for value in raw(cell, three))
    return out.getvalue()


def raw(cell: Cell, three: bool) -> list[Cell]:
    if isinstance(cell, Spread):
        return [cell.middle, cell.low, cell.high]
    one = str(cell) if isinstance(cell, Noted) else cell
    return [one, None, None] if three else [one]


def strings(row: Sequence[Cell]) -> list[str]:
    return [written(cell) for cell in row]


def terminal(table: Table) -> "rich.table.Table":
    """For rich's console."""
    import rich.box
    import rich.table

    out = rich.table.Table(title=table.title, title_justify="left", title_style="bold", box=rich.box.SIMPLE_HEAD)
    for number, name in enumerate(table.columns):
        out.add_column(name, justify="left" if number == 0 else "right")
    for row in table.rows:
        out.add_row(*strings(row))
    return out
