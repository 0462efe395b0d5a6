"""The loop, and the one object that holds all of a run that survives a restart."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.optim import Optimizer

from pushpop.errors import TrainingFailed
from pushpop.training.optimisers import limit_gradients, set_rate
from pushpop.training.schedule import Plan

B = TypeVar("B")
Scores = dict[str, dict[str, float]]  # by set of words, such as "validation", then by name


@dataclass
class Kept:
    """The weights worth keeping, and how they ranked: greater is better."""

    step: int
    rank: tuple[float, ...]
    weights: dict[str, Tensor]


@dataclass
class Run:
    """A run as it stands after `step` steps. All of it but `loss` and `scores` survives a restart."""

    model: nn.Module
    optimiser: Optimizer
    step: int = 0
    words: int = 0
    seconds: float = 0.0
    over: bool = False
    """Whether a budget or an observer has ended it."""
    right: int = 0
    """Evaluations running, up to the last, that were wholly right on validation words."""
    reached: float = 0.0
    """Where an adaptive curriculum stands: a share of the training lengths."""
    losses: list[float] = field(default_factory=list)
    """Loss of each step since the last evaluation, and of those before it that the log still looks back at."""
    shares: list[float] = field(default_factory=list)
    """Share of each of these steps' batches that was right, where the loss tells it."""
    evaluated: int = 0
    """The step of the last evaluation."""
    converged: dict[str, int] = field(default_factory=dict)
    """Steps at which rules of convergence were first met, by name, and what they count."""
    carried: tuple[Tensor, ...] = ()
    """What the next window of a text starts from, where windows follow one another."""
    starts: list[float] = field(default_factory=list)
    """What each start cost (nats) at the end of each of its turns, where a run chooses among several."""
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """All of those starts of a later round whose turn is still to come in it, in order."""
    rivals: list[dict[str, Any]] = field(default_factory=list)
    """All of the best starts of this round so far, best first."""
    kept: Kept | None = None
    loss: float = math.nan
    """Of the last step (nats); at an evaluation, the mean since the one before."""
    scores: Scores | None = None
    """What this very step scored, if it was evaluated."""


Observer = Callable[[Run], Any]


def train(
    run: Run,
    batches: Callable[[int, float], B],
    loss: Callable[[nn.Module, B], Tensor],
    plan: Plan,
    observers: Sequence[Observer],
) -> None:
    """Go on from where `run` stands until it is over; each observer sees it, in turn, after every step.

    `batches(step, reach)` is the batch of a step, from a share `reach` of the lengths; it depends on nothing else.

    Raises:
        TrainingFailed: the loss is no longer a number. The weights are still those before that step.
    """
    weights = [weight for weight in run.model.parameters() if weight.requires_grad]
    started = time.perf_counter() - run.seconds
    while not run.over:
        run.model.train()
        set_rate(run.optimiser, plan.rate(run.step, run.seconds))
        run.optimiser.zero_grad()
        cost = loss(run.model, batches(run.step, plan.reach(run.words, run.reached)))
        cost.backward()
        run.loss = cost.item()
        if not math.isfinite(run.loss):
            raise TrainingFailed(f"step {run.step + 1}: the loss is {run.loss}, no longer a number")
        limit_gradients(weights, plan.settings)
        run.optimiser.step()
        run.step, run.words = run.step + 1, run.words + plan.settings.batch
        run.losses.append(run.loss)
        run.seconds = time.perf_counter() - started
        run.scores, run.over = None, plan.spent(run.step, run.words, run.seconds)
        for observe in observers:
            observe(run)
