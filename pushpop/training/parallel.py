"""One run on several processes, as `torchrun` starts them: each computes its part of every batch.

They step together, with the gradient of one process on the whole batch, to rounding. The first of them alone decides,
writes and shows; what it decided the others take over after every step.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from pushpop.errors import ConfigError, PushpopError, TrainingFailed
from pushpop.training import checkpoint
from pushpop.training.loop import Run

B = TypeVar("B")
Loss = Callable[[nn.Module, B], Tensor]

PATIENCE = timedelta(hours=6)  # with a process that says nothing and is not gone: the first may be scoring many words
INTERRUPTED = 130
CPU = torch.device("cpu")
_sittings = count()  # each has keys of its own in the store
# The processes' last group. If a reducer of DistributedDataParallel were the last to hold it, its end would join gloo's
# threads while it holds the interpreter's lock, which one of them may be waiting for: a process that never ends.
_group: list[object] = []


def place() -> tuple[int, int]:
    """The number of this process and how many there are, as `torchrun` says in RANK and WORLD_SIZE; else 0 of 1.

    Raises:
        ConfigError: they are set, but say something else.
    """
    rank, size = os.environ.get("RANK"), os.environ.get("WORLD_SIZE")
    if rank is None or size is None:
        return 0, 1
    if not (rank.isdecimal() and size.isdecimal() and int(rank) < int(size)):
        raise ConfigError(f"RANK: {rank!r} of WORLD_SIZE {size!r} is no process; start with torchrun, or unset both")
    return int(rank), int(size)


class Team:
    """The processes of one run, seen from one of them. A process by itself is a team too, and waits for nobody."""

    def __init__(self, rank: int = 0, size: int = 1, store: dist.Store | None = None) -> None:
        self.rank, self.size, self._store = rank, size, store
        self._asked = self._begun = False

    @property
    def leads(self) -> bool:
        """Whether this is the process that decides, writes and shows."""
        return self.rank == 0

    def meet(self, batch: int) -> None:
        """Wait until every process is here. ConfigError where a batch has fewer words than there are processes."""
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        dist.init_process_group(backend, store=self._store, rank=self.rank, world_size=self.size, timeout=PATIENCE)
        _group[:] = [dist.group.WORLD]
        dist.all_reduce(torch.zeros(1))
        if self.leads and batch < self.size:
            few = f"training.batch: {batch} words cannot be shared by {self.size} processes"
            raise ConfigError(f"{few}; give {self.size} or more, or start fewer")

    def span(self, words: int) -> tuple[int, int]:
        """The part of a batch that is this process's: from which word on, and before which."""
        return words * self.rank // self.size, words * (self.rank + 1) // self.size

    def device(self, device: torch.device) -> torch.device:
        """Where this process computes, if a process by itself would compute on `device`.

        Raises:
            ConfigError: not every process has a GPU of its own.
        """
        if self.size == 1 or device.type != "cuda":
            return device
        if device.index is not None:
            raise ConfigError(f"training.device: {device} is one GPU, for {self.size} processes; give cuda or cpu")
        own, there = int(os.environ.get("LOCAL_RANK", self.rank)), torch.cuda.device_count()
        if own >= there:
            raise ConfigError(f"training.device: {there} GPUs for more processes; give --nproc-per-node {there} or cpu")
        torch.cuda.set_device(own)
        return torch.device("cuda", own)

    def begin(self, run: Run) -> bool:
        """Bring the run of every process to where the first's stands; false if the first has nothing to train."""
        if self.size == 1:
            return True
        box = [checkpoint.packed(run, checkpoint.weights_of(run.model)) if self.leads else None]
        dist.broadcast_object_list(box, src=0, device=CPU)
        self._begun = True
        if box[0] is not None and not self.leads:
            checkpoint.take(run, box[0])
        return box[0] is not None

    def cost(self, model: nn.Module, loss: Loss[B]) -> Callable[[nn.Module, tuple[B, float]], Tensor]:
        """`loss` of the whole batch, to be asked for with a process's part and that part's share in the whole mean."""
        if self.size == 1:
            return lambda model, given: loss(model, given[0])
        together = DistributedDataParallel(_Part(model, loss))
        return lambda _, given: _Whole.apply(together(*given), self.size)

    def mean(self, values: Tensor) -> float:
        """The mean of the numbers that all processes have, each as many as it likes."""
        if self.size == 1:
            return values.double().mean().item()
        both = torch.tensor([values.double().sum().item(), values.numel()], dtype=torch.float64)
        dist.all_reduce(both)
        return float(both[0] / both[1])

    def joined(self, part: Tensor, words: int) -> Tensor:
        """The numbers [words] of which each process has those of its own span of so many words."""
        if self.size == 1:
            return part
        whole = torch.zeros(words, dtype=torch.float64)
        whole[slice(*self.span(words))] = part
        dist.all_reduce(whole)
        return whole

    def agree(self, run: Run, asked: bool) -> bool:
        """Take over what the first process decided in this step; whether any process was asked to stop."""
        if self.size == 1:
            return asked
        said = (run.over, run.right, run.reached, run.seconds) if self.leads else (0, 0, 0, 0)
        both = torch.tensor([*said, asked or self._asked], dtype=torch.float64)
        dist.all_reduce(both)
        over, right, run.reached, run.seconds, stop = both.tolist()
        run.over, run.right = bool(over), int(right)
        return stop > 0

    def finish(self) -> None:
        """Wait until every process is done."""
        if self.leads and not self._begun:
            dist.broadcast_object_list([None], src=0, device=CPU)
        dist.all_reduce(torch.zeros(1))

    def ask(self, *_signal: object) -> None:
        """Stop all processes in good order; `torchrun` sends SIGTERM to those that are left when one is gone."""
        self._asked = True

    def told(self, error: BaseException) -> BaseException:
        """What to raise here for `error`, so that one process alone says what went wrong."""
        quiet = SystemExit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1)
        if gone(error):
            line = "a process of this training is gone: it was killed, or failed; go on with --resume (resume=True)"
            return TrainingFailed(line) if self._first_to_say() else quiet
        together = isinstance(error, (TrainingFailed, KeyboardInterrupt))  # all have come to it: process 0 says so
        if (together and not self.leads) or not self._first_to_say():
            return quiet
        own = isinstance(error, PushpopError) and not self.leads
        return type(error)(f"process {self.rank}: {error}") if own else error

    def _first_to_say(self) -> bool:
        assert self._store is not None, "a process by itself has nobody to tell"
        try:
            return self._store.add("said", 1) == 1
        except RuntimeError:  # it went with the process that held it
            return True


