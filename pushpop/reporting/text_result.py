"""What a run on text came to: how well it predicts, read in each way, with the floors under it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pushpop.reporting.runs import SPLITS, Group
from pushpop.reporting.writing import Cell, Table, written

COLUMNS = {"characters": "characters", "nats": "nats", "bits_per_character": "bits per character", "error": "±",
           "accuracy": "accuracy"}  # fmt: skip


def readings(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each way in which a run was scored, by name: its parts with the state carried, the tail in windows, floors."""
    for split in SPLITS:
        if metrics.get(split):
            yield f"{split}, state carried", metrics[split]
    for row in metrics.get("windows") or ():
        yield f"test, windows of {written(row['window'])} from zero", row
    for row in floors(metrics):
        yield str(row["floor"]), row


def floors(metrics: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What counting and compressing come to on the same tail, those that were computed."""
    found = metrics.get("floors")
    rows = found.get("rows") if isinstance(found, Mapping) else None
    return [row for row in rows or () if isinstance(row, Mapping) and "floor" in row and "bits_per_character" in row]


def floors_of(groups: Iterable[Group]) -> list[Mapping[str, Any]]:
    """Those of the first run that has them: runs on one corpus have the same."""
    for record in (record for group in groups for record in group.records):
        if found := floors(record.metrics or {}):
            return found
    return []


def text_table(metrics: Mapping[str, Any]) -> Table:
    """A row for each way of reading, as `pushpop train text` prints it."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, *(scores.get(column) for column in COLUMNS)) for name, scores in readings(metrics)
    )
    seconds = metrics.get("seconds") or 0.0
    title = f"{metrics.get('task')} · {metrics.get('model')} · seed {metrics.get('seed')}: done after "
    title += f"{written(metrics.get('characters'))} characters, {written(seconds)} s"
    if metrics.get("characters_per_second"):
        title += f" ({written(metrics['characters_per_second'])} characters/s)"
    nothing = ("nothing: no part was held out", *[None] * len(COLUMNS))
    return Table(title, ("read", *COLUMNS.values()), rows or (nothing,))
