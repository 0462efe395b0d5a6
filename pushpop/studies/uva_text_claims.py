"""What the UvA study of 2020 says of its text generator, each claim with the rule by which our runs judge it."""

import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence

from pushpop.reporting.runs import Record
from pushpop.reporting.text_pictures import by_distance
from pushpop.studies.uva_claims import part
from pushpop.studies.uva_text_written import PROMPTS, completions, known_words
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Claim, Outcome

PUBLISHED = {"nats": 1.05, "accuracy": 0.675}  # where its curves end, on training windows, read off its figures
NEAR = {"nats": 0.05, "accuracy": 0.02}
LAST = 0.1  # share of the steps whose mean is the end of a curve
REACH = 32  # characters up to which, in the scores by distance, gradients of 30 steps reach
APART = 0.02  # nats that make a difference
WORD = re.compile(r"\w+")
NETS = ("as published", "ours")


def ends(record: Record) -> Mapping[str, float]:
    """Loss (nats) and accuracy on training windows at the end: means over the last tenth of the steps."""
    last = record.total("steps") or 0
    events = [event for event in record.events if event["step"] > (1 - LAST) * last]
    found = {"nats": [event["loss"] for event in events if event.get("loss") is not None],
             "accuracy": [event["accuracy"] for event in events if event.get("accuracy") is not None]}  # fmt: skip
    return {name: statistics.fmean(values) for name, values in found.items() if values}


def curves(records: Sequence[Record]) -> list[Outcome]:
    """Whether its network ends where it says."""
    outcomes = []
    for record in part(records, "as published"):
        found = ends(record)
        if found.keys() < NEAR.keys():
            continue
        said = f"ours: {found['nats']:.3f} nats, accuracy {found['accuracy']:.3f}"
        near = all(abs(found[name] - PUBLISHED[name]) <= NEAR[name] for name in NEAR)
        better = found["nats"] < PUBLISHED["nats"] and found["accuracy"] > PUBLISHED["accuracy"]
        outcomes.append(Outcome(CONFIRMED if near else NOT_CONFIRMED, f"{said}{', beyond it' if better else ''}"))
    return outcomes


def remembered(records: Sequence[Record]) -> list[Outcome]:
    """Whether text that was trained on costs less than text that was not."""
    outcomes = []
    for record in part(records, *NETS):
        found, test = ends(record), record.scores("test")
        if "nats" not in found or "nats" not in test:
            continue
        gap, sure = test["nats"] - found["nats"], 2 * test.get("error", 0.0) * math.log(2)
        said = f"{record.variant}: {found['nats']:.3f} nats in training, {test['nats']:.3f} on the tail"
        verdict = CONFIRMED if gap > sure else CONTRADICTED if gap <= 0 else UNDECIDED
        outcomes.append(Outcome(verdict, said))
    return outcomes


def widening(records: Sequence[Record]) -> list[Outcome]:
    """Whether the greedy samples have more different words at the end than at a third."""
    outcomes = []
    for record in part(records, *NETS):
        variety = {row["part"]: different(one["text"] for one in row["samples"])
                   for row in record.written() if row["temperature"] == 0}  # fmt: skip
        if {1, 3} <= set(variety):
            said = f"{record.variant}, seed {record.seed}: {variety[1]:.2f} at a third, {variety[3]:.2f} at the end"
            verdict = (
                CONFIRMED if variety[3] > variety[1] else CONTRADICTED if variety[3] < variety[1] else NOT_CONFIRMED
            )
            outcomes.append(Outcome(verdict, said))
    return outcomes


def different(texts: Iterable[str]) -> float:
    """The share of the words of some texts that are not one of the others.

    >>> different(["the law of the law", "of the people"])
    0.5
    """
    words = [word for text in texts for word in WORD.findall(text)]
    return len(set(words)) / len(words) if words else 0.0


def reach(records: Sequence[Record]) -> list[Outcome]:
    """Whether windows of 30 from zero are the worse beyond 30 characters, and by more than within them."""
    near, far = (beyond(part(records, "windows, 30 from zero"), far=far) for far in (False, True))
    outcomes = []
    for name in ("windows, 30 carried", "windows, 64 carried", "windows, 256 carried"):
        other = beyond(part(records, name), far=True)
        if near is None or far is None or other is None:
            continue
        said = f"beyond {REACH} characters: 30 from zero {far:.3f} nats (within: {near:.3f}), {name[9:]} {other:.3f}"
        verdict = CONFIRMED if far > other + APART else CONTRADICTED if far < other - APART else NOT_CONFIRMED
        outcomes.append(Outcome(verdict, said))
    return outcomes


