"""What the studies of the UvA assignment say, each claim with the rule by which our runs judge it."""

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt

from pushpop.reporting.runs import Record
from pushpop.studies.uva_steps import reached, steps, told
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Claim, Outcome

FIRST = "one_batch"
SURE = 2.0  # standard errors


def part(records: Sequence[Record], *names: str) -> list[Record]:
    """Runs of the variants whose names begin so."""
    return [record for record in records if record.variant.startswith(names)]


def by(records: Sequence[Record], place: str) -> dict[object, list[Record]]:
    """Runs by a setting, in its order."""
    found: dict[object, list[Record]] = {}
    for record in records:
        found.setdefault(record.settings.get(place), []).append(record)
    return dict(sorted(found.items(), key=lambda item: str(item[0]).zfill(24)))


def sooner(one: Sequence[Record], other: Sequence[Record], names: tuple[str, str], where: str) -> Outcome:
    """Whether the first of two meets the study's rule in fewer steps, by more than two standard errors."""
    counts = [steps(records, FIRST) for records in (one, other)]
    said = f"{where}: {names[0]} {told(one, FIRST)}, {names[1]} {told(other, FIRST)} steps"
    if min(map(len, counts)) < 2:
        return Outcome(UNDECIDED, said)
    means = [statistics.fmean(found) for found in counts]
    error = sqrt(sum(statistics.variance(found) / len(found) for found in counts))
    if abs(means[0] - means[1]) <= SURE * error:
        return Outcome(UNDECIDED, said)
    return Outcome(CONFIRMED if means[0] < means[1] else CONTRADICTED, said)


def pairs(records: Sequence[Record], models: tuple[str, str], names: tuple[str, ...]) -> list[Outcome]:
    """`sooner` at each length, for each part that has both models."""
    outcomes = []
    for name in names:
        for length, runs in by(part(records, name), "task.size").items():
            both = [[record for record in runs if record.model == model] for model in models]
            if all(both):
                outcomes.append(sooner(both[0], both[1], models, f"{name} {length}"))
    return outcomes


def two_ways(records: Sequence[Record]) -> list[Outcome]:
    return pairs(records, ("bilstm", "lstm"), ("as published", "combinations"))


def no_biases(records: Sequence[Record]) -> list[Outcome]:
    return pairs(records, ("lstm", "uva-gru"), ("baum-sweet",))


def shorter(records: Sequence[Record]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for name in ("as published", "combinations"):
        for model, runs in by(part(records, name), "model.kind").items():
            sizes = list(by(runs, "task.size").items())
            outcomes += [sooner(short, long, (f"length {low}", f"length {high}"), f"{name}, {model}")
                         for (low, short), (high, long) in pairwise(sizes)]  # fmt: skip
    return outcomes


def stop_rule(records: Sequence[Record]) -> list[Outcome]:
    """At how many runs the first batch wholly right came with all fresh words right."""
    outcomes = []
    for name in ("as published", "combinations"):
        runs = [record for record in part(records, name) if reached(record, FIRST) is not None]
        at_once = sum(reached(record, "fresh_batches") == reached(record, FIRST) for record in runs)
        if not runs:
            continue
        later = [fresh - first for record in runs if (fresh := reached(record, "fresh_batches")) is not None
                 and (first := reached(record, FIRST)) is not None]  # fmt: skip
        said = (f"{name}: so in {at_once} of {len(runs)} runs; all fresh words were right "
                f"{statistics.median(later) if later else 'no'} steps later (median), at most "
                f"{max(later) if later else 'none'}")  # fmt: skip
        outcomes.append(Outcome(CONFIRMED if at_once == len(runs) else CONTRADICTED, said))
    return outcomes


def narrow(records: Sequence[Record]) -> list[Outcome]:
    widths = by(part(records, "widths"), "model.embedding")
    if len(widths) < 2:
        return []
    ordered: list[tuple[int, list[Record]]] = sorted((int(str(width)), runs) for width, runs in widths.items())
    said = ", ".join(f"width {width}: {told(runs, FIRST)}" for width, runs in ordered)
    spreads = [spread(runs) for _, runs in ordered]
    if spreads[0] is None:  # some never came so far
        return [Outcome(CONFIRMED, said)]
    last = spreads[-1]
    return [Outcome(CONFIRMED if last is not None and spreads[0] > last else NOT_CONFIRMED, said)]


def spread(records: Sequence[Record]) -> float | None:
    """Standard deviation of the steps, if every run met the rule."""
    found = steps(records, FIRST)
    return statistics.stdev(found) if len(found) == len(records) > 1 else None


def settled(records: Sequence[Record]) -> Mapping[tuple[object, object], dict[str, list[Record]]]:
    """The runs of the disagreement by embedding and gain, then by model."""
    found: dict[tuple[object, object], dict[str, list[Record]]] = {}
    for record in part(records, "peepholes"):
        place = record.settings.get("model.embedding"), record.settings.get("model.gain")
        found.setdefault(place, {}).setdefault(record.model, []).append(record)
    return found


def peephole(records: Sequence[Record], wide: bool) -> list[Outcome]:
    """With wide embeddings and gain 1 the peephole cell is sooner; with embeddings of 1 and gain sqrt 2 it is worse."""
    outcomes = []
    for (embedding, gain), models in settled(records).items():
        if (embedding == 64, gain == 1.0) != (wide, wide) or len(models) < 2:
            continue
        solved = {model: sum(record.solved for record in runs) for model, runs in models.items()}
        said = ", ".join(f"{model} {solved[model]} of {len(runs)} solved, first batch right {told(runs, FIRST)}"
                         for model, runs in models.items())  # fmt: skip
        if solved["uva-peephole"] != solved["lstm"]:
            better = solved["uva-peephole"] > solved["lstm"]
            outcomes.append(Outcome(CONFIRMED if better == wide else CONTRADICTED, said))
            continue
        order = ("uva-peephole", "lstm") if wide else ("lstm", "uva-peephole")
        verdict = sooner(models[order[0]], models[order[1]], order, "").verdict
        outcomes.append(Outcome(verdict, said))
    return outcomes


BY_STEPS = "Fewer steps to the first batch wholly right, by more than two standard errors, at each length."
CLAIMS = (
    Claim(says="The biLSTM converges sooner than the LSTM (UvA 2020 study).", rule=BY_STEPS, judge=two_ways),
    Claim(says="The shorter the sequence, the sooner (UvA 2020 study).", rule=BY_STEPS, judge=shorter),
    Claim(
        says="Once a batch is wholly right the net is: all models test at 1.00 (UvA 2020 study).",
        rule="At the step of the first batch wholly right, 200 fresh batches are right too, in every run.",
        judge=stop_rule,
    ),
    Claim(
        says="Narrower embeddings make training less stable (UvA 2020 study).",
        rule="Of the narrowest embeddings some runs never get there, or steps vary more than with the widest.",
        judge=narrow,
    ),
    Claim(says="The LSTM is sooner than the GRU without biases (Jang 2020).", rule=BY_STEPS, judge=no_biases),
    Claim(
        says="Palindromes of 20, embeddings of 64, gain 1: the peephole cell is sooner than the LSTM (Loedeman 2020).",
        rule="More seeds solved; if as many, fewer steps by more than two standard errors.",
        judge=lambda records: peephole(records, wide=True),
    ),
    Claim(
        says="Palindromes of 20, embeddings of 1, gain sqrt 2: the LSTM is the better (Mitnik 2020).",
        rule="More seeds solved; if as many, fewer steps by more than two standard errors.",
        judge=lambda records: peephole(records, wide=False),
    ),
)
