"""`brackets`: whether a stack keeps what is open where an LSTM of as many weights does not, by depth."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from pushpop.reporting.canvas import canvas, draw, key
from pushpop.reporting.curves import thinned
from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Drawing, Listed, Section, every_run, learning, section
from pushpop.reporting.tables import spread
from pushpop.reporting.writing import Cell, Table, in_words
from pushpop.studies import depths
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED, Claim, Judged, Outcome, verdict_table
from pushpop.tasks.brackets import CORPUS, NAMES, TRAINED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LANGUAGES = tuple(name.removeprefix(CORPUS) for name in NAMES)
MODELS = ("stack-lstm-lm", "lstm-lm")
SURE = 2.0  # standard errors
QUICK = "The study in small, to see that all of it works: it says nothing. "
LEAD = (
    f"Documents {TRAINED[0]} to {TRAINED[1]} deep are trained on, deeper ones are tried when a run has ended. Both "
    "models train as many numbers, on as many characters. Every seed counts. A verdict is made by its rule from the "
    "runs alone."
)
READ = (
    "Bits a character of whole documents, and of their closing brackets the share for which, of all kinds, the right "
    "one was the likeliest. Closed and formed: documents are begun up to their deepest bracket and the model writes on "
    "to the end of the line; closed where every bracket is, by its own kind, and formed where the whole is a document "
    "of the language too; greedily, and drawn at temperature 1. Medians over seeds, with the lowest and highest."
)


class Score(NamedTuple):
    """What is read off a row of a depth, and whether more of it is better."""

    name: str
    path: tuple[str, ...]
    more: bool = True

    def of(self, row: Mapping[str, Any]) -> float:
        value: Any = row
        for step in self.path:
            value = value[step]
        return float(value)


SCORES = (
    Score("bits", ("bits",), more=False),
    Score("closing brackets right", ("right",)),
    Score("closed, greedy", ("closed", "greedy")),
    Score("closed, drawn", ("closed", "sampled")),
    Score("formed, greedy", ("formed", "greedy")),
    Score("formed, drawn", ("formed", "sampled")),
)
BITS, _, _, CLOSED, _, _ = SCORES


def rows(record: Record) -> depths.Rows:
    """What a run's folder has by depth; of a study in small, that."""
    return depths.known(record.path, depths.FULL) or depths.known(record.path, depths.TINY)


def deep(record: Record, score: Score) -> float | None:
    """The mean over depths beyond those trained on."""
    found = [score.of(row) for row in rows(record) if row["depth"] > TRAINED[1]]
    return statistics.fmean(found) if found else None


def beyond(records: Sequence[Record], score: Score) -> list[Outcome]:
    """Language by language, whether the stack net is the better one beyond the depths trained on."""
    outcomes = []
    for language in LANGUAGES:
        both = [
            [value for record in records if record.variant == f"{language}, {model}"
             if (value := deep(record, score)) is not None]
            for model in MODELS
        ]  # fmt: skip
        if all(both):
            outcomes.append(better(both[0], both[1], score, language))
    return outcomes


def better(one: Sequence[float], other: Sequence[float], score: Score, where: str) -> Outcome:
    """Whether the first is better by more than two standard errors of the difference of means."""
    means = statistics.fmean(one), statistics.fmean(other)
    said = f"{where}: {means[0]:.3f} against {means[1]:.3f}"
    if min(len(one), len(other)) < 2:
        return Outcome(UNDECIDED, said)
    error = sqrt(sum(statistics.variance(some) / len(some) for some in (one, other)))
    gap = means[0] - means[1] if score.more else means[1] - means[0]
    if abs(gap) <= SURE * error:
        return Outcome(UNDECIDED, said)
    return Outcome(CONFIRMED if gap > 0 else CONTRADICTED, said)


RULE = (
    "Language by language, the mean over depths beyond those trained on, mean over seeds: confirmed where the stack "
    "net is the better by more than two standard errors of the difference, contradicted where the LSTM is, else open."
)
CLAIMS = (
    Claim(
        says="Deeper than it was trained, a stack net closes more of what is open than an LSTM of as many weights "
        "(share of completions drawn at temperature 1 that are wholly closed)",
        rule=RULE,
        judge=partial(beyond, score=CLOSED),
    ),
    Claim(
        says="There it predicts better, too (bits a character)",
        rule=RULE,
        judge=partial(beyond, score=BITS),
    ),
)


