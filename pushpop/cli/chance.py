"""What `pushpop generate` leaves to chance: the options of sampling, and what of them goes together."""

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from pushpop.cli.options import whole
from pushpop.errors import ConfigError

if TYPE_CHECKING:
    from pushpop.evaluation.sampling import Sampling

CHANCE = Group("What is left to chance", sort_key=2)


@Parameter(name="*", group=CHANCE)
@dataclass(frozen=True, kw_only=True)
class Chance:
    """How characters are drawn."""

    temperature: Annotated[
        float | None,
        Parameter(help="Divides the scores: below 1 it keeps to what is likely, above 1 it ventures; 0 is greedy. [1]"),
    ] = None
    inverse_temperature: Annotated[
        float | None, Parameter(help="The same as 1 / temperature: it multiplies the scores.")
    ] = None
    temperatures: Annotated[str | None, Parameter(help="A table of the same prefix at several, such as 0,0.5,1,2.")] = (
        None
    )
    greedy: Annotated[bool, Parameter(help="Always the likeliest character; the same as --temperature 0.")] = False
    top_k: Annotated[
        int | None, Parameter(converter=whole, help="Draw from this many of the likeliest alone; 0 is all. [0]")
    ] = None
    top_p: Annotated[
        float | None, Parameter(help="Draw from the likeliest whose probabilities come to this share alone. [1]")
    ] = None
    guard: Annotated[
        bool, Parameter(help="Lead the text out where it goes round in circles, as greedy ones are apt to.")
    ] = False
    seed: Annotated[int, Parameter(converter=whole, help="Draws other samples.")] = 0

    def samplings(self) -> list["Sampling"]:
        """One, or one for each of several temperatures.

        Raises:
            ConfigError: options that contradict each other, or values that cannot be.
        """
        from pushpop.evaluation.sampling import Sampling

        given = {
            "--greedy": self.greedy or None,
            "--temperature": self.temperature,
            "--inverse-temperature": self.inverse_temperature,
            "--temperatures": self.temperatures,
        }
        named = [name for name, value in given.items() if value is not None]
        if len(named) > 1:
            raise ConfigError(f"generate: both {named[0]} and {named[1]}; each says the temperature: give one of them")
        if self.greedy and (self.top_k is not None or self.top_p is not None):
            other = "--top-k" if self.top_k is not None else "--top-p"
            raise ConfigError(f"generate: --greedy with {other}; it draws from nothing: leave one of them out")
        usual = Sampling(
            top_k=0 if self.top_k is None else self.top_k,
            top_p=1.0 if self.top_p is None else self.top_p,
            guard=self.guard,
        )
        return [replace(usual, temperature=temperature) for temperature in self.each_temperature()]

    def each_temperature(self) -> list[float]:
        """The temperatures asked for, however they were said. ConfigError where one is no number."""
        if self.greedy:
            return [0.0]
        if self.temperatures is not None:
            return [one(text) for text in self.temperatures.split(",")]
        if self.inverse_temperature is not None:
            if not 0 < self.inverse_temperature < inf or 1 / self.inverse_temperature == inf:
                told = f"--inverse-temperature: {self.inverse_temperature} is none of a temperature"
                raise ConfigError(f"{told}; give more than 0, such as 2 for a temperature of 0.5")
            return [1 / self.inverse_temperature]
        return [1.0 if self.temperature is None else self.temperature]


def one(text: str) -> float:
    """A temperature of a list. ConfigError where it is no number."""
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"--temperatures: {text!r} is no temperature; give a list such as 0,0.5,1,2") from None
