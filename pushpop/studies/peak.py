"""How much memory a training step needs at its peak, seen by a process of its own that does nothing else.

`python -m pushpop.studies.peak '{"kind": "stack-lstm", "settings": {}, "batch": 10, "length": 1000, "threads": 2}'`
prints it in bytes.
"""

import ctypes
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pushpop.errors import RunError

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_THE_PEAK = "5"  # proc(5): clear_refs
SHORT = 8


def peak_of_step(**what: Any) -> int:
    """Bytes that a step takes beyond what its process held before; of `kind, settings, batch, length, threads`.

    Raises:
        RunError: the process failed.
    """
    command = [sys.executable, "-m", "pushpop.studies.peak", json.dumps(what)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RunError(f"bench: the step whose memory was to be seen ended with status {done.returncode}: {said[-1]}")
    return int(done.stdout)


def grown(action: Callable[[], object]) -> int:
    """Bytes by which the process at its largest, during `action`, is larger than it was before.

    Of resident memory: what is reserved and never touched is not counted. On Linux an earlier peak is forgotten first,
    and room that was given back but is still there is let go; elsewhere `action` has to be the largest thing so far.
    """
    before = _before()
    action()
    return max(0, _largest() - before)


def _before() -> int:
    try:
        ctypes.CDLL(None).malloc_trim(0)
        CLEAR.write_text(RESET_THE_PEAK)
        return _status("VmRSS")
    except (AttributeError, OSError, TypeError):  # another system, or another library of C
        return _largest()


def _largest() -> int:
    """Bytes resident at the peak so far."""
    try:
        return _status("VmHWM")
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak


def _status(name: str) -> int:
    """Bytes, by the name that Linux gives them."""
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return 1024 * int(lines[name].split()[0])


def step_alone(what: Mapping[str, Any]) -> int:
    """The same in this process: a step on short words first, so that nothing is left to be loaded or compiled."""
    import torch

    from pushpop.studies.contest import TorchContestant, Work, same_words
    from pushpop.studies.ways import TASK, network

    torch.set_num_threads(what["threads"])
    model = network(what["kind"], what["settings"])
    works = [
        Work.of(TASK, same_words(TASK, (length, length), what["batch"], 1)[0]) for length in (SHORT, what["length"])
    ]
    short, long = (TorchContestant(model, work, what["threads"]) for work in works)
    short.train()
    return grown(long.train)


if __name__ == "__main__":
    sys.stdout.write(f"{step_alone(json.loads(sys.argv[1]))}\n")
