"""`reversal-seeds`: how reliably stack-lstm finds the rule of reversal, and how far it holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from pushpop.reporting.sections import Listed, Section, every_run, learning, section
from pushpop.reporting.tables import headline
from pushpop.reporting.writing import Table
from pushpop.studies.findings import Findings
from pushpop.studies.study import Far, Study


def shown(found: Findings) -> list[Section]:
    """By model with the published figures beside ours, by length, learning curves, and seed by seed."""
    groups = found.groups
    out = [section(Listed("models", summary := headline(groups), len(summary.rows) - len(groups)))] if groups else []
    out += [section(Listed("lengths", table)) for table in by_length(found.summary["trials"])]
    if groups:
        curves = tuple(learning(groups, "coarse", across, "reverse") for across in ("words", "seconds"))
        out.append(Section("Words answered wholly right", drawings=curves))
    return out + every_run(groups)


def by_length(trials: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Seeds wholly right at each length, soft and rounded; empty where no length was tried."""
    scored = [(one["variant"], row) for one in trials for row in one.get("by_length") or []]
    rows = []
    for name, length in dict.fromkeys((name, row["length"]) for name, row in scored):
        own = [row for other, row in scored if (other, row["length"]) == (name, length)]
        hard = [row["rounded"]["coarse"] for row in own if row.get("rounded")]
        soft = [row["coarse"] for row in own]
        rows.append((name, length, len(own), sum(score == 1 for score in soft), min(soft),
                     sum(score == 1 for score in hard) if hard else None))  # fmt: skip
    columns = ("model", "length", "seeds", "wholly right", "lowest coarse", "wholly right, rounded")
    caption = "Seeds whose every word of that length is right, out of those whose training ended, solved or not."
    return [Table("Far beyond the training lengths", columns, tuple(rows), caption)] if rows else []


reversal = Study(
    description="reverse strings: stack-lstm from seeds 0-19 with defaults, rnn and lstm beside it",
    file="reversal_seeds.toml",
    far=(Far(variants=("stack-lstm",), lengths=(256, 512, 1024, 2048, 10_000), words=100),),
    tiny_far=(Far(variants=("stack-lstm",), lengths=(8, 12), words=4),),
    shown=shown,
)
