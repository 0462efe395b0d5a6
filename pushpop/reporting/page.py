"""The report: one HTML file about any number of runs, which asks nothing of the network and can be mailed."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pushpop.evaluation.metrics import wilson
from pushpop.reporting.canvas import COLOURS, svg
from pushpop.reporting.markup import demand_place, write_page
from pushpop.reporting.measures import MEASURES, main, measures
from pushpop.reporting.ranking import coloured
from pushpop.reporting.run_traces import linked
from pushpop.reporting.runs import SPLITS, Group
from pushpop.reporting.sections import Contents, Drawing, Listed, Section, distinct, read_contents, slug
from pushpop.reporting.tables import to_solve
from pushpop.reporting.writing import NONE, Cell, Spread, Table, written

WHOLE = 24  # rows of a table that the page shows at once; of a longer one
FIRST = 10  # the first so many, and
MOST = 1_000  # folded below them, so many at most
SEEN = "See it think"  # the heading over the links to trace pages


@dataclass(frozen=True)
class Card:
    """One model in a glance."""

    name: str
    task: str
    value: str
    unit: str  # what the value is of, and how many runs have none
    share: Spread | None  # of seeds solved, with its interval
    note: str
    colour: int


def write_report(runs: Sequence[Path], out: Path, refresh: int = 0, say: Callable[[str], object] | None = None) -> Path:
    """Write the report of these run folders (or folders of them, or sweeps) to `out`; gives its path.

    `refresh`: seconds after which an open page loads itself again, 0 for never; `say` is told of what is left out.
    Raises RunError for a folder that is missing, empty or damaged, and ConfigError for an `out` that is a folder.
    """
    return write_contents(read_contents(runs, say), out, refresh)


def write_contents(contents: Contents, out: Path, refresh: int = 0) -> Path:
    """The page of what was read."""
    sweeps = [sweep.name for sweep in contents.sweeps]
    return write_sections(contents.groups, contents.sections, out, sweeps=sweeps, refresh=refresh)


def write_sections(
    groups: Sequence[Group],
    shown: Sequence[Section],
    out: Path,
    *,
    above: int = 0,
    sweeps: Sequence[str] = (),
    refresh: int = 0,
) -> Path:
    """The page of these sections, after the first `above` a card for each group of runs, or for the best of many."""
    demand_place(out)  # before all that drawing
    by_task = coloured(groups)
    cards = [card(group, colour) for some in by_task.values() for colour, group in enumerate(some)]
    placed = list(zip(distinct([f"part-{slug(one.heading)}" for one in shown]), shown, strict=True))
    traces = linked([group for some in by_task.values() for group in some], out)
    listed = [(place, one.heading) for place, one in placed]
    names = measures(record for group in groups for record in group.records)
    return write_page(
        "report.html",
        out,
        tasks=list(by_task),
        cards=cards,
        further=len(groups) - len(cards),
        sweeps=sweeps,
        above=placed[:above],
        sections=placed[above:],
        contents=[*listed[:above], *([("traces", SEEN)] if traces else []), *listed[above:]],
        seen=SEEN,
        words_only=all(name in ("coarse", "fine", "token", "position") for name in names),
        text_only=bool(groups) and all(group.is_text for group in groups),
        texts=any(group.is_text for group in groups),
        glossary=[(name, MEASURES[name].meaning) for name in names],
        heads=heads,
        excerpt=excerpt,
        drawn=drawn,
        refresh=refresh,
        traces=traces,
    )


def drawn(drawing: Drawing) -> str:
    """The markup of a figure."""
    return svg(drawing.draw(), drawing.name)


def card(group: Group, colour: int) -> Card:
    if group.is_text:
        return text_card(group, colour)
    if group.by_degree:
        return measured_card(group, colour)
    share = Spread(group.solved / len(group.records), *wilson(group.solved, len(group.records)))
    used = [f"{written(found.middle)} {unit}" for name, unit in (("words", "words"), ("seconds", "s"))
            if (found := to_solve(group, name)) is not None and found.middle is not None]  # fmt: skip
    measure = main([group]) or ""
    ends = [f"{split} {written(value)}" for split in SPLITS if (value := group.middle(split, measure)) is not None]
    note = f"median {', '.join(used)}" if used else f"median {measure}: {', '.join(ends)}" if ends else "no scores yet"
    return Card(
        name=group.name,
        task=group.first.task,
        value=group.count,
        unit=", ".join(["solved", *([group.cut_short] if group.cut_short else [])]),
        share=share,
        note=note,
        colour=colour % len(COLOURS),
    )


def measured_card(group: Group, colour: int) -> Card:
    """The score on the test that says most."""
    measure = main([group]) or ""
    value, median = group.middle("test", measure), "median " if len(group.records) > 1 else ""
    return Card(
        name=group.name,
        task=group.first.task,
        value=NONE if value is None else f"{value:.3f}",
        unit=measure,
        share=None,
        note=f"{median}of the test; {', '.join([group.outcome, *([group.cut_short] if group.cut_short else [])])}",
        colour=colour % len(COLOURS),
    )


def text_card(group: Group, colour: int) -> Card:
    """How many bits a character of the test takes."""
    bits, error = (group.middle("test", name) for name in ("bits_per_character", "error"))
    seen = [record.seen for record in group.records if record.seen]
    note = [f"a character of the test; {group.outcome}{f', {group.cut_short}' if group.cut_short else ''}"]
    note += [f"median {written(int(statistics.median(seen)))} characters learned from"] if seen else []
    return Card(
        name=group.name,
        task=group.first.task,
        value=NONE if bits is None else f"{bits:.3f}",
        unit=f"bits ± {error:.3f}" if error else "bits",
        share=None,
        note="; ".join(note),
        colour=colour % len(COLOURS),
    )


def heads(table: Table) -> list[tuple[str, list[str]]]:
    """Neighbouring columns that begin with the same word set, put under it; the others stand alone under ""."""
    over = (*SPLITS, "rounded")
    split = [name.split(" ", 1) if name.startswith(over) else ["", name] for name in table.columns]
    return [(key, [name for _, name in some]) for key, some in groupby(split, lambda parts: parts[0])]


Rows = tuple[tuple[Cell, ...], ...]


def excerpt(listed: Listed) -> tuple[Rows, int, Rows, str]:
    """What the page shows of a table: rows, how many of them are ours, rows folded below, and what to call those."""
    rows = listed.table.rows
    own = len(rows) - listed.published
    if 0 < listed.first < own:
        return rows[: listed.first], listed.first, rows[listed.first :], f"the other {own - listed.first:,} rows"
    if own <= WHOLE or listed.kind:
        return rows, own, (), ""
    title = f"all {own:,} rows" if own <= MOST else f"the first {MOST:,} of {own:,} rows; --figures writes them all"
    return (*rows[:FIRST], *rows[own:]), FIRST, rows[:own][:MOST], title
