"""Which windows of a text are trained on at a step: a function of the seed and the step alone.

Axes: n symbols of a text, B texts side by side, T symbols of a window.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int64, UInt

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws

Regime = Literal["carried", "zero"]


@dataclass(frozen=True)
class Windows:
    """What is read, what follows each symbol of it, and whether the texts begin here."""

    symbols: Int64[np.ndarray, "B T"]
    targets: Int64[np.ndarray, "B T"]
    fresh: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a text is read while training on it.

    carried: the text, as a ring, is cut into B parts of one length, read side by side window after window; each pass
    over it begins at a place drawn anew, from a state of zeros. zero: every window begins at a place drawn by itself.
    """

    text: UInt[np.ndarray, " n"]
    batch: int
    window: int
    regime: Regime
    seed: int

    def __post_init__(self) -> None:
        side = self.batch if self.regime == "carried" else 1
        needed = side * (self.window + 1)
        if len(self.text) < needed:
            raise ConfigError(
                f"task.window: {side} windows of {self.window}, and what follows each, are {needed} characters, and "
                f"{len(self.text)} are trained on; give a smaller --task.window or --training.batch, or more text"
            )

    @property
    def steps(self) -> int:
        """Steps of one pass over the text."""
        if self.regime == "zero":
            return max(1, len(self.text) // (self.batch * self.window))
        return (len(self.text) // self.batch - 1) // self.window

    def windows(self, step: int) -> Windows:
        """Those of one step, counted from 0."""
        if self.regime == "zero":
            starts = Draws("windows", self.seed, step).below(len(self.text) - self.window, self.batch)
            fresh = True
        else:
            run, place = divmod(step, self.steps)
            first = Draws("pass", self.seed, run).below(len(self.text), 1)[0]
            parts = np.arange(self.batch) * (len(self.text) // self.batch)
            starts, fresh = first + parts + place * self.window, place == 0
        places = (starts[:, None] + np.arange(self.window + 1)) % len(self.text)
        symbols = self.text[places].astype(np.int64)
        return Windows(symbols[:, :-1], symbols[:, 1:], fresh)
