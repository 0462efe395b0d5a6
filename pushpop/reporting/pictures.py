"""Learning curves and accuracy by length: every seed thin, the median bold. Imports matplotlib only when it draws."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushpop.reporting import curves
from pushpop.reporting.captions import HEADINGS, caption, reading
from pushpop.reporting.curves import Across, Curve
from pushpop.reporting.records import SPLITS, Group, grouped, read_runs
from pushpop.reporting.tables import by_length, headline, seed_by_seed, settings_table
from pushpop.reporting.writing import comma_separated, markdown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by colour-blind readers too; black and yellow left out, for either page colour.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
MARKS = ["o", "s", "^", "D", "v", "P"]
INK = "#4c4c4d"  # written in the page's own colour there
DASHES = {"validation": "-", "test": (0, (4, 2))}
DOTS = (0, (1, 1.4))
STYLE = {
    "font.size": 9.5, "font.family": "sans-serif", "svg.fonttype": "none", "svg.hashsalt": "pushpop",
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 8, "legend.frameon": False, "legend.fontsize": 8.5,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": INK, "grid.alpha": 0.18, "grid.linewidth": 0.6,
    "axes.axisbelow": True, "lines.solid_capstyle": "round",
}  # fmt: skip


@contextmanager
def canvas(title: str, x: str, y: str) -> Generator[tuple["Figure", "Axes"]]:
    """One panel in our style; no global state of matplotlib's is left changed."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.5), layout="constrained", facecolor="none")
        axes = figure.subplots()
        axes.set_facecolor("none")
        axes.set(title=title, xlabel=x, ylabel=y)
        yield figure, axes


def learning_curves(groups: Sequence[Group], measure: str, across: Across) -> "Figure":
    """Validation and test scores against words or seconds of training."""
    with canvas(HEADINGS[measure], label(across), measure) as (figure, axes):
        for number, group in enumerate(groups):
            for split in SPLITS:
                lines = [curves.scores(record, split, measure, across) for record in group.records]
                draw(axes, lines, number, DASHES[split])
        axes.set_ylim(-0.02, 1.04)
        stretch(axes, groups, across)
        key(figure, groups, {"validation": DASHES["validation"], "test": DASHES["test"]})
    return figure


def loss_curves(groups: Sequence[Group], across: Across) -> "Figure":
    """Training loss against words or seconds of training, averaged over stretches of steps."""
    with canvas(HEADINGS["loss"], label(across), "nats per symbol") as (figure, axes):
        for number, group in enumerate(groups):
            draw(axes, [curves.losses(record, across) for record in group.records], number, "-")
        axes.set_yscale("log")
        stretch(axes, groups, across)
        key(figure, groups, {})
    return figure


def length_curves(groups: Sequence[Group], measure: str) -> "Figure":
    """Scores by length, soft and rounded, with the lengths that were trained on shaded."""
    with canvas(HEADINGS[measure], "length of the word", measure) as (figure, axes):
        shade(axes, groups)
        rounded = False
        for number, group in enumerate(groups):
            soft = [curves.at_lengths(record, measure, rounded=False) for record in group.records]
            hard = [curves.at_lengths(record, measure, rounded=True) for record in group.records]
            draw(axes, soft, number, "-", marked=True)
            draw(axes, hard, number, DOTS)
            rounded = rounded or any(len(x) for x, _ in hard)
        axes.set_xscale("log", base=2)
        ticks = sorted({row["length"] for group in groups for record in group.records for row in record.lengths()})
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks], rotation=45 if len(ticks) > 7 else 0)
        axes.minorticks_off()
        axes.set_ylim(-0.02, 1.04)
        key(figure, groups, {"as trained": "-", "rounded": DOTS} if rounded else {})
    return figure


def label(across: Across) -> str:
    return "words trained on" if across == "words" else "training time, seconds"


def draw(axes: "Axes", lines: Sequence[Curve], number: int, dashes: Any, marked: bool = False) -> None:
    colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
    if len(lines) > 1:
        for x, y in lines:
            axes.plot(x, y, color=colour, linewidth=0.7, alpha=0.4, linestyle=dashes)
    x, y = curves.median(lines)
    axes.plot(x, y, color=colour, linewidth=2.2, linestyle=dashes, marker=mark if marked else None, markersize=5)


