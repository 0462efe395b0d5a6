"""`cs281-reversal`: the CS281 study of 2019 tried again; its claims judged, its figures beside ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pushpop.evaluation.metrics import wilson
from pushpop.reporting.captions import SPLIT_LINES
from pushpop.reporting.curves import Across
from pushpop.reporting.published import PUBLISHED, Published
from pushpop.reporting.runs import SPLITS, Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, learning, losses, section
from pushpop.reporting.tables import headline, of_published_size, spread
from pushpop.reporting.writing import Cell, Spread, Table, captioned
from pushpop.studies.cs281_claims import CLAIMS
from pushpop.studies.cs281_plain import PLAIN, best, of_kind
from pushpop.studies.cs281_stack import full
from pushpop.studies.families import network
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study
from pushpop.studies.verdicts import Judged, verdict_table

ACROSS: tuple[Across, Across] = ("words", "seconds")
MEASURES = ("coarse", "fine", "token")
QUICK = "The study in small, to see that all of it works: its verdicts say nothing. "
LEAD = (
    "The study trained for two hours a run on GPUs; these runs had the words and the machine time told below. A "
    "verdict is made by its rule from the runs alone, every one of them counted. Three things are not as they were: "
    "what the study's code called SGD was Adam, while SGD is SGD here; what it called fine accuracy counted every "
    "matching place, which is token here, while fine ends at the first error; and what makes plain nets begin to learn "
    "in so few words (the settings below say what) they are given here, though the study did not."
)


class Picture(NamedTuple):
    """Some of the configurations, shown together: those whose names begin so."""

    name: str
    heading: str
    reading: str
    parts: tuple[str, ...]


PICTURES = (
    Picture("best", "The best of each kind", "The best RNN, the best LSTM and the stack nets, by validation.", ()),
    Picture("stack", "Stack nets", "The study's own stack net in three sizes, and ours.", ("stack nets",)),
    Picture("first-weights", "First weights of the interface",
            "The study's stack net, its interface drawn by Xavier's rule and by torch's.",
            ("stack nets, 64h 64e", "initialisation")),
    Picture("optimisers-rnn", "Optimisers and rates: RNN", "One layer of 256 units.", ("optimisers of rnn",)),
    Picture("optimisers-lstm", "Optimisers and rates: LSTM", "One layer of 256 units.", ("optimisers of lstm",)),
    Picture("depth-rnn-128", "Depth: RNN of 128", "", ("depth of rnn, width 128",)),
    Picture("depth-rnn", "Depth: RNN of 256 and 512", "", ("depth of rnn, width 256", "depth of rnn, width 512")),
    Picture("depth-lstm", "Depth and width: LSTM", "", ("depth of lstm",)),
)  # fmt: skip


def shown(found: Findings) -> list[Section]:
    """Verdicts first, then the study's own table with ours beside it, what it cost, and every part with its curves."""
    verdicts = [Judged(**one) for one in found.summary["verdicts"]]
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    table = verdict_table("The study's claims", verdicts)
    out = [Section("The study's claims", lead, tables=(Listed("verdicts", table, kind="prose"),))]
    out.append(section(Listed("networks", networks(found), len(published(found)))))
    out.append(section(Listed("parts", parts(found))))
    for picture in PICTURES:
        groups = best_groups(found) if picture.name == "best" else of_picture(found, picture)
        if groups:
            out.append(drawn(picture, groups))
    return out + every_run(found.groups)


def of_picture(found: Findings, picture: Picture) -> list[Group]:
    """Its groups, named by what sets them apart inside it."""
    groups = [group for group in found.groups if group.name.startswith(picture.parts)]
    return [Group(group.name.partition(", ")[2] or group.name, group.records) for group in groups]


def best_groups(found: Findings) -> list[Group]:
    """The best configuration of each plain kind by validation, and the study's stack nets."""
    chosen = [best(of_kind(ended(found), kind)) for kind in PLAIN]
    wanted = [*(record for record in chosen if record), *full(ended(found))[:1]]
    groups = [group for record in wanted for group in found.groups if record in group.records]
    return [Group(network(group.first.settings), group.records) for group in groups]


def ended(found: Findings) -> list[Record]:
    return [record for record in found.records if record.finished]


