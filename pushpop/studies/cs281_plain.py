"""What the CS281 study of 2019 says of RNN and LSTM, each claim with the rule by which our runs judge it.

Compared are runs that differ in nothing but what the claim is about, and their seeds; scores are medians over these.
"""

from collections.abc import Mapping, Sequence
from math import inf, isfinite

from pushpop.reporting.published import CS281, PUBLISHED, Published
from pushpop.reporting.runs import SPLITS, Record
from pushpop.reporting.writing import written
from pushpop.studies.chance import rank_correlation
from pushpop.studies.families import Family, families, middle, network
from pushpop.studies.marks import LEVELS, highest_level, median_words_to, scores, way_down
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Outcome, Verdict

PLAIN = ("rnn", "lstm")
FLOOR = LEVELS[0]  # a hundred times what guessing gets: below it a net has learned next to nothing
FEWEST = 8  # runs for a correlation
ALIKE = 0.5
STRINGS = {"rnn": 1_250_000, "lstm": 2_500_000}  # most that a run may have for its score to count beside the study's
RATE = 1e-3


def published(kind: str) -> Published:
    """The study's own figures of a plain net."""
    (entry,) = (entry for entry in PUBLISHED["reverse"] if entry.network.lower().startswith(f"{kind} ")
                and entry.source == CS281 and "stack" not in entry.network)  # fmt: skip
    return entry


def of_kind(records: Sequence[Record], kind: str) -> list[Record]:
    return [record for record in records if record.model == kind]


def best(records: Sequence[Record]) -> Record | None:
    """The run with the best validation scores: coarse, then fine."""
    return max(records, key=lambda run: (middle([run], "validation", "coarse"), middle([run], "validation")),
               default=None)  # fmt: skip


def verdict(holds: bool) -> Verdict:
    return CONFIRMED if holds else CONTRADICTED


def memorised(records: Sequence[Record]) -> list[Outcome]:
    return [reached(kind, of_kind(records, kind)) for kind in PLAIN if of_kind(records, kind)]


def reached(kind: str, records: Sequence[Record]) -> Outcome:
    """How near the best net of a kind comes to its published score, within the strings it may have."""
    within = best([record for record in records if (record.total("words") or 0) <= STRINGS[kind]])
    if within is None:
        return Outcome(UNDECIDED, f"no {kind} ended within {STRINGS[kind]:,} strings")
    ours = [middle([within], split, "coarse") for split in SPLITS]
    theirs = [found["coarse"] for found in (published(kind).validation, published(kind).test)]
    said = (f"{network(within.settings)}: {written(ours[0])} on validation (published {written(theirs[0])}) and "
            f"{written(ours[1])} on test (published {written(theirs[1])}) after "
            f"{written(within.total('words'))} strings")  # fmt: skip
    if ours[1] > max(theirs[1], 0.001):
        return Outcome(CONTRADICTED, said)
    return Outcome(CONFIRMED if ours[0] >= theirs[0] else UNDECIDED, said)