class _Part(nn.Module):
    """The loss of a process's part of a batch, as a module: what DistributedDataParallel takes."""

    def __init__(self, model: nn.Module, loss: Loss[Any]) -> None:
        super().__init__()
        self.model, self._loss = model, loss

    def forward(self, batch: Any, share: float) -> Tensor:
        return self._loss(self.model, batch) * share


class _Whole(torch.autograd.Function):
    """The sum of all processes' parts; its gradient, too, is to be summed where DistributedDataParallel takes means."""

    @staticmethod
    def forward(ctx: Any, part: Tensor, size: int) -> Tensor:  # pyrefly: ignore[bad-override]
        ctx.size, whole = size, part.clone()
        dist.all_reduce(whole)
        return whole

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None]:  # pyrefly: ignore[bad-override]
        return upstream * ctx.size, None


def gone(error: BaseException) -> bool:
    """Whether an error says that another process no longer answers."""
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))


@contextmanager
def joined(batch: int) -> Iterator[Team]:
    """In here this process is one of those that `torchrun` started, if it did; it leaves when all of them are done.

    Whatever goes wrong, one process says it and all end.

    Raises:
        ConfigError: a batch of so many words cannot be shared among so many processes.
        SystemExit: another process has failed, and says why.
    """
    rank, size = place()
    if size == 1:
        yield Team()
        return
    try:
        store, _, _ = next(dist.rendezvous("env://"))
    except ValueError as error:
        raise ConfigError(f"RANK: is set, but {error}; start with torchrun, or unset RANK and WORLD_SIZE") from None
    team = Team(rank, size, dist.PrefixStore(f"pushpop/{next(_sittings)}", store))
    main = threading.current_thread() is threading.main_thread()
    # Until the end of the process if something goes wrong: torchrun sends it to whoever has yet to say what.
    before = signal.signal(signal.SIGTERM, team.ask) if main else None
    try:
        team.meet(batch)
        yield team
        team.finish()
    except BaseException as error:
        raise team.told(error) from None
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
    if before is not None:
        signal.signal(signal.SIGTERM, before)
