"""The page that shows a memory at work, step by step: one HTML file that opens anywhere and asks for nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushpop.errors import PushpopError
from pushpop.reporting.markup import write_page

if TYPE_CHECKING:
    from pushpop.evaluation.trace import Trace

PLACES = 4  # decimal places shown and stored
SEEN = 5e-4  # a cell with less strength is empty to the eye: leaving it out keeps the page of a long word small


def write_trace(trace: "Trace", out: Path, about: str = "") -> Path:
    """Write the page of one trace to `out`; gives its path. `about` is a line that says which run this is.

    Raises ConfigError for an `out` that cannot be a file, PushpopError for a memory that has no page.
    """
    if trace.memory == "Superposition":
        raise PushpopError("trace: superposition stacks have no page yet; give --json for all that they do, as data")
    return write_page("trace.html", out, about=about, trace=compact(trace.to_dict()))


def compact(trace: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of `Trace.to_dict()`: the lists of cells as pairs (cell, amount) of those not empty."""
    steps = [
        {
            **{name: step[name] for name in ("fed", "phase", "predicted", "wanted", "correct")},
            **{name: round(step[name], PLACES) for name in ("push", "pop", "probability")},
            **{name: pairs(step[name]) for name in ("strengths", "weights")},
        }
        for step in trace["steps"]
    ]
    return {
        **{name: trace[name] for name in ("word", "wanted", "said", "rounded", "cells", "first_error")},
        "steps": steps,
    }


def pairs(amounts: Sequence[float]) -> list[tuple[int, float]]:
    """Oldest first, as (cell, amount), the empty ones left out."""
    return [(cell, round(amount, PLACES)) for cell, amount in enumerate(amounts) if amount >= SEEN]
