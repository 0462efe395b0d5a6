"""`grefenstette-2015`: the five tasks of Grefenstette et al. with memories, LSTM of 1-8 layers and a transformer."""

from collections.abc import Mapping, Sequence

from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, learning, section
from pushpop.reporting.tables import spread
from pushpop.reporting.writing import Cell, Table, captioned
from pushpop.studies.findings import Findings
from pushpop.studies.grefenstette_claims import CLAIMS, NETWORKS, network, of
from pushpop.studies.published_2015 import TABLE, TASKS, Figures
from pushpop.studies.study import Study
from pushpop.studies.verdicts import Judged, verdict_table

QUICK = "The study in small, to see that all of it works: its verdicts say nothing. "
LEAD = (
    "The paper trained without end, five rates each, and kept the best by training perplexity; every cell here had the "
    "words told below, one rate, and what counts is the median over its seeds. Our memories are the defaults, 64 units "
    "in place of 256, the read at once in the output and biases of their own for each phase; our LSTM have the paper's "
    "width. Superposition stacks and the transformer were not in the paper. The two "
    "grammars, as printed, ask for copies in all but few places: LSTM may get far less of them than was published."
)


def shown(found: Findings) -> list[Section]:
    """Verdicts, the published table with ours in it, every cell with its budget, curves by task, every seed."""
    verdicts = [Judged(**one) for one in found.summary["verdicts"]]
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    table = verdict_table("The paper's claims", verdicts)
    out = [Section("The paper's claims", lead, tables=(Listed("verdicts", table, kind="prose"),))]
    out += [section(Listed("networks", networks(found))), section(Listed("cells", cells(found)))]
    for task in TASKS:
        groups = [Group(network(group.first), group.records) for group in found.groups if group.first.task == task]
        if groups:
            curves = tuple(learning(groups, measure, "words", task) for measure in ("coarse", "fine"))
            out.append(Section(f"Learning: {task}", drawings=curves))
    return out + every_run(found.groups)


def ended(found: Findings) -> list[Record]:
    return [record for record in found.records if record.finished]


def networks(found: Findings) -> Table:
    """The published table's test columns: a row a network, a column a task, ours with the published beneath."""
    records = ended(found)
    rows: list[tuple[Cell, ...]] = []
    for name in NETWORKS:
        rows.append((f"**{name}**", *(ours(of(records, task, name)) for task in TASKS)))
        if name in TABLE:
            rows.append((f"*{name}, published*", *(theirs(TABLE[name][task]) for task in TASKS)))
    caption = (
        "Coarse and fine on test words of 65-128 symbols, trained on 8-64: words right to the end symbol, and symbols "
        "right before the first error; medians over seeds. In italics Grefenstette et al. 2015, Table 3."
    )
    return Table("Longer words", ("network", *TASKS), tuple(rows), caption)


def ours(records: Sequence[Record]) -> Cell:
    both = [spread(record.scores("test").get(measure) for record in records) for measure in ("coarse", "fine")]
    middles = [each.middle for each in both if each is not None and each.middle is not None]
    return " ".join(f"{middle:.2f}" for middle in middles) or None


def theirs(published: Figures) -> str:
    return f"{published.test_coarse:.2f} {published.test_fine:.2f}"


def cells(found: Findings) -> Table:
    """Every cell: seeds solved, words and seconds it had, and scores on both lengths beside the published."""
    places = ((task, name) for task in TASKS for name in NETWORKS)
    rows = [cell(task, name, records) for task, name in places if (records := of(ended(found), task, name))]
    scores = (f"{split} {name}" for split in ("validation", "test") for name in ("coarse", "fine"))
    columns = ("task", "network", "solved", "words", "core-minutes", *scores, "published: training", "published: test")
    budget, seconds = found.summary["budget"], found.summary["core_hours"] * 60
    caption = (
        f"Medians over seeds, with the lowest and highest; words and minutes of one run, which had at most {budget:g} "
        f"times the words of the study's file and ended where it was right at six evaluations running; {seconds:,.0f} "
        "core-minutes in all. Published: coarse and fine."
    )
    return Table("Cell by cell", columns, tuple(rows), caption)


def cell(task: str, name: str, records: Sequence[Record]) -> tuple[Cell, ...]:
    published = TABLE.get(name, {}).get(task)
    scores = (spread(record.scores(split).get(measure) for record in records)
              for split in ("validation", "test") for measure in ("coarse", "fine"))  # fmt: skip
    return (
        task, name, f"{sum(record.solved for record in records)} of {len(records)}",
        spread(record.total("words") for record in records),
        spread(seconds / 60 for record in records if (seconds := record.total("seconds")) is not None),
        *scores,
        f"{published.train_coarse:.2f} {published.train_fine:.2f}" if published else None,
        theirs(published) if published else None,
    )  # fmt: skip


def kept(found: Findings) -> Mapping[str, object]:
    """The two tables in words, for the README."""
    tables = {"networks": networks(found), "cells": cells(found)}
    return {name: captioned(table) for name, table in tables.items()}


grefenstette = Study(
    description="Grefenstette et al. 2015: five tasks, four memories, LSTM of 1-8 layers, a transformer",
    file="grefenstette_2015.toml",
    first=("stack", "queue", "deque"),  # the paper's three memories
    shown=shown,
    above=2,
    kept=kept,
    claims=CLAIMS,
)
