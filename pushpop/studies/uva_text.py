"""`uva-2020-text`: the UvA study's network that writes Democracy in America, tried again, with ours beside it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError
from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, section
from pushpop.reporting.tables import spread
from pushpop.reporting.text_sections import of_corpus
from pushpop.reporting.writing import Cell, Noted, Table, captioned
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study, Trained
from pushpop.studies.uva_text_claims import CLAIMS, NETS, PUBLISHED, ends
from pushpop.studies.uva_text_scored import nats_of, read_on
from pushpop.studies.uva_text_written import PROMPTS, TAUS, at_tau, completions, write_on
from pushpop.studies.verdicts import Judged
from pushpop.tasks import corpora

CORPUS = "democracy-in-america-v1"
LEAD = (
    "The course's file with its header and licence, 1,148,435 characters; the study trains on 1,500 batches of 256 "
    "windows of 30. Nothing here has more characters: its network has 1,350 such batches of nine tenths of the text, "
    "as many passes over it, and the other tenth is held out. One seed each. A verdict is made by its rule from the "
    "runs alone."
)
QUICK = "The study in small, on another text, to see that all of it works: it says nothing. "
PARTS = {  # part -> heading
    "as published": "The study's network",
    "without decay": "The same without weight decay, 500 batches",
    "ours": "Ours, in no more characters",
    "windows": "Windows of 30 from zero, and longer ones whose state is carried",
    "regularised": "Dropout and weight decay, network and text in small",
}
SAID = {  # what the study shows of its samples, retold
    0.5: "strings that cannot be pronounced",
    1.0: "mostly English words, some misspelt",
    2.0: "almost no misspellings, the most coherent",
}
WRITERS = (*NETS, "windows")  # parts whose networks write at each temperature
SHOWN = 160  # characters of a sample that a table shows
THEIRS = "UvA 2020 study, read off its figures"


def shown(found: Findings) -> list[Section]:
    """Verdicts, its numbers beside ours, what is written, and every part with its curves."""
    verdicts = [Judged(**one) for one in found.summary["verdicts"]]
    rows = tuple((Noted(one.says, one.rule), one.verdict, one.evidence) for one in verdicts)
    table = Table("What the study says", ("claim, and the rule it is judged by", "verdict", "evidence"), rows)
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    out = [Section("What the study says", lead, tables=(Listed("verdicts", table, kind="prose"),))]
    out.append(section(Listed("networks", networks(found), 1)))
    for name, written in (("temperatures", by_temperature(found)), ("completions", completed(found))):
        if written is not None:
            out.append(section(Listed(name, written, kind="samples")))
    for name, heading in PARTS.items():
        groups = [Group(group.name.partition(", ")[2], group.records) for group in found.of(name)]
        if groups:
            out += of_corpus(groups, name.replace(" ", "-"), f": {heading}")
    return out + every_run(found.groups)


def networks(found: Findings) -> Table:
    """A row a configuration, the study's own below: its loss and accuracy while training, and on the held-out tail."""
    rows = [row(group) for group in found.groups if any(record.finished for record in group.records)]
    columns = ("configuration", "seeds", "characters", "training nats", "training accuracy", "validation nats",
               "test nats", "test bits", "test accuracy", "before the tail", "tail")  # fmt: skip
    theirs = (THEIRS, 1, 11_520_000, PUBLISHED["nats"], PUBLISHED["accuracy"], *[None] * 6)
    caption = (
        "Training: means over the last tenth of the steps, on the windows that were trained on, with what is left out "
        "there. Validation: what was kept back before the tail, where something was. Test: the last tenth of the file, "
        "a sixth of which is the licence, its state carried from its beginning. Before the tail, and tail without the "
        "licence: as many characters of each in windows of 30 from zero, nats; only the networks of the last part have "
        "read neither. Of several seeds: medians with the lowest and highest."
    )
    return Table("Beside the study's numbers", columns, (*rows, theirs), caption)


