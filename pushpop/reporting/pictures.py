"""Learning curves, errors, losses and scores by length: every seed thin, the median bold.

Up to eight configurations are told apart by colour; of more, the best few are, and the others stand behind in grey.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pushpop.reporting import curves
from pushpop.reporting.canvas import COMMONEST, DASHES, DOTS, INK, canvas, draw, draw_grey, key
from pushpop.reporting.curves import Across, Curve
from pushpop.reporting.measures import MEASURES
from pushpop.reporting.ranking import chosen
from pushpop.reporting.runs import SPLITS, Group, Record, Split

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = Callable[[Record, Split], Curve]
TITLES = {"loss": "Training loss", "length": "Far beyond the training lengths"}


def learning_curves(groups: Sequence[Group], measure: str, across: Across) -> "Figure":
    """Validation and test scores against words or seconds of training."""
    with canvas(MEASURES[measure].heading, label(across), named(measure)) as (figure, axes):
        guessed = baseline(groups) if measure == "accuracy" else None
        extra = None if guessed is None else COMMONEST
        both_splits(figure, axes, groups, lambda record, split: curves.scores(record, split, measure, across), extra)
        if MEASURES[measure].share:
            axes.set_ylim(-0.02, 1.04)
        if guessed is not None:
            axes.axhline(guessed, color=INK, linewidth=1.2, linestyle=COMMONEST["commonest class"])
        stretch(axes, groups, across)
    return figure


def error_curves(groups: Sequence[Group], measure: str, across: Across) -> "Figure":
    """The share that is wrong on validation and test, logarithmic, against words or seconds of training."""
    least = least_error(groups, measure)

    def line(record: Record, split: Split) -> Curve:
        x, y = curves.errors(record, split, measure, across)
        return x, y.clip(least)

    with canvas(MEASURES[measure].wrong, label(across), f"1 - {named(measure)}") as (figure, axes):
        both_splits(figure, axes, groups, line)
        axes.set_yscale("log")
        axes.set_ylim(least * 0.8, 1.4)
        tens = [10.0**power for power in range(0, -9, -1) if 10.0**power > least * 2]
        axes.set_yticks([*tens, least], [*(f"{ten:g}" for ten in tens), "none"])
        axes.minorticks_off()
        stretch(axes, groups, across)
    return figure


def loss_curves(groups: Sequence[Group], across: Across) -> "Figure":
    """Training loss against words or seconds of training, averaged over stretches of steps."""
    shown, grey = chosen(groups)
    with canvas(TITLES["loss"], label(across), loss_unit(groups)) as (figure, axes):
        for group in grey:
            draw_grey(axes, [curves.losses(record, across) for record in group.records])
        for number, group in enumerate(shown):
            draw(axes, [curves.losses(record, across) for record in group.records], number, "-")
        axes.set_yscale("log")
        stretch(axes, groups, across)
        key(figure, shown, len(grey), {})
    return figure


def length_curves(groups: Sequence[Group], measure: str) -> "Figure":
    """Scores by length, soft and rounded, with the lengths that were trained on shaded."""
    shown, grey = chosen(groups)
    with canvas(MEASURES[measure].heading, "length of the word", named(measure)) as (figure, axes):
        shade(axes, groups)
        rounded = False
        for group in grey:
            draw_grey(axes, [curves.at_lengths(record, measure, rounded=False) for record in group.records])
        for number, group in enumerate(shown):
            soft = [curves.at_lengths(record, measure, rounded=False) for record in group.records]
            hard = [curves.at_lengths(record, measure, rounded=True) for record in group.records]
            draw(axes, soft, number, "-", marked=True)
            draw(axes, hard, number, DOTS)
            rounded = rounded or any(len(x) for x, _ in hard)
        guessed = curves.median([curves.at_lengths(record, "baseline", rounded=False) for record in records_of(shown)])
        if measure == "accuracy" and len(guessed[0]):
            axes.plot(*guessed, color=INK, linewidth=1.2, linestyle=COMMONEST["commonest class"])
        axes.set_xscale("log", base=2)
        ticks = sorted({row["length"] for record in records_of(shown) for row in record.lengths()})
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks], rotation=45 if len(ticks) > 7 else 0)
        axes.minorticks_off()
        axes.set_ylim(-0.02, 1.04)
        lines = {"as trained": "-", "rounded": DOTS} if rounded else {}
        key(figure, shown, len(grey), {**lines, **(COMMONEST if measure == "accuracy" and len(guessed[0]) else {})})
    return figure


def both_splits(
    figure: "Figure", axes: "Axes", groups: Sequence[Group], line: Line, extra: Mapping[str, Any] | None = None
) -> None:
    """Validation solid and test dashed of those in colour; of those in grey, validation. `extra`: for the legend."""
    shown, grey = chosen(groups)
    for group in grey:
        draw_grey(axes, [line(record, "validation") for record in group.records])
    for number, group in enumerate(shown):
        for split in SPLITS:
            draw(axes, [line(record, split) for record in group.records], number, DASHES[split])
    key(figure, shown, len(grey), {**DASHES, **(extra or {})})


def records_of(groups: Sequence[Group]) -> list[Record]:
    return [record for group in groups for record in group.records]


def named(measure: str) -> str:
    return measure.replace("_", " ")


def label(across: Across, unit: str = "words") -> str:
    return f"{unit} trained on" if across == "words" else "training time, seconds"


def loss_unit(groups: Sequence[Group]) -> str:
    """What the loss is per, where the scores tell."""
    rows = [row for group in groups for record in group.records[:1] for row in record.evaluations[:1]]
    return "nats" if any("accuracy" in row.get("validation", {}) for row in rows) else "nats per symbol"


def baseline(groups: Sequence[Group]) -> float | None:
    """What always naming the commonest class gets on all validation words, if all runs say the same."""
    found = {record.scores("validation").get("baseline") for group in groups for record in group.records
             if record.finished} - {None}  # fmt: skip
    return found.pop() if len(found) == 1 else None


def least_error(groups: Sequence[Group], measure: str) -> float:
    """Where no error at all is drawn: below what one error in as many words as were scored would be."""
    rows = [(event[split], measure) for group in together(groups) for record in group.records
            for event in record.evaluations for split in SPLITS if measure in event.get(split, {})]  # fmt: skip
    counts = [row["words"] for row, _ in rows if row.get("words")]
    least = min((1 - row[name] for row, name in rows if row[name] < 1), default=0.01)
    return max(1e-6, min(0.3 / max(counts) if counts else math.inf, 0.3 * least, 0.1))


def together(groups: Sequence[Group]) -> list[Group]:
    """Those that are drawn."""
    shown, grey = chosen(groups)
    return [*shown, *grey]


def stretch(axes: "Axes", groups: Sequence[Group], across: Across) -> None:
    """A logarithmic axis where one model trained ten times as long as another, else a plain one from 0."""
    ends = [max((place for record in group.records for place in curves.places(
        record, (event for event in record.events[-1:] if across in event), across)), default=0)
            for group in together(groups)]  # fmt: skip
    ends = [end for end in ends if end > 0]
    if ends and max(ends) > 10 * min(ends):
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_locator(locator())
        axes.xaxis.set_major_formatter(thousands)


def locator() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(6, steps=[1, 2, 5, 10])


def thousands(value: float, _: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def shade(axes: "Axes", groups: Sequence[Group]) -> None:
    """The lengths trained on, if all runs agree on them."""
    trained = curves.trained_lengths(record.config for group in groups for record in group.records)
    if trained is None:
        return
    axes.axvspan(*trained, color=INK, alpha=0.08, linewidth=0)
    axes.text((trained[0] * trained[1]) ** 0.5, 0.02, "trained on", ha="center", va="bottom", fontsize=8.5)


def has_losses(groups: Sequence[Group]) -> bool:
    return any(event.get("loss") is not None for group in groups for record in group.records for event in record.events)


def lengthwise(groups: Sequence[Group]) -> Mapping[str, None]:
    """The scores by length that these runs have, as keys in the order a reader wants them."""
    rows = [row for group in groups for record in group.records for row in record.lengths()]
    return {name: None for name, one in MEASURES.items() if one.drawn and any(name in row for row in rows)}
