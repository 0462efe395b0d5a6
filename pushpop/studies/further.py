"""Runs of a study tried at lengths far beyond the training lengths, each once: the run folder keeps the scores."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from pushpop.errors import RunError
from pushpop.experiments import lengths, store
from pushpop.studies.study import Far

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
Rows = list[dict[str, Any]]


def tried(runs: Iterable[Path], far: Far, workers: int, tell: Callable[[str], object]) -> dict[Path, Rows | str]:
    """The scores by length of each run that has ended, `workers` at a time; of one that cannot be scored, why."""
    ended = [run for run in runs if (run / store.METRICS).exists()]

    def one(run: Path) -> Rows | str:
        try:
            return further(run, far, tell)
        except RunError as error:
            return str(error)

    with ThreadPoolExecutor(workers) as pool:
        return dict(zip(ended, pool.map(one, ended), strict=True))


def further(run: Path, far: Far, tell: Callable[[str], object]) -> Rows:
    """A run's scores at these lengths. Raises RunError."""
    wanted = [far.lengths] if not far.timed else [(length,) for length in far.lengths]
    for some in wanted:
        if len(known(run, replace(far, lengths=some))) < len(some):
            measured(run, replace(far, lengths=some), tell)
    return known(run, far)


def measured(run: Path, far: Far, tell: Callable[[str], object]) -> None:
    """Have the program score a run at these lengths, in one go; timed, what that took stands beside the score."""
    tell(f"{run.name}: tried at lengths up to {max(far.lengths):,}")
    asked = ["--lengths", ",".join(map(str, far.lengths)), "--words", str(far.words), "--json"]
    began = time.monotonic()
    pushpop(["eval", str(run), *asked, *([] if far.rounded else ["--no-rounded"])])
    if far.timed:
        lengths.timed(run / lengths.LENGTHS, run, far.lengths[0], round(time.monotonic() - began, 1))


def known(run: Path, far: Far) -> Rows:
    """What the folder of a run has of them, for the weights it has now."""
    stored: Sequence[Mapping[str, Any]] = lengths.read(run / lengths.LENGTHS, run)
    return [dict(row) for row in stored if row["length"] in far.lengths and row["words"] >= far.words]


def pushpop(command: Sequence[str]) -> dict[str, Any]:
    """What a command of the program printed as JSON. RunError with its last line where it failed."""
    done = subprocess.run(
        [sys.executable, "-m", "pushpop", *command],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RunError(f"pushpop {command[0]} ended with status {done.returncode}: {last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