def shown(found: Findings) -> list[Section]:
    """Verdicts, what was trained, and each language by depth with its figure."""
    verdicts = [Judged(**one) for one in found.summary["verdicts"]]
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    table = verdict_table("Whether a stack helps", verdicts)
    out = [Section(table.title, lead, tables=(Listed("verdicts", table, kind="prose"),))]
    out.append(section(Listed("trained", trained_table(found.groups))))
    for language in LANGUAGES:
        groups = [Group(group.name.partition(", ")[2], group.records) for group in found.of(f"{language}, ")]
        if groups:
            curves = [depth_figure(language, groups, score) for score in (CLOSED, BITS)]
            curves.append(learning(groups, "bits_per_character", "words", language))
            listed = Listed(f"{language}-depths", depth_table(language, groups))
            out.append(Section(NAMES[f"{CORPUS}{language}"].capitalize(), READ, tuple(curves), (listed,)))
    return out + every_run(found.groups)


def trained_table(groups: Iterable[Group]) -> Table:
    """What was trained on, and how well the tail is predicted, which is as deep as that."""
    lines = tuple(
        (
            group.name,
            *(spread(metric(record, name) for record in group.records) for name in ("parameters", "characters")),
            spread(record.total("seconds") for record in group.records),
            spread(record.scores("test").get("bits_per_character") for record in group.records),
        )
        for group in groups
    )
    columns = ("configuration", "numbers trained", "characters", "seconds", "bits a character, tail")
    return Table("What was trained", columns, lines, "Medians over seeds, with the lowest and highest.")


def metric(record: Record, name: str) -> Any:
    return (record.metrics or {}).get(name)


def depth_table(language: str, groups: Sequence[Group]) -> Table:
    """A row for each depth and model."""
    lines: list[tuple[Cell, ...]] = []
    found = [(group.name, [rows(record) for record in group.records]) for group in groups]
    for depth in sorted({row["depth"] for _, runs in found for some in runs for row in some}):
        for model, runs in found:
            here = [row for some in runs for row in some if row["depth"] == depth]
            lines.append((depth, model, *(spread(score.of(row) for row in here) for score in SCORES)))
    columns = ("depth", "model", *(score.name for score in SCORES))
    return Table(f"By depth: {language}", columns, tuple(lines), READ)


def depth_figure(language: str, groups: Sequence[Group], score: Score) -> Drawing:
    """A score by depth, of either model."""
    caption = f"{language}: {score.name}, by depth; 1 to {TRAINED[1]} were trained on. Each seed thin, the median bold."

    def drawn() -> "Figure":
        with canvas(score.name.capitalize(), "depth", "bits" if score is BITS else "share") as (figure, axes):
            axes.axvspan(*TRAINED, alpha=0.08, linewidth=0)
            for number, group in enumerate(groups):
                some = [rows(record) for record in group.records]
                curves = [thinned([row["depth"] for row in run], [score.of(row) for row in run]) for run in some if run]
                draw(axes, curves, number, "-", marked=True)
            if score is not BITS:
                axes.set_ylim(-0.02, 1.04)
            key(figure, groups, 0, {})
        return figure

    return Drawing(f"{language}-{score.path[0]}", caption, drawn)


def kept(found: Findings) -> Mapping[str, Any]:
    """The tables in words, for the README."""
    tables = {"trained": in_words(trained_table(found.groups))}
    for language in LANGUAGES:
        if groups := found.of(f"{language}, "):
            tables[language] = in_words(depth_table(language, groups))
    return tables


brackets = Study(
    description="bracketed texts: stack-lstm-lm beside an lstm-lm of as many weights, deeper than they were trained",
    file="brackets.toml",
    shown=shown,
    above=2,
    kept=kept,
    claims=CLAIMS,
    after=depths.try_out,
)
