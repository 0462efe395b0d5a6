"""One panel in our style, and how it becomes a file or a part of a page. Imports matplotlib only when it draws."""

import math
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushpop.reporting import curves
from pushpop.reporting.curves import Curve
from pushpop.reporting.runs import Group

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, then two of Tol's, told apart by colour-blind readers too; black and yellow left out, for
# either page colour.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#999933"]
MARKS = ["o", "s", "^", "D", "v", "P", "X", "*"]
INK = "#4c4c4d"  # written in the page's own colour there
DASHES = {"validation": "-", "test": (0, (4, 2))}
DOTS = (0, (1, 1.4))
COMMONEST = {"commonest class": (0, (5, 1.5, 1, 1.5))}  # what guessing without a look at the input gets
POINTS_OF_SEEDS = 6_000  # of all thin lines of one kind together: a page with a thousand seeds stays small
PANEL, LINE = 2.93, 0.19  # inches: a panel, and each line of the legend under it
WIDE = 34  # letters of a name in the legend, beyond which there is room for one column alone
STYLE = {
    "font.size": 9.5, "font.family": "sans-serif", "svg.fonttype": "none", "svg.hashsalt": "pushpop",
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 8, "legend.frameon": False, "legend.fontsize": 8.5,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": INK, "grid.alpha": 0.18, "grid.linewidth": 0.6,
    "axes.axisbelow": True, "lines.solid_capstyle": "round",
}  # fmt: skip


@contextmanager
def canvas(title: str, x: str, y: str, height: float = PANEL + LINE) -> Generator[tuple["Figure", "Axes"]]:
    """One panel in our style, `height` in inches; no global state of matplotlib's is left changed."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, height), layout="constrained", facecolor="none")
        axes = figure.subplots()
        axes.set_facecolor("none")
        axes.set(title=title, xlabel=x, ylabel=y)
        yield figure, axes


def draw(axes: "Axes", lines: Sequence[Curve], number: int, dashes: Any, marked: bool = False) -> None:
    """Every seed thin and their median bold, in the colour of this number."""
    colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
    if len(lines) > 1:
        most = max(24, POINTS_OF_SEEDS // len(lines))
        for line in lines:
            x, y = curves.thinned(*line, most)
            axes.plot(x, y, color=colour, linewidth=0.7, alpha=0.4, linestyle=dashes)
    x, y = curves.median(lines)
    axes.plot(x, y, color=colour, linewidth=2.2, linestyle=dashes, marker=mark if marked else None, markersize=5)


def draw_grey(axes: "Axes", lines: Sequence[Curve]) -> None:
    """The median of a configuration that is one of many, behind the others."""
    x, y = curves.thinned(*curves.median(lines), 60)
    axes.plot(x, y, color=INK, linewidth=0.8, alpha=0.3, zorder=1.5)


def key(figure: "Figure", groups: Sequence[Group], grey: int, lines: Mapping[str, Any]) -> None:
    """The legend under the panel: each model with its count of solved seeds, then what the dashes mean."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=COLOURS[number % len(COLOURS)], linewidth=2.2,
                      label=f"{group.name}: {group.outcome}") for number, group in enumerate(groups)]  # fmt: skip
    if grey:
        handles.append(Line2D([], [], color=INK, linewidth=0.8, alpha=0.5, label=f"{grey} others"))
    handles += [Line2D([], [], color=INK, linewidth=1.4, linestyle=how, label=name) for name, how in lines.items()]
    columns = 1 if max((len(str(handle.get_label())) for handle in handles), default=0) > WIDE else 2
    figure.legend(handles=handles, loc="outside lower left", ncols=columns, handlelength=2.6, columnspacing=1.4)
    figure.set_figheight(PANEL + LINE * math.ceil(len(handles) / columns))


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
    markup = re.sub(r'\bd="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), markup)
    markup = re.sub(INK, "currentColor", markup, flags=re.IGNORECASE)
    for number, colour in enumerate(COLOURS):
        markup = re.sub(colour, f"var(--series-{number})", markup, flags=re.IGNORECASE)
    return re.sub(r"\n\s*", "\n", markup)


def with_style(act: Callable[[], None]) -> None:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        act()


def save_figure(figure: "Figure", path: Path) -> None:
    """As PNG or SVG, by the ending of its name, on white."""
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}  # no date: same runs, same file
    with_style(lambda: figure.savefig(path, dpi=200, facecolor="white", metadata=metadata))
