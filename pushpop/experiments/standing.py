"""Where a sweep stands: its trials, its configurations from best to worst, and how long it will take."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pushpop.experiments.score import order

State = Literal["running", "done", "pruned", "failed"]


class Identity(NamedTuple):
    """What tells a trial of a sweep from any other: its variant, its place on the axes, and its seed."""

    variant: str
    chosen: str
    seed: int


def identity(variant: str, chosen: Mapping[str, Any], seed: int) -> Identity:
    return Identity(variant, json.dumps(chosen, sort_keys=True), seed)


@dataclass(kw_only=True)
class Trial:
    """One configuration with one seed, under its number."""

    number: int
    variant: str
    chosen: Mapping[str, Any]
    seed: int
    run: str = ""
    """Its run folder, from the sweep's."""
    budget: Mapping[str, float] = field(default_factory=dict)
    """What it may use: steps, words, seconds."""
    state: State = "running"
    result: Mapping[str, Any] | None = None
    """As in `metrics.json`, once it is done."""
    error: str = ""
    progress: float = 0.0
    """Share of its budget, while it runs."""

    @property
    def identity(self) -> Identity:
        return identity(self.variant, self.chosen, self.seed)


@dataclass(frozen=True)
class Ranked:
    """A configuration with its trials, one a seed."""

    variant: str
    chosen: Mapping[str, Any]
    trials: Sequence[Trial]

    @property
    def ended(self) -> list[Trial]:
        """Those that no longer run, however they ended."""
        return [trial for trial in self.trials if trial.state != "running"]

    @property
    def order(self) -> tuple[float, float, float]:
        """Best first, over the trials that have ended."""
        return order([trial.result for trial in self.ended])

    @property
    def name(self) -> str:
        """Its variant and its place on the axes, shortly."""
        values = (f"{place.rpartition('.')[2]} {value}" for place, value in self.chosen.items())
        return ", ".join([*([self.variant] if self.variant else []), *values]) or "as it is"


@dataclass
class Standing:
    """All trials so far, the last under each identity, and what is left."""

    trials: dict[Identity, Trial] = field(default_factory=dict)
    left: int | None = 0
    """Trials not yet begun; None: no end."""
    seconds: float = 0.0
    """Since this scheduler began."""
    ended: int = 0
    """Trials that ended since then."""

    def add(self, trial: Trial) -> None:
        self.trials[trial.identity] = trial

    def those(self, state: State) -> list[Trial]:
        return [trial for trial in self.trials.values() if trial.state == state]

    def ranked(self) -> list[Ranked]:
        """Configurations with at least one trial that has ended, best first; by validation words alone."""
        together: dict[tuple[str, str], list[Trial]] = {}
        for (variant, chosen, _), trial in self.trials.items():
            together.setdefault((variant, chosen), []).append(trial)
        found = [Ranked(some[0].variant, some[0].chosen, some) for some in together.values()]
        return sorted((each for each in found if each.ended), key=lambda each: each.order)

    def remaining(self) -> float | None:
        """Seconds until all is done, at the pace so far; None where that cannot be told."""
        if self.left is None or not self.ended:
            return None
        running = self.those("running")
        done = self.ended + sum(trial.progress for trial in running)
        return self.seconds / done * (self.left + sum(1 - trial.progress for trial in running))
