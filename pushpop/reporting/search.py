"""Pictures of a sweep: how much each setting mattered, and every trial's score along each axis."""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from pushpop.reporting.canvas import COLOURS, DOTS, INK, canvas
from pushpop.reporting.importance import Importance, Value, drawn_from_range, plain, wide
from pushpop.reporting.ranking import worth
from pushpop.reporting.sweeps import Swept

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = {  # colour, mark, size of the mark's line
    "all of validation right": (COLOURS[2], "o", 0.0),
    "not all right": (COLOURS[1], "s", 0.0),
    "done": (COLOURS[0], "o", 0.0),  # on text
    "pruned": (INK, "x", 1.1),
}
SPREAD = 0.36  # of a place on an axis of choices: its trials stand side by side, not on top of each other
GOLDEN = 0.618034  # steps of it, cut to below 1, never come close to each other


class Point(NamedTuple):
    """One trial on one axis."""

    at: Value
    score: float
    kind: str


def points(sweep: Swept, axis: str) -> list[Point]:
    """Every trial that has a score and stands on this axis."""
    found = []
    for record in sweep.records:
        score, at = worth(record), sweep.value(record, axis)
        if score is not None and at is not None:
            right = "done" if record.is_text else "all of validation right" if score < 1 else "not all right"
            found.append(Point(plain(at), score, "pruned" if record.status == "pruned" else right))
    return found


def importance_bars(found: Importance) -> "Figure":
    """A bar a setting, the one that mattered most on top."""
    names = list(found.shares)
    with canvas("What mattered", "share of importance", "", height=0.9 + 0.34 * len(names)) as (figure, axes):
        axes.barh(names, [found.shares[name] for name in names], color=COLOURS[0], height=0.62)
        for place, name in enumerate(names):
            axes.text(found.shares[name] + 0.012, place, f"{found.shares[name]:.2f}", va="center", fontsize=8.5)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.grid(visible=False)
        axes.tick_params(axis="y", length=0)
    return figure


def slice_plot(sweep: Swept, axis: str) -> "Figure":
    """The score of every trial, lower is better, against where it stands on one axis; a bar is a median."""
    trials = points(sweep, axis)
    text = sweep.is_text
    with canvas(axis, axis, "nats on validation" if text else "score on validation") as (figure, axes):
        places = along(axes, [trial.at for trial in trials])
        for kind, (colour, mark, line) in KINDS.items():
            some = [(x, trial.score) for x, trial in zip(places, trials, strict=True) if trial.kind == kind]
            if some:
                x, y = zip(*some, strict=True)
                axes.scatter(x, y, s=20, c=colour, marker=mark, alpha=0.65, label=kind, linewidths=line)
        if not drawn_from_range(trial.at for trial in trials):
            for place, value in enumerate(choices([trial.at for trial in trials])):
                middle = statistics.median(trial.score for trial in trials if trial.at == value)
                axes.plot([place - 0.42, place + 0.42], [middle, middle], color=INK, linewidth=2.2, zorder=3)
        if not text:
            axes.axhline(1, color=INK, linewidth=1, linestyle=DOTS)
            axes.set_ylim(-0.05, 2.2)
        figure.legend(loc="outside lower left", ncols=3, handletextpad=0.3, columnspacing=1.2)
    return figure


def along(axes: "Axes", values: Sequence[Value]) -> list[float]:
    """Where each value stands: numbers of a range at their place, choices side by side."""
    if numbers := drawn_from_range(values):
        if wide(numbers):
            axes.set_xscale("log")
        return [float(value) for value in values]
    known = choices(values)
    axes.set_xticks(range(len(known)), [written(value) for value in known], rotation=30 if len(known) > 8 else 0)
    axes.set_xlim(-0.6, len(known) - 0.4)
    seen: dict[Value, int] = {}
    places = []
    for value in values:
        nth = seen[value] = seen.get(value, 0) + 1
        places.append(known.index(value) + SPREAD * (2 * (nth * GOLDEN % 1) - 1))
    return places


def choices(values: Sequence[Value]) -> list[Value]:
    """The different values, numbers in order; words in the order in which they came."""
    known = list(dict.fromkeys(values))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return sorted(known, key=float)
    return known


def written(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def slice_caption(sweep: Swept, axis: str) -> str:
    """How many trials were right on validation, and where on the axis; of text, where the best is."""
    if sweep.is_text:
        best = min(points(sweep, axis), key=lambda trial: trial.score)
        return f"{axis}: the lowest is {best.score:.3f} nats, at {written(best.at)}."
    trials = [(trial.at, trial.score < 1) for trial in points(sweep, axis)]
    if numbers := drawn_from_range(at for at, _ in trials):
        right = [float(at) for at, one in trials if one]
        where = f", with {axis} from {min(right):.3g} to {max(right):.3g}" if right else ""
        ends = f"{numbers[0]:.3g} to {numbers[-1]:.3g}"
        return f"{axis}, from {ends}: {len(right)} of {len(trials)} trials have all of validation right{where}."
    told = [f"{sum(one for at, one in trials if at == value)} of {sum(at == value for at, _ in trials)} at "
            f"{written(value)}" for value in choices([at for at, _ in trials])]  # fmt: skip
    return f"{axis}: all of validation right in {', '.join(told)}."
