"""What a trial is worth, and a configuration over its seeds: by validation words alone, never by test words."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

WHOLE = ("coarse", "accuracy", "auc", "graph")  # scores that are 1 where every validation word is right
TEXT, BITS = "nats", "bits_per_character"  # what text is scored in: less is better
HALF_WAY = 100_000  # words at which a solved trial is worth 1/2


def of_text(result: Mapping[str, Any]) -> bool:
    """Whether it is of a run on text, which may have no validation part, and no tail either."""
    return "characters" in result or any(TEXT in (result.get(split) or {}) for split in ("validation", "test"))


def whole(result: Mapping[str, Any]) -> float:
    """The share of validation words that are right; of text, where that is no question, 0."""
    found = result.get("validation") or {}
    if TEXT in found:
        return 0.0
    return next((float(found[name]) for name in WHOLE if name in found), 0.0)


def right(result: Mapping[str, Any]) -> bool:
    """Whether every validation word is right."""
    return whole(result) == 1.0


def score(result: Mapping[str, Any]) -> float:
    """What a search is told of one trial; lower is better.

    From 0 up to 1 by the words it took where every validation word is right; else from 1 up to 2.1, by the share that
    is, and a tenth of it by the symbols before the first error, which say more while no word is whole. Of text it is
    from 1 up to 2, by the nats of a character; with no validation part nothing tells one trial from another.
    """
    if TEXT in (result.get("validation") or {}):
        return 2.0 - math.exp(-float(result["validation"][TEXT]))
    if right(result):
        words = float(result["words"])
        return words / (words + HALF_WAY)
    fine = float((result.get("validation") or {}).get("fine", 0.0))
    return 2.0 - whole(result) + (1.0 - fine) / 10


def order(results: Sequence[Mapping[str, Any] | None]) -> tuple[float, float, float]:
    """What configurations are ranked by, best first: how many of its seeds are wholly right, in how many words.

    One result a seed, None for one that failed or was stopped: neither is right. Among configurations that are never
    right the mean score decides.
    """
    if not results:
        return 0.0, math.inf, math.inf
    done = [result for result in results if result is not None]
    words = [float(result["words"]) for result in done if right(result)]
    mean = statistics.fmean([*(score(result) for result in done), *[2.1] * (len(results) - len(done))])
    return -len(words) / len(results), statistics.median(words) if words else math.inf, mean
