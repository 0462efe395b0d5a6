"""What the study of the UvA assignment says of graphs, each claim with the rule by which our runs judge it."""

import statistics
from collections.abc import Sequence
from math import sqrt

from pushpop.reporting.runs import Record
from pushpop.studies.sized import of
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Claim, Outcome

SURE = 2.0  # standard errors


def scores(records: Sequence[Record], measure: str) -> list[float]:
    """Percent on the test."""
    return [100 * record.scores("test")[measure] for record in records if measure in record.scores("test")]


def better(one: Sequence[float], other: Sequence[float], names: tuple[str, str]) -> Outcome:
    """Whether the first of two scores more, by more than two standard errors."""
    if min(len(one), len(other)) < 2:
        return Outcome(UNDECIDED, f"{names[0]}, {names[1]}: too few runs")
    means = statistics.fmean(one), statistics.fmean(other)
    error = sqrt(statistics.variance(one) / len(one) + statistics.variance(other) / len(other))
    said = f"{names[0]} {means[0]:.1f}, {names[1]} {means[1]:.1f} (± {error:.1f})"
    if abs(means[0] - means[1]) <= SURE * error:
        return Outcome(UNDECIDED, said)
    return Outcome(CONFIRMED if means[0] > means[1] else CONTRADICTED, said)


def at_least(records: Sequence[Record], measure: str, bound: float, said: str) -> list[Outcome]:
    """Whether the mean over all runs is as high as was published."""
    found = scores(records, measure)
    if not found:
        return []
    mean = statistics.fmean(found)
    told = f"{said}: {mean:.1f} over {len(found)} runs, published {bound:.1f}"
    return [Outcome(CONFIRMED if mean >= bound else NOT_CONFIRMED, told)]


def averaging(records: Sequence[Record]) -> list[Outcome]:
    """A weight of one's own state other than 1 beside that of 1, on the same seeds."""
    usual = [record for record in of(records, "cora, gcn") if record.seed < 5]
    found = []
    for weight in (0.0, 2.0):
        runs = of(records, "cora, gcn, own state", self_loop=weight)
        if runs and usual:
            found.append(better(scores(runs, "accuracy"), scores(usual, "accuracy"), (f"weight {weight:g}", "1")))
    learned = of(records, "cora, gcn, own state learned")
    if learned and usual:
        found.append(better(scores(learned, "accuracy"), scores(usual, "accuracy"), ("learned", "1")))
    return found


def weighed(records: Sequence[Record]) -> list[Outcome]:
    """Attention beside fixed weights."""
    found = []
    for graph in ("cora", "citeseer"):
        both = [scores(of(records, f"{graph}, {kind}"), "accuracy") for kind in ("gat", "gcn")]
        if all(both):
            found.append(better(both[0], both[1], (f"{graph}: attention", "fixed weights")))
    return found


def recurrent(records: Sequence[Record]) -> list[Outcome]:
    """An LSTM over neighbours beside what knows no order."""
    lstm = scores(of(records, "cora, graphsage", aggregator="lstm"), "accuracy")
    others = {how: scores(of(records, "cora, graphsage", aggregator=how), "accuracy") for how in ("mean", "max")}
    return [better(lstm, other, ("lstm", how)) for how, other in others.items() if lstm and other]


def linked(records: Sequence[Record]) -> list[Outcome]:
    """Edge level: links that were taken out are found by a net that reads words and links, better than by words."""
    found = []
    for graph in ("cora-links", "citeseer-links"):
        runs = of(records, f"{graph}, gae")
        words = [100 * row["auc"] for record in runs
                 for row in (record.metrics or {})["floors"]["rows"] if row["floor"] == "cosine of words"]  # fmt: skip
        if words:
            found.append(better(scores(runs, "auc"), words, (f"{graph}: net", "cosine of words")))
    return found


BY_SCORE = "The mean on the test is higher, by more than two standard errors."
REAL = (
    Claim(
        says="A GCN names 81.5 % of Cora's test papers right (Kipf and Welling 2017).",
        rule="The mean over all seeds is at least that.",
        judge=lambda records: at_least(of(records, "cora, gcn"), "accuracy", 81.5, "gcn"),
    ),
    Claim(
        says="A GAT names 83.0 % of them right (Velickovic et al. 2018).",
        rule="The mean over all seeds is at least that.",
        judge=lambda records: [
            *at_least(of(records, "cora, gat"), "accuracy", 83.0, "ours"),
            *at_least(of(records, "cora, gat, as published"), "accuracy", 83.0, "settings as published"),
        ],
    ),
    Claim(
        says="Links that were taken out of Cora are found with an area under the curve of 91.0 (GAE) and 91.4 (VGAE; "
        "Kipf and Welling 2016).",
        rule="The mean over all splits is at least that.",
        judge=lambda records: [
            *at_least(of(records, "cora-links, gae"), "auc", 91.0, "gae"),
            *at_least(of(records, "cora-links, vgae"), "auc", 91.4, "vgae"),
        ],
    ),
    Claim(
        says="Averaging loses what is special to a node; weighing its own state differently from the others' cures "
        "that (UvA 2020 study).",
        rule=f"On Cora, with another weight than 1. {BY_SCORE}",
        judge=averaging,
    ),
    Claim(
        says="Without attention all neighbours count the same, which is likely worse (UvA 2020 study).",
        rule=f"GAT beside GCN. {BY_SCORE}",
        judge=weighed,
    ),
    Claim(
        says="A recurrent net as the neighbourhood aggregator does better than a linear one (UvA 2020 study).",
        rule=f"On Cora, GraphSAGE with a masked LSTM beside mean and max. {BY_SCORE}",
        judge=recurrent,
    ),
    Claim(
        says="On a social network a friendship can be recommended by the likelihood of an edge (UvA 2020 study).",
        rule=f"Links taken out, GAE beside the cosine of words. {BY_SCORE}",
        judge=linked,
    ),
)
CLAIMS = REAL
