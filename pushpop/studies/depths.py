"""Runs on bracketed corpora tried by depth when they have ended, each once: the run folder keeps what was found."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

from pushpop.errors import PushpopError
from pushpop.evaluation.closing import closing
from pushpop.experiments import lengths, store
from pushpop.experiments.loading import load
from pushpop.experiments.written import TrainedText
from pushpop.reporting.records import read_json

CLOSING = "closing.json"  # in the run folder: {"weights": ..., "tried": ..., "rows": [...]}
Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Depths:
    """Documents of these depths are read and completed, so many of each."""

    depths: tuple[int, ...]
    documents: int
    seed: int = 0


FULL = Depths(depths=(3, 6, 8, 12, 16, 24), documents=50)
TINY = Depths(depths=(2, 7), documents=3)


def tried(runs: Iterable[Path], quick: bool, workers: int, tell: Callable[[str], object]) -> dict[Path, Rows | str]:
    """What came of each run that has ended, `workers` at a time; of one that cannot be tried, why."""
    ended, wanted = [run for run in runs if (run / store.METRICS).exists()], TINY if quick else FULL
    found: dict[Path, Rows | str] = {run: rows for run in ended if (rows := known(run, wanted))}
    missing = [run for run in ended if run not in found]
    if missing:
        tell(f"{len(missing)} runs: documents to a depth of {max(wanted.depths)} are read and completed")
    if workers == 1 or len(missing) < 2:
        return found | {run: measured(run, wanted) for run in missing}
    with ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        return found | dict(zip(missing, pool.map(measured, missing, [wanted] * len(missing)), strict=True))


def measured(run: Path, wanted: Depths) -> Rows | str:
    """A run's rows, kept in its folder; or why there are none."""
    try:
        trained = load(run, "cpu")
    except PushpopError as error:
        return str(error)
    assert isinstance(trained, TrainedText), "a run on text"
    language = trained.task.corpus.removeprefix("brackets-")
    rows = [
        asdict(closing(trained.model, trained.vocabulary, language, depth, wanted.documents, wanted.seed))
        for depth in wanted.depths
    ]
    store.write_json(run / CLOSING, {"weights": lengths.fingerprint(run), "tried": as_data(wanted), "rows": rows})
    return rows


def known(run: Path, wanted: Depths) -> Rows:
    """What the folder of a run has of them, for the weights it has now; nothing, where that is something else."""
    if not (run / CLOSING).exists():
        return []
    stored = read_json(run / CLOSING)
    same = stored.get("weights") == lengths.fingerprint(run) and stored.get("tried") == as_data(wanted)
    return list(stored["rows"]) if same else []


def as_data(wanted: Depths) -> dict[str, Any]:
    return {**asdict(wanted), "depths": list(wanted.depths)}
