"""What the same texts cost each network of `uva-2020-text`, block by block, so that like is compared with like.

All is read in windows of 30 from zero, as the study trained, and without the licence at the end of the course's file.
Kept in the run folder, in `blocks.json`, tied to the weights that it is of; what is there is not read again.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

from pushpop.errors import RunError
from pushpop.experiments import lengths, store
from pushpop.reporting.runs import Record
from pushpop.tasks import gutenberg

BLOCKS = "blocks.json"
WINDOW = 30
TAIL = 0.1  # of the whole file: what most networks have not read; before it stands what they have
SURE = 2.0  # standard errors
PLACES = ("before the tail", "tail", "validation")


def read_on(runs: Iterable[Path], tell: Callable[[str], object]) -> None:
    """Have each run that has ended read these texts, one run after the other."""
    for run in runs:
        if (run / store.METRICS).exists() and not kept(run):
            tell(f"{run.name}: reads the texts that all are compared on")
            store.write_json(run / BLOCKS, {"weights": lengths.fingerprint(run), **costs(run)})


def costs(run: Path) -> dict[str, list[float]]:
    """Nats of each block of 1,000 characters of PLACES: the work at the file's end, as much before it, and validation.

    All networks read the first two at the same places of the file; validation is each one's own, and may be empty.
    """
    from pushpop.evaluation.text import blocks, windowed  # torch: where something is to be read alone
    from pushpop.experiments.loading import load
    from pushpop.experiments.written import of_text

    trained = of_text(load(run, "cpu"), "reproduce")
    symbols, task = trained.task.symbols, trained.task
    head = len(symbols) - int(len(symbols) * TAIL)
    end = "".join(task.source.chunks(head))  # not decoded: a vocabulary may not know the licence's marks
    tail = symbols[head : head + work_in(end)]
    texts = (symbols[max(0, head - len(tail)) : head], tail, task.parts["validation"])
    read = [blocks(windowed(trained.model, text, WINDOW)) if len(text) > 1 else [] for text in texts]
    return dict(zip(PLACES, read, strict=True))


def work_in(text: str) -> int:
    """How many characters there are before Project Gutenberg's licence.

    >>> work_in("the end of the work.\\n*** END OF THE PROJECT GUTENBERG EBOOK ***\\nThe licence.")
    21
    """
    return len("".join(gutenberg.works([text])))


def kept(run: Path) -> dict[str, Any]:
    """What is there for the weights that a run has now; empty if there is nothing, or it is damaged."""
    try:
        found = store.read_json(run / BLOCKS)
    except RunError:
        return {}
    return found if found.get("weights") == lengths.fingerprint(run) else {}


def blocks_of(record: Record, place: str) -> list[float]:
    """Nats of each block of one of PLACES."""
    return list(kept(record.path).get(place) or ())


def nats_of(record: Record, place: str) -> float | None:
    """A character of it, on average."""
    found = blocks_of(record, place)
    return statistics.fmean(found) if found else None


def dearer(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """How much more the blocks of the first text cost than those of another, and the error that is still likely."""
    error = SURE * sqrt(sum(statistics.variance(some) / len(some) for some in (one, other)))
    return statistics.fmean(one) - statistics.fmean(other), error


def gained(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """How much less the same blocks cost afterwards, and the error that is still likely of such a difference."""
    gains = [one - other for one, other in zip(before, after, strict=True)]
    return statistics.fmean(gains), SURE * sqrt(statistics.variance(gains) / len(gains))
