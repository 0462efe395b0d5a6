"""When a classifier has converged, by three rules measured in the same run; and the share of each batch it has right.

The rules, as steps counted from 1, the deciding batch included:
`one_batch`      the first training batch that is wholly right (before the update made from it).
`three_batches`  the third such batch running.
`fresh_batches`  the first step with a training batch wholly right after which 200 fresh batches of 128 words, kept from
                 training, are wholly right too: less than 1.2e-4 of all words are wrong (95 %).
"""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pushpop.evaluation.classify import say, score
from pushpop.models.contract import SequenceModel
from pushpop.tasks.classification import Classification
from pushpop.tasks.draws import Draws
from pushpop.training.loop import Run
from pushpop.training.parallel import Team

RULES = ("one_batch", "three_batches", "fresh_batches")
FRESH, SIZE = 200, 128


class Convergence:
    """The loss of a classifier, which sees what share of each batch is right, and an observer that goes by it."""

    def __init__(self, task: Classification, seed: int, team: Team | None = None) -> None:
        self._task, self._seed, self._team = task, seed, team or Team()
        self._share = 0.0

    def loss(self, model: nn.Module, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
        """Mean cross entropy (nats) of the classes."""
        symbols, lengths, positions, targets = batch
        scores = model(symbols, lengths, positions)
        with torch.no_grad():
            self._share = self._team.mean(scores.argmax(1) == targets)
        return cross_entropy(scores, targets)

    def __call__(self, run: Run) -> None:
        run.shares.append(self._share)
        marks = run.converged
        marks["running"] = marks.get("running", 0) + 1 if self._share == 1.0 else 0
        if marks["running"] >= 1:
            marks.setdefault("one_batch", run.step)
        if marks["running"] >= 3:
            marks.setdefault("three_batches", run.step)
        if marks["running"] and "fresh_batches" not in marks and self._all_fresh(run):
            marks["fresh_batches"] = run.step

    def _all_fresh(self, run: Run) -> bool:
        """Whether 200 batches that nobody has seen are wholly right; the first one that is not ends it."""
        model = cast("SequenceModel[Any]", run.model)
        for number in range(FRESH):
            words = self._task.draw(Draws("fresh", self._seed, run.step, number), "test", SIZE)
            if score(say(model, self._task, words)).accuracy < 1.0:
                return False
        return True


def steps(run: Run) -> dict[str, int | None]:
    """The step at which each rule was first met, None where it was not."""
    return {rule: run.converged.get(rule) for rule in RULES}
