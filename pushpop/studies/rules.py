"""`rules`: is the rule of each task learned from every seed, and how far beyond the training lengths does it hold?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pushpop.reporting.runs import Group
from pushpop.reporting.sections import Listed, Section, every_run, learning, section
from pushpop.reporting.tables import spread, to_solve
from pushpop.reporting.writing import Cell, Table, captioned
from pushpop.studies.findings import Findings
from pushpop.studies.results import out_of, rows_at
from pushpop.studies.study import Far, Study

Trials = Sequence[Mapping[str, Any]]
MILLION = 1_000_000


class Target(NamedTuple):
    """How many seeds are to be how right on test words, and at which longer lengths all seeds."""

    seeds: int
    coarse: float
    far: tuple[int, ...] = ()


FAR = (1_000, 10_000)
TARGETS = {
    "reverse, stack-lstm": Target(20, 1.0, FAR),
    "reverse, deque-lstm": Target(20, 1.0, FAR[:1]),
    "copy, queue-lstm": Target(20, 1.0, FAR),
    "copy, deque-lstm": Target(20, 1.0, FAR[:1]),
    "bigram-flip, queue-lstm": Target(18, 0.99),
    "svo-sov, queue-lstm": Target(18, 1.0),
    "gender, queue-lstm": Target(18, 1.0),
    "reverse, paper-2015": Target(16, 1.0),
}
SEEDS = 20
ENDLESS = 10  # of the seeds, that are to have a word of a million symbols right


def shown(found: Findings) -> list[Section]:
    """Solved beside what was to be solved, longer words, pushes against pops, then curves and every seed."""
    out = [section(Listed("rules", solved(found)))]
    trials = by_variant(found)
    if any(rows_at(some) for some in trials.values()):
        out += [section(Listed("far", far(trials))), section(Listed("foretold", in_short(trials)))]
        out.append(section(Listed("mismatch", mismatches(trials))))
    for task in dict.fromkeys(group.first.task for group in found.groups):
        groups = [group for group in found.groups if group.first.task == task]
        curves = tuple(learning(groups, "coarse", across, task) for across in ("words", "seconds"))
        out.append(Section(f"{task}: words answered wholly right", drawings=curves))
    return out + every_run(found.groups)


def by_variant(found: Findings) -> dict[str, Trials]:
    """The trials of each variant, failed ones too, in the study's order."""
    names = dict.fromkeys(one["variant"] for one in found.summary["trials"])
    return {name: [one for one in found.summary["trials"] if one["variant"] == name] for name in names}


def solved(found: Findings) -> Table:
    """Seeds that are as right as they were to be, of all, and what that took."""
    rows = tuple(row(group) for group in found.groups)
    columns = ("task and network", "to be", "are", "", "words to solve", "seconds to solve", "validation coarse",
               "test coarse")  # fmt: skip
    caption = (
        "Seeds whose test words (65-128 symbols, trained on 8-64) are so right, free-running, the end symbol included; "
        "of all seeds, with the 95 % Wilson interval. Words and seconds: medians over all seeds, to the end of a run, "
        "one not solved counted as longer than any; scores: medians, with the lowest and highest."
    )
    return Table("Learned from how many seeds", columns, rows, caption)


def row(group: Group) -> tuple[Cell, ...]:
    target = TARGETS.get(group.name)
    scores = [[record.scores(split).get("coarse") for record in group.records] for split in ("validation", "test")]
    reached, n = sum((score or 0.0) >= (target.coarse if target else 1.0) for score in scores[1]), len(group.records)
    asked = f"{target.seeds} of 20 at {target.coarse:g}" if target else None
    there = None if target is None else verdict(reached, n, target.seeds)
    words, seconds = (to_solve(group, name) for name in ("words", "seconds"))
    return (group.name, asked, out_of(reached, n), there, words, seconds, *map(spread, scores))


def verdict(reached: int, seeds: int, wanted: int) -> str:
    """Whether so many of twenty are; of fewer seeds only what can no longer be otherwise."""
    if reached >= wanted:
        return "met"
    return "missed" if seeds - reached > SEEDS - wanted else f"{seeds} {'seed' if seeds == 1 else 'seeds'} so far"


def far(trials: Mapping[str, Trials]) -> Table:
    """Seeds all of whose words of a length are right, with strengths as they are and rounded."""
    rows = []
    for name, some in trials.items():
        for length, found in rows_at(some).items():
            soft = [one["coarse"] for one in found]
            hard = [one["rounded"]["coarse"] for one in found if one.get("rounded")]
            # a run that failed is one of the seeds, and not exact
            views = [(exact(view, len(some)), spread(view)) if view else (None, None) for view in (soft, hard)]
            took = spread(one.get("seconds") for one in found)
            rows.append((name, length, asked(name, length), found[0]["words"], *views[0], *views[1], took))
    columns = ("task and network", "length", "to be", "words each", "seeds exact", "coarse", "seeds exact, rounded",
               "coarse, rounded", "seconds")  # fmt: skip
    caption = (
        "The same runs on longer words. Exact: all words of that length wholly right, to the end symbol. Rounded: push "
        "and pop strengths above 1/2 taken as 1, the others as 0. Seconds: of one word, with the start of the program."
    )
    return Table("Far beyond the training lengths", columns, tuple(rows), caption)


def asked(name: str, length: int) -> str | None:
    """How many seeds were to be exact there."""
    if (name, length) == ("reverse, stack-lstm", MILLION):
        return f"{ENDLESS} of 20"
    return "20 of 20" if name in TARGETS and length in TARGETS[name].far else None


