"""`chomsky-2022`: the fifteen tasks of Delétang et al., by nets with and without a memory, to 12 times the length."""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pushpop.reporting.maxima import NETWORKS, SHORT, best, written
from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, learning, section
from pushpop.reporting.writing import Cell, Table, in_words
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED, Claim, Judged, Outcome, verdict_table
from pushpop.tasks.formal.catalogue import FORMAL

SOLVED = 90.0  # per cent, from which the paper calls a task solved
REGULAR = tuple(name for name, entry in FORMAL.items() if entry.settings.level == "regular")
STACKED = ("stack-manipulation", "reverse-string")
FREE = tuple(name for name, entry in FORMAL.items() if entry.settings.level == "context-free")
LEARNED_BY = {"lstm": "plain", "stack-lstm": "stack", "stack-gru": "stack", "queue-lstm": "queue",
              "superposition-lstm": "superposition"}  # fmt: skip
FIRST = tuple(f"{task}, {LEARNED_BY[FORMAL[task].model]}" for task in FORMAL)
STORED = (*STACKED, "duplicate-string", "odds-first")
PLAIN = ("lstm", "transformer")
OURS = ("coarse", "fine", "token")
QUICK = "The study in small, to see that all of it works: it says nothing. "
LEAD = (
    "Lengths 1 to 40 are trained on, 41 to 500 tested: as many words of each length, 1,000 or a few more of a task. A "
    "score is the mean over lengths of the share of the answers' positions right, in per cent. Every seed counts; "
    "validation alone, of the lengths trained on, chooses the weights that are kept. A verdict is made by its rule "
    "from the runs alone."
)
DIFFERENCES = (
    "The paper's nets had a million steps of 128 words, ours what stands in the settings below; it reads answers off "
    "blanks after the word, ours write them, each symbol seen by the next step, and may end too early, which costs all "
    "that is missing. Chance: guessing among the symbols of answers, as the paper says it; more where answers are in "
    "order or end in zeros. Of expressions in brackets ours learn to foretell the word itself, too (decision 17); some "
    "tasks have several starts, of which the best goes on and all words count (decision 19). Of equations every one of "
    "our nets learns from the costliest of sixteen times the words that are counted, half of them of few different "
    "symbols, so not by the benchmark's law (decision 24). A "
    "star: a figure from memory, not checked in print."
)


def score(record: Record, rounded: bool = False) -> float | None:
    """The benchmark's score on the test, in per cent; None of a run that has not ended, or cannot be `rounded`."""
    if not record.finished:
        return None
    hard = ((record.metrics or {}).get("rounded") or {}).get("test") or {}
    found = (hard if rounded else record.scores("test")).get("position")
    return None if found is None else 100 * found


def scores(records: Sequence[Record], task: str, *models: str, rounded: bool = False) -> list[float]:
    """The scores of the runs of these models on a task."""
    known = (score(record, rounded) for record in records if record.task == task and record.model in models)
    return [value for value in known if value is not None]


def learned(records: Sequence[Record], tasks: Sequence[str], model: str) -> list[Outcome]:
    """Whether a model solves tasks from every seed; a budget that is no fair one contradicts nothing."""
    outcomes = []
    for task in tasks:
        if found := scores(records, task, model):
            verdict = CONFIRMED if min(found) >= SOLVED else UNDECIDED
            outcomes.append(Outcome(verdict, f"{task}: {told(found)}"))
        else:
            outcomes.append(Outcome(UNDECIDED, f"{task}: no runs"))
    return outcomes


def beyond_them(records: Sequence[Record], models: Sequence[str]) -> list[Outcome]:
    """Whether models without a memory fail where something has to be stored."""
    outcomes = []
    for task in STORED:
        if found := scores(records, task, *models):
            verdict = CONFIRMED if max(found) < SOLVED else CONTRADICTED
            outcomes.append(Outcome(verdict, f"{task}: {told(found)}"))
    return outcomes


def told(found: Sequence[float]) -> str:
    """Scores of seeds in words."""
    return f"mean {statistics.fmean(found):.1f}, lowest {min(found):.1f}, highest {max(found):.1f} of {len(found)}"


CLAIMS = (
    Claim(
        says=f"An LSTM solves every regular task from every seed ({SHORT})",
        rule=f"Task by task, confirmed where the lowest score of the seeds is {SOLVED:g} or more; else not decided, "
        "since their budget is larger.",
        judge=partial(learned, tasks=REGULAR, model="lstm"),
    ),
    Claim(
        says="A net with a stack solves string reversal and stack manipulation",
        rule=f"The same of stack-lstm: the lowest score of the seeds is {SOLVED:g} or more.",
        judge=partial(learned, tasks=STACKED, model="stack-lstm"),
    ),
    Claim(
        says="Nets without a memory solve no task in which a string must be stored",
        rule=f"Confirmed where lstm and transformer stay below {SOLVED:g} from every seed, contradicted where one does "
        "not.",
        judge=partial(beyond_them, models=PLAIN),
    ),
)


