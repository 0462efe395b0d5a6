"""From scores to the next character: temperature, top-k, top-p, and a guard against text that goes round in circles.

Axes: B samples, V symbols of the vocabulary.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real

import numpy as np
from jaxtyping import Float64, Int64
from torch import Tensor

from pushpop.errors import ConfigError, RunError
from pushpop.tasks.draws import Draws
from pushpop.tasks.task import shown

AGAIN = 24  # characters that are a repeat where they stand a second time
BACK = 2_000  # characters from one to the other, at most, for the guard to see it
LATELY = 200  # characters for which the guard stays awake
SEEN = AGAIN + BACK + LATELY  # characters that it must have seen to know all that it can


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next character is chosen: symbol i of scores x with a probability of exp(x_i / T) / sum_j exp(x_j / T).

    `temperature`  T, which divides the scores: below 1 the likely become likelier, above 1 all become alike; 0 is
                   greedy: the highest score, of equal ones the first. The inverse temperature of some texts is 1 / T.
    `top_k`        only this many of the likeliest are drawn from; 0 is all of them.
    `top_p`        of those, only the likeliest whose probabilities at T come to this share or just above; 1 is all.
    `guard`        whether text that goes round in circles is led out of them. A character ends a repeat where it and
                   the 23 before it stand the same 1 to 2,000 characters earlier. While r > 0 of the last 200 do, the
                   next is drawn from all symbols at a temperature of at least 0.5 + r / 100: so the text turns off
                   where the model itself is in doubt, and the sooner the longer it went round.

    Raises:
        ConfigError: a temperature that is negative or not finite, no whole `top_k`, or a `top_p` outside 0 to 1.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    guard: bool = False

    def __post_init__(self) -> None:
        if not (number(self.temperature) and self.temperature >= 0):
            told = shown(self.temperature)
            raise ConfigError(f"temperature: {told} is no temperature; give 0 (greedy) or more, such as 0.8")
        if not whole(self.top_k) or self.top_k < 0:
            raise ConfigError(f"top_k: {shown(self.top_k)} is no number of symbols; give 1 or more, or 0 for all")
        if not (number(self.top_p) and 0 < self.top_p <= 1):
            raise ConfigError(f"top_p: {shown(self.top_p)} is no share; give more than 0 and at most 1")
        if not isinstance(self.guard, bool):
            raise ConfigError(f"guard: {shown(self.guard)} is neither on nor off; give True or False")

    @property
    def greedy(self) -> bool:
        """Whether nothing is left to chance (but by the guard)."""
        return self.temperature == 0 or self.top_k == 1


class Guard:
    """What is repeated in one text, as it grows; in memory that does not."""

    def __init__(self, text: Iterable[int] = ()) -> None:
        self._place = 0  # how many symbols there have been
        self._last: deque[int] = deque(maxlen=AGAIN)
        self._places: dict[tuple[int, ...], int] = {}  # where each stretch of 24 has last ended
        self._repeats: deque[int] = deque()  # places of the last 200 that end a repeat
        for symbol in text:
            self.saw(symbol)

    def saw(self, symbol: int) -> None:
        """The text has one symbol more."""
        self._last.append(symbol)
        self._place += 1
        if self._repeats and self._place - self._repeats[0] >= LATELY:
            self._repeats.popleft()
        stretch = tuple(self._last)  # shorter at a text's beginning, where it is like no other
        if self._place - self._places.get(stretch, -BACK) <= BACK:
            self._repeats.append(self._place)
        self._places[stretch] = self._place
        if len(self._places) > 2 * BACK:
            self._places = {one: place for one, place in self._places.items() if self._place - place < BACK}

    @property
    def temperature(self) -> float:
        """At least what the next symbol is drawn at; 0 where nothing is repeated."""
        return 0.5 + len(self._repeats) / 100 if self._repeats else 0.0


def choose(
    scores: Float64[np.ndarray, "B V"] | Tensor,
    sampling: Sampling,
    draws: Sequence[Draws],
    guards: Sequence[Guard] = (),
    never: int | None = None,
) -> Int64[np.ndarray, " B"]:
    """The next symbol of each of B samples.

    `draws` are the streams of chance of each, `guards` what is repeated in each, or none: no sample depends on which
    others there are. `never` is a symbol that is not to be chosen, the unknown one.

    Raises:
        RunError: scores that are no numbers, as those of weights that training has thrown out of range.
    """
    given = scores.detach().cpu().double().numpy() if isinstance(scores, Tensor) else np.asarray(scores, np.float64)
    if never is not None:
        given = given.copy()
        given[:, never] = -np.inf
    best = given.max(1)
    if not np.isfinite(best).all():  # also where one is NaN
        raise RunError("scores: some are no numbers; the weights are no use: train again, with a lower --training.rate")
    chosen = given.argmax(1) if sampling.greedy else drawn(probabilities(given, sampling), draws)
    for row, guard in enumerate(guards):
        if guard.temperature:
            hot = Sampling(temperature=max(sampling.temperature, guard.temperature))
            chosen[row] = drawn(probabilities(given[row : row + 1], hot), draws[row : row + 1])[0]
    return chosen


def probabilities(scores: Float64[np.ndarray, "B V"], sampling: Sampling) -> Float64[np.ndarray, "B V"]:
    """What each symbol is drawn with; 0 for those that are left out. For a temperature above 0."""
    with np.errstate(over="ignore"):  # a difference of scores that the temperature makes infinite is a chance of 0
        logs = (scores - scores.max(1, keepdims=True)) / sampling.temperature
    logs -= np.log(np.exp(logs).sum(1, keepdims=True))
    chances = np.exp(logs)
    symbols = scores.shape[1]
    if not 0 < sampling.top_k < symbols and sampling.top_p == 1:
        return chances
    order = np.argsort(-scores, axis=1, kind="stable")  # of scores: chances may be equal where they are not
    falling = np.take_along_axis(chances, order, 1)
    falling[:, sampling.top_k or symbols :] = 0
    if sampling.top_p < 1:
        falling /= falling.sum(1, keepdims=True)
        before = falling.cumsum(1) - falling
        falling[before >= sampling.top_p] = 0
    np.put_along_axis(chances, order, falling, 1)
    return chances / chances.sum(1, keepdims=True)


def drawn(chances: Float64[np.ndarray, "B V"], draws: Sequence[Draws]) -> Int64[np.ndarray, " B"]:
    """One symbol of each row: the first with which the sum of chances is above a uniform number of 53 bits."""
    found = np.empty(len(chances), np.int64)
    for row, (sums, source) in enumerate(zip(chances.cumsum(1), draws, strict=True)):
        high, low = source.below(2**32, 2).tolist()
        uniform = ((high << 21) | (low >> 11)) / 2**53
        found[row] = np.searchsorted(sums, uniform * sums[-1], side="right")
    return found


def number(value: object) -> bool:
    """Whether this is a finite number, and no truth value."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # a whole number larger than any float
        return False


def whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
