"""What runs on text came to, as rows: how well they predict, by windows and by distance, and what they write."""

from collections.abc import Iterable, Sequence
from typing import Any

from pushpop.reporting.ranking import in_order
from pushpop.reporting.runs import SPLITS, Group, Record
from pushpop.reporting.tables import spread
from pushpop.reporting.text_pictures import by_distance
from pushpop.reporting.text_result import floors_of
from pushpop.reporting.writing import Cell, Spread, Table, noted

BITS = "bits_per_character"
SCORES = {BITS: "bits per character", "error": "±", "nats": "nats", "accuracy": "accuracy"}
SHOWN = 300  # characters of a long sample that a table shows
GREEDY = "greedy"


def models(groups: Sequence[Group]) -> tuple[Table, int]:
    """A row a model, then a row for each floor; and how many of these there are."""
    columns = ("model", *(f"{split} {name}" for split in reversed(SPLITS) for name in SCORES.values()),
               "training nats", "characters", "seconds", "characters/s", "parameters", "seeds done")  # fmt: skip
    rows = [row_of(group) for group in in_order(groups)]
    below = floors_of(groups)
    others = [(row["floor"], *(row.get(name) for name in SCORES), *[None] * (len(SCORES) + 6)) for row in below]
    caption = (
        "A character's cost on average, the state carried from the first character of each part; ±: standard error of "
        "the bits, from blocks of 1,000 characters. Training nats: the last that were logged, of the windows trained "
        "on, with what is left out there. Nothing was chosen on test. Of several seeds: medians, with the lowest and "
        "highest beneath."
    )
    if others:
        caption += (
            " In italics what needs no network: counts of what follows each context (Witten and Bell), and compressors,"
            " which adapt as they go."
        )
    return Table("How well the text is predicted", columns, (*rows, *others), caption), len(others)


def row_of(group: Group) -> tuple[Cell, ...]:
    ended = group.records
    return (
        group.name,
        *(spread(record.scores(split).get(name) for record in ended) for split in reversed(SPLITS) for name in SCORES),
        spread(record.ending.get("mean_loss", record.ending.get("loss")) for record in ended),
        whole(record.seen for record in ended),
        spread(record.total("seconds") for record in ended),
        whole(number(record, "characters_per_second") for record in ended),
        whole(number(record, "parameters") for record in ended),
        noted(group.count, group.cut_short),
    )


def number(record: Record, name: str) -> float | None:
    """A number of its result."""
    value = (record.metrics or {}).get(name)
    return value if type(value) in (int, float) else None


def whole(values: Iterable[float | None]) -> Spread | None:
    """Medians of whole numbers are whole here."""
    found = spread(values)
    return found and Spread(round(found.middle or 0), round(found.low), round(found.high))


def windows(groups: Sequence[Group]) -> Table | None:
    """Bits of a character on test: the state carried, and in windows from zeros; None where no run has any."""
    found = {group.name: [windows_of(record) for record in group.records] for group in in_order(groups)}
    sizes = sorted({size for rows in found.values() for row in rows for size in row}, reverse=True)
    if not sizes:
        return None
    rows = [
        (group.name, spread(record.scores("test").get(BITS) for record in group.records),
         *(spread(row.get(size) for row in found[group.name]) for size in sizes))
        for group in in_order(groups) if any(found[group.name])
    ]  # fmt: skip
    columns = ("model", "state carried", *(f"windows of {size:,}, from zero" for size in sizes))
    caption = (
        "Bits per character on test. A window from zero knows nothing of what was before it: its first characters cost "
        "the most, and the shorter windows are the more of them there are."
    )
    return Table("State carried, and windows from zero", columns, tuple(rows), caption)


def windows_of(record: Record) -> dict[int, float]:
    """Bits of a character by the length of the windows."""
    rows = (record.metrics or {}).get("windows") or ()
    return {row["window"]: row[BITS] for row in rows if isinstance(row, dict) and BITS in row and "window" in row}


