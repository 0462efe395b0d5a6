"""`call-stack-2023`: a depth-first search by a graph net with a call stack (Juerss, Jayalath, Velickovic 2023), tried
again, and without anybody telling the stack what to do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pushpop.reporting.runs import Group
from pushpop.reporting.sections import Listed, Section, every_run, learning, losses, section
from pushpop.reporting.writing import Cell, Table, captioned
from pushpop.studies.call_stack_claims import CLAIMS, LARGE, SMALL
from pushpop.studies.findings import Findings
from pushpop.studies.sized import at_size, percent, rules_of
from pushpop.studies.study import Study
from pushpop.studies.verdicts import Judged, verdict_table

LEAD = (
    "Every seed counts. Nets learn from single steps of searches, and are tested running freely, their own hints fed "
    "back. A verdict is made by its rule from the runs alone."
)
QUICK = "The study in small, to see that all of it works: it says nothing. "
CAPTION = (
    "Node accuracy beside graph accuracy, in percent, trained on up to 16 nodes: mean ± standard deviation over seeds. "
    "Lowest: of the seeds. Of each run the weights are kept that are best on validation graphs of 16 and 24 nodes. "
    "Hints are local: the current node, who called it, which nodes were visited, whether the current one is visited "
    "now; with all predecessors among the hints no stack would be needed. Each step's caller is written down as its "
    "node's predecessor; a search of n nodes is given 3 n steps. Hard: operations are the search's own while training; "
    "soft: the net's own strengths, taught to be those; unsupervised: nobody says which. Published: trained on up to "
    "32 nodes, 3 seeds, their own instances; ours are of the same kinds of graphs."
)


class Published(NamedTuple):
    """A row of the authors' notebook: node accuracy in percent at 32 and at 96 nodes."""

    says: str
    known: str
    far: str


PUBLISHED = {  # variant -> what stands beside it
    "none": Published("no stack", "65.3 ± 4.7", "72.9 ± 7.5"),
    "graph, hard": Published("graph-level stack", "98.0 ± 0.6", "73.0 ± 6.3"),
    "node, hard": Published("node-level stack", "100", "100"),
    "none, carried": Published("no stack, hidden state", "100", "78.7 ± 5.4"),
    "graph, hard, carried": Published("graph-level stack, hidden state", "100", "82.2 ± 1.1"),
}
ALONE = Published("CLRS's own net, full hints", "99.8 ± 0.2", "53.9 ± 14.1")  # beside none of ours


def shown(found: Findings) -> list[Section]:
    """Verdicts, the table beside published figures, curves, and seed by seed."""
    verdicts = verdict_table("What is published", [Judged(**one) for one in found.summary["verdicts"]])
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    out = [Section("What is published", lead, tables=(Listed("verdicts", verdicts, kind="prose"),))]
    out.append(section(Listed("stacks", stacks(found))))
    if found.groups:
        curves = (learning(found.groups, "node", "words", "stacks"), losses(found.groups, "words", "stacks"))
        out.append(Section("Curves", drawings=curves))
    return out + every_run(found.groups)


def stacks(found: Findings) -> Table:
    """A row for each variant, what was published beside it; rules that need no learning below."""
    rows = [row(group) for group in found.groups]
    rows.append((f"*{ALONE.says}*", None, None, None, None, None, None, ALONE.known, ALONE.far))
    rows += [(f"without learning: {rule}", None, *cells, None, None, None) for rule, *cells in unlearned(found)]
    columns = ("stack, operations", "runs", f"node, {SMALL}", f"graph, {SMALL}", f"node, {LARGE}", f"graph, {LARGE}",
               f"lowest node, {LARGE}", "published node, 32", "published node, 96")  # fmt: skip
    return Table("With a call stack and without", columns, tuple(rows), CAPTION)


def row(group: Group) -> tuple[Cell, ...]:
    """One variant."""
    ended = [record for record in group.records if record.finished]
    measured = [percent(at_size(ended, measure, size)) for size in (SMALL, LARGE) for measure in ("node", "graph")]
    far, beside = at_size(ended, "node", LARGE), PUBLISHED.get(group.name)
    lowest = f"{100 * min(far):.1f}" if far else None
    theirs = (beside.known, beside.far) if beside else (None, None)
    return (group.name, f"{len(ended)} of {len(group.records)}", *measured, lowest, *theirs)


def unlearned(found: Findings) -> list[tuple[Cell, ...]]:
    """What rules get that need no learning, at both sizes, node and graph."""
    ended = [record for record in found.records if record.finished]
    rows = list[tuple[Cell, ...]]()
    for rule, sizes in rules_of(ended[:1]).items():
        cells = [sizes.get(size, {}).get(name) for size in (SMALL, LARGE) for name in ("node", "graph")]
        shares = [sizes.get(size, {}).get("share") for size in (SMALL, LARGE)]
        if shares[0] is not None:
            cells = [shares[0], None, shares[1], None]
        rows.append((rule, *(None if cell is None else f"{100 * cell:.1f}" for cell in cells)))
    return rows


def kept(found: Findings) -> Mapping[str, Any]:
    """The table in words, for the README."""
    table = stacks(found)
    return {"stacks": captioned(table)}


call_stack = Study(
    description="depth-first search by a graph net with a call stack: none, of each graph, at each node; taught or not",
    file="call_stack_2023.toml",
    shown=shown,
    above=2,
    kept=kept,
    claims=CLAIMS,
)
