"""Trace pages of runs: written into the folders of the best, the median and a failed seed, and linked by the report."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pushpop
from pushpop.experiments import packaged
from pushpop.experiments.lengths import fingerprint
from pushpop.experiments.store import commit
from pushpop.reporting.ranking import coloured
from pushpop.reporting.runs import Group, Record
from pushpop.reporting.trace_page import demand_list, write_trace
from pushpop.reporting.writing import written

if TYPE_CHECKING:
    import numpy as np

    from pushpop.evaluation.verdict import Verdict
    from pushpop.experiments.answering import TrainedWords

PAGE = "trace.html"  # in the run folder
MEMORIES = ("stack", "queue", "deque")  # the first word of a model that a trace page can show
STAMP = re.compile(r'<meta name="pushpop" content="weights (\w+), ([^"]*)">')
VERDICT = re.compile(r'<meta name="description" content="([^"]*)">')
HEAD = 4_000  # characters of a page in which its stamp and its verdict stand


@dataclass(frozen=True)
class Link:
    """One run's trace page, as the report names it."""

    role: str  # best, median or failed
    seed: int
    note: str  # what the run came to
    address: str  # from the report's own folder
    verdict: str  # what the memory does, as its page says; empty where it does not


@dataclass(frozen=True)
class Linked:
    """The trace pages of runs that differ in nothing but their seed."""

    name: str
    task: str
    links: tuple[Link, ...]


def trace_run(
    trained: "TrainedWords", word: "Sequence[int | str] | np.ndarray", out: Path, *, rounded: bool = False
) -> "Verdict":
    """Write the page of a run's network on one word to `out`, as trained and beside it rounded, or `rounded` alone;
    gives what its memory does.

    Raises as `TrainedWords.trace` and `write_trace` do.
    """
    found = trained.trace(word, rounded=rounded)
    demand_list(found.memory, "trace")
    verdict, chosen = trained.verdict(), trained.settings
    write_trace(
        found,
        out,
        f"{packaged.told(trained.path)} · {chosen.model.kind} on {chosen.task.kind}, seed {chosen.seed}",
        rounded=None if rounded else trained.trace(word, rounded=True),
        decoding=verdict.decoding,
        verdict=verdict.text,
        stamp=f"weights {fingerprint(trained.path)}, {maker()}",
    )
    return verdict


def picked(group: Group) -> list[tuple[str, Record]]:
    """Of the runs that have ended the best and the median of those solved, by words, and of the others the worst.

    Which is which is told by validation words alone.
    """
    ended = [record for record in group.records if record.finished]
    solved = sorted((record for record in ended if record.solved), key=lambda record: record.total("words") or 0)
    failed = sorted(
        (record for record in ended if not record.solved),
        key=lambda record: record.scores("validation").get("coarse", 0),
    )
    roles = [("best", solved[0]), ("median", solved[(len(solved) - 1) // 2])] if solved else []
    return [*(roles[:1] if len(solved) < 3 else roles), *(("failed", record) for record in failed[:1])]


def linked(groups: Sequence[Group], out: Path) -> list[Linked]:
    """The trace pages that are there, of the runs picked from each group, for a report that is written to `out`."""
    found = [
        Linked(group.name, group.first.task, tuple(link(role, one, out) for role, one in picked(group) if made_by(one)))
        for group in groups
    ]
    return [one for one in found if one.links]


def maker() -> str:
    """What writes pages here: the version and, in a clone, the commit."""
    return f"pushpop {pushpop.__version__}, commit {commit() or 'unknown'}"


def made_by(record: Record) -> str:
    """What wrote the trace page in a run's folder; empty where there is none, or one of other weights."""
    found = STAMP.search(head(record.path / PAGE))
    return unescape(found[2]) if found and found[1] == fingerprint(record.path) else ""


def head(page: Path) -> str:
    """The beginning of a page; empty where it cannot be read."""
    try:
        with page.open(encoding="utf-8", errors="replace") as file:
            return file.read(HEAD)
    except OSError:
        return ""


def link(role: str, record: Record, out: Path) -> Link:
    """The link to a run's trace page."""
    page = record.path / PAGE
    said = VERDICT.search(head(page))
    words, share = record.total("words"), record.scores("validation").get("coarse")
    came = f"solved after {written(words)} words" if record.solved else f"coarse {share} on validation words"
    address = quote(Path(os.path.relpath(page.absolute(), out.absolute().parent)).as_posix())
    return Link(role, record.seed, came, address, unescape(said[1]) if said else "")


def write_traces(groups: Sequence[Group], say: Callable[[str], object]) -> None:
    """Write the pages that are missing, or of other weights or another commit, of the runs picked from each group (of
    many from the best few), on the first validation word; `say` is told of each, and of a run whose network cannot be
    shown."""
    from pushpop.errors import PushpopError
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.loading import load
    from pushpop.tasks.words import fixed_words

    here = maker()
    best = [group for some in coloured(groups).values() for group in some]
    for record in [one for group in best for _, one in picked(group) if one.model.partition("-")[0] in MEMORIES]:
        page = record.path / PAGE
        if packaged.inside(record.path):
            say(f"no trace page: {packaged.told(record.path)} comes with pushpop; `pushpop trace` writes one elsewhere")
            continue
        if made_by(record) == here:
            continue
        try:
            trained = of_words(load(record.path, "cpu"), "trace")
            verdict = trace_run(trained, fixed_words(trained.task, "validation")[0], page)
        except PushpopError as error:
            say(f"no trace page: {error}")
        else:
            say(f"{page}: {verdict.text}")