def exact(scores: Sequence[float], seeds: int) -> str:
    return out_of(sum(score == 1 for score in scores), seeds)


def mismatches(trials: Mapping[str, Trials]) -> Table:
    """Of every seed how well pops undo pushes, from which length on that alone would fail, and where the run does."""
    rows: list[tuple[Cell, ...]] = []
    right = wrong = 0
    for name, some in trials.items():
        for one in some:
            if not one.get("mismatch") or not one.get("by_length"):
                continue
            measured, last, first = one["mismatch"], *held(one["by_length"])
            fits = foretold(measured, last, first)
            right, wrong = right + fits, wrong + (not fits)
            rows.append((name, str(one["seed"]), measured["mismatch"], whole(measured["length"]), last, first,
                         "yes" if fits else "no"))  # fmt: skip
    columns = ("task and network", "seed", "mismatch", "half a cell at", "all right to", "not at", "foretold")
    caption = (
        "Mismatch: by how many cells pops miss what was pushed, by the symbol, on validation words; half a cell at: "
        "the length at which that adds up to 1/2, where a net fails that does not steer its reads back. Beside it the "
        "longest length tried up to which all words are right, and the first at which one is not. Foretold of "
        f"{right} of {right + wrong} seeds, and {where(rows)}."
    )
    return Table("What pushes and pops foretell", columns, tuple(rows), caption)


def held(rows: Sequence[Mapping[str, Any]]) -> tuple[int | None, int | None]:
    """The longest length up to which every word is right, and the first at which one is not."""
    tried = sorted((row["length"], row["coarse"]) for row in rows)
    first = next((length for length, coarse in tried if coarse < 1), None)
    return max((length for length, _ in tried if first is None or length < first), default=None), first


def foretold(measured: Mapping[str, float | None], last: int | None, first: int | None) -> bool:
    """Whether the run fails between the lengths where the measure says it does."""
    if measured["mismatch"] is None:
        return last is None
    length = measured["length"] if measured["length"] is not None else float("inf")
    return (last is None or length > last) and (first is None or length <= first)


def whole(length: float | None) -> int | None:
    return None if length is None else round(length)


def where(rows: Sequence[tuple[Any, ...]]) -> str:
    """What becomes of the others, in words: they hold farther, or less far."""
    others = [line for line in rows if line[6] == "no"]
    farther = sum(line[4] is not None and line[3] is not None and line[3] <= line[4] for line in others)
    return f"of the other {len(others)} seeds {farther} hold farther than that and {len(others) - farther} less far"


def kept(found: Findings) -> Mapping[str, Any]:
    """Its tables in words, for the README; of mismatches a row a network."""
    trials = by_variant(found)
    tables = {"rules": solved(found), "far": far(trials), "mismatch": mismatches(trials), "foretold": in_short(trials)}
    return {name: captioned(table) for name, table in tables.items()}


def in_short(trials: Mapping[str, Trials]) -> Table:
    """Of every network how well pops undo pushes, and of how many seeds that foretells where they fail."""
    rows: list[tuple[Cell, ...]] = []
    for name, some in trials.items():
        seen = [one for one in some if one.get("mismatch") and one.get("by_length")]
        if not seen:
            continue
        fits = sum(foretold(one["mismatch"], *held(one["by_length"])) for one in seen)
        ends = [held(one["by_length"])[0] or 0 for one in seen]
        size = spread(one["mismatch"]["mismatch"] for one in seen)
        half = spread(whole(one["mismatch"]["length"]) for one in seen)
        rows.append((name, size, half, spread(ends), f"{fits} of {len(seen)}"))
    columns = ("task and network", "mismatch", "half a cell at", "all right to", "foretold")
    caption = (
        "Mismatch: by how many cells pops miss what was pushed, by the symbol; half a cell at: the length at which it "
        "adds up to 1/2, where a net fails that does not steer its reads back; all right to: the longest length tried "
        "up to which every word is right, with strengths as they are (0: none was). Medians over seeds, with the "
        "lowest and highest. Foretold: seeds that fail where the mismatch says so, and not before."
    )
    return Table("What pushes and pops foretell, in short", columns, tuple(rows), caption)


STRINGS = tuple(name for name, target in TARGETS.items() if target.far)
OF_STRINGS = (
    Far(variants=("reverse, stack-lstm", "copy, queue-lstm"), lengths=(256, 1_000, 10_000), words=100),
    Far(variants=("reverse, deque-lstm", "copy, deque-lstm"), lengths=(256, 1_000), words=100),
    Far(variants=("reverse, stack-lstm",), lengths=(MILLION,), words=1, rounded=False, timed=True),
)
rules = Study(
    description="is the rule of each task learned from every seed, and does it hold for words of 10,000 symbols?",
    file="rules.toml",
    far=(
        *OF_STRINGS,
        Far(
            variants=("bigram-flip, queue-lstm", "svo-sov, queue-lstm", "gender, queue-lstm"),
            lengths=(256, 1_000),
            words=100,
        ),
        Far(variants=("reverse, paper-2015",), lengths=(256,), words=100),
    ),
    tiny_far=(
        Far(variants=STRINGS, lengths=(8, 12), words=4),
        Far(variants=("reverse, stack-lstm",), lengths=(50,), words=1, rounded=False, timed=True),
    ),
    shown=shown,
    kept=kept,
)
reverse_and_copy = replace(
    rules,
    description="are strings reversed and copied from every seed, for a hundred times the length trained on?",
    file="reverse_and_copy.toml",
    far=OF_STRINGS,
)
