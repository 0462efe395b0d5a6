"""What Grefenstette et al. 2015 say of memories and LSTM, each claim with the rule by which our runs judge it.

Scores are of words right to the end symbol, free-running; of several seeds the median.
"""

import statistics
from collections.abc import Iterator, Sequence
from math import inf

from pushpop.reporting.runs import Record, Split
from pushpop.reporting.writing import written
from pushpop.studies.families import middle
from pushpop.studies.marks import median_words_to
from pushpop.studies.published_2015 import TABLE, TASKS
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Claim, Outcome

MEMORIES = ("stack", "queue", "deque")
LSTMS = ("lstm 1", "lstm 2", "lstm 4", "lstm 8")
NETWORKS = (*LSTMS, *MEMORIES, "superposition", "transformer")
SYMBOLS = ("copy", "reverse")  # tasks that a memory solves and no LSTM does
SENTENCES = ("svo-sov", "gender")
RIGHT, NONE, OPEN = 0.99, 0.05, 0.60  # of words: solved, hardly any, and no more than was published of bigram flip
LEVEL = 0.8  # of fine accuracy on validation, to which learning is timed
NEAR = 0.01  # a net does as well on longer words
BESIDE = 0.03  # a DeQue does as well as another memory; published: .53 of bigrams beside .55


def network(record: Record) -> str:
    """A network by its row in the published table."""
    if record.model == "lstm":
        return f"lstm {record.settings.get('model.layers')}"
    return record.model.removesuffix("-lstm")


def of(records: Sequence[Record], task: str, name: str) -> list[Record]:
    """The seeds of a cell that have ended."""
    return [record for record in records if record.task == task and network(record) == name]


def there(records: Sequence[Record], task: str, names: Sequence[str], split: Split = "test") -> dict[str, float]:
    """The share of words right of each of these networks that has ended on the task."""
    return {name: middle(some, split, "coarse") for name in names if (some := of(records, task, name))}


