"""Which trials are doomed, as an Optuna pruner: successive halving with one late rung, and patience before it.

After Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning" (asynchronous successive halving).
"""

import warnings

from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, PatientPruner
from optuna.study import Study
from optuna.trial import FrozenTrial

from pushpop.experiments.pruning import Pruning

SEVERAL = 4  # fewer trials than this are no field to be behind in


class LateHalving(BasePruner):
    """Doomed is whoever is in the worse half of all trials that came as far as the rung, by their best loss so far.

    Optuna's own `SuccessiveHalvingPruner` enters a trial in its rung only when it is asked about it. Behind
    `PatientPruner` it is asked about the trials that got worse alone: these would be compared with one another, never
    with those that did well, and the first of them would win. Here all trials that reached the rung are compared.
    """

    def __init__(self, rung: int) -> None:
        self.rung = rung  # in percent of the budget, as the steps of the reports

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        percent = trial.last_step or 0
        if percent < self.rung:
            return False
        there = [other for other in study.get_trials(deepcopy=False) if (other.last_step or 0) >= self.rung]
        if len(there) < SEVERAL:
            return False
        losses = sorted(best(other, percent) for other in there)
        return best(trial, percent) > losses[(len(losses) - 1) // 2]


def best(trial: FrozenTrial, percent: int) -> float:
    """The least loss a trial has reported up to this percent of its budget."""
    return min((loss for at, loss in trial.intermediate_values.items() if at <= percent), default=float("inf"))


def build_pruner(pruning: Pruning) -> BasePruner:
    """The pruner; its steps are whole percents of a trial's budget, 1 to 100, its values losses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return PatientPruner(LateHalving(round(100 * pruning.first)), pruning.patience)
