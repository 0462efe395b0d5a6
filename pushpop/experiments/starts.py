"""Several first weights for one run: each is trained for a while, and the run goes on from those that came farthest.

Whether a net begins to learn may hang on its first weights alone. All starts are the run's: their words, steps and
seconds count, and what each came to is in its log and its result.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from pushpop.experiments.seeds import of_start
from pushpop.experiments.settings import Settings
from pushpop.experiments.trained import build_model
from pushpop.training.checkpoint import weights_of
from pushpop.training.loop import Run


class Starts:
    """Ends a start's turn once it has had its words, and begins the next one, or goes on from the best of all.

    What decides is what the same words of all training lengths `cost` each (nats); no step is trained on them, and
    neither validation nor test has a say in it. Steps go on being counted, so that no start sees the words of another.
    Which weights of all that a run had are kept at its end is for validation, as ever.
    """

    def __init__(self, settings: Settings, cost: Callable[[nn.Module, int], float]) -> None:
        self._settings, self._cost, self._turns = settings, cost, settings.training.turns()

    def __call__(self, run: Run) -> None:
        order, over = self._turns.order, len(run.starts)
        if run.over or over >= len(order) or run.step < order[over].ends:
            return
        cost = self._cost(run.model, run.step - 1)  # as that step weighed it
        run.starts.append(cost if math.isfinite(cost) else math.inf)
        run.rivals.append(standing(run))
        run.rivals.sort(key=itemgetter("cost"))
        del run.rivals[self._turns.left(order[over].round + 1) :]
        if over + 1 < self._turns.starts:
            begin(run, first_weights(self._settings, over + 1))
            return
        if not run.waiting:  # the round is over
            run.waiting = run.rivals
            run.rivals = []
        take(run, run.waiting.pop(0))


def first_weights(settings: Settings, start: int) -> dict[str, Tensor]:
    """Those of a run's start with this number, counted from 0: of the first one they are those of the seed itself."""
    return build_model(replace(settings, seed=of_start(settings.seed, start))).state_dict()


def standing(run: Run) -> dict[str, Any]:
    """All of a start that it takes to go on from it, and what it cost."""
    optimiser = copy.deepcopy(run.optimiser.state_dict())
    return {
        "cost": run.starts[-1],
        "weights": weights_of(run.model),
        "optimiser": optimiser,
        "reached": run.reached,
        "right": run.right,
    }


def begin(run: Run, weights: dict[str, Tensor]) -> None:
    """Set out anew from these weights."""
    take(run, {"weights": weights, "optimiser": blank(run.optimiser), "reached": 0.0, "right": 0})


def take(run: Run, start: dict[str, Any]) -> None:
    """Stand where a start stood."""
    run.model.load_state_dict(start["weights"])
    run.optimiser.load_state_dict(start["optimiser"])
    run.reached, run.right = start["reached"], start["right"]
    run.losses.clear()  # those were another start's
    run.shares.clear()
    run.evaluated = run.step


def blank(optimiser: Optimizer) -> dict[str, Any]:
    """The state of an optimiser that has seen no gradient yet."""
    return {**optimiser.state_dict(), "state": dict[int, Any]()}
