"""`text-minutes`: what a network over characters comes to in three, fifteen and sixty minutes on two cores."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, learning, losses
from pushpop.reporting.writing import Cell, Table, in_words, written
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study

LEAD = (
    "Trained on all but the last tenth of the corpus, scored on that tail with the last weights; seconds include the "
    "evaluations in between."
)


class Row(NamedTuple):
    """What was published of a corpus, and what is aimed at: nats a character with the state carried, and in windows of
    256 from a state of zeros."""

    published: str
    nats: float
    windows: float | None = None


ROWS = {  # variant -> what it is set against; facts from nanoGPT's README and from counts of our own
    "tinyshakespeare, 3 minutes": Row("nanoGPT in 3 minutes: 1.88 on a CPU, 1.4697 on an A100", 1.44, 1.50),
    "tinyshakespeare, 60 minutes": Row("", 1.36),
    "democracy-in-america-v1, 15 minutes": Row("bz2 1.376, counts of order 5 1.197 (1.985 and 1.727 bits)", 1.095),
}


def shown(found: Findings) -> list[Section]:
    """The table, the curves, and seed by seed."""
    out = [Section("In so many minutes", LEAD, tables=(Listed("minutes", minutes(found)),))]
    if found.groups:
        curves = (
            learning(found.groups, "bits_per_character", "seconds", "minutes"),
            losses(found.groups, "seconds", "minutes"),
        )
        out.append(Section("Curves", drawings=curves))
    return out + every_run(found.groups)


def minutes(found: Findings) -> Table:
    """A row for each run that has ended."""
    rows = [row(group, record) for group in found.groups for record in group.records if record.metrics is not None]
    columns = ("corpus, budget", "network", "characters", "nats, carried", "aim", "nats, windows of 256",
               "aim, windows", "bits, carried", "accuracy", "published, in nats")  # fmt: skip
    caption = (
        "Nats a character on the held-out tail: with the state carried from its beginning, and in windows of 256 that "
        "each begin from a state of zeros. ±: standard error of the bits, of blocks of 1,000 characters."
    )
    return Table("In so many minutes on two cores", columns, tuple(rows), caption)


def row(group: Group, record: Record) -> tuple[Cell, ...]:
    """One run beside what it is set against."""
    against, found = ROWS[group.name], record.metrics or {}
    test, chosen = found["test"], record.settings
    windows = next((each["nats"] for each in found.get("windows", ()) if each["window"] == 256), None)
    return (
        group.name, f"{chosen.get('model.layers')} x {chosen.get('model.hidden')}", found["characters"], test["nats"],
        judged(test["nats"], against.nats), windows, judged(windows, against.windows),
        f"{test['bits_per_character']:.3f} ± {written(test.get('error'))}", test["accuracy"], against.published,
    )  # fmt: skip


def judged(found: float | None, aim: float | None) -> str | None:
    """An aim, and whether it is met."""
    if found is None or aim is None:
        return None
    return f"{aim:.3f}: {'met' if found <= aim else 'not met'}"


def kept(found: Findings) -> Mapping[str, Any]:
    """The table in words, for the README."""
    return {"minutes": in_words(minutes(found))}


text_minutes = Study(
    description="text in 3, 15 and 60 minutes on two cores: lstm-lm on tinyshakespeare and Democracy in America",
    file="text_minutes.toml",
    shown=shown,
    above=1,
    kept=kept,
)
