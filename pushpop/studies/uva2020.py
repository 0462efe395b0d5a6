"""`uva-2020`: what recurrent cells can hold; the UvA assignment of 2020 and the studies of it, tried again."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from pushpop.experiments.convergence import RULES
from pushpop.reporting.runs import Group
from pushpop.reporting.sections import Listed, Section, every_run, learning, losses, section
from pushpop.reporting.tables import spread
from pushpop.reporting.writing import Cell, Table, in_words
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study
from pushpop.studies.uva_claims import CLAIMS
from pushpop.studies.uva_steps import RULE_NAMES, aim, published, size, told
from pushpop.studies.verdicts import Judged, verdict_table
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.classification import Classification

LEAD = (
    "Steps are training batches, the deciding one included. Every seed counts. A verdict is made by its rule from the "
    "runs alone."
)
QUICK = "The study in small, to see that all of it works: it says nothing. "
RULES_SAID = (
    "First batch right: the study's rule, before the update made from that batch. Three running: Verhoeven's. 200 "
    "fresh right: ours, the first step with a batch wholly right after which 200 fresh batches of 128 words, never "
    "trained on, are right as well (with 6 numbers there are 720 words, all of them trained on). Mean ± standard "
    "deviation over seeds, and how many met the rule where not all did."
)
MAIN = ("combinations", "baum-sweet", "palindromes", "as published")
PICTURES = {  # part -> heading
    "combinations": "Random combinations",
    "as published": "Random combinations with the study's own settings",
    "baum-sweet": "Baum-Sweet",
    "palindromes": "Palindromes",
    "rates": "Learning rates, random combinations of 16",
    "widths": "Embedding widths, random combinations of 16",
    "peepholes": "The disagreement about peephole cells, palindromes of 20",
}


def shown(found: Findings) -> list[Section]:
    """Verdicts, then steps beside the published ones, longer words, and every part with its curves."""
    verdicts = [Judged(**one) for one in found.summary["verdicts"]]
    table = verdict_table("What the studies say", verdicts)
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    out = [Section("What the studies say", lead, tables=(Listed("verdicts", table, kind="prose"),))]
    out.append(section(Listed("steps", steps_table(found, MAIN, "Steps to convergence"))))
    if (longer := by_length(found)) is not None:
        out.append(section(Listed("longer", longer)))
    for name, heading in PICTURES.items():
        groups = named(found, name)
        if groups:
            curves = [learning(groups, "accuracy", "words", name), losses(groups, "words", name)]
            tables = () if name in MAIN else (Listed(name, steps_table(found, (name,), heading)),)
            out.append(Section(heading, drawings=tuple(curves), tables=tables))
    return out + every_run(found.groups)


def named(found: Findings, part: str) -> list[Group]:
    """The groups of a part, named by what sets them apart inside it."""
    return [Group(group.name.partition(", ")[2], group.records) for group in found.of(part)]


def steps_table(found: Findings, parts: Sequence[str], title: str) -> Table:
    """One row a configuration: steps by each rule, what was published, seeds solved, held-out accuracy, baselines."""
    rows = []
    for part in parts:
        for group in found.of(part):
            theirs, records = published(group), [record for record in group.records if record.finished]
            rows.append((
                group.name,
                *(told(records, rule) if records else None for rule in RULES),
                theirs.said if theirs and part != "peepholes" else None,
                aim(group) if part in MAIN[:3] else None,
                f"{sum(record.solved for record in records)} of {len(group.records)}",
                *(spread(record.scores("test").get(name) for record in records) for name in ("accuracy", "baseline")),
                by_law(group),
            ))  # fmt: skip
    columns = ("configuration", *RULE_NAMES.values(), "published", "aim", "solved", "test accuracy", "test baseline",
               "baseline by law")  # fmt: skip
    caption = (
        f"{RULES_SAID} Test accuracy at the end (median, lowest and highest) is of 25,600 words kept from training; "
        "its baseline is what always saying their commonest class gets, by law that of the task's own chances."
    )
    return Table(title, columns, tuple(rows), caption)


def by_law(group: Group) -> Cell:
    """The exact baseline of the task, by its definition."""
    task = TASKS[group.first.task].settings(size=size(group))  # type: ignore[call-arg]
    return task.baseline if isinstance(task, Classification) else None


def by_length(found: Findings) -> Table | None:
    """Accuracy on longer words than trained on, where the tasks have them."""
    rows: list[tuple[Cell, ...]] = []
    for group in [group for part in MAIN[1:3] for group in found.of(part)]:
        scores: dict[int, list[Mapping[str, Any]]] = {}
        for record in group.records:
            for row in record.lengths():
                scores.setdefault(int(row["length"]), []).append(row)
        for length, each in sorted(scores.items()):
            values = [row["accuracy"] for row in each]
            right, guess = sum(value == 1 for value in values), statistics.fmean(row["baseline"] for row in each)
            rows.append((group.name, length, f"{right} of {len(values)}", statistics.fmean(values), min(values), guess))
    columns = ("configuration", "length", "seeds wholly right", "mean accuracy", "lowest", "baseline")
    caption = "1,000 words of each length, of either class as often; training had no such lengths."
    return Table("Longer than trained on", columns, tuple(rows), caption) if rows else None


def kept(found: Findings) -> Mapping[str, Any]:
    """The tables of steps in words, for the README."""
    tables = {"steps": steps_table(found, MAIN, "Steps to convergence")}
    tables |= {part: steps_table(found, (part,), PICTURES[part]) for part in PICTURES if part not in MAIN}
    return {name: in_words(table) for name, table in tables.items()}


uva2020 = Study(
    description="the UvA assignment of 2020: classes of sequences by lstm, bilstm, gru, peephole cells; rates",
    file="uva_2020.toml",
    shown=shown,
    above=3,
    kept=kept,
    claims=CLAIMS,
)
