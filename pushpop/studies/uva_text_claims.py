"""What the UvA study of 2020 says of its text generator, each claim with the rule by which our runs judge it."""

import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence

from pushpop.reporting.runs import SPLITS, Record
from pushpop.reporting.text_pictures import by_distance
from pushpop.studies.uva_claims import part
from pushpop.studies.uva_text_scored import blocks_of, dearer, gained
from pushpop.studies.uva_text_written import PROMPTS, completions, known_words
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Claim, Outcome, Verdict

PUBLISHED = {"nats": 1.05, "accuracy": 0.675}  # where its curves end, on training windows, read off its figures
NEAR = {"nats": 0.05, "accuracy": 0.02}
LAST = 0.1  # share of the steps whose mean is the end of a curve
REACH = 32  # characters up to which, in the scores by distance, gradients of 30 steps reach
APART = 0.02  # nats that make a difference
WIDER = 0.1  # so many more different words, for each that is written, make samples wider
WORD = re.compile(r"\w+")
NETS = ("as published", "ours")


def ends(record: Record) -> Mapping[str, float]:
    """Loss (nats) and accuracy on training windows, with what is left out there: means over the last tenth of a run.

    Of what is logged between evaluations, each the mean of the steps since the entry before: what is logged at an
    evaluation is the mean since the one before, which may be longer ago.
    """
    last = record.total("steps") or 0
    events = [event for event in record.events if event["step"] > (1 - LAST) * last and not set(SPLITS) & set(event)]
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
    """Whether a network beats one that has read neither of two texts by more on the one that it has read."""
    outcomes, judges = list[Outcome](), part(records, "regularised")
    for record in part(records, *NETS):
        gains = []
        for place in ("before the tail", "tail"):
            own, theirs = blocks_of(record, place), [blocks_of(judge, place) for judge in judges]
            if own and theirs and all(theirs):
                gains.append([statistics.fmean(each) - mine for mine, *each in zip(own, *theirs, strict=True)])
        if len(gains) < 2 or min(map(len, gains)) < 2:
            continue
        gap, sure = dearer(*gains)
        said = (f"{record.variant}: ahead by {statistics.fmean(gains[0]):.3f} nats on text read, "
                f"by {statistics.fmean(gains[1]):.3f} on the tail (± {sure:.3f})")  # fmt: skip
        outcomes.append(Outcome(by_more(gap, sure), said))
    return outcomes


def by_more(gap: float, sure: float) -> Verdict:
    """What a difference says of a claim that it is above zero, where it may be off by so much."""
    return CONFIRMED if gap > sure else CONTRADICTED if gap < -sure else UNDECIDED


def widening(records: Sequence[Record]) -> list[Outcome]:
    """Whether the greedy samples have more different words for each that is written at the end than at a third."""
    outcomes = []
    for record in part(records, *NETS):
        variety = {row["part"]: different(one["prefix"] + one["text"] for one in row["samples"])
                   for row in record.written() if row["temperature"] == 0}  # fmt: skip
        if {1, 3} <= set(variety):
            said = f"{record.variant}, seed {record.seed}: {variety[1]:.2f} at a third, {variety[3]:.2f} at the end"
            outcomes.append(Outcome(by_more(variety[3] - variety[1], WIDER), said))
    return outcomes


def different(texts: Iterable[str]) -> float:
    """How many different words there are for each word of some texts; one that a text breaks off in is none.

    >>> different(["the law of the law.", "of people th"])
    0.5714285714285714
    """
    words = [found[0] for text in texts for found in WORD.finditer(text) if found.end() < len(text)]
    return len(set(words)) / len(words) if words else 0.0