def beyond(records: Sequence[Record], *, far: bool) -> float | None:
    """Mean nats at distances beyond REACH, or up to it; the median over runs."""
    means = []
    for record in records:
        rows = [row for row in by_distance(record) if (row["from"] > REACH) == far]
        weight = [row["to"] - row["from"] + 1 for row in rows]
        if rows:
            costs = (row["nats"] * width for row, width in zip(rows, weight, strict=True))
            means.append(sum(costs) / sum(weight))
    return statistics.median(means) if means else None


def temperatures(records: Sequence[Record]) -> list[Outcome]:
    """Whether a larger tau gives more words that are words, and the smallest hardly any."""
    outcomes = []
    for record in part(records, *NETS):
        low, middle, high = (known_words(record, tau) for tau in (0.5, 1.0, 2.0))
        if low is None or middle is None or high is None:
            continue
        said = f"{record.variant}, seed {record.seed}: words known {low:.2f}, {middle:.2f}, {high:.2f}"
        outcomes.append(Outcome(CONFIRMED if low < 0.5 < middle < high and high > 0.95 else NOT_CONFIRMED, said))
    return outcomes


def alike(records: Sequence[Record]) -> list[Outcome]:
    """Whether some of the seven prompts go on in the same way."""
    outcomes = []
    for record in part(records, "as published"):
        texts = list(completions(record).values())
        same = sum(texts.count(text) > 1 for text in texts)
        if texts:
            said = f"{record.variant}: {same} of {len(texts)}"
            outcomes.append(Outcome(CONFIRMED if same >= 2 else CONTRADICTED, said))
    return outcomes


def helps(records: Sequence[Record], place: str) -> list[Outcome]:
    """Whether more of a setting lowers the nats on the validation part, all else alike, by more than their error."""
    together: dict[tuple[object, ...], dict[float, Record]] = {}
    for record in part(records, "regularised"):
        settings = record.settings
        others = tuple(settings.get(name) for name in ("model.dropout", "training.decay") if name != place)
        together.setdefault((*others, record.seed), {})[float(settings.get(place, 0.0))] = record
    outcomes = []
    for (other, seed), found in together.items():
        without, most = found.get(0.0), found[max(found)]
        if without is None or most is without:
            continue
        before, after = (one.scores("validation") for one in (without, most))
        if "nats" not in before or "nats" not in after:
            continue
        gain, sure = before["nats"] - after["nats"], after.get("error", 0.0) * math.log(2)
        beside = "decay" if place == "model.dropout" else "dropout"
        learned = [ends(one).get("nats", math.nan) for one in (without, most)]
        said = (f"0 to {max(found):g} ({beside} {other}, seed {seed}): {before['nats']:.3f} to {after['nats']:.3f} "
                f"nats, training {learned[0]:.3f} to {learned[1]:.3f}")  # fmt: skip
        outcomes.append(Outcome(CONFIRMED if gain > sure else CONTRADICTED if gain < -sure else UNDECIDED, said))
    return outcomes


BY_VALIDATION = (
    "Without and with the most of it, all else alike: the nats of the last tenth of the training part fall by more "
    "than their standard error (contradicted: they rise by more)."
)
CLAIMS = (
    Claim(
        says="After 1,500 batches the loss is 1.05 nats and the accuracy 0.675, on training windows.",
        rule="The means over the last tenth of the steps are within 0.05 nats and 0.02 of these.",
        judge=curves,
    ),
    Claim(
        says="Without a validation set, part of the gain may be text that is remembered.",
        rule="Training windows cost less than the held-out tail, by more than two standard errors of the latter.",
        judge=remembered,
    ),
    Claim(
        says="Samples go round in circles at a third of the training, and have more different words at its end.",
        rule="The share of different words in the five greedy samples of 30 characters is larger at the end.",
        judge=widening,
    ),
    Claim(
        says="Text falls apart beyond 30 characters, because gradients reach back 30 steps.",
        rule=f"Beyond {REACH} characters from the start of a held-out text, a network of windows of 30 from zero costs "
        f"more than the same one trained on longer or carried windows, by more than {APART} nats.",
        judge=reach,
    ),
    Claim(
        says="tau 0.5 gives strings that cannot be pronounced, 1 mostly English words, 2 almost no misspellings.",
        rule="The share of words that the training text knows: below 0.5 at tau 0.5, above it at 1, above 0.95 and the "
        "highest at 2.",
        judge=temperatures,
    ),
    Claim(
        says=f"Of {len(PROMPTS)} prompts, two are completed by the same characters.",
        rule="Two or more of the greedy completions of 30 characters are the same as another's.",
        judge=alike,
    ),
    Claim(
        says="Dropout would help (the study's guess: it saw nothing of it on training text).",
        rule=BY_VALIDATION,
        judge=lambda records: helps(records, "model.dropout"),
    ),
    Claim(
        says="Weight decay would help (likewise a guess).",
        rule=BY_VALIDATION,
        judge=lambda records: helps(records, "training.decay"),
    ),
)
