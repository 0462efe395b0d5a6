"""What the study of the UvA assignment says of graphs, tried on graphs that are made here."""

import statistics
from collections.abc import Sequence

from pushpop.reporting.runs import Record
from pushpop.studies.sized import at_size, known, of, rules_of
from pushpop.studies.uva_graph_claims import better
from pushpop.studies.verdicts import CONFIRMED, NOT_CONFIRMED, Claim, Outcome

RIGHT, NEAR = 99.0, 5.0  # percent; how near chance or a ceiling
DEEP, STEPS, KEYS, CLASSES, VISITS, FAR = 8, 10, 10, 24, 8, 1_000  # sizes of the test at which claims are judged
MOST = 0.8  # of seeds
REDUCTIONS = ("sum", "mean", "max", "attention")


def at(records: Sequence[Record], variant: str, size: int, score: str = "graph", **settings: object) -> list[float]:
    """Percent right on the test at one size, of the runs of a variant."""
    return [100 * share for share in at_size(of(records, variant, **settings), score, size)]


def ceiling(records: Sequence[Record], rule: str, size: int) -> float:
    """Percent that are to be expected of one who cannot see something, or that a rule gets."""
    return 100 * known(rules_of(records)[rule][size])


def all_right(found: Sequence[float], said: str, bound: float = RIGHT) -> list[Outcome]:
    """Whether the worst of all seeds is right."""
    if not found:
        return []
    told = f"{said}: {min(found):.1f} to {max(found):.1f} in {len(found)} seeds"
    return [Outcome(CONFIRMED if min(found) >= bound else NOT_CONFIRMED, told)]


def near(found: Sequence[float], known: float, said: str) -> list[Outcome]:
    """Whether the mean is no higher than what can be had without what is not seen."""
    if not found:
        return []
    mean = statistics.fmean(found)
    told = f"{said}: {mean:.1f} (at most {known:.1f} can be expected)"
    return [Outcome(CONFIRMED if mean <= known + NEAR else NOT_CONFIRMED, told)]


def order(records: Sequence[Record]) -> list[Outcome]:
    """Arguments in order, out of order, and where order means nothing."""
    found = all_right(at(records, "expression, ordered-gnn", DEEP), "in order")
    for how in REDUCTIONS:
        blind = at(records, "expression, recurrent-gnn", DEEP, aggregator=how)
        runs = of(records, "expression, recurrent-gnn", aggregator=how)
        found += near(blind, ceiling(runs, "blind to order", DEEP), how) if blind else []
    longer = "expression, recurrent-gnn, longer"
    if blind := at(records, longer, DEEP):
        found += near(blind, ceiling(of(records, longer), "blind to order", DEEP), "sum, longer")
    for name in ("ordered-gnn", "recurrent-gnn"):
        found += all_right(at(records, f"sums, {name}", DEEP), f"sums, {name}")
    return found


def heard_in_turn(records: Sequence[Record]) -> list[Outcome]:
    """An LSTM over neighbours beside each reduction."""
    lstm = at(records, "zero-shot, ordered-gnn", CLASSES)
    others = {how: at(records, "zero-shot, recurrent-gnn", CLASSES, aggregator=how) for how in REDUCTIONS}
    return [better(lstm, other, ("lstm", how)) for how, other in others.items() if lstm and other]


def looked_up(records: Sequence[Record]) -> list[Outcome]:
    """Attention that each query has of its own, one order for all, and none."""
    found = all_right(at(records, "lookup, gatv2", KEYS, "node"), "gatv2", 99.5)
    dynamic = at(records, "lookup, gatv2", KEYS, "node")
    for heads in (1, 8):
        static = at(records, "lookup, gat", KEYS, "node", heads=heads)
        found += [better(dynamic, static, ("gatv2", f"gat of {heads}"))] if dynamic and static else []
    uniform = at(records, "lookup, gatv2 of equal weights, without itself", KEYS, "node")
    return found + near(uniform, 100 / KEYS, "equal weights")


def linearised(records: Sequence[Record]) -> list[Outcome]:
    """The same facts in a drawn order: what reads the sequence, and what reads the graph."""
    graph = at(records, "kinship, ordered-gnn, shuffled", STEPS)
    sequence = at(records, "kinship, lstm, shuffled", STEPS)
    return [better(graph, sequence, ("shuffled facts: graph", "sequence"))] if graph and sequence else []


def composed(records: Sequence[Record]) -> list[Outcome]:
    """Chains of ten from chains of up to four."""
    return [*all_right(at(records, "kinship, lstm", STEPS), "sequence"),
            *all_right(at(records, "kinship, ordered-gnn, directed", STEPS), "graph")]  # fmt: skip


