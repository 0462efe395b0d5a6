"""What a set of runs came to, as rows; `writing` turns them into text, Markdown, CSV or a terminal's table."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pushpop.evaluation.metrics import wilson
from pushpop.reporting.measures import MEASURES, measures
from pushpop.reporting.published import PUBLISHED, SIZES, Published
from pushpop.reporting.ranking import chosen, in_order
from pushpop.reporting.runs import SPLITS, TEXT, Group, Record, flat
from pushpop.reporting.text_result import text_table
from pushpop.reporting.writing import NONE, Cell, Spread, Table, noted, terminal, written
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.task import Answers

if TYPE_CHECKING:
    import rich.table


def headline(groups: Sequence[Group], published: bool = True) -> Table:
    """One row a model: how many seeds were solved, after how much, and how right they are; published ones below."""
    names = measures(record for group in groups for record in group.records)
    tasks = list(dict.fromkeys(group.first.task for group in groups))
    columns = ("model", *(["task"] if len(tasks) > 1 else []), "solved", "share (95 % Wilson)", "words to solve",
               "seconds to solve", *(f"{split} {name}" for split in SPLITS for name in names))  # fmt: skip
    rows = [ours(group, names, len(tasks) > 1) for group in in_order(groups)]
    entries = [(task, entry) for task in tasks if of_published_size(task, groups) for entry in PUBLISHED.get(task, [])]
    if published:
        rows += [theirs(entry, task, names, len(tasks) > 1) for task, entry in entries]
    return Table(
        "Solved, by model",
        columns,
        tuple(rows),
        "Every seed counts; a run that failed, was pruned or has not ended counts as not solved. Words and seconds are "
        f"medians over all seeds ({NONE} where fewer than half were solved), scores are medians over seeds, with the "
        "lowest and highest beneath. " + " ".join(dict.fromkeys(entry.note for _, entry in entries if published)),
    )


def of_published_size(task: str, groups: Sequence[Group]) -> bool:
    """Whether every run of this task has the alphabet and the lengths of the published figures."""
    given = [flat(group.first.config) for group in groups if group.first.task == task]
    size = {f"task.{name}": value for name, value in SIZES.get(task, {}).items()}
    return all(config.get(name, value) == value for config in given for name, value in size.items())


def ours(group: Group, names: Sequence[str], with_task: bool) -> tuple[Cell, ...]:
    solved, seeds = group.solved, len(group.records)
    scores = [spread(record.scores(split).get(name) for record in group.records) for split in SPLITS for name in names]
    return (
        group.name,
        *([group.first.task] if with_task else []),
        noted(group.count, group.cut_short),
        Spread(solved / seeds, *wilson(solved, seeds)),
        to_solve(group, "words"),
        to_solve(group, "seconds"),
        *scores,
    )


def theirs(entry: Published, task: str, names: Sequence[str], with_task: bool) -> tuple[Cell, ...]:
    return (
        f"{entry.source}: {entry.network}",
        *([task] if with_task else []),
        "{} of {}".format(*entry.solved) if entry.solved else None,
        Spread(entry.solved[0] / entry.solved[1], *wilson(*entry.solved)) if entry.solved else None,
        f"{entry.words:,} in all" if entry.words else None,
        None,
        *((entry.validation if split == "validation" else entry.test).get(name) for split in SPLITS for name in names),
    )


def spread(values: Iterable[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    return Spread(statistics.median(known), min(known), max(known)) if known else None


def to_solve(group: Group, name: str) -> Spread | None:
    """The median over all seeds, those not solved counted as longer than any; low and high are of solved seeds."""
    used = sorted(value for record in group.records if record.solved and (value := total(record, name)) is not None)
    if not used:
        return None
    endless = [*used, *[float("inf")] * (len(group.records) - len(used))]
    middle = statistics.median(endless)
    return Spread(None if middle == float("inf") else middle, used[0], used[-1])


def total(record: Record, name: str) -> float | None:
    value = record.total("words" if name == "words" else "seconds")
    return value if value is None or name == "seconds" else int(value)


def seed_by_seed(groups: Sequence[Group]) -> Table:
    """One row a run, none left out."""
    names = measures(record for group in groups for record in group.records)
    unit = "characters" if groups and all(group.is_text for group in groups) else "words"
    columns = ("model", "seed", "status", "steps", unit, "seconds",
               *(f"{split} {name}" for split in SPLITS for name in names), "run")  # fmt: skip
    rows = tuple(
        (
            group.name, str(record.seed), record.status, record.total("steps"), record.seen,
            record.total("seconds"), *(record.scores(split).get(name) for split in SPLITS for name in names),
            record.path.name,
        )
        for group in in_order(groups) for record in group.records
    )  # fmt: skip
    caption = "Every run that was given. One that has no final scores is shown with those of its last evaluation."
    again = [group.name for group in groups if len({record.seed for record in group.records}) < len(group.records)]
    if again:
        caption += f" A seed is there more than once for {', '.join(again)}: those runs are not independent."
    return Table("Seed by seed" if unit == "words" else "Text, seed by seed", columns, rows, caption)


def settings_table(groups: Sequence[Group]) -> Table:
    """One column a model, one row a setting; hash, version and commit first. Of many models, the best few."""
    shown, _ = chosen(groups)
    stamps: dict[str, list[str]] = {"hash": [group.first.hash for group in shown]}
    for name in ("version", "commit"):
        stamps[name] = [", ".join(distinct(record.config.get(name) for record in group.records)) for group in shown]
    for name in dict.fromkeys(name for group in shown for name in group.first.config.get("word_sets") or {}):
        stamps[f"{name} words"] = [str((group.first.config.get("word_sets") or {}).get(name, NONE)) for group in shown]
    stamps["seeds"] = [runs_of([record.seed for record in group.records]) for group in shown]
    names = list(dict.fromkeys(name for group in shown for name in group.first.settings))
    rows = [(name, *values) for name, values in stamps.items()]
    rows += [(name, *(in_all(group, name) for group in shown)) for name in names]
    caption = "Everything needed to train these runs again, under its name on the command line."
    if len(shown) < len(groups):
        caption += f" Of {len(groups):,} configurations the best {len(shown)} on validation."
    return Table("Settings", ("setting", *(group.name for group in shown)), tuple(rows), caption)


def in_all(group: Group, name: str) -> str | None:
    """A setting of all its runs: budgets and threads may differ from seed to seed."""
    known = [record.settings[name] for record in group.records if name in record.settings]
    return ", ".join(distinct(known)) if known else None


def distinct(values: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(NONE if value is None else str(value) for value in values))


def runs_of(seeds: Sequence[int]) -> str:
    """Seeds in short: 0-4, 7."""
    parts: list[list[int]] = []
    for seed in sorted(set(seeds)):
        if parts and seed == parts[-1][-1] + 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def by_length(groups: Sequence[Group]) -> Table | None:
    """Median scores at each length, soft and rounded; None where no run measured any."""
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for group in in_order(groups):
        for record in group.records:
            for row in record.lengths():
                found.setdefault((group.name, row["length"]), []).append(row)
    if not found:
        return None
    names = [name for name in MEASURES if any(name in row for rows in found.values() for row in rows)]
    rounded = any(row.get("rounded") for rows in found.values() for row in rows)
    columns = ("model", "length", "seeds", "words each", *names, *(f"rounded {name}" for name in names if rounded))
    rows = tuple(
        (
            name, length, len(rows), rows[0].get("words"), *(spread(row.get(one) for row in rows) for one in names),
            *(spread((row.get("rounded") or {}).get(one) for row in rows) for one in names if rounded),
        )
        for (name, length), rows in found.items()
    )  # fmt: skip
    return Table("By length", columns, rows,
                 "Medians over seeds with the lowest and highest beneath; rounded: push and pop strengths above 1/2 "
                 "taken as 1, the others as 0.")  # fmt: skip


# What is scored, what a budget counts, and what tells test sets apart, where these are no words of some length.
CALLED: dict[Answers, tuple[str, str, str]] = {
    "graph": ("graphs", "graphs", "size"),
    "nodes": ("nodes", "looks at the graph", ""),
    "links": ("edges", "looks at the graph", ""),
}


def result_table(metrics: Mapping[str, Any]) -> "rich.table.Table":
    """What one `train` came to, for the terminal: a row a word set, then a row a length; of text a row a reading."""
    if metrics.get("task") == TEXT:
        return terminal(text_table(metrics))
    task = TASKS.get(str(metrics.get("task")))
    scored, used, size = CALLED.get(task.settings.answers if task else "written", ("words", "words", "length"))
    words = [(split, metrics.get(split) or {}, (metrics.get("rounded") or {}).get(split) or {}) for split in SPLITS]
    words += [
        (f"{size} {written(row['length'])}", row, row.get("rounded") or {}) for row in metrics.get("by_length") or []
    ]
    floors = (metrics.get("floors") or {}).get("rows") or []  # of those of a size the best stands beside its scores
    words += [(str(row["floor"]), row, {}) for row in floors if "length" not in row]
    names = [name for name in MEASURES if any(name in scores for _, scores, _ in words)]
    rounded = any(hard for _, _, hard in words)
    rows = [(name, *(soft.get(one) for one in names), *([hard.get("coarse")] if rounded else []))
            for name, soft, hard in words]  # fmt: skip
    verdict = "solved" if metrics.get("solved") else "not solved" if metrics.get("solved") is False else "done"
    title = (f"{metrics.get('task')} · {metrics.get('model')} · seed {metrics.get('seed')}: {verdict} after "
             f"{written(metrics.get('words'))} {used}, {written(metrics.get('seconds'))} s")  # fmt: skip
    return terminal(Table(title, (scored, *names, *(["rounded coarse"] if rounded else [])), tuple(rows)))
