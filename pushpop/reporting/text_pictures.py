"""Figures of runs on text: the loss while training, the characters named right, the loss by how far a text has come.

Every seed thin, the median bold; nats on the left are bits on the right.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pushpop.reporting import curves
from pushpop.reporting.canvas import DASHES, DOTS, INK, canvas, draw, draw_grey, key
from pushpop.reporting.curves import Across, Curve
from pushpop.reporting.pictures import label, stretch
from pushpop.reporting.ranking import chosen
from pushpop.reporting.runs import SPLITS, Group, Record
from pushpop.reporting.text_result import floors_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {"loss": "Loss", "accuracy": "Characters named right", "distance": "Loss by distance from the start"}
TRAINING = {"training": DOTS}
FLOORS = ((0, (5, 1.5, 1, 1.5)), (0, (1, 3)), (0, (8, 2, 1, 2, 1, 2)))  # dashes of the lines that need no network
FARTHEST = 10_000  # characters from the start that a run is scored at
EARLY = 0.03  # of a run, in which its loss falls from that of chance: the axis begins below that


def loss_figure(groups: Sequence[Group], across: Across) -> "Figure":
    """Nats of a character on training windows, validation and test, with what counts and compressors come to."""
    shown, grey = chosen(groups)
    with canvas(TITLES["loss"], label(across, "characters"), "nats per character") as (figure, axes):
        for group in grey:
            draw_grey(axes, [held_out(record, "nats", across)[0] for record in group.records])
        seen = list[Curve]()
        for number, group in enumerate(shown):
            training = [curves.losses(record, across) for record in group.records]
            draw(axes, training, number, DOTS)
            seen += training
            for place, split in enumerate(SPLITS):
                lines = [held_out(record, "nats", across)[place] for record in group.records]
                draw(axes, lines, number, DASHES[split])
                seen += lines
        lines = floor_lines(groups)
        for (_, nats), dashes in zip(lines, FLOORS, strict=False):
            axes.axhline(nats, color=INK, linewidth=1.2, linestyle=dashes)
        limit(axes, seen, [nats for _, nats in lines])
        stretch(axes, groups, across)
        in_bits(axes)
        named = {name: dashes for (name, _), dashes in zip(lines, FLOORS, strict=False)}
        key(figure, shown, len(grey), {**TRAINING, **DASHES, **named})
    return figure


def accuracy_figure(groups: Sequence[Group], across: Across) -> "Figure":
    """The share of characters that are the likeliest by the model, on training windows, validation and test."""
    shown, grey = chosen(groups)
    with canvas(TITLES["accuracy"], label(across, "characters"), "accuracy") as (figure, axes):
        for group in grey:
            draw_grey(axes, [held_out(record, "accuracy", across)[0] for record in group.records])
        for number, group in enumerate(shown):
            draw(axes, [curves.training_accuracy(record, across) for record in group.records], number, DOTS)
            for place, split in enumerate(SPLITS):
                lines = [held_out(record, "accuracy", across)[place] for record in group.records]
                draw(axes, lines, number, DASHES[split])
        axes.set_ylim(bottom=0)
        stretch(axes, groups, across)
        key(figure, shown, len(grey), {**TRAINING, **DASHES})
    return figure


def distance_figure(groups: Sequence[Group]) -> "Figure":
    """Nats of a character by how many the text has come from where the state was zeros, on a logarithmic axis."""
    shown, grey = chosen(groups)
    x = "characters from the start of the text"
    with canvas(TITLES["distance"], x, "nats per character") as (figure, axes):
        for group in grey:
            draw_grey(axes, [distances(record) for record in group.records])
        for number, group in enumerate(shown):
            draw(axes, [distances(record) for record in group.records], number, "-", marked=True)
        axes.set_xscale("log")
        axes.set_xlim(0.8, 1.25 * FARTHEST)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else "")
        in_bits(axes)
        key(figure, shown, len(grey), {})
    return figure


def held_out(record: Record, measure: str, across: Across) -> list[Curve]:
    """A score at each evaluation, on validation and on test."""
    return [curves.scores(record, split, measure, across) for split in SPLITS]


def by_distance(record: Record) -> list[dict[str, Any]]:
    """The rows of a run's final scores by distance, those that are whole."""
    found = (record.metrics or {}).get("by_distance")
    return [row for row in found if isinstance(row, dict) and {"from", "to", "nats"} <= set(row)] if found else []


def distances(record: Record) -> Curve:
    """A span of distances stands at its middle, on a logarithmic axis."""
    rows = by_distance(record)
    return np.array([math.sqrt(row["from"] * row["to"]) for row in rows]), np.array([row["nats"] for row in rows])


def floor_lines(groups: Sequence[Group]) -> list[tuple[str, float]]:
    """The best counts and each compressor, in nats, of the first run that has them."""
    found = floors_of(groups)
    counts = [row for row in found if "order" in row]
    best = [min(counts, key=lambda row: row["bits_per_character"])] if counts else []
    rows = [*best, *(row for row in found if "order" not in row)][: len(FLOORS)]
    return [(str(row["floor"]), float(row["bits_per_character"]) * math.log(2)) for row in rows]


def limit(axes: "Axes", lines: Sequence[Curve], floor: Sequence[float]) -> None:
    """From the lowest loss up to where it has fallen from that of chance."""
    values = [value for x, y in lines if len(x) for value in y[x >= EARLY * x[-1]]]
    if not values:
        return
    low, high = min([*values, *floor]), max([float(np.quantile(values, 0.98)), *floor])
    axes.set_ylim(low - 0.06 * (high - low + 0.01), high + 0.06 * (high - low + 0.01))


def in_bits(axes: "Axes") -> None:
    """The same axis once more on the right, in bits."""

    def bits(nats: Any) -> Any:
        return nats / math.log(2)

    def nats(bits: Any) -> Any:
        return bits * math.log(2)

    right = axes.secondary_yaxis("right", functions=(bits, nats))
    right.set_ylabel("bits per character")
    right.spines["right"].set_visible(False)
