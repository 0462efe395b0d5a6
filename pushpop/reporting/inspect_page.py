"""The page about one network: gradients through time, gates as a picture, how many numbers it has and why."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pushpop.reporting.canvas import COLOURS, DOTS, INK, STYLE, canvas, svg
from pushpop.reporting.markup import demand_place, write_page
from pushpop.reporting.writing import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALLEST = 1e-12  # what a logarithmic axis shows of 0
LETTERS = (
    "V symbols, E numbers a symbol becomes (one-hot: V), H hidden units, K outputs, L layers, R numbers read from a "
    "memory, W in a value, A ends of a list, S stacks, I that a transformer's layer gates; P, Q and F: sets of cells, "
    "of embeddings and of biases, 1, or 2 where they are per phase."
)
NAMES = {"first": "first weights", "kept": "kept weights"}


def write_inspection(found: Mapping[str, Any], out: Path) -> Path:
    """Write the page of what `experiments.inspection.inspect` found to `out`; gives its path.

    Raises ConfigError for an `out` that cannot be a file.
    """
    demand_place(out)
    drawings = [
        (through_time(found, "dL_dh", "Gradient at the state, dL/dh"), reading_time(found)),
        (through_time(found, "dL_dc", "Gradient at the cell, dL/dc"), "The same at the cell, which gates feed."),
        (scaled(found), "Were the matrices on the state scaled to these spectral norms, nothing else changed."),
    ]
    pictures = [(svg(figure, f"flow-{number}"), said) for number, (figure, said) in enumerate(drawings) if figure]
    open_gates = [
        (svg(figure, f"gates-{number}"), 16 * len(way["gates"]))
        for number, way in enumerate(found["weights"]["kept"]["directions"])
        if (figure := gates(way, found["word"])) is not None
    ]
    return write_page(
        "inspect.html",
        out,
        found=found,
        pictures=pictures,
        gates=open_gates,
        tables=[clipping(found), *spectral(found), own(found), every(found), *formulas(found)],
    )


def reading_time(found: Mapping[str, Any]) -> str:
    """How the first picture is read."""
    said = "Norms over the word, the loss at its end on the right; each point the median over words."
    if any(way["bound"] for way in found["weights"]["kept"]["directions"]):
        said += " Grey dots: the most that the kept matrix's spectral norm allows."
    if any(weights["factor"] < 1 for weights in found["weights"].values()):
        said += " Dotted in colour: times the factor by which clipping shortens the whole gradient."
    return said


def through_time(found: Mapping[str, Any], name: str, title: str) -> "Figure | None":
    """Norms of gradients at each step, first and kept weights, as they are and clipped."""
    if all(way[name] is None for way in found["weights"]["kept"]["directions"]):
        return None
    with canvas(title, "step", "norm (nats per unit)", 3.3) as (figure, axes):
        for number, (which, weights) in enumerate(found["weights"].items()):
            for way, dashes in zip(weights["directions"], ("-", (0, (5, 2))), strict=False):
                label = NAMES[which] + (f", {way['direction']}" if len(weights["directions"]) > 1 else "")
                draw(axes, way[name], COLOURS[number], dashes, label)
                if weights["factor"] < 1:
                    draw(axes, np.array(way[name]) * weights["factor"], COLOURS[number], DOTS, f"{label}, clipped")
                if name == "dL_dh" and way["bound"] and which == "kept":
                    draw(axes, way["bound"], INK, (0, (1, 2)), "bound by the spectral norm")
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(whole_steps())
        figure.legend(loc="outside lower left", ncols=2)
    return figure


def scaled(found: Mapping[str, Any]) -> "Figure | None":
    """dL/dh at each step for every spectral norm tried."""
    if not found["rescaled"]:
        return None
    with canvas("Other spectral norms", "step", "norm of dL/dh", 3.3) as (figure, axes):
        for number, tried in enumerate(found["rescaled"]):
            for way, dashes in zip(tried["directions"], ("-", (0, (5, 2))), strict=False):
                draw(axes, way["dL_dh"], COLOURS[number % len(COLOURS)], dashes,
                     f"{tried['spectral_norm']:g}" if way["direction"] == "forwards" else "")  # fmt: skip
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(whole_steps())
        figure.legend(loc="outside lower left", ncols=4)
    return figure


def whole_steps() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(8, integer=True)


def draw(axes: Any, values: Sequence[float] | np.ndarray, colour: str, dashes: Any, label: str) -> None:
    """One line over steps 1 to T; what is 0 stands at the foot of the axis."""
    norms = np.maximum(np.array(values), SMALLEST)
    axes.plot(np.arange(1, len(norms) + 1), norms, color=colour, linestyle=dashes, linewidth=1.8,
              label=label or None)  # fmt: skip


def gates(way: Mapping[str, Any], word: Sequence[int]) -> "Figure | None":
    """A panel a gate, units upwards (sorted by their mean), steps to the right."""
    if not way.get("gates"):
        return None
    import matplotlib as mpl
    from matplotlib.figure import Figure

    shown = {name: np.array(values) for name, values in way["gates"].items()}
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.6 * len(shown), 2.9), layout="constrained", facecolor="none")
        panels = np.atleast_1d(figure.subplots(1, len(shown), sharey=True))
        for axes, (name, values) in zip(panels, shown.items(), strict=True):
            signed = values.min() < 0
            order = values[:, values.mean(0).argsort()].T
            image = axes.imshow(order, aspect="auto", origin="lower", interpolation="nearest", vmin=-1 if signed else 0,
                                vmax=1, cmap="PuOr" if signed else "Blues",
                                extent=(0.5, len(values) + 0.5, 0, len(order)))  # fmt: skip
            axes.set(title=name, xlabel="step")
            axes.grid(visible=False)
            axes.xaxis.set_major_locator(whole_steps())
            figure.colorbar(image, ax=axes, shrink=0.7)
        panels[0].set_ylabel("unit, by its mean")
        figure.suptitle(f"{way['direction']}, word {' '.join(map(str, word[:40]))}", fontsize=9)
    return figure


def clipping(found: Mapping[str, Any]) -> Table:
    rows = tuple(
        (NAMES[which], weights["gradient_norm"], weights["clip"], weights["factor"])
        for which, weights in found["weights"].items()
    )
    caption = f"Of the mean loss over {found['words']} words. Clipping multiplies all gradients by the factor."
    return Table("Gradient of all weights", ("weights", "norm", "clip", "factor"), rows, caption)


def spectral(found: Mapping[str, Any]) -> list[Table]:
    """Of matrices on a state that is carried on; a transformer has none."""
    ways = [(which, way) for which, weights in found["weights"].items() for way in weights["directions"]]
    if not ways:
        return []
    gates = tuple(ways[0][1]["spectral_norms"])
    rows = tuple((f"{NAMES[which]}, {way['direction']}", *way["spectral_norms"].values()) for which, way in ways)
    return [Table("Spectral norms", ("matrix on the state", *gates), rows, "The most each can stretch a vector.")]


def own(found: Mapping[str, Any]) -> Table:
    counted = found["parameters"]
    rows = [(term["part"], term["formula"], term["count"]) for term in counted["terms"]]
    rows.append(("in all", f"counted: {counted['count']:,}", counted["formula"]))
    return Table("Trained numbers of this model", ("part", "formula", "numbers"), tuple(rows))


def every(found: Mapping[str, Any]) -> Table:
    rows = tuple((row["model"], row["formula"], row["by_formula"], row["by_count"]) for row in found["catalogue"])
    columns = ("model", "formula", "by formula", "counted")
    return Table(
        "Every model for this task", columns, rows, f"At its usual settings, on this task's symbols. {LETTERS}"
    )


def formulas(found: Mapping[str, Any]) -> list[Table]:
    if not found["formula_gaps"]:
        return []
    rows = tuple((f"dL/d{name}", f"{gap:.1e}") for name, gap in found["formula_gaps"].items())
    caption = "Largest difference from autograd's float32, as a share of the largest number."
    return [Table("Back-propagation in closed form", ("gradient", "gap"), rows, caption)]