def row(group: Group) -> tuple[Cell, ...]:
    records = [record for record in group.records if record.finished]
    last = [ends(record) for record in records]
    test = ("nats", "bits_per_character", "accuracy")
    return (
        group.name,
        len(records),
        spread(None if record.seen is None else int(record.seen) for record in records),
        *(spread(one.get(name) for one in last) for name in ("nats", "accuracy")),
        spread(record.scores("validation").get("nats") for record in records),
        *(spread(record.scores("test").get(name) for record in records) for name in test),
        *(spread(nats_of(record, place) for record in records) for place in ("before the tail", "tail")),
    )


def writers(found: Findings, parts: Sequence[str] = WRITERS) -> list[tuple[str, Record]]:
    """The first run of each of the networks that write."""
    return [(group.name, group.records[0]) for name in parts for group in found.of(name)]


def by_temperature(found: Findings) -> Table | None:
    """What is written at each of the study's temperatures, and what that is worth."""
    written = [(name, each) for name, record in writers(found) for tau in TAUS if (each := at_tau(record, tau))]
    lengths = sorted({one["characters"] for _, each in written for one in each["qualities"]})
    rows = []
    for name, each in written:
        known = {one["characters"]: one["known"] for one in each["qualities"]}
        last = each["qualities"][-1] if each["qualities"] else {}
        rows.append((name, f"{each['tau']:g}", f"{1 / each['tau']:g}", *map(known.get, lengths), last.get("copied"),
                     last.get("repeated"), each["samples"][0][:SHOWN].strip("\n")))  # fmt: skip
    columns = ("network", "tau", "temperature", *(f"words known in {length:,}" for length in lengths), "longest copy",
               "repeated", "how a sample begins")  # fmt: skip
    caption = (
        "The study multiplies the scores by tau, which is 1 / temperature; it found "
        + "; ".join(f"at {tau:g} {said}" for tau, said in SAID.items())
        + ". Eight samples each; words known: the share of the whole words in the first so many characters that the "
        "training text has; longest copy: characters of their longest stretch that stands there; repeated: their share "
        "in stretches of 24 characters or more that were already written."
    )
    return Table("Temperatures", columns, tuple(rows), caption) if rows else None


def completed(found: Findings) -> Table | None:
    """The study's prompts, each completed by 30 characters, greedily."""
    said = {name: texts for name, record in writers(found, NETS) if (texts := completions(record))}
    rows = tuple((prompt, *(texts.get(prompt, "").replace("\n", "↵") for texts in said.values())) for prompt in PROMPTS)
    caption = (
        "The likeliest character each time, 30 of them; ↵ ends a line. Of the study's seven, two go on the same way: "
        '"the most powerful influence o".'
    )
    return Table("Completions", ("prompt", *said), rows, caption) if said else None


def kept(found: Findings) -> Mapping[str, Any]:
    """The tables in words, for the README."""
    tables = {"networks": networks(found), "temperatures": by_temperature(found), "completions": completed(found)}
    return {name: captioned(table) for name, table in tables.items() if table is not None}


def corpus_here() -> None:
    """ConfigError, with where to put it, unless the corpus is here or can be fetched."""
    whole = corpora.find(CORPUS, licence="keep")
    if whole.characters != 1_148_435:
        raise ConfigError(
            f"{CORPUS}: has {whole.characters:,} characters where the course's file has 1,148,435, header and licence "
            "included; put that file in the cache (book_EN_democracy_in_the_US.txt of the course)"
        )


def after(runs: Sequence[Trained], quick: bool, tell: Callable[[str], object]) -> None:
    """Have every run read the texts that all are compared on, and the first of each network write that is shown."""
    read_on([one.run for one in runs], tell)
    first: dict[tuple[str, str], Path] = {}
    for one in runs:
        if one.variant.startswith(WRITERS):
            first.setdefault((one.variant, one.configuration), one.run)
    write_on(first.values(), quick, tell)


uva_text = Study(
    description="the UvA study's text generator on Democracy in America: its numbers, samples, temperatures, windows",
    file="uva_2020_text.toml",
    shown=shown,
    above=4,
    kept=kept,
    claims=CLAIMS,
    needs=corpus_here,
    after=after,
)
