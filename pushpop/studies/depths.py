"""Runs on bracketed corpora tried by depth when they have ended, each once: the run folder keeps what was found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pushpop.errors import RunError
from pushpop.experiments import lengths, store
from pushpop.studies.study import Trained
from pushpop.tasks.brackets import CORPUS

CLOSING = "closing.json"  # in the run folder: {"weights": ..., "tried": ..., "rows": [...]}
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Depths:
    """Documents of these depths are read and completed, so many of each."""

    depths: tuple[int, ...]
    documents: int
    seed: int = 0


FULL = Depths(depths=(3, 6, 8, 12, 16, 24), documents=50)
TINY = Depths(depths=(2, 7), documents=3)


def try_out(runs: Iterable[Trained], quick: bool, tell: Callable[[str], object]) -> None:
    """Have each run read and complete documents, one after the other; none does so twice with the same weights."""
    wanted = TINY if quick else FULL
    for run in [one.run for one in runs]:
        if not known(run, wanted):
            tell(f"{run.name}: reads and completes documents to a depth of {max(wanted.depths)}")
            store.write_json(run / CLOSING, measured(run, wanted))


def measured(run: Path, wanted: Depths) -> dict[str, Any]:
    """A row for each depth, with what they are of."""
    from pushpop.evaluation.closing import closing  # torch: where something is to be tried alone
    from pushpop.experiments.loading import load
    from pushpop.experiments.written import of_text

    trained = of_text(load(run, "cpu"), "reproduce")
    language = trained.task.corpus.removeprefix(CORPUS)
    rows = [
        asdict(closing(trained.model, trained.vocabulary, language, depth, wanted.documents, wanted.seed))
        for depth in wanted.depths
    ]
    return {"weights": lengths.fingerprint(run), "tried": as_data(wanted), "rows": rows}


def known(run: Path, wanted: Depths) -> Rows:
    """What the folder of a run has of them, for the weights it has now; nothing where that is missing or damaged."""
    try:
        stored = store.read_json(run / CLOSING)
    except RunError:
        return []
    same = stored.get("weights") == lengths.fingerprint(run) and stored.get("tried") == as_data(wanted)
    return list(stored["rows"]) if same else []


def as_data(wanted: Depths) -> dict[str, Any]:
    return {**asdict(wanted), "depths": list(wanted.depths)}
