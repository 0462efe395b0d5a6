"""What a sweep is: settings, the axes along which they vary, seeds, and how configurations are looked for.

A variant is a part of a sweep with settings and axes of its own; a configuration is settings without the seed; a trial
is a configuration with one seed, and a run folder. Knows no torch and no Optuna.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError
from pushpop.experiments.fields import fill, one_of, refuse_unknown, typed
from pushpop.experiments.presets import PRESETS
from pushpop.experiments.pruning import Pruning
from pushpop.experiments.seeds import seeds_of
from pushpop.experiments.settings import MOST_SEED, PARTS, merge, read_toml, table
from pushpop.experiments.space import MOST, Axis, axes, grid
from pushpop.experiments.variants import (
    SETTINGS,
    Configuration,
    Search,
    Variant,
    kept_where_known,
    look_at,
    look_at_point,
    over_of,
    settled,
)
from pushpop.training.settings import MOST as MOST_OF_TRAINING

MOST_THREADS = MOST_OF_TRAINING["threads"]
OWN = ("name", "search", "trials", "seeds", "seed", "threads", "over", "pruning", "variants")


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
        if not self.name.strip() or self.name.startswith(".") or "/" in self.name or not self.name.isprintable():
            raise ConfigError(f"sweep.name: {self.name!r} names no folder; give a word, such as rates")
        for name, least, most in (("trials", 0, MOST), ("seed", 0, MOST_SEED), ("threads", 1, MOST_THREADS)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"sweep.{name}: {value} is too few; give {least} or more")
            if value is not None and value > most:
                raise ConfigError(f"sweep.{name}: {value} is too many; give {most} or fewer")
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
            place = over_of(variant)
            for chosen in grid(variant.over, place):
                yield look_at_point(variant, chosen, place)

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
        own = a_table(given.get("sweep", {}), "sweep", 'search = "grid"')
        refuse_unknown(own, OWN, "sweep")
        start = based(base, "")
        over = axes(own.pop("over", {}), "sweep.over")
        variants = tuple(read_variants(own.pop("variants"), start, over)) if "variants" in own else ()
        seeds = seeds_of(own.pop("seeds", 0), "sweep.seeds")
        pruning = a_table(own.pop("pruning"), "sweep.pruning", "first = 0.5") if "pruning" in own else None
        hints = {"name": str, "search": Search, "trials": int, "seed": int, "threads": int}
        chosen: dict[str, Any] = {"name": name}
        chosen |= {key: typed(value, hints[key], f"sweep.{key}") for key, value in own.items()}
        return Sweep(
            **chosen,
            seeds=seeds,
            pruning=None if pruning is None else fill(Pruning, pruning, "sweep.pruning"),
            variants=variants or (Variant(base=start, over=over),),
        )


def read_variants(given: object, base: Mapping[str, Any], over: Mapping[str, Axis]) -> Iterator[Variant]:
    """Variants from a list of tables, each with the sweep's own settings and axes under its own."""
    if not isinstance(given, list) or not given or not all(isinstance(each, Mapping) for each in given):
        raise ConfigError("sweep.variants: not a list of tables; write each as [[sweep.variants]]")
    for number, each in enumerate(given, start=1):
        name = str(typed(each.get("name", f"variant {number}"), str, f"sweep.variants[{number}].name"))
        if not name.strip() or not name.isprintable():
            raise ConfigError(f"sweep.variants[{number}].name: {name!r} is no name; give a word, such as deep")
        place = f"sweep.variants[{name}]"
        refuse_unknown(each, ("name", "over", "seeds", "preset", *SETTINGS), place)
        own = based({part: value for part, value in each.items() if part not in ("name", "over", "seeds")}, f"{place}.")
        mine = axes(each.get("over", {}), f"{place}.over")
        seeds = seeds_of(each["seeds"], f"{place}.seeds") if "seeds" in each else ()
        yield Variant(name=name, base=over_base(base, own, place), over={**over, **mine}, seeds=seeds)


def over_base(base: Mapping[str, Any], own: Mapping[str, Any], place: str) -> dict[str, object]:
    """The settings of a variant over those of the sweep. ConfigError, with the variant unless the sweep's cannot be."""
    try:
        found = kept_where_known(base, own)
        settled(found, {})
    except ConfigError as error:
        try:
            settled(base, {})
        except ConfigError as before:
            if str(before) == str(error):
                raise
        raise ConfigError(f"{place}.{error}") from None
    return found


def a_table(given: object, place: str, example: str) -> dict[str, Any]:
    """A table of its own. ConfigError for anything else: a word alone is no kind here."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"{place}: {given!r} is no table; write [{place}], and below it such as {example}")
    return dict(given)


def based(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Nested settings with those of the preset they name under them. The seed is no setting of a sweep."""
    own = dict(given)
    if "seed" in own:
        raise ConfigError(f"{place}seed: seeds are an axis of their own; give sweep.seeds, such as 0-4")
    refuse_unknown(own, ("preset", *PARTS), place.removesuffix("."))
    if "threads" in table(own.get("training", {}), f"{place}training"):
        raise ConfigError(f"{place}training.threads: is what a trial claims; give sweep.threads")
    preset = str(own.pop("preset", "default"))
    one_of(preset, PRESETS, f"{place}preset")
    return merge(PRESETS[preset].settings, own)
