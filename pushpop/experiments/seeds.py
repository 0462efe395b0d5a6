"""Seeds as people write them, and those that follow from them."""

import re
from collections.abc import Iterable

from pushpop.errors import ConfigError
from pushpop.experiments.settings import MOST_SEED
from pushpop.tasks.draws import LARGEST_BOUND, Draws

MOST = 100_000  # of them


def seeds_of(given: object, place: str) -> tuple[int, ...]:
    """Different seeds in order, from a list, or from text such as "0-2, 7". ConfigError otherwise.

    >>> seeds_of("7, 0-2", "seeds")
    (0, 1, 2, 7)
    """
    way_out = "give such as 0-19 or 0,3,7"
    found: list[int] = []
    for part in given.split(",") if isinstance(given, str) else listed(given, place):
        ends = re.fullmatch(r"\s*(\d{1,19})(?:-(\d{1,19}))?\s*", str(part))
        low, high = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
        if not low <= high <= MOST_SEED:
            raise ConfigError(f"{place}: {str(part).strip()!r} is no seed; {way_out}")
        if len(found) + high - low >= MOST:
            raise ConfigError(f"{place}: up to {str(part).strip()!r} they are too many; give {MOST:,} or fewer")
        found += range(low, high + 1)
    if not found or len(set(found)) < len(found):
        raise ConfigError(f"{place}: {given!r} holds {'a seed twice' if found else 'no seed'}; {way_out}")
    return tuple(sorted(found))


def of_step(seed: int, step: int) -> int:
    """The seed of what is left out at random in a step: of nothing else, so that a run goes on as it would have."""
    return (seed * 1_000_003 + step) % (MOST_SEED + 1)


def of_start(seed: int, start: int) -> int:
    """The seed of a run's first weights at its start with this number; the first one has the run's own."""
    return Draws("start", seed, start).below(LARGEST_BOUND, 1).item() if start else seed


def listed(given: object, place: str) -> Iterable[object]:
    """The members of a list, or a whole number by itself."""
    if type(given) is int:
        return [given]
    if isinstance(given, Iterable):
        return given
    raise ConfigError(f"{place}: {given!r} is no list of seeds; give such as 0-19 or 0,3,7")