def said(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {written(score)}" for name, score in scores.items())


def memories_alone(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for task in SYMBOLS:
        with_one, without = there(records, task, MEMORIES), there(records, task, LSTMS)
        if not (with_one and without):
            continue
        evidence = f"{task}: {said(with_one)}; {said(without)}"
        if max(without.values()) >= RIGHT:
            outcomes.append(Outcome(CONTRADICTED, evidence))
        elif max(with_one.values()) < RIGHT:
            outcomes.append(Outcome(UNDECIDED, evidence))
        else:
            outcomes.append(Outcome(CONFIRMED if max(without.values()) <= NONE else NOT_CONFIRMED, evidence))
    return outcomes


def flip_is_open(records: Sequence[Record]) -> list[Outcome]:
    scores = there(records, "bigram-flip", NETWORKS)
    if not scores:
        return []
    best = max(scores.values())
    open_still = CONFIRMED if best <= OPEN else NOT_CONFIRMED
    return [Outcome(CONTRADICTED if best >= RIGHT else open_still, said(scores))]


def suits(records: Sequence[Record], tasks: Sequence[str]) -> Iterator[Outcome]:
    """Whether each memory has solved, or not solved, each of these tasks as it was published."""
    for task in tasks:
        for name, score in there(records, task, MEMORIES).items():
            published = TABLE[name][task].test_coarse
            evidence = f"{task}, {name}: {written(score)} (published {written(float(published))})"
            if (score >= RIGHT) == (published >= RIGHT):
                yield Outcome(CONFIRMED, evidence)
            else:
                yield Outcome(CONTRADICTED if score >= RIGHT else UNDECIDED, evidence)


def by_order(records: Sequence[Record]) -> list[Outcome]:
    return list(suits(records, SYMBOLS))


def by_grammar(records: Sequence[Record]) -> list[Outcome]:
    return list(suits(records, SENTENCES))


def deque_does_all(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for task in TASKS:
        scores = there(records, task, MEMORIES)
        if len(scores) == len(MEMORIES):
            others = max(scores["stack"], scores["queue"])
            weaker = UNDECIDED if others >= RIGHT else NOT_CONFIRMED
            holds = scores["deque"] >= others - BESIDE
            outcomes.append(Outcome(CONFIRMED if holds else weaker, f"{task}: {said(scores)}"))
    return outcomes


def sooner(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for task in TASKS:
        cells = {name: some for name in (*MEMORIES, *LSTMS) if (some := of(records, task, name))}
        words = {name: median_words_to(some, LEVEL) for name, some in cells.items()}
        ours, theirs = ([words[name] for name in names if name in words] for names in (MEMORIES, LSTMS))
        if not (ours and theirs):
            continue
        best, other = min(ours), min(theirs)
        counts = ", ".join(f"{name} {'never' if each == inf else written(round(each))}" for name, each in words.items())
        same = UNDECIDED if best == other else CONTRADICTED
        outcomes.append(Outcome(CONFIRMED if best < other else same, f"{task}: {counts}"))
    return outcomes


def holds_farther(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for task in TASKS:
        for name in MEMORIES:
            runs = of(records, task, name)
            if not runs or middle(runs, "validation", "coarse") < RIGHT:
                continue
            gaps = [record.scores("validation")["coarse"] - record.scores("test")["coarse"] for record in runs]
            gap = statistics.median(gaps)
            outcomes.append(Outcome(CONFIRMED if gap <= NEAR else CONTRADICTED, f"{task}, {name}: {gap:+.3f}"))
    return outcomes


def lstm_translate(records: Sequence[Record]) -> list[Outcome]:
    outcomes = []
    for task in SENTENCES:
        for name, score in there(records, task, LSTMS).items():
            published = TABLE[name][task].test_coarse
            evidence = f"{task}, {name}: {written(score)} (published {written(published)})"
            outcomes.append(Outcome(CONFIRMED if score >= published - NEAR else UNDECIDED, evidence))
    return outcomes


CLAIMS = (
    Claim(
        says="Memories copy and reverse longer words than they were trained on; deep LSTM do not",
        rule=f"a memory has at least {RIGHT} of test words right, and no LSTM more than {NONE}; contradicted by an "
        f"LSTM with {RIGHT}",
        judge=memories_alone,
    ),
    Claim(
        says="Bigram flip is solved by no network; the best has .55 of longer words right",
        rule=f"no network has more than {OPEN} of test words right; contradicted by one with {RIGHT}",
        judge=flip_is_open,
    ),
    Claim(
        says="Each order has its memory: a queue copies and does not reverse, a stack reverses and does not copy, a "
        "DeQue does both",
        rule=f"each has {RIGHT} of test words right where it was published to, and less where not; contradicted by one "
        "that has them where it was published not to, open where it has not yet",
        judge=by_order,
    ),
    Claim(
        says="All memories translate SVO to SOV; queue and DeQue, not the stack, get every gender",
        rule="as before",
        judge=by_grammar,
    ),
    Claim(
        says="A DeQue does what stack and queue do",
        rule=f"it is no more than {BESIDE} of test words below the better of the two, on each task",
        judge=deque_does_all,
    ),
    Claim(
        says="Memories learn sooner than deep LSTM",
        rule=f"the median words to fine accuracy {LEVEL} on validation are fewer for the best memory than for every "
        "LSTM",
        judge=sooner,
    ),
    Claim(
        says="Memories that solve a task do as well on longer words as on those of training",
        rule=f"of a memory with {RIGHT} of validation words right, test is no more than {NEAR} below",
        judge=holds_farther,
    ),
    Claim(
        says="LSTM of any depth translate nearly as well, .96 to .99, and as well on longer sentences",
        rule=f"test is no more than {NEAR} below the published; less leaves it open at this budget",
        judge=lstm_translate,
    ),
)
