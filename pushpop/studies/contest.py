"""Two ways to train one network, timed side by side on the same work, once they are seen to agree.

Axes: B words, T positions, M wanted outputs.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pushpop.errors import RunError
from pushpop.experiments.trial import tensors
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import encode
from pushpop.tasks.task import Task, Word
from pushpop.training.optimisers import build_optimiser, limit_gradients
from pushpop.training.settings import TrainingSettings

ALLOWED = 1e-4  # of the largest value of a gradient: float32, over some 130 steps in another order
DIFFERENT_LENGTHS = 9
CPU = torch.device("cpu")

Loss = Callable[..., Tensor]  # of scores [M, O] and targets [M], with a `reduction`, as torch has them
Tensors = tuple[Tensor, Tensor, Tensor, Tensor]  # symbols [B, T], lengths [B], positions [M], targets [M]


@dataclass(frozen=True)
class Work:
    """Words to train on, once over, in batches."""

    batches: tuple[Tensors, ...]

    @classmethod
    def of(cls, task: Task, batches: Sequence[Sequence[Word]]) -> "Work":
        return cls(tuple(tensors(encode(words, [task.answer(word) for word in words]), CPU) for words in batches))

    @property
    def words(self) -> int:
        return sum(len(lengths) for _, lengths, _, _ in self.batches)

    @property
    def positions(self) -> int:
        """Real ones: padding is no work."""
        return sum(int(lengths.sum()) for _, lengths, _, _ in self.batches)

    @property
    def outputs(self) -> int:
        return sum(len(targets) for _, _, _, targets in self.batches)


def same_words(task: Task, lengths: tuple[int, int], batch: int) -> tuple[list[list[Word]], list[list[Word]]]:
    """The same words in batches of `batch`, twice: dealt out at random, and one length a batch as the studies did it.

    Lengths are spread evenly over the range, so that neither side has smaller batches or fewer updates.
    """
    sizes = np.linspace(*lengths, DIFFERENT_LENGTHS).round().astype(int).tolist()
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


def graded(model: nn.Module, work: Work, loss: Loss = cross_entropy) -> dict[str, Tensor]:
    """The mean loss over all outputs, and its gradients by name."""
    model.zero_grad()
    total = torch.zeros(())
    for symbols, lengths, positions, targets in work.batches:
        cost = loss(model(symbols, lengths, positions), targets, reduction="sum") / work.outputs
        cost.backward()
        total += cost.detach()
    gradients = {f"d {name}": weights.grad for name, weights in model.named_parameters() if weights.grad is not None}
    return {"loss": total} | {name: gradient.clone() for name, gradient in gradients.items()}


def check_agreement(name: str, got: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    """RunError unless loss and gradients are the same up to rounding: nothing wrong is ever timed."""
    for part in sorted(got.keys() | wanted.keys()):
        if part not in got or part not in wanted:
            raise RunError(f"bench {name}: only one side has {part}; no speed is told of a red check, mend it first")
        gap = float((got[part] - wanted[part]).abs().max())
        allowed = ALLOWED * max(float(wanted[part].abs().max()), 1e-3)
        if not gap <= allowed:
            raise RunError(
                f"bench {name}: {part} is off by {gap:.3g} (allowed {allowed:.3g}); no speed is told of a red check, "
                "mend it first"
            )


class Contestant:
    """A model that is trained over its work, each time from the same weights."""

    def __init__(self, model: nn.Module, work: Work, loss: Loss = cross_entropy) -> None:
        self.model, self.work, self.loss = model, work, loss
        self.start = {name: weights.detach().clone() for name, weights in model.state_dict().items()}
        self.threads = torch.get_num_threads()

    def train(self, batches: int | None = None) -> float:
        """Seconds for so many batches (all): forward, backward, clipping and update."""
        settings = TrainingSettings()
        self.model.load_state_dict(self.start)
        weights = list(self.model.parameters())
        optimiser = build_optimiser(settings, weights)
        torch.set_num_threads(self.threads)
        began = time.perf_counter()
        for symbols, lengths, positions, targets in self.work.batches[:batches]:
            optimiser.zero_grad()
            self.loss(self.model(symbols, lengths, positions), targets).backward()
            limit_gradients(weights, settings)
            optimiser.step()
        return time.perf_counter() - began

    def warm_up(self) -> None:
        """Settle on one thread or all there are, whichever trains faster: small tensors gain nothing from a second."""
        choices = sorted({1, self.threads})
        seconds = []
        for self.threads in choices:
            self.train(1)
            seconds.append(min(self.train(2) for _ in range(2)))
        self.threads = choices[seconds.index(min(seconds))]


def side_by_side(contestants: Sequence[Contestant], repetitions: int) -> list[list[float]]:
    """Seconds of each repetition of each contestant, warmed up and taking turns."""
    threads = torch.get_num_threads()
    try:
        for contestant in contestants:
            contestant.warm_up()
        turns = [[contestant.train() for contestant in contestants] for _ in range(repetitions)]
    finally:
        torch.set_num_threads(threads)
    return [list(times) for times in zip(*turns, strict=True)]


def middle(times: Sequence[float]) -> tuple[float, float]:
    """The median, and the distance between the quartiles."""
    low, median, high = statistics.quantiles(times, n=4, method="inclusive")
    return median, high - low
