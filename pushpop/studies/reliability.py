"""`reliability`: which of six choices about a stack net makes training find the rule of reversal, from every seed?"""

from collections.abc import Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, section
from pushpop.reporting.tables import spread, to_solve
from pushpop.reporting.writing import NONE, Cell, Noted, Spread, Table, captioned, noted, written
from pushpop.studies.factorial import ENDED, Design, Factor, counted, newcombe
from pushpop.studies.findings import Findings
from pushpop.studies.marks import median_words_to
from pushpop.studies.results import out_of
from pushpop.studies.study import Study
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED, Claim, Judged, Outcome, verdict_table

QUICK = "The study in small, to see that all of it works: it says nothing. "
LEAD = (
    "Six choices about stack-lstm, each at the level of the defaults or at another, in 16 of the 64 cells that these "
    "make; all else is as in the defaults. Solved: every validation and test word wholly right, within 16,000 words of "
    "training. Seeds are development seeds; a run that failed is one of them, and not solved. A verdict is made by its "
    "rule from the runs alone."
)


def choice(name: str, setting: str, usual: str, other: str) -> Factor:
    """A factor of one setting of the model."""
    place = f"model.{setting}"
    return Factor(name=name, usual={place: usual}, other={place: other}, called=(usual, other))


def start(push: float, pop: float) -> dict[str, object]:
    return {"model.push_bias": push, "model.pop_bias": pop}


STARTS = Factor(name="start", usual=start(1.0, -2.0), other=start(0.0, 0.0), called=("ours", "zero"))
DESIGN = Design(
    factors=(
        choice("cells", "cells", "shared", "per-phase"),
        choice("embeddings", "embeddings", "per-phase", "shared"),
        choice("biases", "biases", "per-phase", "shared"),
        STARTS,
        choice("wiring", "wiring", "direct", "delayed"),
        choice("weights", "initialisation", "xavier", "uniform"),
    ),
    generators=((0, 1, 2), (0, 2, 3)),
)
NAMES = tuple(factor.name for factor in DESIGN.factors)
GAP = "difference (95 %)"


def shown(found: Findings) -> list[Section]:
    """Verdicts, factor by factor, what goes together, cell by cell, then every seed."""
    verdicts = verdict_table("Which choice counts", [Judged(**one) for one in found.summary["verdicts"]])
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    out = [Section(verdicts.title, lead, tables=(Listed("verdicts", verdicts, kind="prose"),))]
    tables = {"factors": factors(found), "together": together(found), "cells": cells(found)}
    return out + [section(Listed(name, table)) for name, table in tables.items()] + every_run(found.groups)


def factors(found: Findings) -> Table:
    """A row a factor: seeds solved at either level and words to solve, the largest difference first."""
    rows: list[tuple[Spread, tuple[Cell, ...]]] = []
    for place, factor in enumerate(DESIGN.factors):
        usual, other = DESIGN.sides(found.records, [place])
        if usual and other:
            gap = difference(usual, other)
            rows.append(
                (gap, (factor.name, *map(named, factor.called, (usual, other)), gap, words(usual), words(other)))
            )
    columns = ("factor", "as in the defaults", "the other", GAP, "words to solve", "words, the other")
    caption = (
        "Seeds solved at each level, over the eight cells that have it. Difference: of the shares, with Newcombe's "
        "interval (method 10, from two Wilson intervals), which takes the runs of a side for draws from one share, "
        "though cells differ and have their seeds in common; each row is judged by itself. Words: medians "
        f"over all these runs, one not solved counted as longer than any ({NONE}: fewer than half were), with the "
        f"lowest and highest of those solved. {standing(found)}A factor stands for itself and for interplays of three, "
        f"such as {three()}, which are taken for small."
    )
    return Table("Factor by factor", columns, largest_first(rows), caption)


def together(found: Findings) -> Table:
    """A row for each interplay of two factors, those that no run tells apart in one row."""
    rows: list[tuple[Spread, tuple[Cell, ...]]] = []
    for pairs in DESIGN.alike():
        apart, alike = DESIGN.sides(found.records, pairs[0])
        if apart and alike:
            gap = difference(alike, apart)
            said = " or ".join(" × ".join(NAMES[place] for place in pair) for pair in pairs)
            rows.append((gap, (said, *(out_of(*counted(some)) for some in (alike, apart)), gap)))
    caption = (
        "Seeds solved where both factors are as in the defaults or both are not, and where one of them is not; an "
        "interplay is there where these differ by more than chance. A row names all that would look the same in these "
        "16 cells: which of them it is, the runs do not say. Interval as above."
    )
    return Table(
        "Two factors together", ("factors", "both or neither", "one of them", GAP), largest_first(rows), caption
    )


