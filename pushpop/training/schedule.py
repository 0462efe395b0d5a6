"""What changes while a run goes on: its learning rate, how long its words are, and when it is over."""

import math
from dataclasses import dataclass
from functools import cached_property

from pushpop.training.settings import TrainingSettings
from pushpop.training.turns import Turns


@dataclass(frozen=True)
class Plan:
    """Rates, lengths and the end of a run, each a function of how far it has come. All plain numbers."""

    settings: TrainingSettings

    @cached_property
    def turns(self) -> Turns:
        """Which start each step is for."""
        return self.settings.turns()

    def rate(self, step: int, seconds: float = 0.0) -> float:
        """The learning rate of the step with this number, counted from 0, which begins after so many seconds.

        Of several starts each has the rates that it would have alone: steps of the others are not counted.
        """
        chosen, own = self.settings, self.turns.own(step)
        rise = min(1.0, (own + 1) / (chosen.warm_up + 1))
        if chosen.schedule == "constant":
            return chosen.rate * rise
        last = max(0, chosen.last_step() - self.turns.lost)
        done = min(1.0, max(own / last if last else 0.0, seconds / chosen.seconds if chosen.seconds else 0.0))
        fall = 1 - done if chosen.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
        return chosen.rate * min(rise, fall)

    def foretell(self, step: int) -> float:
        """What foretelling weighs in the step with this number, counted from 0, and for each start by its own steps."""
        chosen = self.settings
        return chosen.foretell_then if self._late(step, chosen.foretell_words) else chosen.foretell

    def noise(self, step: int) -> float | None:
        """A model's noise in the step with this number, counted as for `foretell`; None is its own."""
        return self.settings.noise_then if self._late(step, self.settings.noise_words) else None

    def _late(self, step: int, words: int) -> bool:
        """Whether a step comes after so many words of a run, or of its start; 0 words are never."""
        return 0 < words <= self.turns.own(step) * self.settings.batch

    @property
    def looks_back(self) -> int:
        """The steps over which the log averages a loss."""
        return min(self.settings.log_every, self.settings.evaluate_every)

    def reach(self, words: int, reached: float) -> float:
        """The share (0 to 1) of the training lengths that words are drawn from, shortest first.

        `reached` is where an adaptive curriculum stands.
        """
        chosen = self.settings
        if chosen.curriculum == "none":
            return 1.0
        if chosen.curriculum == "adaptive":
            return max(reached, chosen.curriculum_start)
        return min(1.0, chosen.curriculum_start + (1 - chosen.curriculum_start) * words / chosen.curriculum_words)

    def lengthen(self, reached: float, loss: float) -> float:
        """Where an adaptive curriculum stands after an evaluation, given the mean loss since the one before."""
        if self.settings.curriculum != "adaptive":
            return reached
        now = max(reached, self.settings.curriculum_start)
        return min(1.0, now + 1 / 8) if loss < self.settings.curriculum_loss else now

    def spent(self, step: int, words: int, seconds: float) -> bool:
        """Whether one of the budgets has been used up."""
        used = {"steps": step, "words": words, "seconds": seconds}
        return any(budget and used[name] >= budget for name, budget in self.settings.budgets().items())

    def patient(self, right: int) -> bool:
        """Whether so many wholly right evaluations running end the run."""
        return 0 < self.settings.patience <= right

    def share_done(self, step: int, words: int, seconds: float) -> float:
        """How much of the budget is used (0 to 1), by the one that will end the run."""
        used = {"steps": step, "words": words, "seconds": seconds}
        return min(1.0, max(used[name] / budget for name, budget in self.settings.budgets().items() if budget))
