"""What a worker of a cluster does with a job, whoever sent it there."""

import os
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from pushpop.experiments import store
from pushpop.experiments.launchers import Job
from pushpop.experiments.worker import train_job


def work(job: Job, place: str, stop: tuple[signal.Signals, ...] = ()) -> None:
    """Train in this process, which may have trained others before, until the run has ended or the signals say stop.

    What it prints goes to the run folder, with the machine and the `place` on it.
    """
    # Read when torch is imported. Neighbours share the cores, so a thread that waits must not spin.
    os.environ |= {"OMP_NUM_THREADS": str(job.threads), "OMP_WAIT_POLICY": "PASSIVE"}
    folder = Path(job.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / store.OUTPUT).open("a", buffering=1) as output, redirect_stdout(output), redirect_stderr(output):
        output.write(f"process {os.getpid()} on {socket.gethostname()}, {place}\n")
        with stopped_by(stop):
            train_job(job)


@contextmanager
def stopped_by(signals: tuple[signal.Signals, ...]) -> Generator[None]:
    """In here these signals are like a Ctrl-C: the run makes its checkpoint and ends, and so does the block."""
    handlers = {each: signal.signal(each, lambda *_: signal.raise_signal(signal.SIGINT)) for each in signals}
    # A cluster's own may turn it into an error, which would pass for a run that failed.
    handlers[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
