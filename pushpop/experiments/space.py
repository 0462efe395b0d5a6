"""The axes of a sweep: settings by their dotted names, each with a list of values or a range."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

from pushpop.errors import ConfigError
from pushpop.experiments.fields import refuse_unknown

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Value = str | int | float | bool
WAY_OUT = "give a list such as [64, 128], or a range such as { low = 1e-4, high = 1e-2, log = true }"
MOST = 100_000  # points of a grid
FARTHEST = 1e15  # numbers in a range, and steps from one end to the other: all are told apart
RANGE = ("low", "high", "log", "step")


@dataclass(frozen=True)
class Choices:
    """Values one by one."""

    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values or len({(type(value), value) for value in self.values}) < len(self.values):
            raise ConfigError(
                f"{list(self.values)!r} holds {'a value twice' if self.values else 'no value'}; {WAY_OUT}"
            )

    def points(self) -> tuple[Value, ...]:
        return self.values

    def ends(self) -> tuple[Value, ...]:
        """Values which, if a setting may have them, it may have all."""
        return self.values

    def draw(self, source: Random) -> Value:
        """One at random."""
        return source.choice(self.values)

    def distribution(self) -> "BaseDistribution":
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.values)


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`: evenly, by their logarithm, or in steps. Whole ones where the ends are."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def __post_init__(self) -> None:
        numbers = [number for number in (self.low, self.high, self.step) if number is not None]
        if any(type(number) not in (int, float) or not -FARTHEST <= number <= FARTHEST for number in numbers):
            raise ConfigError(f"{self.low!r} to {self.high!r}, step {self.step!r}: these are no numbers; {WAY_OUT}")
        if type(self.log) is not bool or (self.log and (self.low <= 0 or self.step is not None)):
            raise ConfigError(f"log = {self.log!r} takes a low above 0 and no step; {WAY_OUT}")
        if not self.low < self.high or (self.step is not None and not 0 < self.step <= self.high - self.low):
            raise ConfigError(f"{self.low} to {self.high}, step {self.step}: nothing lies there; {WAY_OUT}")
        if self.step is None:
            return
        low, high, step = exact(self.low), exact(self.high), exact(self.step)
        if (high - low) / step > FARTHEST:
            raise ConfigError(f"{self.low} to {self.high}, step {self.step}: so small a step is none; leave it out")
        if (high - low) % step:
            last = low + (high - low) // step * step
            raise ConfigError(f"steps of {self.step} from {self.low} miss {self.high}; give such as high = {last}")

    @property
    def whole(self) -> bool:
        return type(self.low) is int and type(self.high) is int and type(self.step or 1) is int

    @property
    def count(self) -> int:
        """How many numbers it has; 0 where they cannot be counted."""
        if self.step is None and (self.log or not self.whole):
            return 0
        return int((exact(self.high) - exact(self.low)) // exact(self.step or 1)) + 1

    def at(self, number: int) -> Value:
        """The end of so many steps from `low`."""
        there = exact(self.low) + exact(self.step or 1) * number
        return int(there) if self.whole else float(there)

    def points(self) -> tuple[Value, ...]:
        """Every step. ConfigError where there are none: a grid cannot walk through all numbers."""
        if not self.count:
            raise ConfigError("a grid needs a list here, or a range with a step")
        if self.count > MOST:
            raise ConfigError(f"{self.count:,} values; a grid takes up to {MOST:,}: give a larger step, or a list")
        return tuple(self.at(number) for number in range(self.count))

    def ends(self) -> tuple[Value, ...]:
        """Both, as a search draws them, and where there is a step the second number: it may have more digits."""
        both = (self.low, self.high) if self.whole else (float(self.low), float(self.high))
        return (*both, self.at(1)) if self.step else both

    def draw(self, source: Random) -> Value:
        """One at random."""
        if self.count:
            return self.at(source.randrange(self.count))
        if not self.log:
            return source.uniform(self.low, self.high)
        drawn = math.exp(source.uniform(math.log(self.low), math.log(self.high)))
        within = min(max(drawn, self.low), self.high)
        return round(within) if self.whole else float(within)

    def distribution(self) -> "BaseDistribution":
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(float(self.low), float(self.high), log=self.log, step=self.step)


Axis = Choices | Range


def exact(number: float) -> Decimal:
    """The number as it is written: 0.1, and three times 0.1 is 0.3."""
    return Decimal(str(number))


def axes(given: object, place: str, above: str = "") -> dict[str, Axis]:
    """Each axis by the dotted name of its setting, from nested tables or dotted names. ConfigError with its place."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"{place}: {given!r} is no table of axes; give such as model.hidden = [64, 128]")
    found: dict[str, Axis] = {}
    for name, value in given.items():
        here = f"{above}{name}"
        try:
            is_range = isinstance(value, Mapping) and ("." in here or bool({"low", "high"} & set(value)))
            if isinstance(value, Mapping) and not is_range:
                more = axes(value, place, f"{here}.")
            else:
                more = {here: axis(value)}
            for twice in more.keys() & found.keys():
                raise ConfigError(f"{place}.{twice}: given twice; give it once, with all its values")
            found |= more
        except ConfigError as error:
            told = str(error)
            raise ConfigError(told if told.startswith(f"{place}.") else f"{place}.{here}: {told}") from None
    return found


def axis(value: object) -> Axis:
    """One axis, from a list or a range. ConfigError without its place."""
    if isinstance(value, Mapping):
        refuse_unknown(value, RANGE, "")
        if not {"low", "high"} <= set(value):
            raise ConfigError(f"a range has both low and high; {WAY_OUT}")
        return Range(value["low"], value["high"], value.get("log", False), value.get("step"))
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(each, Value) for each in value):
        return Choices(tuple(value))
    raise ConfigError(f"{value!r} is neither a list nor a range; {WAY_OUT}")


def grid(over: Mapping[str, Axis], place: str) -> Iterator[dict[str, Value]]:
    """Every point of these axes, the last axis fastest. ConfigError where they are too many or cannot be counted."""
    columns: list[Sequence[Value]] = []
    for name, axis in over.items():
        try:
            columns.append(axis.points())
        except ConfigError as error:
            raise ConfigError(f"{place}.{name}: {error}") from None
    if math.prod(map(len, columns)) > MOST:
        raise ConfigError(f"{place}: more than {MOST:,} configurations; give fewer values, or search at random")
    for point in product(*columns):
        yield dict(zip(over, point, strict=True))


def nested(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as nested tables.

    >>> nested({"model.hidden": 64, "training.rate": 0.1})
    {'model': {'hidden': 64}, 'training': {'rate': 0.1}}
    """
    found: dict[str, Any] = {}
    for place, value in chosen.items():
        *above, name = place.split(".")
        table = found
        for each in above:
            table = table.setdefault(each, {})
        table[name] = value
    return found