def largest_first(rows: Sequence[tuple[Spread, tuple[Cell, ...]]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows in the order of what they are about, whichever its sign."""
    return tuple(row for _, row in sorted(rows, key=lambda pair: -abs(pair[0].middle or 0)))


def three() -> str:
    """The generators in words."""
    free = len(NAMES) - len(DESIGN.generators)
    said = (" × ".join(NAMES[place] for place in places) + f" for the {NAMES[free + number]}"
            for number, places in enumerate(DESIGN.generators))  # fmt: skip
    return " and ".join(said)


def named(level: str, records: Sequence[Record]) -> str:
    return f"{level}: {out_of(*counted(records))}"


def difference(first: Sequence[Record], second: Sequence[Record]) -> Spread:
    return newcombe(counted(first), counted(second))


def words(records: Sequence[Record]) -> Cell:
    return to_solve(Group("", tuple(records)), "words")


def cells(found: Findings) -> Table:
    """A row a cell, one that has not begun too: its levels where not as in the defaults, seeds solved, and words."""
    groups = {group.name: group for group in found.groups}
    rows = [
        row(variant.name, groups.get(variant.name), len(found.sweep.seeds_of(variant)))
        for variant in found.sweep.variants
    ]
    columns = ("cell", *NAMES, "solved", "words to solve", "validation right at", "test coarse")
    caption = (
        f"A level is named where it is not as in the defaults. Seeds solved, with the 95 % Wilson interval; words as "
        "above; validation right at: the words after which the words scored are first wholly right, median; test: "
        "median over seeds with the lowest and highest. The last two cells count for no factor: their start is the "
        f"paper's, pushes 0 and pops -1. {standing(found)}"
    )
    return Table("Cell by cell", columns, tuple(rows), caption)


def row(name: str, group: Group | None, seeds: int) -> tuple[Cell, ...]:
    ended = [record for record in group.records if record.status in ENDED] if group else []
    if not ended:
        return (name, *[None] * len(NAMES), Noted(NONE, f"0 of {seeds} ended"), None, None, None)
    note = "" if len(ended) == seeds else f"{len(ended)} of {seeds} ended"
    first = median_words_to(ended, 1.0, "coarse")
    return (
        name, *(level(ended[0], factor) for factor in DESIGN.factors), noted(out_of(*counted(ended)), note),
        words(ended), None if first == inf else round(first),
        spread(record.scores("test").get("coarse") for record in ended),
    )  # fmt: skip


def level(record: Record, factor: Factor) -> Cell:
    """A run's level of a factor, in a word, where it is not the usual one."""
    sign = factor.sign(record.settings)
    return None if sign == -1 else factor.called[1] if sign == 1 else "paper"


def standing(found: Findings) -> str:
    """What is not there yet, in a sentence; nothing where all runs have ended."""
    meant = sum(len(found.sweep.seeds_of(variant)) for variant in found.sweep.variants)
    ended = sum(record.status in ENDED for record in found.records)
    return "" if ended == meant else f"Of {meant} runs {ended} have ended; the others are left out. "


def counts(records: Sequence[Record], place: int) -> list[Outcome]:
    """Whether a factor's usual level solves more seeds than its other one, by more than chance."""
    usual, other = DESIGN.sides(records, [place])
    if not (usual and other):
        return []
    gap = newcombe(counted(usual), counted(other))
    verdict = CONFIRMED if gap.low > 0 else CONTRADICTED if gap.high < 0 else UNDECIDED
    levels = DESIGN.factors[place].called
    said = "; ".join(map(named, levels, (usual, other)))
    return [Outcome(verdict, f"{said}; difference {written(gap)}")]


def from_every_seed(records: Sequence[Record]) -> list[Outcome]:
    """Whether the cell of the defaults has no seed that is not solved."""
    some = [record for record in records if set(DESIGN.cell(record) or ()) == {-1}]
    if not some:
        return []
    solved, seeds = counted(some)
    return [Outcome(CONFIRMED if solved == seeds else CONTRADICTED, out_of(solved, seeds))]


RULE = (
    "Confirmed where the 95 % interval of the difference in the share of seeds solved (Newcombe, method 10), over the "
    "eight cells at each level, lies above 0; contradicted where it lies below; else open."
)
SAID = {
    "cells": "Training is more reliable with one cell for both phases than with one for each",
    "embeddings": "Training is more reliable with embeddings per phase than with shared ones",
    "biases": "Training is more reliable with push and pop biases per phase than with shared ones",
    "start": "Training is more reliable from biases that say push while reading, pop while writing, than from zeros",
    "wiring": "Training is more reliable where the read reaches the scores at once than where it comes a step later",
    "weights": "Training is more reliable from xavier's first weights than from uniform ones",
}
CLAIMS = (
    Claim(
        says="The defaults are solved from every seed within 16,000 words",
        rule="Confirmed where every seed of that cell is solved, else contradicted.",
        judge=from_every_seed,
    ),
    *(
        Claim(says=SAID[name], rule=RULE, judge=partial(counts, place=place))
        for place, name in enumerate(NAMES)
    ),
)  # fmt: skip


def kept(found: Findings) -> Mapping[str, Any]:
    """Its tables in words, for the README."""
    tables = {"factors": factors(found), "together": together(found), "cells": cells(found)}
    return {name: captioned(table) for name, table in tables.items()}


reliability = Study(
    description="which of six choices makes training reliable: a stack net on reversal, 16 of 64 cells and two more",
    file="reliability.toml",
    shown=shown,
    above=4,
    kept=kept,
    claims=CLAIMS,
)
