"""What the CS281 study of 2019 says of its stack nets, each claim with the rule by which our runs judge it."""

import statistics
from collections.abc import Iterable, Sequence
from math import isfinite

from pushpop.evaluation.metrics import wilson
from pushpop.reporting.runs import SPLITS, Record
from pushpop.reporting.writing import written
from pushpop.studies.chance import exact_test, rank_sum_test
from pushpop.studies.cs281_plain import PLAIN, of_kind, published, verdict
from pushpop.studies.families import families, middle, network
from pushpop.studies.marks import losses, median_words_to, score_at, way_up, words_to
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Outcome

LEARNT, FAILED = 0.9, 0.5  # of fine accuracy on validation
LEARN, PERFECT, RUNS = 6, 5, 9  # of the study's archived runs of 64h 64e
FEW, MANY = 3, 10  # seeds that are too few to tell, and enough to tell a difference in luck
SMOOTH = 0.1  # the share of a loss curve's way that may go up
LESS = 100  # times less data: the lower of the study's two figures
SURE = 0.05
FAIRLY = 0.8  # of token accuracy, for a small net
SMALL = (0.889, 0.886)  # that of 16h 16e on validation and test: the archived curves, "fine" in the study's code


def theirs(records: Iterable[Record]) -> list[Record]:
    """Stack nets with the study's own settings, of any size and initialisation."""
    wanted = {"model.wiring": "delayed", "model.cells": "per-phase", "model.embedding": 0}
    return [record for record in records if record.model == "stack-lstm"
            and all(record.settings.get(name) == value for name, value in wanted.items())]  # fmt: skip


def full(records: Iterable[Record]) -> list[Record]:
    """Those of the study's main size: the widest, values as wide as the state, drawn by Xavier's rule."""
    square = [record for record in theirs(records) if record.settings.get("model.initialisation", "xavier") == "xavier"
              and record.settings["model.hidden"] == record.settings["model.memory"]]  # fmt: skip
    widest = max((record.settings["model.hidden"] for record in square), default=0)
    return [record for record in square if record.settings["model.hidden"] == widest]


def learnt(records: Iterable[Record]) -> list[Record]:
    """Those that have found the rule, as far as validation words can tell."""
    return [record for record in records if middle([record], "validation") >= LEARNT]


def tally(some: int, of: int) -> str:
    low, high = wilson(some, of)
    return f"{some} of {of} ({low:.2f} to {high:.2f})"


def by_luck(records: Sequence[Record]) -> list[Outcome]:
    seeds = full(records)
    if not seeds:
        return []
    right, perfect = len(learnt(seeds)), sum(record.solved for record in seeds)
    said = (f"{network(seeds[0].settings)}: {tally(right, len(seeds))} seeds learn, {tally(perfect, len(seeds))} are "
            f"perfect on test; published {tally(LEARN, RUNS)} and {tally(PERFECT, RUNS)} (same luck in both: "
            f"p = {exact_test(right, len(seeds), LEARN, RUNS):.2f})")  # fmt: skip
    if 0 < right < len(seeds):
        return [Outcome(CONFIRMED, said)]
    return [Outcome(CONTRADICTED if len(seeds) >= MANY else UNDECIDED, said)]


def less_data(records: Sequence[Record]) -> list[Outcome]:
    found = learnt(full(records))
    ours = learnt(record for record in of_kind(records, "stack-lstm") if record not in theirs(records))
    return [fewer_words(kind, of_kind(records, kind), found, ours)
            for kind in PLAIN if found and of_kind(records, kind)]  # fmt: skip


def fewer_words(kind: str, plain: Sequence[Record], stacks: Sequence[Record], own: Sequence[Record]) -> Outcome:
    """How many times the words of the stack net a plain net needs for its published score, or more than which."""
    entry = published(kind)
    level = entry.validation["coarse"]
    ours = median_words_to(stacks, level, "coarse")
    wanted = min(words_to(record, level, "coarse") for record in plain)
    most = max(record.total("words") or 0 for record in plain)
    if not isfinite(ours):
        return Outcome(UNDECIDED, f"{kind}: the stack nets did not reach coarse {written(level)}")
    times = (wanted if isfinite(wanted) else most) / ours
    soon = median_words_to(own, level, "coarse")
    ours_too = f"our own after {written(int(soon))} (of {len(own)}), " if isfinite(soon) else ""
    said = (f"coarse {written(level)} on validation: the stack net after {written(int(ours))} words (median of "
            f"{len(stacks)}), {ours_too}the best {kind} ")  # fmt: skip
    if isfinite(wanted):
        return Outcome(verdict(times >= LESS), f"{said}after {written(int(wanted))}, {times:,.0f} times as many")
    said += f"not yet after {written(int(most))}, so more than {times:,.1f} times as many"
    if entry.words:
        said += f" (the study's had {entry.words:,}, {entry.words / ours:,.0f} times as many)"
    return Outcome(CONFIRMED if times >= LESS else UNDECIDED, said)


