"""The parts of a sweep: settings with axes of their own, the configurations on these, and whether all can be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import islice
from random import Random
from typing import Any, Literal

from pushpop.errors import ConfigError
from pushpop.experiments.fields import refuse_unknown
from pushpop.experiments.settings import BUDGET_PLACES, UNCOUNTED, Settings, merge, table
from pushpop.experiments.space import Axis, Value, grid, nested

Search = Literal["grid", "random", "tpe"]
SETTINGS = ("task", "model", "training")
LOOKS = 1000  # points of a grid seen when it is read; of a larger one, the rest is when it is begun
DRAWS = 200  # points of any other space seen then


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Settings without a seed, and the values on the axes that they come from."""

    variant: str
    chosen: Mapping[str, Value]
    settings: Settings

    @property
    def key(self) -> str:
        """What tells it from any other."""
        return self.settings.hash()

    def seeded(self, seed: int, threads: int) -> Settings:
        """The settings of one trial."""
        return Settings.from_dict(merge(self.settings.to_dict(), {"seed": seed, "training": {"threads": threads}}))


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A part of a sweep: its settings as nested plain data, its axes, and its seeds if they are not the sweep's."""

    name: str = ""
    base: Mapping[str, Any] = field(default_factory=dict)
    over: Mapping[str, Axis] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()

    def at(self, chosen: Mapping[str, Value]) -> Configuration:
        """The configuration at a point of its axes. ConfigError where a setting is unknown or cannot be."""
        return Configuration(variant=self.name, chosen=dict(chosen), settings=settled(self.base, nested(chosen)))


def settled(base: Mapping[str, Any], chosen: Mapping[str, Any]) -> Settings:
    """Settings from those of a variant and what was chosen on its axes. ConfigError."""
    return Settings.from_dict(kept_where_known(base, chosen))


def kept_where_known(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, object]:
    """`base` with what `over` says instead; where `over` names another kind, what that kind knows too is kept."""
    merged = merge(base, over)
    for part in ("task", "model"):
        old, new = table(base.get(part, {}), part), table(over.get(part, {}), part)
        if "kind" in new and new["kind"] != old.get("kind"):
            task = {"task": table(merged["task"], "task").get("kind", "reverse")} if "task" in merged else {}
            usual = getattr(Settings.from_dict({**task, part: new["kind"]}), part).settings
            known = {each.name for each in fields(usual)}
            merged[part] = {**{name: value for name, value in old.items() if name in known}, **new}
    return merged


def look_at(variant: Variant, search: Search) -> None:
    """See that every setting a search may choose exists and can be. ConfigError with the place of the axis.

    Seen are a small grid as a whole, and of all else each end of each axis and points drawn from the space.
    """
    place = over_of(variant)
    look_at_names(variant, place)
    if search == "grid":
        some = list(islice(grid(variant.over, place), LOOKS + 1))
        if len(some) <= LOOKS:
            for chosen in some:
                look_at_point(variant, chosen, place)
            return
    for chosen in drawn(variant.over):
        found = look_at_point(variant, chosen, place)
        if search != "grid" and getattr(found.settings.task.settings, "validation", 1.0) == 0.0:
            raise ConfigError(
                f"sweep.search: {search}: without a validation part (task.validation = 0) nothing says which trial is "
                "better; give task.validation, such as 0.1, or search = 'grid'"
            )


def over_of(variant: Variant) -> str:
    """Where its axes are given."""
    return f"sweep.variants[{variant.name}].over" if variant.name else "sweep.over"


def look_at_names(variant: Variant, place: str) -> None:
    """See that every axis is a setting that makes another run. ConfigError."""
    counted = {place for place, _ in settled(variant.base, {}).counted()}
    for name in variant.over:
        part, _, setting = name.partition(".")
        if part == "seed":
            raise ConfigError(f"{place}.seed: seeds are an axis of their own; give sweep.seeds, such as 0-4")
        refuse_unknown([part], SETTINGS, place)
        if not setting or "." in setting:
            example = "training.rate" if part == "training" else f"{part}.kind"
            raise ConfigError(f"{place}.{name}: is no setting; give one of this part by its name, such as {example}")
        if name in UNCOUNTED:
            where = "sweep.threads" if setting == "threads" else "it among the settings"
            raise ConfigError(f"{place}.{name}: changes no result, so it is no axis; give {where}")
        if name in BUDGET_PLACES and name not in counted:
            raise ConfigError(f"{place}.{name}: the run with the most holds all others; give that among the settings")


def drawn(over: Mapping[str, Axis]) -> Iterator[dict[str, Value]]:
    """Each end of each axis beside the first ends of the others, then points at random: the same ones each time."""
    first = {name: axis.ends()[0] for name, axis in over.items()}
    yield first
    for name, axis in over.items():
        yield from ({**first, name: value} for value in axis.ends()[1:])
    source = Random(0)
    for _ in range(DRAWS if over else 0):
        yield {name: axis.draw(source) for name, axis in over.items()}


def look_at_point(variant: Variant, chosen: Mapping[str, Value], place: str) -> Configuration:
    """The configuration there. ConfigError with the place of the axis, and where it is not by itself, of the others."""
    try:
        return variant.at(chosen)
    except ConfigError as error:
        told = str(error)
        for kind in ("task.kind", "model.kind"):
            if kind in chosen:
                told = re.sub(f"^{kind[:-5]}:", f"{kind}:", told)
        others = {name: value for name, value in chosen.items() if not told.startswith(f"{name}:")}
        beside = f" (with {', '.join(f'{name} = {value!r}' for name, value in others.items())})" if others else ""
        raise ConfigError(f"{place}.{told}{beside}") from None
