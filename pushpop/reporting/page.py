"""The report: one HTML file about any number of runs, which asks nothing of the network and can be mailed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pushpop.evaluation.metrics import wilson
from pushpop.reporting import pictures
from pushpop.reporting.captions import HEADINGS, caption, reading
from pushpop.reporting.markup import demand_place, write_page
from pushpop.reporting.records import SPLITS, Group, grouped, read_runs
from pushpop.reporting.tables import by_length, headline, seed_by_seed, settings_table, to_solve
from pushpop.reporting.writing import Table, written


@dataclass(frozen=True)
class Shown:
    """A figure as the template wants it."""

    name: str
    markup: str
    caption: str


@dataclass(frozen=True)
class Card:
    """One model in a glance."""

    name: str
    task: str
    solved: str
    unfinished: int
    low: float
    share: float
    high: float
    note: str
    colour: int


def write_report(runs: Sequence[Path], out: Path, refresh: int = 0, say: Callable[[str], object] | None = None) -> Path:
    """Write the report of these run folders (or folders of them) to `out`; gives its path.

    `refresh`: seconds after which an open page loads itself again, 0 for never; `say` is told of what is left out.
    Raises RunError for a folder that is missing, empty or damaged, and ConfigError for an `out` that is a folder.
    """
    groups = grouped(read_runs(runs, say))
    demand_place(out)  # before all that drawing
    tasks = list(dict.fromkeys(group.first.task for group in groups))
    by_task = {task: [group for group in groups if group.first.task == task] for task in tasks}
    return write_page(
        "report.html",
        out,
        tasks=tasks,
        cards=[card(group, colour) for some in by_task.values() for colour, group in enumerate(some)],
        headline=headline(groups),
        ours=len(groups),
        sections=[(task, sections_of(task, some)) for task, some in by_task.items()],
        lengths=by_length(groups),
        seeds=seed_by_seed(groups),
        settings=settings_table(groups),
        heads=heads,
        refresh=refresh,
    )


def sections_of(task: str, groups: Sequence[Group]) -> list[tuple[str, str, list[Shown]]]:
    """The figures of one task: heading, how to read them, and the figures under it."""
    shown = [Shown(name, pictures.svg(figure, f"{task}-{name}"), caption(name, groups))
             for name, figure in pictures.figures(groups).items()]  # fmt: skip
    together = groupby(shown, lambda one: one.name.partition("-")[0])
    return [(HEADINGS[key], reading(key), list(some)) for key, some in together]


def card(group: Group, colour: int) -> Card:
    low, high = wilson(group.solved, len(group.records))
    used = [f"{written(found.middle)} {unit}" for name, unit in (("words", "words"), ("seconds", "s"))
            if (found := to_solve(group, name)) is not None and found.middle is not None]  # fmt: skip
    ends = [f"{split} {written(value)}" for split in SPLITS if (value := group.middle(split, "coarse")) is not None]
    note = f"median {', '.join(used)}" if used else f"median coarse: {', '.join(ends)}" if ends else "no scores yet"
    return Card(
        name=group.name,
        task=group.first.task,
        solved=group.count,
        unfinished=group.unfinished,
        low=low,
        share=group.solved / len(group.records),
        high=high,
        note=note,
        colour=colour % len(pictures.COLOURS),
    )


def heads(table: Table) -> list[tuple[str, list[str]]]:
    """Neighbouring columns that begin with the same word set, put under it; the others stand alone under ""."""
    over = (*SPLITS, "rounded")
    split = [name.split(" ", 1) if name.startswith(over) else ["", name] for name in table.columns]
    return [(key, [name for _, name in some]) for key, some in groupby(split, lambda parts: parts[0])]