def falling(records: Sequence[Record]) -> list[Outcome]:
    """Whether windows of 30 from zero lose beyond 30 characters what they had reached at the end of the 30."""
    zero = part(records, "windows, 30 from zero")
    within, far = between(zero, REACH // 2, REACH), between(zero, REACH)
    if within is None or far is None:
        return []
    said = f"30 from zero: {within:.3f} nats at {REACH // 2 + 1} to {REACH} characters, {far:.3f} beyond"
    return [Outcome(apart(far - within), said)]


def reach(records: Sequence[Record]) -> list[Outcome]:
    """Whether, the state carried by all, a gradient of 30 steps costs more than a longer one beyond 30 characters,
    and by more there than within them."""
    short, outcomes = part(records, "windows, 30 carried"), list[Outcome]()
    for name in ("windows, 64 carried", "windows, 256 carried"):
        both = [[between(some, 0, REACH), between(some, REACH)] for some in (short, part(records, name))]
        (near, far), (near_long, far_long) = both
        if near is None or far is None or near_long is None or far_long is None:
            continue
        gap, nearby = far - far_long, near - near_long
        said = (f"beyond {REACH} characters: 30 carried {far:.3f} nats, {name[9:]} {far_long:.3f} "
                f"(within: {near:.3f} and {near_long:.3f})")  # fmt: skip
        verdict = apart(gap)
        outcomes.append(Outcome(NOT_CONFIRMED if verdict == CONFIRMED and gap <= nearby else verdict, said))
    return outcomes


def apart(gap: float) -> Verdict:
    """What a difference in nats says of a claim that it is above zero."""
    return CONFIRMED if gap > APART else CONTRADICTED if gap < -APART else NOT_CONFIRMED


def between(records: Sequence[Record], low: int, high: float = math.inf) -> float | None:
    """Mean nats at distances above `low`, and up to `high`; the median over runs."""
    means = []
    for record in records:
        rows = [row for row in by_distance(record) if low < row["from"] and row["to"] <= high]
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
    """Whether the most of a setting lowers the nats of text that was not read, all else alike."""
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
        before, after = (blocks_of(one, "validation") for one in (without, most))
        if min(len(before), len(after)) < 2:
            continue
        gain, sure = gained(before, after)
        beside = "decay" if place == "model.dropout" else "dropout"
        learned = [ends(one).get("nats", math.nan) for one in (without, most)]
        said = (f"0 to {max(found):g} ({beside} {other}, seed {seed}): {statistics.fmean(before):.3f} to "
                f"{statistics.fmean(after):.3f} nats, {gain:.3f} ± {sure:.3f} less; "
                f"training {learned[0]:.3f} to {learned[1]:.3f}")  # fmt: skip
        outcomes.append(Outcome(by_more(gain, sure), said))
    return outcomes


UNREAD = (
    "In small (15 % of the text, as many steps, passes and weights for each character; one seed): with it, text that "
    "was not read costs less, in windows of 30 from zero, by more than two standard errors of the difference, block by "
    "block (contradicted: more by as much)."
)
CLAIMS = (
    Claim(
        says="After 1,500 batches the loss is 1.05 nats and the accuracy 0.675, on training windows.",
        rule="After as many passes (1,350 batches of nine tenths of the text), the means over the last tenth of the "
        "steps are within 0.05 nats and 0.02 of these.",
        judge=curves,
    ),
    Claim(
        says="Without a validation set, part of the gain may be text that is remembered.",
        rule="On the stretch before the held-out tail, which was read, the network is ahead of those of the last part, "
        "which have read neither, by more than on the tail: both without the licence, in windows of 30 from zero, by "
        "more than two standard errors.",
        judge=remembered,
    ),
    Claim(
        says="Samples have more different words at the end of the training than at a third of it.",
        rule=f"For each whole word of the five greedy samples of 30 characters there are {WIDER} more different ones "
        "at the end (contradicted: fewer). Whether they go round in circles is not judged.",
        judge=widening,
    ),
    Claim(
        says="Text falls apart beyond 30 characters.",
        rule=f"A network of windows of 30 from zero, in held-out text: beyond {REACH} characters from the start one "
        f"costs more than at {REACH // 2 + 1} to {REACH}, by more than {APART} nats (contradicted: less).",
        judge=falling,
    ),
    Claim(
        says="That is so because gradients reach back 30 steps.",
        rule=f"With the state carried in all: beyond {REACH} characters, windows of 30 cost more than longer ones, by "
        f"more than {APART} nats and by more than within them (contradicted: less).",
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
        says="Dropout of 0.3 would help (the study's guess: it saw nothing of it on training text).",
        rule=UNREAD,
        judge=lambda records: helps(records, "model.dropout"),
    ),
    Claim(
        says="Weight decay of 1e-4 would help (likewise a guess).",
        rule=UNREAD,
        judge=lambda records: helps(records, "training.decay"),
    ),
)
