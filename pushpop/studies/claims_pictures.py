"""Pictures of some lines of the ledger, in the style of the report."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from pushpop.graphs.layers import GAT, GATv2
from pushpop.graphs.structure import distances
from pushpop.reporting.canvas import COLOURS, INK, MARKS, canvas
from pushpop.reporting.sections import Drawing, Listed, Section
from pushpop.studies import claims_linear
from pushpop.studies.claims_attention import KEYS, weights_of
from pushpop.studies.claims_matrix import washed
from pushpop.studies.claims_symmetry import AGGREGATORS, DEGREES, by_degree, spreads
from pushpop.studies.six_nodes import ANSWERED, FIGURES, NAMES, PLACES, A, C, E, F, figure_drawn
from pushpop.studies.verdicts import Judged, verdict_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 3.3  # inches
HEADING = "What graph layers do, and what they cannot"


def reach() -> "Figure":
    """The six nodes, each with the number of layers after which it first sees C."""
    from matplotlib.patches import Circle

    far = distances(figure_drawn())[:, C].tolist()
    with canvas("What C has reached after each layer", "", "", HEIGHT) as (figure, axes):
        for pair in ANSWERED:
            line(axes, pair, "-")
        line(axes, (A, F), (0, (4, 3)))
        for node, (x, y) in PLACES.items():
            colour = COLOURS[far[node]]
            axes.add_patch(Circle((x, y), 0.21, facecolor=colour, edgecolor="white", linewidth=1.5, zorder=3))
            axes.text(x, y, NAMES[node], ha="center", va="center", color="white", fontsize=11, zorder=4)
            layers = "C itself" if node == C else f"{far[node]} layer{'s' if far[node] > 1 else ''}"
            above = node in (A, E)  # beside A there is a line
            place = (x, y + 0.36) if above else (x + 0.3, y)
            axes.text(*place, layers, ha="center" if above else "left", va="center", color=INK, fontsize=9)
        axes.set(xlim=(-0.5, 3.6), ylim=(-1.4, 2.6), aspect="equal")
        axes.axis("off")
    return figure


def line(axes: "Axes", pair: tuple[int, int], style: Any) -> None:
    (x, y), (u, v) = (PLACES[node] for node in pair)
    axes.plot([x, u], [y, v], color=INK, linewidth=1.4, linestyle=style, zorder=2)


def order() -> "Figure":
    """How much what a node gets varies with the order of its neighbours, by degree."""
    tried, title = by_degree(), "Sensitivity to the order of neighbours"
    with canvas(title, "neighbours", "spread over 20 orders", HEIGHT) as (figure, axes):
        felt = spreads("LSTM", tried)
        axes.plot(DEGREES, felt, color=COLOURS[1], linewidth=2.2, marker=MARKS[1], markersize=5)
        axes.text(DEGREES[2] - 0.3, felt[2] + 0.012, "LSTM, order as given", ha="right", color=COLOURS[1], fontsize=9)
        blind = [name for name in AGGREGATORS if name != "LSTM"]
        for name in blind:
            axes.plot(DEGREES, spreads(name, tried), color=COLOURS[0], linewidth=2.2, marker=MARKS[0], markersize=5)
        axes.text(DEGREES[-1], 0.004, f"0: {', '.join(blind)}", ha="right", va="bottom", color=COLOURS[0], fontsize=8.5)
        axes.set_xticks(DEGREES)
        axes.set_ylim(bottom=-0.004)
    return figure


def linear() -> "Figure":
    """How many nodes stand just before a node in orders of one graph, by degree."""
    title = "An order that is not there"
    with canvas(title, "degree", "different predecessors in 20 orders", HEIGHT) as (figure, axes):
        for number, name in enumerate(claims_linear.ORDERINGS):
            counts, colour = claims_linear.curve(name), COLOURS[number]
            axes.plot(claims_linear.DEGREES, counts, color=colour, linewidth=2.2, marker=MARKS[number], markersize=5)
            if number == 0:
                axes.text(7.8, counts[2] + 0.3, name, ha="right", va="bottom", color=colour, fontsize=9)
            else:
                axes.text(8.2, counts[2] - 0.3, name, ha="left", va="top", color=colour, fontsize=9)
        axes.axhline(1, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.text(claims_linear.DEGREES[-1], 1.1, "a path from its end", ha="right", va="bottom", fontsize=9)
        axes.set_xticks(claims_linear.DEGREES)
        axes.set_ylim(bottom=0)
    return figure


def rankings(kind: type[GAT], title: str) -> "Figure":
    """The weights that each query gives to each key; keys in the order in which the first query has them."""
    weights = next(iter(weights_of(kind, 1)))
    keys = weights[0].argsort(descending=True)
    with canvas(title, "keys, in the order of the first query", "rank by each query", HEIGHT) as (figure, axes):
        ranks = weights.argsort(1, descending=True).argsort(1)[:, keys] + 1
        for query, row in enumerate(ranks.tolist()):
            apart = [rank + 0.05 * (query - (KEYS - 1) / 2) for rank in row]  # equal ones stay visible
            axes.plot(
                range(1, KEYS + 1), apart, color=COLOURS[query], linewidth=1.6, marker=MARKS[query], markersize=4.5
            )
        axes.set_xticks(range(1, KEYS + 1))
        axes.set_yticks(range(1, KEYS + 1))
        axes.invert_yaxis()
    return figure


def depth() -> "Figure":
    """How far powers of the matrix are from what they come to."""
    with canvas("Depth washes nodes out", "layers", "distance from the projection", HEIGHT) as (figure, axes):
        for number, (name, made) in enumerate(FIGURES.items()):
            rate, norms = washed(made())
            layers = torch.arange(1, len(norms) + 1).tolist()
            axes.plot(layers, norms, color=COLOURS[number], linewidth=0, marker=MARKS[number], markersize=6)
            axes.plot(layers, [rate**n for n in layers], color=COLOURS[number], linewidth=1.4)
            axes.text(5.1, norms[4] * 1.12, f"{name}: {rate:.3f}$^L$", va="bottom", color=COLOURS[number], fontsize=9)
        axes.set_yscale("log")
        ticks = (0.1, 0.2, 0.5, 1.0)
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xticks(layers)
    return figure


def sections(lines: Sequence[dict[str, Any]]) -> list[Section]:
    """The ledger as a report: what was found, then the pictures."""
    table = verdict_table(HEADING, [in_words(line) for line in lines])
    return [
        Section(HEADING, tables=(Listed("claims", table, kind="prose"),)),
        Section("Reach", "", (Drawing("reach", REACH, reach),)),
        Section("Depth", "", (Drawing("depth", DEPTH, depth),)),
        Section("Attention", "", (
            Drawing("attention-static", STATIC, lambda: rankings(GAT, "GAT: one ranking for all")),
            Drawing("attention-dynamic", DYNAMIC, lambda: rankings(GATv2, "GATv2: a ranking for each")),
        )),
        Section("Order", "", (Drawing("order", ORDER, order), Drawing("linear", LINEAR, linear))),
    ]  # fmt: skip


def in_words(line: dict[str, Any]) -> Judged:
    """A line of the ledger as the studies' tables have their claims."""
    says, evidence = f"{line['number']}. {line['says']}", f"{'; '.join(line['evidence'])}."
    return Judged(says=says, verdict=line["verdict"], evidence=evidence, rule=line["rule"])


REACH = """The six-node figure of the UvA assignment; dashed is A-F, which the study's answer leaves out. It takes
four layers from C to E with it and without it (claim 3)."""
DEPTH = """Spectral norm of the matrix's powers less their limit (marks), and the second eigenvalue to that power
(lines): what tells nodes apart is multiplied by it in every layer (claim 5)."""
STATIC = """Six queries rank six keys, a colour each, with first weights; equal lines are drawn a little apart. In GAT
all queries have one ranking (claim 7)."""
DYNAMIC = "The same of GATv2: each query may have its own ranking."
LINEAR = """Rings of 24 nodes, each joined to its nearest neighbours, read from one node on with
neighbours in 20 orders, depth first and breadth first: how many different nodes stand just before one (claim 9b)."""
ORDER = """Standard deviation of what a node gets over 20 orders of the same neighbours, width 4, the median of three
nets with first weights (claim 9)."""
