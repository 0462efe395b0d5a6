"""Trials as tasks of Ray Core: on the machines of a cluster that share the sweep's folder, or on this one."""

import logging
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pushpop.errors import ConfigError
from pushpop.experiments.fields import refuse_unknown
from pushpop.experiments.launchers import Handle, Job
from pushpop.experiments.launchers.cluster import work

OBJECTS = 80 * 2**20  # bytes for Ray's object store, nearly the least it takes: a trial gives nothing back
PATIENCE = 10.0  # seconds until a cluster that does not answer is out of reach
GRACE = 60.0  # seconds that trials are given for their checkpoints when all is stopped
BEFORE_RAY = {  # read when Ray is imported; what the user has set stays
    "RAY_USAGE_STATS_ENABLED": "0",  # no calls home
    "RAY_worker_niceness": "0",  # of a Ray begun here: trials are the work, not what is done beside it
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # what it prints of lost workers, on stdout; `reason` says it
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # trials that claim no GPU of their own may share one
}
log = logging.getLogger(__name__)


class Tasks:
    """Ray spreads the trials over its machines; each claims its cores, and `gpus` of the graphics cards."""

    def __init__(self, slots: int, ray: Any, gpus: float, mine: bool) -> None:
        self.slots = slots
        self._ray, self._gpus, self._mine = ray, gpus, mine
        self._train = ray.remote(train)
        self._started: list[Task] = []

    def start(self, job: Job) -> "Task":
        if not any(node["Alive"] and node["Resources"].get("CPU", 0) >= job.threads for node in self._ray.nodes()):
            log.warning("no machine of the Ray cluster has %d cores; trials wait for one that has", job.threads)
        task = self._train.options(
            num_cpus=job.threads,
            num_gpus=self._gpus,
            max_retries=0,  # the scheduler starts a lost trial again, and counts
            scheduling_strategy="SPREAD",
        )
        started = Task(self._ray, task.remote(job))
        self._started = [*(each for each in self._started if not each.ended()), started]
        return started

    def wait(self, handles: Sequence[Handle], seconds: float) -> None:
        self._ray.wait([cast("Task", handle).reference for handle in handles], timeout=seconds, fetch_local=False)

    def close(self) -> None:
        for task in self._started:
            task.stop()
        if self._started:
            references = [task.reference for task in self._started]
            self._ray.wait(references, num_returns=len(references), timeout=GRACE, fetch_local=False)
        if self._mine:
            self._ray.shutdown()


class Task:
    """A trial that Ray was given."""

    def __init__(self, ray: Any, reference: Any) -> None:
        self.reference = reference
        self._ray = ray
        self._stopped = False

    def ended(self) -> bool:
        return bool(self._ray.wait([self.reference], timeout=0, fetch_local=False)[0])

    def stop(self) -> None:
        if not self._stopped and not self.ended():
            self._stopped = True
            self._ray.cancel(self.reference)

    def reason(self) -> str:
        if not self.ended():
            return ""
        try:
            self._ray.get(self.reference)
        except self._ray.exceptions.TaskCancelledError:
            return "stopped"
        except self._ray.exceptions.RayError as error:
            return f"Ray: {str(error).strip().splitlines()[-1]}"
        return ""


def train(job: Job) -> None:
    """What a worker of Ray's does."""
    import ray

    work(job, f"Ray node {ray.get_runtime_context().get_node_id()}")


def build(workers: int, options: Mapping[str, str]) -> Tasks:
    """A launcher for so many tasks of the cluster at `address`, that of RAY_ADDRESS, or one of this machine alone.

    Raises:
        ConfigError: Ray is not installed, the cluster out of reach, or an option unknown or impossible.
    """
    refuse_unknown(options, ["address", "gpus"], "launcher options")
    ray = imported()
    gpus = cards(options.get("gpus", "0"))
    mine = not ray.is_initialized()
    if mine:
        connect(ray, workers, options.get("address") or os.environ.get("RAY_ADDRESS", ""))
    return Tasks(workers, ray, gpus, mine)


def imported() -> Any:
    """Ray, told to be quiet. Raises ConfigError if it is not installed."""
    for name, value in BEFORE_RAY.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise ConfigError("launcher ray: Ray is not installed; install it with: pip install 'pushpop[ray]'") from None
    return ray


def connect(ray: Any, workers: int, address: str) -> None:
    """Join the cluster at this address; without one, begin one on this machine, which ends with this process."""
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    try:
        if address:
            knock(address)
            ray.init(address=address, **quiet)
        else:
            cores = max(workers, len(os.sched_getaffinity(0)))
            ray.init("local", num_cpus=cores, include_dashboard=False, object_store_memory=OBJECTS, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        where = f"no cluster at {address}" if address else "could not be started here"
        said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise ConfigError(
            f"launcher ray: {where} ({said}); start one with `ray start --head`, or give --launcher local"
        ) from None


def knock(address: str) -> None:
    """See that somebody answers at HOST:PORT: Ray itself tries for many minutes. Raises OSError."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()


def cards(given: str) -> float:
    """How many graphics cards a trial claims; a part of one is shared with others. Raises ConfigError."""
    try:
        gpus = float(given)
    except ValueError:
        gpus = -1.0
    if not 0 <= gpus < float("inf"):
        raise ConfigError(f"launcher options.gpus: {given} is no number of graphics cards; give such as 1 or 0.25")
    return gpus