def go_together(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for kind in PLAIN:
        ended = of_kind(records, kind)
        pairs = [[middle([record], split) for record in ended] for split in SPLITS]
        found = rank_correlation(pairs[0], pairs[1]) if len(ended) >= FEWEST else None
        if found is None:
            outcomes.append(Outcome(UNDECIDED, f"{kind}: {len(ended)} runs, too few or too much alike"))
            continue
        said = (f"{kind}: rank correlation {found.value:.2f} over {found.runs} runs "
                f"(95 % interval {found.low:.2f} to {found.high:.2f})")  # fmt: skip
        weak = CONTRADICTED if found.high < 0 else NOT_CONFIRMED if found.high < ALIKE else UNDECIDED
        outcomes.append(Outcome(CONFIRMED if found.low > 0 else weak, said))
    return outcomes


def by_optimiser(records: Sequence[Record]) -> list[Family]:
    found = families((record for record in records if record.model in PLAIN), "training.optimiser")
    return [family for family in found if len(family.members) > 1]


def who(family: Family) -> str:
    return f"{network(family.common)} at {family.common.get('training.rate', RATE):g}"


def fines(members: Mapping[str, Sequence[Record]]) -> str:
    """Fine accuracy on validation of each, in words."""
    return ", ".join(f"{name} {written(middle(runs, 'validation'))}" for name, runs in members.items())


def alike(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for family in by_optimiser(records):
        members = {str(name): runs for (name,), runs in family.members.items()}
        if "sgd" in members:
            ends = [middle(runs, "validation") for runs in members.values()]
            same = verdict(min(ends) >= ALIKE * max(ends)) if max(ends) >= FLOOR else UNDECIDED
            outcomes.append(Outcome(same, f"{who(family)}: {fines(members)}"))
    return outcomes


def rises_and_shakes(records: Sequence[Record]) -> list[Outcome]:
    at_rate = [family for family in by_optimiser(records) if family.common.get("training.rate") == RATE]
    return [outcome for family in at_rate if (outcome := shaken(family))]


def shaken(family: Family) -> Outcome | None:
    """RMSProp beside Adam: which is sooner at the highest level that either reaches, and whose curve goes down more."""
    both = [family.members.get((name,), ()) for name in ("rmsprop", "adam")]
    if not all(both):
        return None
    level = highest_level([*both[0], *both[1]])
    if level is None:
        return Outcome(UNDECIDED, f"{who(family)}: neither reaches {written(FLOOR)}")
    words = [median_words_to(runs, level) for runs in both]
    rough = [middle_way(runs) for runs in both]
    said = (f"{who(family)}: fine {written(level)} after {counted(words[0])} words with RMSProp, {counted(words[1])} "
            f"with Adam; {rough[0]:.0%} and {rough[1]:.0%} of the curve's way goes down")  # fmt: skip
    sooner, rougher = words[0] < words[1], rough[0] > rough[1]
    return Outcome(CONFIRMED if sooner and rougher else NOT_CONFIRMED if sooner or rougher else CONTRADICTED, said)


def middle_way(runs: Sequence[Record]) -> float:
    """The median share of the validation curves' way that goes down."""
    found = sorted(way for run in runs if (way := way_down(scores(run, "validation"))) is not None)
    return found[len(found) // 2] if found else 0.0


def counted(words: float) -> str:
    return written(int(words)) if isfinite(words) else "no number of"


def best_rates(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for kind, wanted in (("rnn", 1e-4), ("lstm", RATE)):
        adam = [record for record in of_kind(records, kind) if record.settings.get("training.optimiser") == "adam"]
        for family in families(adam, "training.rate"):
            members = {f"{rate:g}": runs for (rate,), runs in family.members.items()}
            if {"0.0001", "0.001"} <= set(members):
                outcomes.append(ranked(f"{network(family.common)} with Adam at", members, f"{wanted:g}"))
    return outcomes


def ranked(name: str, members: Mapping[str, Sequence[Record]], wanted: str) -> Outcome:
    """Whether the wanted member is the best on validation, if any of them has learned something."""
    ends = {each: middle(runs, "validation") for each, runs in members.items()}
    said = f"{name} {fines(members)}"
    if max(ends.values()) < FLOOR:
        return Outcome(UNDECIDED, said)
    return Outcome(verdict(all(ends[wanted] > end for each, end in ends.items() if each != wanted)), said)


def best_depth(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for family in families(of_kind(records, "rnn"), "model.layers"):
        members = {f"{layers} layer{'s' * (layers > 1)}": runs for (layers,), runs in family.members.items()}
        if {(4,), (8,)} < set(family.members):
            outcomes.append(ranked(f"rnn of width {family.common.get('model.hidden')}:", members, "4 layers"))
    return outcomes


def wide_or_deep(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for family in families(of_kind(records, "lstm"), "model.hidden", "model.layers"):
        widest = max((hidden for hidden, layers in family.members if layers == 1), default=0)
        deep = min((hidden for hidden, layers in family.members if layers == 4), default=inf)
        if deep < widest:
            pair = [family.members[(widest, 1)], family.members[(deep, 4)]]
            outcomes.append(traded(pair, [f"lstm 1 × {widest}", f"lstm 4 × {deep}"]))
    return outcomes


def traded(pair: Sequence[Sequence[Record]], names: Sequence[str]) -> Outcome:
    """Whether the first of two is better on validation and the second on test."""
    (wide, wide_test), (deep, deep_test) = ([middle(runs, split) for split in SPLITS] for runs in pair)
    said = (f"{names[0]}: {written(wide)} on validation, {written(wide_test)} on test; {names[1]}: "
            f"{written(deep)} and {written(deep_test)}")  # fmt: skip
    if max(wide, deep) < FLOOR or max(wide_test, deep_test) < FLOOR:
        return Outcome(UNDECIDED, said)
    halves = wide > deep, deep_test > wide_test
    return Outcome(CONFIRMED if all(halves) else NOT_CONFIRMED if any(halves) else CONTRADICTED, said)
