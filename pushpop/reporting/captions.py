"""What to see in a figure, in words that its own numbers fill in."""

from collections.abc import Sequence

import numpy as np

from pushpop.reporting import curves
from pushpop.reporting.curves import Across, Curve
from pushpop.reporting.records import Group

RIGHT = 0.9995  # written with three places, 1.000
LOW = 0.1  # nats per symbol: about nine symbols in ten are said with certainty
LINES = "Thin lines: every seed; bold line: their median; a run that has ended keeps its last value."
HEADINGS = {"coarse": "Words answered wholly right", "fine": "How far an answer goes before its first error",
            "loss": "Training loss", "length": "Far beyond the training lengths"}  # fmt: skip
READING = {
    "coarse": "The share of words answered right to the end symbol. Solid: validation words, as long as those trained "
    f"on; dashed: test words, longer. {LINES}",
    "fine": "The mean share of the answer before its first error: progress shows here before any word is wholly "
    f"right. Solid: validation; dashed: test. {LINES}",
    "loss": "What training minimises, averaged over stretches of steps. A memory that has been found shows as a "
    f"sudden fall. {LINES}",
    "length": "Final scores at fixed lengths, the lengths trained on shaded. Dotted: push and pop strengths rounded "
    "to 0 or 1, where a model has them. Thin lines: every seed; bold line: their median.",
}
UNITS = {"words": "words", "seconds": "s of training"}


def reading(name: str) -> str:
    """How the figures of this kind are read; `name` is a figure's, such as `coarse-words`."""
    return READING[name.partition("-")[0]]


def caption(name: str, groups: Sequence[Group]) -> str:
    """What to see in the figure of this name, such as `coarse-words` or `length-fine`: a sentence a model."""
    first, _, second = name.partition("-")
    across: Across = "seconds" if second == "seconds" else "words"
    match first:
        case "length":
            said = [far(group, second) for group in groups]
        case "loss":
            said = [fallen(group, across) for group in groups]
        case _:
            said = [reached(group, first, across) for group in groups]
    return " ".join(sentence for sentence in said if sentence)


def reached(group: Group, measure: str, across: Across) -> str:
    """When the median is right on test, or else where it ends."""
    test, validation = (
        curves.median([curves.scores(record, split, measure, across) for record in group.records])
        for split in ("test", "validation")
    )
    start = lasting(test, test[1] >= RIGHT)
    if start is not None:
        return f"{group.name}: the median is at 1.000 on test from {start:,.0f} {UNITS[across]} on."
    ends = [f"{y[-1]:.3f} on {split}" for split, (_, y) in (("validation", validation), ("test", test)) if len(y)]
    return f"{group.name}: the median ends at {' and '.join(ends)}." if ends else f"{group.name}: no scores yet."


def fallen(group: Group, across: Across) -> str:
    """When the median loss is low for good, or else where it ends."""
    line = curves.median([curves.losses(record, across) for record in group.records])
    start = lasting(line, line[1] < LOW)
    if start is not None:
        return f"{group.name}: the median stays below {LOW} nats per symbol from {start:,.0f} {UNITS[across]} on."
    return f"{group.name}: the median ends at {line[1][-1]:.2f} nats per symbol." if len(line[1]) else ""


def lasting(line: Curve, holds: np.ndarray) -> float | None:
    """Where something begins to hold [points] to the end of a line; None if it does not hold there."""
    if not len(holds) or not holds[-1]:
        return None
    broken = np.flatnonzero(~holds)
    return float(line[0][broken[-1] + 1 if len(broken) else 0])


def far(group: Group, measure: str) -> str:
    """The longest length up to which the median is wholly right, as trained and rounded."""
    said = []
    for rounded, how in ((False, "as trained"), (True, "rounded")):
        x, y = curves.median([curves.at_lengths(record, measure, rounded) for record in group.records])
        if len(x):
            right = next((at for at, value in enumerate(y) if value < RIGHT), len(y))
            reach = f"1.000 up to length {x[right - 1]:,.0f}" if right else f"{y[0]:.3f} at length {x[0]:,.0f}"
            said.append(f"{reach} {how}")
    return f"{group.name}: median {', '.join(said)}." if said else ""