def joined(records: Sequence[Record]) -> list[Outcome]:
    """Both branches, and each alone."""
    found = all_right(at(records, "temporal, two-branch", VISITS, "node"), "both")
    for one in ("graph", "history"):
        found += near(at(records, "temporal, one branch", VISITS, "node", branches=one), 100 / 3, f"{one} alone")
    return found


def gone_on(records: Sequence[Record]) -> list[Outcome]:
    """A path a hundred times as long, by tied rounds and by a fixed number of layers."""
    found = most_right(at(records, "path-parity, recurrent-gnn", FAR, "node"), f"rounds, {FAR} nodes")
    for kind in ("gcn", "gin"):
        found += near(at(records, f"path-parity, {kind} of 4 layers", FAR, "node"), 50.0, f"4 layers of {kind}")
    return found


def searched(records: Sequence[Record]) -> list[Outcome]:
    """Ten times the size, and a hundred times."""
    name = "bfs, recurrent-gnn"
    found = all_right(at(records, name, 160, "node"), "160 nodes", 99.9)
    found += all_right(at(records, name, 160), "160, whole graphs", 95.0)
    found += all_right(at(records, name, 1_600, "node"), "1,600 nodes", 98.5)
    return found + all_right(at(records, name, 1_600), "1,600, whole graphs", 5.0)


def most_right(found: Sequence[float], said: str) -> list[Outcome]:
    """Whether all seeds but one in five are right."""
    if not found:
        return []
    right = sum(score >= RIGHT for score in found)
    told = f"{said}: {right} of {len(found)} seeds, {min(found):.1f} to {max(found):.1f}"
    return [Outcome(CONFIRMED if right >= MOST * len(found) else NOT_CONFIRMED, told)]


MADE = (
    Claim(
        says="Graph nets hear their neighbours in no order, which makes parse trees awkward for them; recurrent nets "
        "know order (UvA 2020 study).",
        rule=f"Expressions of depth {DEEP}, trained to 4. Read in order: {RIGHT:g} % in every seed; each reduction: no "
        f"more than {NEAR:g} above what can be had without the order; the control, a sum: {RIGHT:g} % in every seed.",
        judge=order,
    ),
    Claim(
        says="Attention belongs into the sum over neighbours: without it all count the same (UvA 2020 study); it must "
        "be dynamic (Brody et al. 2022).",
        rule="A dictionary's unseen pairings: GATv2 99.5 % in every seed, above GAT by more than two standard errors; "
        "equal weights at one in ten.",
        judge=looked_up,
    ),
    Claim(
        says="Of a graph put into a row a recurrent net sees an order that is not there (UvA 2020 study).",
        rule=f"Facts of {STEPS} steps of kinship in a drawn order: a net on the graph beside an LSTM on the row, by "
        "more than two standard errors.",
        judge=linearised,
    ),
    Claim(
        says="A relation can be composed of others along a chain, longer than those trained on.",
        rule=f"Kinship of {STEPS} steps, trained to 4: {RIGHT:g} % in every seed.",
        judge=composed,
    ),
    Claim(
        says="A recurrent net as the neighbourhood aggregator does markedly better on unseen classes (UvA 2020 study).",
        rule="The mean on unseen classes is higher than that of each reduction, by more than two standard errors.",
        judge=heard_in_turn,
    ),
    Claim(
        says="A graph net and a recurrent net over histories can be joined for a prediction (UvA 2020 study).",
        rule=f"Answers at {VISITS} visits: both {RIGHT:g} % in every seed, each alone no more than {NEAR:g} above "
        "chance.",
        judge=joined,
    ),
    Claim(
        says="A recurrent graph net goes on beyond the sizes it was trained on (median .989 at ten times the length: "
        "Grötschla et al. 2022); a fixed number of layers hears no farther.",
        rule=f"Parity along an undirected path of {FAR} nodes, trained at 10: {RIGHT:g} % of nodes in four seeds of "
        f"five; four layers: no more than {NEAR:g} above one in two.",
        judge=gone_on,
    ),
    Claim(
        says="Breadth-first search of up to 16 nodes is learned well enough for 1,600 (published without hints: PGN "
        "98.5 % of nodes, no graph whole).",
        rule="In every seed: 99.9 % of nodes and 95 of whole graphs at 160; 98.5 of nodes and 5 of whole graphs at "
        "1,600.",
        judge=searched,
    ),
)
"""Claims tried on made graphs."""
