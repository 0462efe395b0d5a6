"""What a sweep is: settings, the axes along which they vary, seeds, and how configurations are looked for.

A variant is a part of a sweep with settings and axes of its own; a configuration is settings without the seed; a trial
is a configuration with one seed, and a run folder. Knows no torch and no Optuna.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pushpop.errors import ConfigError
from pushpop.experiments.fields import fill, one_of, refuse_unknown, typed
from pushpop.experiments.presets import PRESETS
from pushpop.experiments.pruning import Pruning
from pushpop.experiments.seeds import seeds_of
from pushpop.experiments.settings import BUDGET_PLACES, PARTS, UNCOUNTED, Settings, merge, read_toml, table
from pushpop.experiments.space import Axis, Value, axes, grid, nested

Search = Literal["grid", "random", "tpe"]
SETTINGS = ("task", "model", "training")
OWN = ("name", "search", "trials", "seeds", "seed", "threads", "over", "pruning", "variants")


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


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A search over the settings of trials.

    `name`      names its folder.
    `search`    "grid" (every point), "random", or "tpe" (Optuna's tree-structured Parzen estimator).
    `trials`    configurations that a random or tpe search looks at, and 0: until stopped. A grid has as many as it has;
                with 0 it goes on with further seeds.
    `seeds`     each configuration is trained from every one of them; a variant may have seeds of its own.
    `seed`      of the search itself.
    `threads`   cores that a trial claims.
    """

    name: str
    search: Search = "grid"
    trials: int | None = None
    seeds: tuple[int, ...] = (0,)
    seed: int = 0
    threads: int = 1
    pruning: Pruning | None = None
    variants: tuple[Variant, ...] = (Variant(),)

    def __post_init__(self) -> None:
        if not self.name or self.name.startswith(".") or "/" in self.name:
            raise ConfigError(f"sweep.name: {self.name!r} names no folder; give a word, such as rates")
        for name, least in (("trials", 0), ("seed", 0), ("threads", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"sweep.{name}: {value} is too few; give {least} or more")
        if self.search == "grid" and self.trials:
            raise ConfigError(f"sweep.trials: a grid has as many as it has, not {self.trials}; leave it out, or give 0")
        if self.search != "grid" and self.trials is None:
            raise ConfigError(
                f"sweep.trials: how many? {self.search} never ends by itself; give 20, or 0: until stopped"
            )
        names = [variant.name for variant in self.variants]
        if len(set(names)) < len(names):
            raise ConfigError(f"sweep.variants: {', '.join(names)}: a name twice; give each a name of its own")
        for variant in self.variants:
            look_at(variant, self.search)

    @property
    def endless(self) -> bool:
        return self.trials == 0

    def seeds_of(self, variant: Variant) -> tuple[int, ...]:
        """From which each configuration of a variant is trained."""
        return variant.seeds or self.seeds

    def configurations(self) -> Iterator[Configuration]:
        """Those of a grid, variant by variant. Two variants may share one: its run folder is then one, too."""
        for variant in self.variants:
            for chosen in grid(variant.over, "sweep.over"):
                yield variant.at(chosen)

    def to_dict(self) -> dict[str, Any]:
        """All of it as nested plain data, as `sweep.json` holds it."""
        return asdict(self)

    @staticmethod
    def read(path: Path) -> "Sweep":
        """A sweep from a TOML file, named after the file unless it says otherwise.

        Raises:
            ConfigError: one line: file, place, value, rule, way out.
        """
        given = read_toml(path)
        try:
            return Sweep.from_dict(given, path.stem)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None

    @staticmethod
    def from_dict(given: Mapping[str, Any], name: str = "sweep") -> "Sweep":
        """A sweep from nested plain data: settings as `pushpop train --config` takes them, and a table `sweep`.

        Raises:
            ConfigError: one line: place, value, rule, way out.
        """
        base = {part: value for part, value in given.items() if part != "sweep"}
        own = table(given.get("sweep", {}), "sweep")
        refuse_unknown(own, OWN, "sweep")
        start = based(base, "")
        over = axes(own.pop("over", {}), "sweep.over")
        variants = own.pop("variants", None)
        seeds = seeds_of(own.pop("seeds", 0), "sweep.seeds")
        pruning = own.pop("pruning", None)
        hints = {"name": str, "search": Search, "trials": int, "seed": int, "threads": int}
        chosen: dict[str, Any] = {"name": name}
        chosen |= {key: typed(value, hints[key], f"sweep.{key}") for key, value in own.items()}
        return Sweep(
            **chosen,
            seeds=seeds,
            pruning=None if pruning is None else fill(Pruning, table(pruning, "sweep.pruning"), "sweep.pruning"),
            variants=tuple(read_variants(variants, start, over)) if variants else (Variant(base=start, over=over),),
        )


def read_variants(given: object, base: Mapping[str, Any], over: Mapping[str, Axis]) -> Iterator[Variant]:
    """Variants from a list of tables, each with the sweep's own settings and axes under its own."""
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise ConfigError("sweep.variants: not a list of tables; write each as [[sweep.variants]]")
    for number, each in enumerate(given, start=1):
        name = str(each.get("name", f"variant {number}"))
        place = f"sweep.variants[{name}]"
        refuse_unknown(each, ("name", "over", "seeds", "preset", *SETTINGS), place)
        own = based({part: value for part, value in each.items() if part not in ("name", "over", "seeds")}, f"{place}.")
        mine = axes(each.get("over", {}), f"{place}.over")
        seeds = seeds_of(each["seeds"], f"{place}.seeds") if "seeds" in each else ()
        yield Variant(name=name, base=kept_where_known(base, own), over={**over, **mine}, seeds=seeds)


def based(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Nested settings with those of the preset they name under them. The seed is no setting of a sweep."""
    own = dict(given)
    if "seed" in own:
        raise ConfigError(f"{place}seed: seeds are an axis of their own; give sweep.seeds, such as 0-4")
    refuse_unknown(own, ("preset", *PARTS), place.removesuffix("."))
    preset = str(own.pop("preset", "default"))
    one_of(preset, PRESETS, f"{place}preset")
    return merge(PRESETS[preset].settings, own)


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
    """See that every setting a search may choose exists and can be. ConfigError with the place of the axis."""
    place = f"sweep.variants[{variant.name}].over" if variant.name else "sweep.over"
    if "seed" in variant.over:
        raise ConfigError(f"{place}.seed: seeds are an axis of their own; give sweep.seeds, such as 0-4")
    counted = {place for place, _ in settled(variant.base, {}).counted()}
    for name in variant.over:
        if name in UNCOUNTED:
            raise ConfigError(f"{place}.{name}: changes no result, so it is no axis; give it among the settings")
        if name in BUDGET_PLACES and name not in counted:
            raise ConfigError(f"{place}.{name}: the run with the most holds all others; give that among the settings")
    if search == "grid":
        for chosen in islice(grid(variant.over, place), 10_000):  # of more than these, the rest is seen when begun
            look_at_point(variant, chosen, place)
        return
    first = {name: axis.ends()[0] for name, axis in variant.over.items()}
    for name, axis in variant.over.items():
        for value in axis.ends():
            look_at_point(variant, {**first, name: value}, place)


def look_at_point(variant: Variant, chosen: Mapping[str, Value], place: str) -> None:
    try:
        variant.at(chosen)
    except ConfigError as error:
        raise ConfigError(f"{place}.{error}") from None
