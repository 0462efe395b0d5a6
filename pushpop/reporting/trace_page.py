"""The page that shows a memory at work, step by step: one HTML file that opens anywhere and asks for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushpop.errors import PushpopError
from pushpop.reporting.markup import write_page

if TYPE_CHECKING:
    from pushpop.evaluation.trace import Trace

PLACES = 4  # decimal places shown and stored
SEEN = 5e-4  # a cell with less strength is empty to the eye: leaving it out keeps the page of a long word small


@dataclass(frozen=True)
class Words:
    """What the page says of one kind of memory."""

    heading: str
    lowest: str  # the cell at the bottom of the chart
    rule: str  # what a rule well learned looks like there


WORDS = {
    "Stack": Words(
        "The stack",
        "the oldest",
        "A word said backwards by the rule shows as a staircase up while it is read and the same staircase down while "
        "it is said.",
    ),
    "Queue": Words(
        "The queue, its front on top",
        "the oldest",
        "A word said over again by the rule shows as a staircase up while it is read, from which the oldest cells go "
        "first while it is said.",
    ),
    "DeQue": Words(
        "The DeQue, its top on top",
        "the bottom one",
        "Of two bars the darker or upper one is the top's, the paler or lower one the bottom's.",
    ),
}


def write_trace(trace: "Trace", out: Path, about: str = "") -> Path:
    """Write the page of one trace to `out`; gives its path. `about` is a line that says which run this is.

    Raises ConfigError for an `out` that cannot be a file, PushpopError for a memory that has no page.
    """
    if trace.memory not in WORDS:
        raise PushpopError(f"trace: {trace.memory} has no page yet; give --json for all that it does, as data")
    return write_page("trace.html", out, about=about, words=WORDS[trace.memory], trace=compact(trace.to_dict()))


def compact(trace: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of `Trace.to_dict()`: the lists of cells as pairs (cell, amount) of those not empty.

    A cell has one number in all steps, its place in the last one: a DeQue has grown below it too since it came.
    """
    most = len(trace["steps"][-1]["strengths"])
    steps = []
    for step in trace["steps"]:
        below = (most - len(step["strengths"])) // 2 if step["bottom"] else 0
        shown = {name: step[name] for name in ("fed", "phase", "predicted", "wanted", "correct")}
        shown |= {"probability": round(step["probability"], PLACES), "strengths": pairs(step["strengths"], below)}
        steps.append({**shown, "ends": [end(done, below) for done in (step, step["bottom"]) if done]})
    return {
        **{name: trace[name] for name in ("memory", "word", "wanted", "said", "rounded", "cells", "first_error")},
        "steps": steps,
    }


def end(done: dict[str, Any], below: int) -> dict[str, Any]:
    """What is done at one end in one step."""
    amounts = {name: round(done[name], PLACES) for name in ("push", "pop")}
    return {**amounts, "weights": pairs(done["weights"], below)}


def pairs(amounts: Sequence[float], below: int) -> list[tuple[int, float]]:
    """In order, as (cell, amount), the empty ones left out; `below` cells came under the first one later."""
    return [(cell, round(amount, PLACES)) for cell, amount in enumerate(amounts, below) if amount >= SEEN]
