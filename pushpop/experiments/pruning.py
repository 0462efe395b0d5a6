"""When a trial of a sweep is stopped before its end. These nets sit on a plateau, then jump: patience comes first."""

from dataclasses import dataclass

from pushpop.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """Stops a trial that is worse than most were at the same share of their budget, and has not been getting better.

    `first`     share of the budget before which nothing is stopped.
    `patience`  reports (one every 5 % of the budget) that a trial is given once it no longer gets better.
    `spare`     share of the doomed that may go on all the same, to measure how many of them would have been right.
    """

    first: float = 0.5
    patience: int = 2
    spare: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.first < 1:
            raise ConfigError(f"sweep.pruning.first: {self.first} is no share of a budget; give 0.1 to 0.9")
        if self.patience < 0:
            raise ConfigError(f"sweep.pruning.patience: {self.patience} is no number of reports; give 0 or more")
        if not 0 <= self.spare <= 1:
            raise ConfigError(f"sweep.pruning.spare: {self.spare} is no share of trials; give 0 to 1")