def distances(groups: Sequence[Group]) -> Table | None:
    """Nats of a character by how far the text has come, a column a model; None where no run has any."""
    some = [group for group in in_order(groups) if any(by_distance(record) for record in group.records)]
    costs: dict[tuple[int, int], dict[str, list[float]]] = {}
    for group in some:
        for row in (row for record in group.records for row in by_distance(record)):
            costs.setdefault((row["from"], row["to"]), {}).setdefault(group.name, []).append(row["nats"])
    if not some:
        return None
    rows = tuple(
        (f"{first:,}" if first == last else f"{first:,}-{last:,}", *(spread(by.get(group.name, ())) for group in some))
        for (first, last), by in sorted(costs.items())
    )
    caption = (
        f"Mean nats of the characters so far from where the state was zeros, over {begun(some)}. A line that rises on "
        "the right says that the model drifts beyond the windows it was trained on."
    )
    return Table("Loss by distance from the start", ("characters", *(group.name for group in some)), rows, caption)


def begun(groups: Sequence[Group]) -> str:
    """From how many places of the test texts were begun: fewer, and overlapping, where it is short."""
    firsts = [row for group in groups for record in group.records for row in by_distance(record) if row["to"] == 1]
    known = sorted({row["characters"] for row in firsts if type(row.get("characters")) is int})
    many = f"{known[0]:,} to {known[-1]:,} " if len(known) > 1 else f"{known[0]:,} " if known else ""
    return f"{many}places spread over the test"


def written_samples(groups: Sequence[Group]) -> tuple[Table, int] | None:
    """What the first run of each group has written, and how many rows are of its end: they come first.

    None where none has written anything.
    """
    found = [(group.name, row) for group in in_order(groups) for record in writers(group) for row in record.written()]
    found.sort(key=lambda pair: pair[1]["part"] < pair[1]["of"])
    rows = [(name, part(row), row.get("characters"), heat(row), said(row)) for name, row in found]
    columns = ("model", "at", "characters learned from", "temperature", "written")
    caption = (
        "Greedy: five samples of 30 characters, each from a first character of its own (its first here; ↵ ends a line)."
        f" At a temperature: the first {SHOWN} characters of one sample. All of them, and all of their text, "
        "are in samples.jsonl of the run folder."
    )
    at_end = sum(row["part"] == row["of"] for _, row in found)
    return (Table("What it writes", columns, tuple(rows), caption), at_end) if rows else None


def part(row: dict[str, Any]) -> str:
    """How much of its training a run had behind it."""
    return "the end" if row["part"] == row["of"] else f"{row['part']}/{row['of']}"


def heat(row: dict[str, Any]) -> str:
    return f"{row['temperature']:g}" if row["temperature"] else GREEDY


def said(row: dict[str, Any]) -> str:
    """Greedy samples line by line, or the beginning of a long one."""
    if row["temperature"]:
        return "\n".join(one["text"][:SHOWN] for one in row["samples"]).strip("\n")
    return "\n".join((one["prefix"] + one["text"]).replace("\n", "↵") for one in row["samples"])


def writers(group: Group) -> list[Record]:
    """The first of its runs that has written anything."""
    return [record for record in group.records if record.written()][:1]


def worth(groups: Sequence[Group]) -> Table | None:
    """Words known, longest copy and repeats of those samples, by length; None where there are none."""
    rows = [
        (group.name, part(row), heat(row), one.get("characters"), one.get("known"), one.get("copied"),
         one.get("repeated"))
        for group in in_order(groups) for record in writers(group) for row in record.written()
        for one in row["qualities"] if isinstance(one, dict)
    ]  # fmt: skip
    columns = ("model", "at", "temperature", "length", "words known", "longest copy", "repeated")
    caption = (
        "Words known: the share of a sample's whole words that stand in the training text. Longest copy: the longest "
        "stretch of it, in characters, that stands there. Repeated: the share of it in stretches of 24 characters or "
        "more that it had already written."
    )
    return Table("What the samples are worth", columns, tuple(rows), caption) if rows else None
