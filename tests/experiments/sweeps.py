"""A sweep of trials so small that many can be killed, and what a sweep came to without the clock."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pushpop.experiments.launchers import Job
from pushpop.experiments.settings import Settings

SWEEP: dict[str, Any] = {
    "task": {"kind": "reverse", "symbols": 3, "shortest": 1, "longest": 3, "test_shortest": 4, "test_longest": 5},
    "model": {"kind": "lstm", "hidden": 6},
    "training": {"words": 48, "batch": 4, "evaluate_every": 5, "evaluate_words": 20, "checkpoint_every": 4},
    "sweep": {"name": "tiny", "seeds": [1000, 1001], "over": {"training.rate": [0.003, 0.01, 0.03]}},
}


def changed(**own: Any) -> dict[str, Any]:
    """The sweep with other values in its table `sweep`."""
    return {**SWEEP, "sweep": {**SWEEP["sweep"], **own}}


def write_toml(path: Path, given: Mapping[str, Any]) -> Path:
    """Nested plain data as a TOML file."""
    path.write_text("\n".join(f"{name} = {toml(value)}" for name, value in given.items()))
    return path


def toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{name}" = {toml(inner)}' for name, inner in value.items()) + " }"
    return json.dumps(value)


def start(file: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """`pushpop sweep` in a process of its own; what it says is for `end`."""
    command = [sys.executable, "-m", "pushpop", "sweep", str(file), "--out", str(out), "--json", *options]
    with out.with_suffix(".said").open("wb") as said, out.with_suffix(".complaints").open("wb") as complaints:
        return subprocess.Popen(command, stdout=said, stderr=complaints)


def end(process: subprocess.Popen[bytes], out: Path, status: int = 0) -> dict[str, Any]:
    """Wait for a sweep to end with this status; the JSON object it printed."""
    assert process.wait(timeout=300) == status, out.with_suffix(".complaints").read_text()
    return json.loads(out.with_suffix(".said").read_text())


def job(number: int, tiny: Mapping[str, Any], folder: Path, **training: Any) -> Job:
    """A trial of the settings `tiny`, its number being its seed."""
    settings = {**tiny, "training": {**tiny["training"], **training}, "seed": number}
    return Job(number=number, settings=Settings.from_dict(settings).to_dict(), folder=str(folder / str(number)))


def until(condition: Callable[[], object]) -> None:
    """Wait for what another process is to bring about."""
    end = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < end, "nothing happened for ten minutes"
        time.sleep(0.01)


def at_work(out: Path, scheduler: int) -> list[int]:
    """Processes that have a trial's output open: the workers, whoever started them."""
    found = []
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = fd.readlink()
        except OSError:
            continue
        if target.name == "output.txt" and out in target.parents:
            found.append(int(fd.parts[2]))
    return sorted({*found} - {scheduler})


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def came_to(out: Path) -> dict[str, dict[str, Any]]:
    """The result of each run folder, without the clock."""
    found = {}
    for metrics in sorted(out.glob("runs/*/*/metrics.json")):
        result = json.loads(metrics.read_text())
        found[metrics.parent.name] = {name: value for name, value in result.items() if name != "seconds"}
    return found
