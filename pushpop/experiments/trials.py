"""Which trials a sweep is made of, in the order in which they are begun; what is known already is not asked for."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from pushpop.errors import ConfigError
from pushpop.experiments.standing import identity
from pushpop.experiments.sweep import Configuration, Sweep, Variant

TIRED = 100  # suggestions running that were all known: the space has been walked through


class Wanted(NamedTuple):
    """A trial to begin; one that a search has suggested has its number already."""

    configuration: Configuration
    seed: int
    index: int
    number: int | None = None


Suggest = Callable[[Variant, int, int], tuple[int, Mapping[str, Any]]]
"""The next configuration of a variant, under this index, for this seed: the number of its trial, and its place."""


def of_grid(sweep: Sweep) -> Iterator[Wanted]:
    """Variant by variant, seed by seed, every configuration: after the first seed all of them can be compared."""
    found = list(sweep.configurations())
    for variant in sweep.variants:
        for seed in sweep.seeds_of(variant):
            yield from (Wanted(each, seed, number) for number, each in enumerate(found) if each.variant == variant.name)
    if sweep.endless:
        last = {variant.name: sweep.seeds_of(variant)[-1] for variant in sweep.variants}
        for further in count(1):
            yield from (Wanted(each, last[each.variant] + further, number) for number, each in enumerate(found))


Refuse = Callable[[Variant, int, int, Mapping[str, Any], ConfigError], None]
"""Told of a trial (variant, seed, number, place) at whose place no run can be, and why."""


def of_search(
    sweep: Sweep, known: Mapping[int, Mapping[str, Any]], suggest: Suggest, refuse: Refuse
) -> Iterator[Wanted]:
    """Configuration by configuration with all its seeds; variants take turns.

    `known` are the places that were suggested before, by index. Ends early once nothing new is suggested any more.
    """
    tried = {identity(sweep.variants[index % len(sweep.variants)].name, chosen, 0) for index, chosen in known.items()}
    stale = 0
    for index in count() if sweep.endless else range(sweep.trials or 0):
        variant = sweep.variants[index % len(sweep.variants)]
        first = None
        if index in known:
            chosen = known[index]
        else:
            first, chosen = suggest(variant, index, sweep.seeds_of(variant)[0])
            mine = identity(variant.name, chosen, 0)
            stale = stale + 1 if mine in tried else 0
            tried.add(mine)
        try:
            configuration = variant.at(chosen)
        except ConfigError as error:
            if first is not None:
                refuse(variant, sweep.seeds_of(variant)[0], first, chosen, error)
        else:
            for seed in sweep.seeds_of(variant):
                yield Wanted(configuration, seed, index, first)
                first = None
        if stale >= TIRED:
            return


def seed_of(search: int, index: int) -> int:
    """The sampler's seed for one suggestion: a search that is killed and goes on draws what it would have drawn."""
    return int.from_bytes(hashlib.sha256(f"{search} {index}".encode()).digest()[:4], "little")


def spared(search: int, number: int, share: float) -> bool:
    """Whether a doomed trial is let go on, to see whether it was doomed: the same for the same trial, always."""
    drawn = int.from_bytes(hashlib.sha256(f"spare {search} {number}".encode()).digest()[:6], "little")
    return drawn < share * 2**48
