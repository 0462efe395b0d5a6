"""The scores a run may have: what each is called in a figure, which way is better, and what it says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pushpop.reporting.runs import SPLITS, Group, Record


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One score. Of a `share` 1 is all right, so 1 minus it is an error; of the others less is better."""

    heading: str
    wrong: str = ""  # heading of its error
    reading: str  # how its learning curve is read
    meaning: str  # for the foot of the page
    share: bool = True
    drawn: bool = True


MEASURES = {  # in the order a reader wants them
    "coarse": Measure(
        heading="Words answered wholly right",
        wrong="Words with an error",
        reading="The share of words answered right to the end symbol.",
        meaning="share of words wholly right, end symbol included",
    ),
    "fine": Measure(
        heading="How far an answer goes before its first error",
        wrong="What an answer lacks from its first error on",
        reading="The mean share of the answer before its first error: progress shows here before any word is wholly "
        "right.",
        meaning="mean share of the answer before the first error",
    ),
    "token": Measure(
        heading="Places answered right",
        wrong="Places answered wrong",
        reading="The mean share of the answer's places that are right.",
        meaning="mean share of the answer's places right",
        drawn=False,  # a curve between those of the other two
    ),
    "position": Measure(
        heading="Places answered right, each length alike",
        wrong="Places answered wrong, each length alike",
        reading="The mean over lengths of the share of the answers' places that are right: the Chomsky benchmark's "
        "score; guessing gets 1 in 2 or 1 in 5, by the symbols of answers, or more.",
        meaning="the Chomsky benchmark's score (Delétang et al. 2022): mean over lengths of the share of the answers' "
        "places right",
    ),
    "accuracy": Measure(
        heading="Classes named right",
        wrong="Classes named wrong",
        reading="The share of inputs whose class is named right, beside what always naming the commonest class gets.",
        meaning="share of inputs whose class (of a text: of places whose character) is named right",
    ),
    "baseline": Measure(
        heading="The commonest class",
        reading="The share of inputs in the commonest class.",
        meaning="accuracy of always naming the commonest class",
        drawn=False,  # beside accuracy
    ),
    "nats": Measure(
        heading="Nats per character",
        reading="The mean surprise at each character, in nats: less is better.",
        meaning="mean surprise per character, in nats",
        share=False,
        drawn=False,  # the same curve as the next
    ),
    "bits_per_character": Measure(
        heading="Bits per character",
        reading="The mean surprise at each character, in bits: less is better.",
        meaning="mean surprise per character, in bits",
        share=False,
    ),
    "auc": Measure(
        heading="Edges told from other pairs",
        wrong="Edges taken for other pairs",
        reading="The chance that an edge which was taken out of the graph scores higher than a pair that never was one "
        "(area under the ROC curve); one half is guessing.",
        meaning="area under the ROC curve: the chance that an edge scores higher than another pair",
    ),
    "ap": Measure(
        heading="Average precision of edges",
        wrong="What average precision lacks",
        reading="The mean, over edges, of the share of edges among all pairs that score as high.",
        meaning="average precision of edges among pairs",
        drawn=False,  # much like the one before
    ),
    "graph": Measure(
        heading="Graphs answered wholly right",
        wrong="Graphs with an error",
        reading="The share of graphs all of whose nodes are right.",
        meaning="share of graphs answered wholly right",
    ),
    "node": Measure(
        heading="Nodes answered right",
        wrong="Nodes answered wrong",
        reading="The share of nodes whose answer is right.",
        meaning="share of nodes answered right",
    ),
    "floor": Measure(
        heading="The best rule that needs no learning",
        reading="The share of nodes that the best rule without learning answers right.",
        meaning="node accuracy of the best rule that needs no learning",
        drawn=False,  # beside node
    ),
}


def measures(records: Iterable[Record]) -> list[str]:
    """The names of the scores these runs have, in the order a reader wants them."""
    found = {name for record in records for split in SPLITS for name in record.scores(split)}
    return [name for name in MEASURES if name in found]


def drawn(groups: Sequence[Group]) -> list[str]:
    """The scores of which these runs have curves."""
    found = {
        name
        for group in groups for record in group.records for event in record.evaluations for split in SPLITS
        for name in event.get(split, {})
    }  # fmt: skip
    return [name for name, measure in MEASURES.items() if measure.drawn and name in found]


def main(groups: Sequence[Group]) -> str | None:
    """The score that says most in one number; None if there is none yet."""
    return next(iter(measures(record for group in groups for record in group.records)), None)
