"""The page that shows a memory at work, step by step: one HTML file that opens anywhere and asks for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushpop.errors import PushpopError
from pushpop.reporting.markup import write_page
from pushpop.tasks.encoding import END, label

if TYPE_CHECKING:
    from pushpop.evaluation.trace import Trace
    from pushpop.evaluation.verdict import Decoding

PLACES = 4  # decimal places shown and stored
SEEN = 5e-4  # a cell with less strength is empty to the eye
ENDING = label(END)


@dataclass(frozen=True)
class Words:
    """What the page says of one kind of memory."""

    heading: str
    shape: str  # pile or pipe
    ends: tuple[str, ...]  # what its hands are called, where there are two
    drawn: str  # how its cells lie
    rule: str  # what a rule well learned looks like over time


WORDS = {
    "Stack": Words(
        "The stack",
        "pile",
        ("",),
        "New cells come on top; pops and reads go from the top down.",
        "A word said backwards by the rule shows as stairs up while it is read and the same stairs down while it is "
        "said.",
    ),
    "Queue": Words(
        "The queue",
        "pipe",
        ("",),
        "New cells come at the right; pops and reads go from the left, its front.",
        "A word said over again by the rule shows as stairs up while it is read, which are taken away from below while "
        "it is said.",
    ),
    "DeQue": Words(
        "The DeQue",
        "pipe",
        ("top", "bottom"),
        "Its bottom is at the left, its top at the right; cells come and go, and are read, at both.",
        "Its top rises and falls with what is done at the top, its bottom with what is done there.",
    ),
}


def write_trace(
    trace: "Trace",
    out: Path,
    about: str = "",
    *,
    rounded: "Trace | None" = None,
    decoding: "Decoding | None" = None,
    verdict: str = "",
    stamp: str = "",
) -> Path:
    """Write the page of one trace to `out`; gives its path. `about` is a line that says which run this is.

    Beside it stands the `rounded` one of the same word, where that is given. Cells have the colour of the symbol they
    hold by the `decoding` (as `judge` measured it), or where there is none that works of the one they were pushed at.
    `verdict` is what the memory does, in words; `stamp`, unseen in the page, tells it from those of other weights.

    Raises ConfigError for an `out` that cannot be a file, PushpopError for a memory that has no page.
    """
    demand_list(trace.memory, "trace")
    hand = decoding.hand if decoding and decoding.works else None
    ways = [way(one, hand) for one in (trace, rounded) if one is not None]
    shown = {
        "memory": trace.memory,
        "word": list(map(str, trace.word)),
        "wanted": list(map(str, trace.wanted)),
        "ways": ways,
    }
    return write_page(
        "trace.html", out, about=about, words=WORDS[trace.memory], verdict=verdict, decoding=decoding, stamp=stamp,
        shown=shown,
    )  # fmt: skip


def demand_list(memory: str, place: str) -> None:
    """Raise PushpopError, beginning with `place`, for a memory whose cells cannot be drawn."""
    if memory not in WORDS:
        raise PushpopError(f"{place}: {memory} has no page yet; `pushpop trace --json` has all that it does, as data")


def way(trace: "Trace", hand: int | None) -> dict[str, Any]:
    """What the page needs of one trace. `hand` is the one whose output map says what a cell holds, if any does.

    A cell is listed once, with its strength at the steps where that changed: a page grows with the length of the word
    and not with its square. Cells have one number in all steps, their place in the last one.
    """
    data = trace.to_dict()
    most = len(data["cells"])
    cells = [{"pushed": at, "holds": trace.decoded[hand][n] if hand is not None else at, "strengths": []}
             for n, at in enumerate(data["cells"])]  # fmt: skip
    said = [step.predicted for step in trace.steps if step.phase == "writing"]
    steps = list[dict[str, Any]]()
    for number, step in enumerate(data["steps"]):
        below = (most - len(step["strengths"])) // 2 if step["bottom"] else 0
        for cell, strength in enumerate(step["strengths"], below):
            note(cells[cell]["strengths"], number, strength)
        shown = {name: step[name] for name in ("fed", "phase", "predicted", "wanted", "correct")}
        ends = [end(done, below) for done in (step, step["bottom"]) if done]
        steps.append({**shown, "probability": round(step["probability"], PLACES), "ends": ends})
    return {
        "name": "rounded" if trace.rounded else "soft",
        "said": [symbol for symbol in said if symbol != ENDING],  # a mark said in error by its label, not by its number
        "error": trace.first_error,
        "cut": said[-1:] != [ENDING],
        "cells": cells,
        "steps": steps,
    }


def note(strengths: list[tuple[int, float]], step: int, strength: float) -> None:
    """Add to a cell's strengths, pairs (step, strength), if it is another one from this step on."""
    shown = round(strength, PLACES) if strength >= SEEN else 0.0
    if shown != (strengths[-1][1] if strengths else 0.0):
        strengths.append((step, shown))


def end(done: dict[str, Any], below: int) -> dict[str, Any]:
    """What is done at one end in one step."""
    amounts = {name: round(done[name], PLACES) for name in ("push", "pop")}
    return {**amounts, "weights": pairs(done["weights"], below)}


def pairs(amounts: Sequence[float], below: int) -> list[tuple[int, float]]:
    """In order, as (cell, amount), the empty ones left out; `below` cells came under the first one later."""
    return [(cell, round(amount, PLACES)) for cell, amount in enumerate(amounts, below) if amount >= SEEN]