def stretch(axes: "Axes", groups: Sequence[Group], across: Across) -> None:
    """A logarithmic axis where one model trained ten times as long as another, else a plain one from 0."""
    ends = [max((event.get(across, 0) for record in group.records for event in record.events), default=0)
            for group in groups]  # fmt: skip
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


def key(figure: "Figure", groups: Sequence[Group], lines: Mapping[str, Any]) -> None:
    """The legend under the panel: each model with its count of solved seeds, then what the dashes mean."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=COLOURS[number % len(COLOURS)], linewidth=2.2,
                      label=f"{group.name}: {group.count} solved") for number, group in enumerate(groups)]  # fmt: skip
    handles += [Line2D([], [], color=INK, linewidth=1.4, linestyle=how, label=name) for name, how in lines.items()]
    figure.legend(handles=handles, loc="outside lower left", ncols=2, handlelength=2.6, columnspacing=1.4)


def svg(figure: "Figure", name: str) -> str:
    """The figure as markup to set into a page: in the page's colours, its ids its own, naming no address."""
    out = StringIO()
    with_style(lambda: figure.savefig(out, format="svg", metadata={"Date": None}))
    markup = out.getvalue()
    markup = markup[markup.index("<svg") :]
    markup = re.sub(r"<metadata>.*?</metadata>", "", markup, flags=re.DOTALL)
    markup = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", markup)
    markup = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", markup)
    markup = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', markup, count=1)
    markup = re.sub(INK, "currentColor", markup, flags=re.IGNORECASE)
    for number, colour in enumerate(COLOURS):
        markup = re.sub(colour, f"var(--series-{number})", markup, flags=re.IGNORECASE)
    return re.sub(r"\n\s*", "\n", markup)


def with_style(act: Callable[[], None]) -> None:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        act()


def figures(groups: Sequence[Group]) -> dict[str, "Figure"]:
    """Every figure these runs have data for, by name."""
    out: dict[str, Figure] = {}
    events = [event for group in groups for record in group.records for event in record.events]
    axes: list[Across] = ["words", "seconds"]
    for measure in ("coarse", "fine"):
        if any(measure in event.get(split, {}) for event in events for split in SPLITS):
            out |= {f"{measure}-{across}": learning_curves(groups, measure, across) for across in axes}
    if any(event.get("loss") is not None for event in events):
        out |= {f"loss-{across}": loss_curves(groups, across) for across in axes}
    rows = [row for group in groups for record in group.records for row in record.lengths()]
    out |= {f"length-{measure}": length_curves(groups, measure) for measure in ("coarse", "fine")
            if any(measure in row for row in rows)}  # fmt: skip
    return out


def save(runs: Sequence[Path], folder: Path) -> list[Path]:
    """Every figure as PNG and SVG, every table as CSV and Markdown, into `folder`. Raises RunError."""
    groups = grouped(read_runs(runs))
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for task in dict.fromkeys(group.first.task for group in groups):
        some = [group for group in groups if group.first.task == task]
        captions = [f"# Figures: {task}\n"]
        for name, figure in figures(some).items():
            captions.append(f"**{task}-{name}.** {reading(name)} {caption(name, some)}\n")
            for ending in ("png", "svg"):
                written.append(folder / f"{task}-{name}.{ending}")
                save_one(figure, written[-1])
        written.append(folder / f"{task}-figures.md")
        written[-1].write_text("\n".join(captions), encoding="utf-8")
    tables = {"models": headline(groups), "seeds": seed_by_seed(groups), "settings": settings_table(groups),
              "lengths": by_length(groups)}  # fmt: skip
    for name, table in tables.items():
        if table is not None:
            for ending, write in (("csv", comma_separated), ("md", markdown)):
                written.append(folder / f"{name}.{ending}")
                written[-1].write_text(write(table), encoding="utf-8")
    return written


def save_one(figure: "Figure", path: Path) -> None:
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}  # no date: same runs, same file
    with_style(lambda: figure.savefig(path, dpi=200, facecolor="white", metadata=metadata))
