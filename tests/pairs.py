"""Processes that train one run together, as `torchrun` starts them, only sooner: forked from one that knows torch."""

import json
import multiprocessing
import os
import signal
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch.distributed as dist

# Else every process would import them anew, which takes longer than it trains.
PRELOAD = ["pushpop.experiments.trial", "torch._dynamo", "tensorboard.summary.writer.event_file_writer"]


@dataclass(frozen=True)
class Fault:
    """What one process is to suffer, when it computes the loss for the `call`-th time."""

    rank: int
    call: int
    kind: Literal["killed", "interrupted", "nan", "broken"]


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit status, and what it said, if anything."""

    status: int
    said: str


def train_together(
    given: dict[str, Any], path: Path, size: int = 2, fault: Any = None, resume: bool = False
) -> list[Ended]:
    """Train in `path` by so many processes; how each of them ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    store = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)  # outlives any of them
    members, ends = [], []
    for rank in range(size):
        ours, theirs = context.Pipe(duplex=False)
        place = {"RANK": rank, "WORLD_SIZE": size, "MASTER_ADDR": "localhost", "MASTER_PORT": store.port}
        arguments = (place, {**given, "run": str(path), "resume": resume}, fault, theirs)
        members.append((context.Process(target=member, args=arguments), ours))
        members[-1][0].start()
        theirs.close()
    for process, ours in members:
        process.join(600)  # far longer than any takes, beside busy neighbours too
        hangs = process.is_alive()
        process.kill()
        process.join()
        assert not hangs, "a process waits for another that is gone"
        try:
            said = ours.recv()
        except EOFError:
            said = ""
        ends.append(Ended(process.exitcode, said))
    return ends


def member(place: dict[str, Any], given: dict[str, Any], fault: Fault | str | None, said: Any) -> None:
    """One process: trains, and says what it ended in as the program would."""
    os.environ.update({name: str(value) for name, value in place.items()}, TORCHELASTIC_USE_AGENT_STORE="True")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("error")
    import pushpop
    from pushpop.errors import PushpopError
    from pushpop.experiments import feeding
    from pushpop.training.parallel import Team

    if fault == "unweighted":
        weighted = Team.cost
        Team.cost = lambda *known: lambda model, given: weighted(*known)(model, (given[0], 1 / place["WORLD_SIZE"]))
    elif fault and fault.rank == place["RANK"]:
        feeding.loss = suffering(feeding.loss, fault)
    try:
        said.send(json.dumps(pushpop.train(**given, quiet=True).metrics))
    except PushpopError as error:
        said.send(str(error))
        sys.exit(error.status)
    except KeyboardInterrupt:
        said.send("interrupted")
        sys.exit(130)


def suffering(loss: Any, fault: Fault) -> Any:
    calls = []

    def faulty(model: Any, batch: Any) -> Any:
        calls.append(1)
        if len(calls) != fault.call:
            return loss(model, batch)
        if fault.kind == "broken":
            from pushpop.errors import ShapeError

            raise ShapeError("model: this machine alone cannot")
        if fault.kind in ("killed", "interrupted"):
            os.kill(os.getpid(), signal.SIGKILL if fault.kind == "killed" else signal.SIGINT)
        return loss(model, batch) * (float("nan") if fault.kind == "nan" else 1.0)

    return faulty
