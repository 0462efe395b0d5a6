"""Two ways to train one network, timed side by side on the same work, once they are seen to agree.

Axes: B words, T positions, M wanted outputs.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from pushpop.errors import RunError
from pushpop.experiments import lessons, trial
from pushpop.models.contract import SequenceModel
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import encode
from pushpop.tasks.task import Word, WordTask
from pushpop.training.optimisers import build_optimiser, limit_gradients
from pushpop.training.settings import TrainingSettings

ALLOWED, STEPS = 1e-4, 130  # of the largest value of a gradient: float32, over so many steps in another order
CPU = torch.device("cpu")
EVERY = slice(None)
# A side's turn ends after so many repetitions, or seconds: a quick one is not measured by one short glance.
TURN = (5, 0.25)

Tensors = tuple[Tensor, Tensor, Tensor, Tensor]  # symbols [B, T], lengths [B], positions [M], targets [M]


class Unavailable(Exception):
    """Something cannot run on this machine; says why. Its row is left out, and the reason told."""


@dataclass(frozen=True)
class Work:
    """Words to train on, once over, in batches."""

    batches: tuple[Tensors, ...]

    @classmethod
    def of(cls, task: WordTask, batches: Sequence[Sequence[Word]]) -> "Work":
        return cls(
            tuple(lessons.tensors(encode(words, [task.answer(word) for word in words]), CPU) for words in batches)
        )

    @property
    def words(self) -> int:
        return sum(len(lengths) for _, lengths, _, _ in self.batches)

    @property
    def positions(self) -> int:
        """Real ones: padding is no work."""
        return sum(int(lengths.sum()) for _, lengths, _, _ in self.batches)

    @property
    def steps(self) -> int:
        """Of the longest word."""
        return max(symbols.shape[1] for symbols, _, _, _ in self.batches)

    @property
    def outputs(self) -> int:
        return sum(len(targets) for _, _, _, targets in self.batches)


def same_words(
    task: WordTask, lengths: tuple[int, int], batch: int, batches: int = 9
) -> tuple[list[list[Word]], list[list[Word]]]:
    """The same words in batches of `batch`, twice: dealt out at random, and one length a batch as the studies did it.

    Lengths are spread evenly over the range, so that neither side has smaller batches or fewer updates.
    """
    sizes = np.linspace(*lengths, batches).round().astype(int).tolist()
    draws = Draws("bench", *lengths, batch)
    alike = [[task.word(draws, size) for _ in range(batch)] for size in sizes]
    every = [word for words in alike for word in words]
    dealt = np.argsort(draws.below(2**32, len(every)), kind="stable").tolist()
    mixed = [[every[place] for place in dealt[start : start + batch]] for start in range(0, len(every), batch)]
    return mixed, alike


def by_length(words: Sequence[Word]) -> list[list[Word]]:
    """These words, one length a batch."""
    groups: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        groups[len(word)].append(word)
    return list(groups.values())


class Net(Protocol):
    """A network of torch that computes its own loss, as the models do."""

    def loss(self, symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """Mean cross entropy (nats)."""


class Contestant(Protocol):
    """A network that is trained over its work, each time from the same weights."""

    work: Work
    threads: int

    def graded(self) -> dict[str, Tensor]:
        """The mean `loss` over all outputs of the work, and its gradients as `d` and the name of our weights."""

    def warm_up(self) -> None:
        """Compile, load and allocate, and settle on a number of threads."""

    def train(self) -> float:
        """Seconds for training steps over all batches: zeroing gradients, forward, backward, clipping and update."""


def check_agreement(name: str, got: dict[str, Tensor], wanted: dict[str, Tensor], steps: int = STEPS) -> None:
    """RunError unless loss and gradients are the same up to rounding, which gathers over the steps: nothing wrong is
    ever timed.
    """
    share = ALLOWED * max(1.0, steps / STEPS) ** 0.5  # errors of either sign
    for part in sorted(got.keys() | wanted.keys()):
        if part not in got or part not in wanted:
            raise RunError(f"bench {name}: only one side has {part}; no speed is told of a red check, mend it first")
        gap = float((got[part] - wanted[part]).abs().max())
        allowed = share * max(float(wanted[part].abs().max()), 1e-3)
        if not gap <= allowed:
            raise RunError(
                f"bench {name}: {part} is off by {gap:.3g} (allowed {allowed:.3g}); no speed is told of a red check, "
                "mend it first"
            )


class TorchContestant:
    """A `Contestant` in torch; with `threads`, on so many, otherwise on 1 or on all there are, as it trains faster."""

    def __init__(self, model: nn.Module, work: Work, threads: int = 0) -> None:
        self.model: Any = model
        self.work = work
        self.start = {name: weights.detach().clone() for name, weights in model.state_dict().items()}
        every = torch.get_num_threads()
        self.choices = [threads] if threads else sorted({1, every})
        self.threads = threads or every

    def graded(self) -> dict[str, Tensor]:
        """As `Contestant`."""
        self.model.zero_grad()
        total = torch.zeros(())
        for batch in self.work.batches:
            cost = self.model.loss(*batch) * (len(batch[3]) / self.work.outputs)
            cost.backward()
            total = total + cost.detach()
        named = {f"d {name}": weights.grad for name, weights in self.model.named_parameters()}
        return {"loss": total} | {name: grad.clone() for name, grad in named.items() if grad is not None}

    def train(self, batches: slice = EVERY) -> float:
        """As `Contestant`, or over some of the batches."""
        settings = TrainingSettings()
        self.model.load_state_dict(self.start)
        weights = list(self.model.parameters())
        optimiser = build_optimiser(settings, weights)
        fused = isinstance(self.model, SequenceModel) and self.model.fused()
        with trial.threads(self.threads, fused):
            began = time.perf_counter()
            for batch in self.work.batches[batches]:
                optimiser.zero_grad()
                self.model.loss(*batch).backward()
                limit_gradients(weights, settings)
                optimiser.step()
            return time.perf_counter() - began

    def warm_up(self) -> None:
        """As `Contestant`, on the batch in the middle. More threads are taken only where they gain a tenth."""
        one, *more = map(self._quickest, self.choices)
        self.threads = self.choices[bool(more) and more[0] < 0.9 * one]

    def _quickest(self, threads: int) -> float:
        """Seconds, on so many."""
        self.threads, centre = threads, len(self.work.batches) // 2
        return min(turn(lambda: self.train(slice(centre, centre + 1))))


def turn(train: Callable[[], float]) -> list[float]:
    """Seconds of each repetition, in one turn."""
    most, enough = TURN
    seconds: list[float] = []
    while len(seconds) < most and sum(seconds) < enough:
        seconds.append(train())
    return seconds


def side_by_side(contestants: Sequence[Contestant], turns: int) -> list[list[float]]:
    """Seconds of each repetition of each contestant, warmed up and taking turns."""
    for contestant in contestants:
        contestant.warm_up()
    taken = [[turn(contestant.train) for contestant in contestants] for _ in range(turns)]
    return [[one for times in own for one in times] for own in zip(*taken, strict=True)]


def middle(times: Sequence[float]) -> tuple[float, float]:
    """The median, and the distance between the quartiles."""
    low, median, high = statistics.quantiles(times, n=4, method="inclusive")
    return median, high - low
