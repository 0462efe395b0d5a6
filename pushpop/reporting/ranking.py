"""Which configurations are best, by validation alone; and which of many are told apart in a figure."""

from collections.abc import Sequence

from pushpop.experiments.score import TEXT, right, score
from pushpop.reporting.runs import Group, Record

MANY = 8  # configurations that a figure can tell apart by colour
FEW = 5  # of more than that, so many are
OTHERS = 40  # and so many of the rest are drawn in grey


def ranked(groups: Sequence[Group]) -> list[Group]:
    """Best first: the share of ended seeds wholly right on validation, then the median words of those; not by test.

    Runs on text are ranked by the nats of validation; where one has no such part, they stay as they were given.
    """
    if any(group.is_text and all(not record.scores("validation") for record in group.records) for group in groups):
        return list(groups)
    return sorted(groups, key=lambda group: group.rank)


def in_order(groups: Sequence[Group]) -> list[Group]:
    """As they were given if a figure can show them all in colour, else best first."""
    return ranked(groups) if len(groups) > MANY else list(groups)


def chosen(groups: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """Those a figure shows in colour and those it shows in grey, all and none, unless there are many."""
    if len(groups) <= MANY:
        return list(groups), []
    best = ranked(groups)
    return best[:FEW], best[FEW : FEW + OTHERS]


def coloured(groups: Sequence[Group]) -> dict[str, list[Group]]:
    """By task the configurations that figures show in colour: all of them, or of many the best few."""
    tasks = dict.fromkeys(group.first.task for group in groups)
    return {task: chosen([group for group in groups if group.first.task == task])[0] for task in tasks}


def is_right(record: Record) -> bool:
    """Whether it has ended with every validation word right."""
    return record.metrics is not None and right(record.metrics)


def right_on_validation(group: Group) -> int:
    return sum(map(is_right, group.records))


def worth(record: Record) -> float | None:
    """The score of one trial, lower is better: of a pruned one that of its last evaluation; None if it has none.

    Of text it is the nats of a character.
    """
    if record.is_text:
        return record.scores("validation").get(TEXT) if record.status in ("done", "pruned") else None
    if record.metrics is not None:
        return score(record.metrics)
    if record.status != "pruned" or not record.scores("validation"):
        return None
    return score({"validation": record.scores("validation"), "words": record.total("words") or 0})