def models_of(groups: Sequence[Group]) -> list[str]:
    """The models there are, in the study's order."""
    return list(dict.fromkeys(group.first.model for group in groups))


def means(found: Findings) -> Table:
    """A row a task: the mean over seeds of each model, and the published maxima."""
    models = models_of(found.groups)
    rows = [
        (task, one.settings.level, 100 * one.settings().chance, *(mean(found.records, task, model) for model in models),
         *(written(task, network) for network in NETWORKS))
        for task, one in FORMAL.items()
    ]  # fmt: skip
    columns = ("task", "level", "chance", *(f"ours: {model}" for model in models), *(f"*{name}*" for name in NETWORKS))
    caption = f"Ours: mean over seeds (lowest). In italics {SHORT}: the highest of 30 runs. {DIFFERENCES}"
    return Table("Scores on lengths 41 to 500, per cent", columns, tuple(rows), caption)


def rounded(found: Findings) -> Table:
    """The same of the models that have a memory, whose strengths are rounded at the test."""
    known = [record for record in found.records if score(record, rounded=True) is not None]
    models = list(dict.fromkeys(record.model for record in known))
    rows = [(task, *(mean(known, task, model, rounded=True) for model in models)) for task in FORMAL]
    caption = (
        "Mean over seeds (lowest). The very runs of the table above: push and pop strengths above 1/2 are taken as 1, "
        "the others as 0; of the actions on a superposition stack the likeliest is done alone."
    )
    return Table("The same with rounded strengths, per cent", ("task", *models), tuple(rows), caption)


def mean(records: Sequence[Record], task: str, model: str, rounded: bool = False) -> Cell:
    """The mean over seeds, and the lowest."""
    values = scores(records, task, model, rounded=rounded)
    return f"{statistics.fmean(values):.1f} ({min(values):.1f})" if values else None


def against(found: Findings) -> Table:
    """A row a task: our best model by its mean over seeds, and by our own measures, beside the highest published."""
    rows = list[tuple[Cell, ...]]()
    for task in FORMAL:
        ours = {model: scores(found.records, task, model) for model in models_of(found.groups)}
        ours = {model: values for model, values in ours.items() if values}
        network, highest = best(task)
        if not ours:
            rows.append((task, *[None] * 7, f"{written(task, network)} ({network})", None))
            continue
        model = max(ours, key=lambda name: statistics.fmean(ours[name]))
        values = ours[model]
        runs = [record for record in found.records if (record.task, record.model) == (task, model) and record.finished]
        whole = [statistics.fmean(record.scores("test")[name] for record in runs) for name in OURS]
        hard = mean(runs, task, model, rounded=True)
        solved = f"{sum(one >= SOLVED for one in values)} of {len(values)}"
        met = "met" if round(statistics.fmean(values), 1) >= highest else "not met"
        rows.append((task, model, f"{statistics.fmean(values):.1f}", hard, solved, *whole,
                     f"{written(task, network)} ({network})", met))  # fmt: skip
    columns = ("task", "our best model", "mean score", "rounded (lowest)", f"seeds at {SOLVED:g} or more", *OURS,
               "highest published", "our mean as high")  # fmt: skip
    caption = (
        "Of our models the one with the highest mean over seeds: of as many models as there are columns above, so a "
        "little flattered, as the published maximum of 30 runs is more. Coarse, fine and token (means over seeds) are "
        "shares of 1 and count the end mark."
    )
    return Table("Beside the highest published score", columns, tuple(rows), caption)


def page(found: Findings) -> list[Section]:
    """Verdicts, both tables, a learning curve a task, and seed by seed."""
    verdicts = verdict_table("What was published", [Judged(**one) for one in found.summary["verdicts"]])
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    out = [Section(verdicts.title, lead, tables=(Listed("verdicts", verdicts, kind="prose"),))]
    out.append(section(Listed("means", means(found))))
    out.append(section(Listed("rounded", rounded(found))))
    out.append(section(Listed("best", against(found))))
    if found.groups:
        together = {task: [group for group in found.groups if group.first.task == task] for task in FORMAL}
        named = {task: [Group(one.first.model, one.records) for one in some] for task, some in together.items() if some}
        curves = [learning(groups, "position", "words", task) for task, groups in named.items()]
        out.append(Section("Learning", drawings=tuple(curves)))
    return out + every_run(found.groups)


def kept(found: Findings) -> Mapping[str, Any]:
    """The tables in words, for the README."""
    return {"means": in_words(means(found)), "rounded": in_words(rounded(found)), "best": in_words(against(found))}


chomsky = Study(
    description="the Chomsky benchmark of 2022: fifteen tasks by level, nets with and without a memory",
    file="chomsky_2022.toml",
    first=FIRST,
    shown=page,
    above=4,
    kept=kept,
    claims=CLAIMS,
)
