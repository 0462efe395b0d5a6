"""Steps to convergence under each rule, ours and those that were published."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from pushpop.experiments.convergence import RULES
from pushpop.reporting.runs import Group, Record

RULE_NAMES = {"one_batch": "first batch right", "three_batches": "three running", "fresh_batches": "200 fresh right"}


class Published(NamedTuple):
    """What studies say of one model on one task and length: in words, and what is to be met.

    That is the most steps by a rule, or, where the rule is `solved`, the least share of seeds.
    """

    said: str
    rule: str
    aim: float


# Over 3 seeds each. Combinations: means, of the study (which stops at the first batch wholly right) and of Verhoeven
# (after three running). Baum-Sweet: Jang, ranges of first batches. Palindromes: Mitnik; "elsewhere" is Loedeman. An aim
# is the least of them.
PUBLISHED = {
    ("random-combinations", "lstm", 6): Published("86 (one), 25 ± 2 (three)", "three_batches", 25),
    ("random-combinations", "lstm", 11): Published("204 (one), 125 ± 15 (three)", "three_batches", 125),
    ("random-combinations", "lstm", 16): Published("375 (one), 545 ± 71 (three)", "one_batch", 375),
    ("random-combinations", "bilstm", 6): Published("76 (one), 18 ± 1 (three)", "three_batches", 18),
    ("random-combinations", "bilstm", 11): Published("119 (one), 81 ± 12 (three)", "three_batches", 81),
    ("random-combinations", "bilstm", 16): Published("266 (one), 298 ± 22 (three)", "one_batch", 266),
    ("baum-sweet", "lstm", 4): Published("286-412 (one)", "one_batch", 280),
    ("baum-sweet", "lstm", 5): Published("286-300 (one)", "one_batch", 280),
    ("baum-sweet", "lstm", 6): Published("272-290 (one)", "one_batch", 280),
    ("baum-sweet", "uva-gru", 4): Published("337-371 (one)", "one_batch", 280),
    ("baum-sweet", "uva-gru", 5): Published("328-409 (one)", "one_batch", 280),
    ("baum-sweet", "uva-gru", 6): Published("377-436 (one)", "one_batch", 280),
    ("binary-palindrome", "lstm", 10): Published("1240-2400 (one), accuracy 0.98-1 at 3000", "solved", 0.9),
    ("binary-palindrome", "lstm", 20): Published("2 of 3 fail in 3000", "solved", 0.9),
    ("binary-palindrome", "uva-peephole", 10): Published("accuracy 0.92-0.99 at 3000", "solved", 0.9),
    ("binary-palindrome", "uva-peephole", 20): Published(
        "3 of 3 fail in 3000; elsewhere right from 500", "solved", 0.9
    ),
}


def reached(record: Record, rule: str) -> int | None:
    """The step at which a run met a rule; None if it did not, or has not ended."""
    found = ((record.metrics or {}).get("converged") or {}).get(rule)
    return int(found) if found is not None else None


def steps(records: Sequence[Record], rule: str) -> list[int]:
    """Of the runs that met it."""
    return [step for record in records if (step := reached(record, rule)) is not None]


def mean(records: Sequence[Record], rule: str) -> float | None:
    """Over all runs; None unless each of them met the rule."""
    found = steps(records, rule)
    return statistics.fmean(found) if found and len(found) == len(records) else None


def told(records: Sequence[Record], rule: str) -> str:
    """Mean and standard deviation over seeds, and how many met the rule where not all did."""
    found = steps(records, rule)
    if not found:
        return f"none of {len(records)}"
    spread = f" ± {statistics.stdev(found):.1f}" if len(found) > 1 else ""
    of = "" if len(found) == len(records) else f" ({len(found)} of {len(records)})"
    return f"{statistics.fmean(found):.1f}{spread}{of}"


def size(group: Group) -> int:
    return int(group.first.settings.get("task.size", 0))


def published(group: Group) -> Published | None:
    """What others say of this model on this task and length."""
    return PUBLISHED.get((group.first.task, group.first.model, size(group)))


def aim(group: Group) -> str | None:
    """The steps to be met, and whether they are: the mean over all seeds."""
    found = published(group)
    if found is None:
        return None
    if found.rule == "solved":
        met = group.solved >= found.aim * len(group.records)
        return f"{found.aim:.0%} of seeds solved: {'' if met else 'not '}met"
    ours = mean([record for record in group.records if record.finished], found.rule)
    met = ours is not None and ours <= found.aim
    return f"{found.aim:g}, {RULE_NAMES[found.rule]}: {'' if met else 'not '}met"


assert set(RULE_NAMES) == set(RULES)
