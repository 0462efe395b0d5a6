"""`uva-2020-graphs`: what graph nets hold; the last part of the UvA assignment of 2020 and of the study of it, tried.

The study's part on graphs is pen and paper: what it says is put to the test here, on real graphs and on made ones.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pushpop.errors import ConfigError
from pushpop.reporting.runs import Group, Record
from pushpop.reporting.sections import Listed, Section, every_run, learning, section
from pushpop.reporting.tables import runs_of
from pushpop.reporting.writing import Cell, Table, captioned, in_words
from pushpop.studies import deep_search, uva_graph_speed
from pushpop.studies.findings import Findings
from pushpop.studies.made_graph_claims import MADE
from pushpop.studies.made_graphs import HEADINGS, made_table
from pushpop.studies.sized import percent
from pushpop.studies.study import Study, Trained
from pushpop.studies.uva_graph_claims import CLAIMS
from pushpop.studies.uva_graph_published import LINKS, NODES, Published
from pushpop.studies.verdicts import Judged, verdict_table
from pushpop.tasks.graphs import planetoid

LEAD = (
    "Every seed counts, and so does every split. Settings were found on seeds from 1000 on and on validation; test "
    "scores choose nothing. A verdict is made by its rule from the runs alone."
)
TIMED, SEARCHED = "cora, gcn", "bfs, recurrent-gnn"
QUICK = "The study in small, to see that all of it works: it says nothing. "
KEPT_BY = (
    "Of each run the weights are kept that are best on validation: nodes named right, of equals the lowest loss; of "
    "links the area under the curve, of equals the average precision. "
)


class Part(NamedTuple):
    """A part of the study: its heading, its table, and the score whose curves are shown."""

    heading: str
    table: Callable[[Findings, str], Table]
    measure: str


def nodes_table(found: Findings, name: str) -> Table:
    """Test accuracy beside validation, time and the published figures; what needs no learning below."""
    caption = (
        f"{KEPT_BY}Mean ± standard deviation over seeds, in percent, then the lowest and the highest. Seconds: the "
        "median of a run's training, evaluations included, beside whatever else the machine did."
    )
    return real(found, name, "accuracy", NODES, caption)


def links_table(found: Findings, name: str) -> Table:
    """The same of edges that were taken out."""
    caption = (
        f"{KEPT_BY}85 % of the edges are left to hear along, 5 are validation and 10 the test, with as many pairs that "
        "are no edges; five splits, each with its own first weights. Mean ± standard deviation over splits, in "
        "percent, then the lowest and the highest. The cosine of words looks at no edge."
    )
    return real(found, name, "auc", LINKS, caption)


def real(found: Findings, name: str, measure: str, published: Mapping[str, Sequence[Published]], caption: str) -> Table:
    """A row for each configuration of a part, then published ones, then rules that need no learning."""
    second = {"auc": "ap"}.get(measure)
    rows: list[tuple[Cell, ...]] = []
    groups = together(found.of(f"{name}, "))
    for group in groups:
        ended = [record for record in group.records if record.finished]
        scores = [record.scores("test")[measure] for record in ended]
        others = [percent([record.scores("test")[second] for record in ended])] if second else []
        seconds = [record.total("seconds") or 0.0 for record in ended]
        rows.append((
            group.name.partition(", ")[2], f"{len(ended)} of {len(group.records)}", percent(scores), *others,
            f"{100 * min(scores):.1f} to {100 * max(scores):.1f}" if scores else None,
            percent([record.scores("validation")[measure] for record in ended]),
            f"{statistics.median(seconds):.1f}" if seconds else None,
        ))  # fmt: skip
    rows += [(f"*{one.source}*", None, one.said, *([one.second] if second else []), None, None, None)
             for one in published.get(name, ())]  # fmt: skip
    rows += [(f"without learning: {floor}", None, said, *([more] if second else []), None, None, None)
             for floor, said, more in floors(groups, measure, second)]  # fmt: skip
    columns = ("configuration", "runs", f"test {measure}", *([f"test {second}"] if second else []), "lowest to highest",
               f"validation {measure}", "seconds")  # fmt: skip
    return Table(PARTS[name].heading, columns, tuple(rows), caption)


def together(groups: Sequence[Group]) -> list[Group]:
    """Configurations that differ in their split alone are one."""
    found: dict[str, list[Record]] = {}
    for group in groups:
        found.setdefault(group.name.partition(", split")[0], []).extend(group.records)
    return [Group(name, tuple(records)) for name, records in found.items()]


def floors(groups: Sequence[Group], measure: str, second: str | None) -> list[tuple[Cell, ...]]:
    """What needs no learning gets, over all the graphs that were hidden from the runs of one configuration."""
    if not groups:
        return []
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for record in groups[0].records:
        for row in ((record.metrics or {}).get("floors") or {}).get("rows") or []:
            rows.setdefault(str(row["floor"]), []).append(row)
    return [
        (name, percent([row[measure] for row in some]), percent([row[second] for row in some]) if second else None)
        for name, some in rows.items()
    ]


PARTS = {
    "cora": Part("Cora: the class of a paper, public split", nodes_table, "accuracy"),
    "citeseer": Part("Citeseer: the class of a paper, public split", nodes_table, "accuracy"),
    "cora-links": Part("Cora: citations taken out", links_table, "auc"),
    "citeseer-links": Part("Citeseer: citations taken out", links_table, "auc"),
    **{name: Part(heading, made_table, "graph") for name, heading in HEADINGS.items()},
}
"""Each part by the beginning of its variants' names, up to the comma."""


