"""Study folders as version 0.1 made them, `<model>-s<seed>` beside each other, brought into the folder of a sweep."""

from pathlib import Path

from pushpop.experiments import lengths, store
from pushpop.experiments.sweep import Sweep
from pushpop.experiments.sweep_folder import claim
from pushpop.studies.findings import trials


def adopt(out: Path, sweep: Sweep, folder: Path) -> None:
    """Move the runs of this sweep that stand in `out` to where it looks for them; nothing is trained twice for it.

    Safe against a kill: each folder moves at once, and what is left is moved the next time.

    Raises:
        RunError: `folder` holds another sweep, or a run is damaged.
    """
    for _, settings, run in trials(sweep, folder):
        old = out / f"{settings.model.kind}-s{settings.seed}"
        if not (old / store.CONFIG).exists() or run.exists():
            continue
        if store.read_config(old).settings.hash() != settings.hash():
            continue
        with store.locked(folder, "working on this study", "out"):
            claim(folder, sweep)
            keep_scores(old)
            run.parent.mkdir(parents=True, exist_ok=True)
            old.rename(run)
            old.with_name(f"{old.name}.far.json").unlink(missing_ok=True)


def keep_scores(old: Path) -> None:
    """Scores by length stood beside a run, the first ones without a word on which weights they are of."""
    beside = lengths.read(old.with_name(f"{old.name}.far.json"), old, untied=True)
    if beside and not lengths.read(old / lengths.LENGTHS, old):
        store.write_json(old / lengths.LENGTHS, {"weights": lengths.fingerprint(old), "by_length": beside})