def smooth_fall(records: Sequence[Record]) -> list[Outcome]:
    ways = [way for record in learnt(full(records)) if (way := way_up(losses(record))) is not None]
    if len(ways) < FEW:
        return [Outcome(UNDECIDED, f"{len(ways)} seeds have found the rule, too few to tell")]
    smooth = sum(way <= SMOOTH for way in ways)
    said = (f"of the {len(ways)} seeds that learn, {smooth} have a loss of whose way {SMOOTH:.0%} or less goes up "
            f"(median {statistics.median(ways):.1%}, most {max(ways):.1%})")  # fmt: skip
    share = smooth / len(ways)
    return [Outcome(CONFIRMED if share >= 0.75 else CONTRADICTED if share <= 0.25 else NOT_CONFIRMED, said)]


def by_first_weights(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for family in families(theirs(records), "model.initialisation"):
        xavier, other = (family.members.get((rule,), ()) for rule in ("xavier", "uniform"))
        if not (xavier and other):
            continue
        lucky, less = len(learnt(xavier)), len(learnt(other))
        chance = exact_test(lucky, len(xavier), less, len(other))
        said = (f"{network(family.common)}: {tally(lucky, len(xavier))} seeds learn with Xavier's rule, "
                f"{tally(less, len(other))} with torch's (p = {chance:.2f})")  # fmt: skip
        if chance < SURE:
            outcomes.append(Outcome(verdict(lucky / len(xavier) > less / len(other)), said))
        else:
            enough = min(len(xavier), len(other)) >= MANY
            outcomes.append(Outcome(NOT_CONFIRMED if enough else UNDECIDED, said))
    return outcomes


def by_width(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for family in families(theirs(records), "model.memory", "training.words"):
        most = max(memory for memory, _ in family.members)
        narrow, wide = ([run for (memory, _), some in family.members.items() if memory == width for run in some]
                        for width in (1, most))  # fmt: skip
        if narrow and most > 1:
            outcomes.append(squeezed(narrow, wide))
    return outcomes


def squeezed(narrow: Sequence[Record], wide: Sequence[Record]) -> Outcome:
    """Whether no seed of narrow values comes far, where some of wide values learn."""
    words = min(record.settings["training.words"] for record in narrow)
    ends, others = (sorted(score_at(record, words) for record in some) for some in (narrow, wide))
    right, chance = sum(end >= LEARNT for end in others), rank_sum_test(ends, others)
    said = (f"after {words:,} words {network(narrow[0].settings)} is at fine {written(ends[0])} to {written(ends[-1])} "
            f"over {len(ends)} seeds, {network(wide[0].settings)} at {written(others[0])} to {written(others[-1])}, "
            f"where {tally(right, len(others))} seeds learn (p = {chance:.3f})")  # fmt: skip
    if ends[-1] >= LEARNT:
        return Outcome(CONTRADICTED, said)
    if ends[-1] >= FAILED:
        return Outcome(NOT_CONFIRMED, said)
    return Outcome(CONFIRMED if right and chance < SURE else UNDECIDED, said)


def small_will_do(records: Sequence[Record]) -> list[Outcome]:
    """Nets smaller than the main ones, values as wide as the state."""
    most = max((record.settings["model.hidden"] for record in theirs(records)), default=0)
    small = [record for record in theirs(records)
             if record.settings["model.hidden"] == record.settings["model.memory"] < most]  # fmt: skip
    if not small:
        return []
    ends = [max(middle([record], split, "token") for record in small) for split in SPLITS]
    said = (f"{network(small[0].settings)}: token up to {written(ends[0])} on validation, {written(ends[1])} on test "
            f"over {len(small)} seeds (published {SMALL[0]} and {SMALL[1]})")  # fmt: skip
    if ends[1] >= FAIRLY:
        return [Outcome(CONFIRMED, said)]
    return [Outcome(CONTRADICTED if len(small) >= MANY else UNDECIDED, said)]