def drawn(picture: Picture, groups: Sequence[Group]) -> Section:
    """Curves of fine accuracy and of the loss, against words and seconds, and the scores at the end."""
    curves = [learning(groups, "fine", across, picture.name) for across in ACROSS]
    curves += [losses(groups, across, picture.name) for across in ACROSS]
    table = replace(headline(groups, published=False), title=picture.heading)
    return Section(
        picture.heading, f"{picture.reading} {SPLIT_LINES}".strip(), tuple(curves), (Listed(picture.name, table),)
    )


def published(found: Findings) -> list[Published]:
    """What may stand beside these runs: nothing, where they are smaller than the study's."""
    return PUBLISHED["reverse"] if found.groups and of_published_size("reverse", found.groups) else []


def networks(found: Findings) -> Table:
    """The study's own table: our best plain nets and all seeds of the stack nets, then the study's figures."""
    rows = []
    for kind in PLAIN:
        runs = of_kind(ended(found), kind)
        if (chosen := best(runs)) is not None:
            rows.append(row(f"best {kind} of {len(runs)} runs: {network(chosen.settings)}", [chosen]))
    if seeds := full(ended(found)):
        rows.append(row(f"{network(seeds[0].settings)}, as the study has it", seeds))
    if seeds := [record for group in found.of("stack nets, ours") for record in group.records if record.finished]:
        rows.append(row("stack-lstm, our defaults", seeds))
    scores = tuple(f"{split} {name}" for split in SPLITS for name in MEASURES)
    caption = (
        "Best by validation words alone. Of several seeds: medians, with the lowest and highest. Solved: every "
        "validation and test word right, with the 95 % Wilson interval. "
    ) + " ".join(dict.fromkeys(entry.note for entry in published(found)))
    others = [theirs(entry) for entry in published(found)]
    return Table("The study's networks", ("network", "solved", "words", "seconds", *scores), (*rows, *others), caption)


def row(name: str, records: Sequence[Record]) -> tuple[Cell, ...]:
    scores = (spread(record.scores(split).get(measure) for record in records)
              for split in SPLITS for measure in MEASURES)  # fmt: skip
    words = whole(record.total("words") for record in records)
    seconds = spread(record.total("seconds") for record in records)
    return (name, out_of(sum(record.solved for record in records), len(records)), words, seconds, *scores)


def theirs(entry: Published) -> tuple[Cell, ...]:
    scores = (found.get(name) for found in (entry.validation, entry.test) for name in MEASURES)
    return (f"{entry.source}: {entry.network}", out_of(*entry.solved) if entry.solved else None, entry.words, None,
            *scores)  # fmt: skip


def out_of(some: int, of: int) -> str:
    low, high = wilson(some, of)
    return f"{some} of {of} ({low:.2f} to {high:.2f})"


def parts(found: Findings) -> Table:
    """What each part of the study has used."""
    together: dict[str, list[Record]] = {}
    for group in found.groups:
        together.setdefault(group.name.partition(",")[0], []).extend(group.records)
    rows = [(name, *used(records)) for name, records in together.items()]
    rows.append(("in all", *used(found.records)))
    caption = (
        f"Runs of one thread each, {found.summary['workers']} side by side on {found.summary['machine']}; each had "
        f"{found.summary['budget']:g} times the words of the study's file. One that is right at six evaluations "
        "running ends before they are used up."
    )
    columns = ("part", "runs", "ended", "words each", "words in all", "core-hours")
    return Table("What it took", columns, tuple(rows), caption)


def used(records: Sequence[Record]) -> tuple[Cell, ...]:
    words = [record.total("words") or 0 for record in records]
    hours = sum(record.total("seconds") or 0.0 for record in records) / 3600
    return (len(records), sum(record.finished for record in records), whole(words), int(sum(words)), hours)


def whole(values: Iterable[float | None]) -> Spread | None:
    """Medians of whole numbers are whole here."""
    found = spread(values)
    return found and Spread(round(found.middle or 0), round(found.low), round(found.high))


def kept(found: Findings) -> Mapping[str, Any]:
    """The study's own table and what it took, in words, for the README."""
    tables = {"networks": networks(found), "parts": parts(found)}
    return {name: captioned(table) for name, table in tables.items()}


cs281 = Study(
    description="the CS281 study of 2019: rnn, lstm and stack nets, optimisers, rates, depth; a verdict for each claim",
    file="cs281_reversal.toml",
    shown=shown,
    above=2,
    kept=kept,
    claims=CLAIMS,
)
