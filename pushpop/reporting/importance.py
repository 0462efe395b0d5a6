"""How much each setting of a sweep matters, by PED-ANOVA over its trials. Imports Optuna only when it is asked.

PED-ANOVA (Watanabe, Bansal and Hutter 2023, arXiv:2304.10255) compares where the best trials stand on an axis with
where all stand: an axis on which the best are gathered matters, one on which they are spread like the rest does not.
"""

import math
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pushpop.reporting.ranking import worth
from pushpop.reporting.sweeps import Swept
from pushpop.reporting.writing import Table

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

# The better half of the trials beside all. With Optuna's own choice, the best tenth, what few trials have in common is
# chance: of 60 made-up trials that one choice of two decides it found that choice in 3 of 12 draws, the half in all.
TOP = 0.5
FEWEST_TOP = 5
FEWEST = 20  # trials
MANY_VALUES = 11  # different numbers on one axis, from which on it is a range

Value = str | int | float | bool


@dataclass(frozen=True)
class Importance:
    """The share of each axis, greatest first, their sum 1; or, if it cannot be computed, the reason."""

    shares: dict[str, float]
    how: str


def importance(sweep: Swept) -> Importance:
    """Which axes tell good trials from bad ones, by the scores on validation words of all that have one."""
    scored = [(record, value) for record in sweep.records if (value := worth(record)) is not None]
    count = len(scored)
    if not sweep.axes:
        return Importance({}, "Nothing but the seed was varied, so no setting can matter more than another.")
    if count < FEWEST:
        return Importance({}, f"Not computed: {count} trials have a score, and {FEWEST} are the fewest that say much.")
    values = sorted(value for _, value in scored)
    best = min(math.ceil(TOP * count), sum(value < values[-1] for value in values))
    if best < FEWEST_TOP:
        return Importance({}, f"Not computed: of {count} trials all but {best} are as bad as the worst.")
    params = [{axis: plain(at) for axis in sweep.axes if (at := sweep.value(record, axis)) is not None}
              for record, _ in scored]  # fmt: skip
    found = by_optuna(params, [value for _, value in scored], best)
    out = len(sweep.records) - count
    how = (
        f"PED-ANOVA over the scores on validation words of {count:,} trials, every seed one: where the better {best} "
        "stand on an axis, beside where all do. The shares add up to 1; they say that a setting matters, not how it "
        "should be set, and a setting that matters only together with another may look small."
    )
    return Importance(found, how + (f" {out:,} trials without a score are left out." if out else ""))


def by_optuna(params: Sequence[dict[str, Value]], scores: Sequence[float], best: int) -> dict[str, float]:
    """The importances of an in-memory study with these trials, so many of which are the best."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    space = distributions(params)
    trials = [made(one, {name: space[name] for name in one}, score) for one, score in zip(params, scores, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of its classes call themselves experimental
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            study = optuna.create_study()
            study.add_trials(trials)
            evaluator = PedAnovaImportanceEvaluator(target_quantile=(best - 0.5) / (len(scores) - 1))
            found = get_param_importances(study, evaluator=evaluator)
        finally:
            optuna.logging.set_verbosity(before)
    return {name: share if math.isfinite(share) else 0.0 for name, share in found.items()}


def made(params: dict[str, Any], space: "dict[str, BaseDistribution]", score: float) -> "FrozenTrial":
    from optuna.trial import create_trial

    return create_trial(params=params, distributions=space, value=score)


def distributions(params: Sequence[dict[str, Value]]) -> "dict[str, BaseDistribution]":
    """What each axis could be: a range if it took many different numbers, else the values it took."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    space: dict[str, BaseDistribution] = {}
    for name in dict.fromkeys(name for one in params for name in one):
        taken = list(dict.fromkeys(one[name] for one in params if name in one))
        numbers = drawn_from_range(taken)
        if not numbers:
            space[name] = CategoricalDistribution(taken)
        elif all(isinstance(value, int) for value in taken):
            space[name] = IntDistribution(int(min(numbers)), int(max(numbers)), log=wide(numbers))
        else:
            space[name] = FloatDistribution(min(numbers), max(numbers), log=wide(numbers))
    return space


def drawn_from_range(values: Iterable[Value]) -> list[float]:
    """The different values in order if they are many numbers, as from a range; nothing if they were picked from a list.

    >>> drawn_from_range([1, 2, 4, 2]), drawn_from_range("abcdefghijkl")
    ([], [])
    """
    known = set(values)
    numbers = [float(value) for value in known if isinstance(value, int | float) and not isinstance(value, bool)]
    return sorted(numbers) if len(numbers) == len(known) >= MANY_VALUES else []


def wide(numbers: Sequence[float]) -> bool:
    """Whether numbers are so far apart that their ratios matter, not their differences."""
    return min(numbers) > 0 and max(numbers) > 20 * min(numbers)


def plain(value: object) -> Value:
    return value if isinstance(value, str | int | float | bool) else str(value)


def as_table(sweep: Swept, found: Importance) -> Table:
    rows = tuple((axis, share) for axis, share in found.shares.items())
    return Table(f"What mattered in {sweep.name}", ("setting", "importance"), rows, found.how)
