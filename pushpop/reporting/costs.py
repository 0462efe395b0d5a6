"""What runs have cost: words, seconds and core-hours, of those that came to nothing too."""

from collections.abc import Mapping, Sequence
from typing import Any

from pushpop.reporting.runs import CUT_SHORT, Group, Record, tally
from pushpop.reporting.writing import Cell, Spread, Table, noted

HOUR = 3600


def costs(groups: Sequence[Group]) -> Table:
    """A row a model of each task, and one for all."""
    found: dict[tuple[str, str], list[Record]] = {}
    for group in groups:
        for record in group.records:
            found.setdefault((record.model, record.task), []).append(record)
    several = len({task for _, task in found}) > 1
    rows = [(model, *([task] if several else []), *spent(records)) for (model, task), records in found.items()]
    if len(found) > 1:
        rows.append(("in all", *([None] if several else []), *spent([one for some in found.values() for one in some])))
    columns = ("model", *(["task"] if several else []), "runs", "words", "seconds", "core-hours",
               "words for each solved", "core-hours for each solved")  # fmt: skip
    caption = (
        "All that was used, by runs that were not solved, failed or were stopped too. Core-hours: seconds times "
        "training.threads; for each solved: all that was used, shared among those that were solved."
    )
    if any(record.total("seconds") and not threads(record.config) for some in found.values() for record in some):
        caption += " A run whose settings leave the threads open (0) is counted with one core: it may have used more."
    return Table("Cost", columns, tuple(rows), caption)


def spent(records: Sequence[Record]) -> tuple[Cell, ...]:
    """Runs, words, seconds and core-hours, and what each solved run has cost, the others' share included."""
    words = sum(int(record.total("words") or 0) for record in records)
    seconds = sum(record.total("seconds") or 0.0 for record in records)
    hours = sum(core_hours(record) for record in records)
    solved = sum(record.solved for record in records)
    return (
        noted(len(records), tally([record.status for record in records], CUT_SHORT)),
        words,
        float(seconds),
        hours,
        round(words / solved) if solved else None,
        hours / solved if solved else None,
    )


def core_hours(record: Record) -> float:
    return (record.total("seconds") or 0.0) * (threads(record.config) or 1) / HOUR


def threads(config: Mapping[str, Any]) -> int:
    """The cores a run takes; 0 if its settings leave that open."""
    training = config.get("training")
    given = training.get("threads") if isinstance(training, Mapping) else None
    return given if type(given) is int else 0


def cut_short(groups: Sequence[Group]) -> Table | None:
    """Every run that failed, was pruned or has not ended, by name; None if there is none."""
    rows = [
        (group.name, str(record.seed), record.status, none_is(record.seen), why(record), record.path.name)
        for group in groups for record in group.records if record.status in CUT_SHORT
    ]  # fmt: skip
    if not rows:
        return None
    rows.sort(key=lambda row: CUT_SHORT.index(row[2]))
    texts = all(group.is_text for group in groups)
    counts = "" if texts else "None of these counts as solved. "
    caption = (
        f"{counts}A failed run's traceback stands in the failure.json of its folder; an unfinished one goes on when "
        "its command, or its sweep, is given again."
    )
    unit = "characters" if texts else "words"
    columns = ("model", "seed", "status", unit, "what is known", "run")
    return Table("Failed, pruned and unfinished", columns, tuple(rows), caption)


def why(record: Record) -> str:
    if record.status == "failed":
        tried = (record.failure or {}).get("attempts")
        often = f" ({tried} attempts)" if isinstance(tried, int) and tried > 1 else ""
        return f"{(record.failure or {}).get('error') or 'no reason given'}{often}"
    if record.status == "pruned":
        return f"stopped at {number((record.pruned or {}).get('percent'))} % of its budget"
    return "would have been stopped, but was let go on" if record.spared else ""


def number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "?"


def none_is(value: float | None) -> int | None:
    return None if value is None else int(value)


def share(part: int, whole: int) -> Spread | None:
    """A share with its Wilson interval; None of nothing."""
    from pushpop.evaluation.metrics import wilson

    return Spread(part / whole, *wilson(part, whole)) if whole else None
