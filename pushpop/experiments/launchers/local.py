"""Trials as processes of this machine, each forked from one that has imported torch: it starts in milliseconds."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.experiments.launchers import Handle, Job
from pushpop.experiments.worker import train_job


class Local:
    """As many processes abreast as it has slots."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._context = multiprocessing.get_context("forkserver")
        # torch's optimisers import the second when the first of them is made: 0.8 s for every trial
        self._context.set_forkserver_preload(["pushpop.experiments.trial", "torch._dynamo"])
        self._started: list[Started] = []

    def start(self, job: Job) -> "Started":
        # Read when torch is imported, by the process that the trials are forks of. Neighbours share the cores, so a
        # thread that waits must not spin.
        os.environ |= {"OMP_NUM_THREADS": str(job.threads), "OMP_WAIT_POLICY": "PASSIVE"}
        process = self._context.Process(target=work, args=(job,), name=f"trial {job.number}")
        process.start()
        started = Started(process)
        self._started = [*(each for each in self._started if not each.ended()), started]
        return started

    def wait(self, handles: Sequence[Handle], seconds: float) -> None:
        wait([cast("Started", handle).process.sentinel for handle in handles], seconds)

    def close(self) -> None:
        for started in self._started:
            started.stop()
        for started in self._started:
            started.process.join()


class Started:
    """A process at work on a trial."""

    def __init__(self, process: BaseProcess) -> None:
        self.process = process
        self._stopped = False

    def ended(self) -> bool:
        return not self.process.is_alive()

    def stop(self) -> None:
        if not self._stopped and self.process.is_alive() and self.process.pid:
            self._stopped = True
            os.kill(self.process.pid, signal.SIGINT)

    def reason(self) -> str:
        code = self.process.exitcode
        if not code:
            return ""
        return f"killed by signal {-code}" if code < 0 else f"ended with status {code}"


def work(job: Job) -> None:
    """What the new process does. What it prints goes to a file of the run folder."""
    launched_by = multiprocessing.parent_process()
    if launched_by is None or not launched_by.is_alive():
        return  # it was stopped or killed while this process was being made: nobody wants the trial now
    os.setsid()  # a Ctrl-C in the terminal is for the scheduler, which tells its trials once
    signal.signal(signal.SIGINT, signal.default_int_handler)  # even if the sweep itself runs in the background
    folder = Path(job.folder)
    folder.mkdir(parents=True, exist_ok=True)
    output = os.open(folder / store.OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output, stream)
    try:
        train_job(job)
    except KeyboardInterrupt:
        sys.exit(130)


def build(workers: int, options: Mapping[str, str]) -> Local:
    """A launcher for so many processes. It has no options (ConfigError)."""
    if options:
        raise ConfigError(f"launcher options: {', '.join(options)} given, and local has none; leave them out")
    return Local(workers)