def shown(found: Findings) -> list[Section]:
    """Verdicts, then every part with its table and curves."""
    verdicts = [Judged(**one) for one in found.summary["verdicts"]]
    table = verdict_table("What is said of graphs", verdicts)
    lead = QUICK + LEAD if found.summary["quick"] else LEAD
    out = [Section("What is said of graphs", lead, tables=(Listed("verdicts", table, kind="prose"),))]
    for name, part in PARTS.items():
        groups = together(found.of(f"{name}, "))
        if groups:
            curves = (learning(groups, part.measure, "words", name),)
            out.append(Section(part.heading, drawings=curves, tables=(Listed(name, part.table(found, name)),)))
    if (deep := deep_search.table(found.of(SEARCHED))) is not None:
        out.append(section(Listed("deep", deep)))
    if (costs := speed(found)) is not None:
        out.append(section(Listed("speed", costs)))
    return out + every_run(found.groups)


def kept(found: Findings) -> Mapping[str, Any]:
    """The tables in words, for the README, each with its caption and the seeds it is of."""
    tables = {name: part.table(found, name) for name, part in PARTS.items() if found.of(f"{name}, ")}
    told = {name: {**in_words(table), "caption": f"{table.caption} Seeds {seeds(found, name)}."}
            for name, table in tables.items()}  # fmt: skip
    beside = {"deep": deep_search.table(found.of(SEARCHED)), "speed": speed(found)}
    return told | {name: captioned(one) for name, one in beside.items() if one}


def seeds(found: Findings, name: str) -> str:
    return runs_of([record.seed for group in found.of(f"{name}, ") for record in group.records])


def speed(found: Findings) -> Table | None:
    """What an epoch costs, if the run that tells has ended."""
    for record in (record for group in found.of(TIMED) for record in group.records):
        if record.variant == TIMED and (times := uva_graph_speed.found(record.path)):
            return uva_graph_speed.table(times, int(record.total("steps") or 0))
    return None


def after(runs: Sequence[Trained], quick: bool, tell: Callable[[str], object]) -> None:
    """Time an epoch of the first GCN on Cora, and search deep graphs."""
    for one in [one for one in runs if one.variant == TIMED][:1]:
        tell(f"{one.run.name}: an epoch with sparse and with dense features, in turns")
        uva_graph_speed.measure(one.run, quick)
    for one in [one for one in runs if one.variant == SEARCHED]:
        tell(f"{one.run.name}: trees, grids and paths")
        deep_search.measure(one.run, quick)


def needs() -> None:
    """ConfigError, before anything is trained, where a citation graph cannot be had."""
    for name in planetoid.SUMS:
        try:
            planetoid.fetched(name)
        except ConfigError as error:
            raise ConfigError(f"uva-2020-graphs: {error}") from None


uva_graphs = Study(
    description="the UvA assignment of 2020: graph nets on real graphs and on made ones, beside what was published",
    file="uva_2020_graphs.toml",
    shown=shown,
    above=1,
    kept=kept,
    claims=(*CLAIMS, *MADE),
    needs=needs,
    after=after,
)
