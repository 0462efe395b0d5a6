"""Trials as jobs of a Slurm cluster, by submitit; with `cluster=local` as processes of this machine in its place."""

import os
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.experiments.launchers import Handle, Job
from pushpop.experiments.launchers.cluster import work

LOOK = 0.2  # seconds between two looks at the jobs
GRACE = 60.0  # seconds that trials are given for their checkpoints when all is stopped
OVER = {"COMPLETED", "FINISHED", "UNKNOWN"}  # states that say nothing about why
SHARED = {"timeout_min", "mem_gb", "gpus_per_node", "cpus_per_task"}  # whose names submitit has for every cluster
STOP = (signal.SIGTERM, signal.SIGUSR2)  # at `scancel`; before the time is over, or another job wants the place
WAY_OUT = "give such as --launcher-options partition=gpu,timeout_min=600"


class Jobs:
    """Every trial is a job with its own time limit; at the limit it makes a checkpoint, and the next job goes on."""

    def __init__(self, slots: int, submitit: Any, cluster: str, parameters: Mapping[str, Any]) -> None:
        self.slots = slots
        self._submitit, self._cluster, self._parameters = submitit, cluster, parameters
        self._started: list[Submitted] = []
        with TemporaryDirectory() as folder:
            self._executor(Path(folder), 1)  # what it refuses is refused before a trial is begun

    def _executor(self, folder: Path, threads: int) -> Any:
        try:
            executor = self._submitit.AutoExecutor(folder=folder, cluster=self._cluster)
            executor.update_parameters(nodes=1, tasks_per_node=1, **{"cpus_per_task": threads, **self._parameters})
        except (NameError, AssertionError, RuntimeError, TypeError, ValueError) as error:
            said = " ".join(str(error).split())
            raise ConfigError(f"launcher options: {said}; {WAY_OUT}") from None
        return executor

    def start(self, job: Job) -> "Submitted":
        folder = Path(job.folder) / store.JOBS
        folder.mkdir(parents=True, exist_ok=True)
        executor = self._executor(folder, job.threads)
        executor.update_parameters(name=f"trial-{job.number}")
        try:
            submitted = Submitted(executor.submit(train, job), self._cluster)
        except self._submitit.core.utils.FailedJobError as error:
            said = " ".join(str(error).split())
            raise ConfigError(f"launcher slurm: the job was refused ({said}); {WAY_OUT}") from None
        self._started = [*(each for each in self._started if not each.ended()), submitted]
        return submitted

    def wait(self, handles: Sequence[Handle], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not any(handle.ended() for handle in handles) and time.monotonic() < end:
            time.sleep(min(LOOK, seconds))

    def close(self) -> None:
        for submitted in self._started:
            submitted.stop()
        end = time.monotonic() + GRACE
        while not all(submitted.ended() for submitted in self._started) and time.monotonic() < end:
            time.sleep(LOOK)


class Submitted:
    """A job that Slurm was given; it may wait in the queue for long."""

    def __init__(self, job: Any, cluster: str) -> None:
        self._job, self._cluster = job, cluster
        self._state = ""
        self._stopped = False

    def ended(self) -> bool:
        if self._job is not None and self._job.done():
            self._state = str(self._job.state)
            self._job = None  # one of submitit's that is left when Python ends complains
        return self._job is None

    def stop(self) -> None:
        if self._stopped or self.ended():
            return
        self._stopped = True
        if self._cluster == "local":
            with suppress(ProcessLookupError):  # its own `cancel` kills a second later, checkpoint or not
                os.kill(int(self._job.job_id), signal.SIGTERM)
        else:
            self._job.cancel(check=False)

    def reason(self) -> str:
        return "" if not self.ended() or self._state in OVER else f"{self._cluster}: {self._state.lower()}"


def train(job: Job) -> None:
    """What a job does."""
    import submitit

    work(job, f"job {submitit.JobEnvironment().job_id}", STOP)


def build(workers: int, options: Mapping[str, str]) -> Jobs:
    """A launcher for so many jobs abreast, waiting ones among them; `options` are submitit's, such as partition.

    Raises:
        ConfigError: submitit is not installed, there is no Slurm here, or an option is missing, unknown or impossible.
    """
    try:
        import submitit
    except ImportError:
        raise ConfigError(
            "launcher slurm: submitit is not installed; install it with: pip install 'pushpop[slurm]'"
        ) from None
    given = dict(options)
    cluster = given.pop("cluster", "slurm")
    if cluster not in ("slurm", "local"):
        raise ConfigError(f"launcher options.cluster: {cluster!r} is not known; give slurm, or local to try it out")
    if cluster == "slurm" and not shutil.which("sbatch"):
        raise ConfigError("launcher slurm: no sbatch here; start it where Slurm is, or give --launcher local")
    if "timeout_min" not in given:
        raise ConfigError(f"launcher options.timeout_min: missing, and a job has a time limit; {WAY_OUT}")
    return Jobs(workers, submitit, cluster, {parameter(name): value_of(text) for name, text in given.items()})


def parameter(name: str) -> str:
    """A parameter as submitit calls it: those of Slurm alone say so.

    >>> parameter("timeout_min"), parameter("partition"), parameter("slurm_qos")
    ('timeout_min', 'slurm_partition', 'slurm_qos')
    """
    return name if name in SHARED or name.startswith("slurm_") else f"slurm_{name}"


def value_of(text: str) -> int | str:
    """Whole numbers are numbers."""
    return int(text) if text.isdecimal() else text
