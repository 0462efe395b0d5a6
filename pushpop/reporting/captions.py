"""What to see in a figure, in words that its own numbers fill in."""

from collections.abc import Sequence

import numpy as np

from pushpop.reporting import curves
from pushpop.reporting.curves import Across, Curve
from pushpop.reporting.ranking import FEW, OTHERS, chosen
from pushpop.reporting.runs import Group

RIGHT = 0.9995  # written with three places, 1.000
LOW = 0.1  # nats per symbol: about nine symbols in ten are said with certainty
LINES = "Thin lines: every seed; bold line: their median; a run that has ended keeps its last value."
SPLIT_LINES = f"Solid: validation, as long as what was trained on; dashed: test. {LINES}"
ERRORS = (
    "The share that is wrong, on a logarithmic axis: what is left to learn shows even when nearly all is right. Its "
    f'foot, "none", is no error at all. {SPLIT_LINES}'
)
LOSSES = (
    "What training minimises, averaged over stretches of steps. A memory that has been found shows as a sudden fall. "
    f"{LINES}"
)
LENGTHS = (
    "Final scores at fixed lengths, the lengths trained on shaded. Dotted: push and pop strengths rounded to 0 or 1, "
    "where a model has them. Thin lines: every seed; bold line: their median."
)
UNITS = {"words": "words", "seconds": "s of training"}


def of_scores(groups: Sequence[Group], measure: str, across: Across, right: bool = True) -> str:
    """When the median is all right on test, or else where it ends: a sentence a model."""
    return joined(groups, [reached(group, measure, across, right) for group in chosen(groups)[0]])


def of_errors(groups: Sequence[Group], measure: str, across: Across) -> str:
    return joined(groups, [wrong(group, measure, across) for group in chosen(groups)[0]])


def of_losses(groups: Sequence[Group], across: Across, unit: str) -> str:
    return joined(groups, [fallen(group, across, unit) for group in chosen(groups)[0]])


def of_lengths(groups: Sequence[Group], measure: str) -> str:
    return joined(groups, [far(group, measure) for group in chosen(groups)[0]])


def joined(groups: Sequence[Group], sentences: Sequence[str]) -> str:
    """The sentences one after the other, and what the grey lines are."""
    return " ".join(sentence for sentence in [*sentences, behind(len(groups), len(chosen(groups)[1]))] if sentence)


def behind(groups: int, grey: int) -> str:
    """What is drawn of many configurations.

    >>> behind(57, 40)
    'In colour the best 5 of 57 configurations by validation; in grey the medians of the next 40.'
    """
    if not grey:
        return ""
    which = f"next {OTHERS}" if groups > FEW + OTHERS else f"other {grey}"
    return f"In colour the best {FEW} of {groups:,} configurations by validation; in grey the medians of the {which}."


def reached(group: Group, measure: str, across: Across, right: bool) -> str:
    lines = {split: curves.median([curves.scores(record, split, measure, across) for record in group.records])
             for split in ("validation", "test")}  # fmt: skip
    x, y = lines["test"] if len(lines["test"][0]) else lines["validation"]
    start = lasting((x, y), y >= RIGHT) if right else None
    if start is not None:
        on = "test" if len(lines["test"][0]) else "validation"
        return f"{group.name}: the median is at 1.000 on {on} from {start:,.0f} {UNITS[across]} on."
    ends = [f"{y[-1]:.3f} on {split}" for split, (_, y) in lines.items() if len(y)]
    return f"{group.name}: the median ends at {' and '.join(ends)}." if ends else f"{group.name}: no scores yet."


def wrong(group: Group, measure: str, across: Across) -> str:
    """Where the median error on test ends, and when it first was below a tenth and a hundredth for good."""
    x, y = curves.median([curves.errors(record, "test", measure, across) for record in group.records])
    if not len(y):
        return f"{group.name}: no scores yet."
    found = [f"below {below} from {start:,.0f} {UNITS[across]} on" for below in (0.1, 0.01)
             if (start := lasting((x, y), y < below)) is not None]  # fmt: skip
    end = "none" if y[-1] == 0 else f"{y[-1]:.2g}"
    return f"{group.name}: median test error {', '.join([*found, f'at the end {end}'])}."


def fallen(group: Group, across: Across, unit: str) -> str:
    """When the median loss is low for good, or else where it ends."""
    line = curves.median([curves.losses(record, across) for record in group.records])
    start = lasting(line, line[1] < LOW)
    if start is not None:
        return f"{group.name}: the median stays below {LOW} {unit} from {start:,.0f} {UNITS[across]} on."
    return f"{group.name}: the median ends at {line[1][-1]:.2f} {unit}." if len(line[1]) else ""


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
