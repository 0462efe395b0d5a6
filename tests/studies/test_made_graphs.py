"""Tables and verdicts of made graphs, from runs whose numbers are made up."""

from pathlib import Path

import pytest

from pushpop.reporting.runs import Group, Record
from pushpop.studies import uva_graphs
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings, trials
from pushpop.studies.made_graph_claims import MADE
from pushpop.studies.made_graphs import HEADINGS, KNOWN, SIZES
from pushpop.studies.sized import percent
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED
from pushpop.tasks.graphs.instance import GraphTask


def run(variant, size, score, seed=0, **model):
    row = {"length": size, "graph": score, "node": score, "words": 1000, "floor": 0.1}
    floors = [{"length": 8, "floor": "blind to order", "share": 0.144}, {"length": 8, "floor": "first", "node": 0.2}]
    split = {"graph": score, "node": score}
    metrics = {"solved": False, "seconds": 4.0, "validation": split, "test": split, "by_length": [row],
               "floors": {"rows": floors}}  # fmt: skip
    config = {"task": {"kind": "expression"}, "model": {"kind": "lstm", **model}, "training": {}, "seed": seed}
    return Record(path=Path(f"{variant}-{seed}"), config=config, metrics=metrics, trial={"variant": variant})


def several(variant, size, *scores, **model):
    return [run(variant, size, score, seed, **model) for seed, score in enumerate(scores)]


def test_every_part_trains_and_its_sizes_are_the_tasks_own():
    parts: dict[str, set[range]] = {}
    seeds: dict[str, set[int]] = {}
    for configuration, settings, _ in trials(find("uva-2020-graphs").sweep(), Path("sweep")):
        task = settings.task.settings
        seeds.setdefault(configuration.variant, set()).add(settings.seed)
        if isinstance(task, GraphTask):
            part = configuration.variant.split(", ")[0]
            parts.setdefault(part, set()).add(tuple(task.ladder["training"]))
            assert settings.training.decay == 0
    assert parts == {name: {tuple(sizes)} for name, sizes in KNOWN.items()}
    assert set(HEADINGS) == set(SIZES) == set(KNOWN) <= set(uva_graphs.PARTS)
    five = set(range(5))
    for name in ("expression, ordered-gnn", "expression, stack-lstm", "lookup, gatv2", "kinship, lstm",
                 "kinship, ordered-gnn, directed", "zero-shot, ordered-gnn", "temporal, two-branch",
                 "path-parity, recurrent-gnn",
                 "bfs, recurrent-gnn"):  # fmt: skip
        assert seeds[name] == five


def test_a_table_has_a_column_for_each_size_and_rows_without_learning():
    records = several("expression, lstm", 8, 1.0, 0.98)
    found = Findings(find("uva-2020-graphs").sweep(), [Group("expression, lstm", tuple(records))], {})
    table = uva_graphs.PARTS["expression"].table(found, "expression")
    assert table.columns == ("configuration", "runs", "8")
    assert table.rows[0] == ("lstm", "2 of 2", "99.0 ± 1.4")
    assert table.rows[1:] == (
        ("without learning: blind to order", None, "14.4"),
        ("without learning: first", None, "20.0"),
    )


def test_answers_stand_in_brackets_where_a_graph_has_several():
    record = run("lookup, gatv2", 10, 0.9)
    record.metrics["by_length"][0]["node"] = 0.95
    found = Findings(find("uva-2020-graphs").sweep(), [Group("lookup, gatv2", (record,))], {})
    table = uva_graphs.PARTS["lookup"].table(found, "lookup")
    assert table.columns[2] == "**10**"
    assert table.rows[0][2] == "90.0 (95.0)"


def test_a_share_is_told_in_percent():
    assert percent([0.5]) == "50.0"


ORDER = several("expression, ordered-gnn", 8, 1.0, 0.995)
ALONE = [*several("temporal, one branch", 8, 0.34, 0.33, branches="graph"),
         *several("temporal, one branch", 8, 0.34, 0.33, branches="history")]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "records", "verdict"),
    [
        (0, [*ORDER, *several("expression, recurrent-gnn", 8, 0.15, 0.14, aggregator="sum")], CONFIRMED),
        (0, [*ORDER, *several("expression, recurrent-gnn", 8, 0.5, 0.6, aggregator="max")], NOT_CONFIRMED),
        (0, several("expression, ordered-gnn", 8, 1.0, 0.98), NOT_CONFIRMED),
        (0, several("sums, recurrent-gnn", 8, 0.9, 1.0), NOT_CONFIRMED),
        (1, [*several("lookup, gatv2", 10, 1.0, 0.996), *several("lookup, gat", 10, 0.2, 0.21, heads=1)], CONFIRMED),
        (1, several("lookup, gatv2", 10, 1.0, 0.99), NOT_CONFIRMED),
        (1, several("lookup, gatv2 of equal weights, without itself", 10, 0.3, 0.3), NOT_CONFIRMED),
        (2, [*several("kinship, ordered-gnn, shuffled", 10, 0.9, 0.91),
             *several("kinship, lstm, shuffled", 10, 0.1, 0.11)], CONFIRMED),
        (3, [*several("kinship, lstm", 10, 1.0, 1.0), *several("kinship, ordered-gnn, directed", 10, 1.0, 0.99)],
         CONFIRMED),
        (3, several("kinship, lstm", 10, 1.0, 0.98), NOT_CONFIRMED),
        (4, [*several("zero-shot, ordered-gnn", 24, 0.5, 0.51),
             *several("zero-shot, recurrent-gnn", 24, 0.9, 0.91, aggregator="sum")], CONTRADICTED),
        (5, [*several("temporal, two-branch", 8, 1.0, 0.995), *ALONE], CONFIRMED),
        (5, several("temporal, one branch", 8, 0.5, 0.5, branches="graph"), NOT_CONFIRMED),
        (6, [*several("path-parity, recurrent-gnn", 1000, 1.0, 0.99, 1.0, 0.6, 1.0),
             *several("path-parity, gcn of 4 layers", 1000, 0.5)], CONFIRMED),
        (6, several("path-parity, recurrent-gnn", 1000, 1.0, 0.98, 1.0, 0.6, 1.0), NOT_CONFIRMED),
        (6, several("path-parity, gin of 4 layers", 1000, 0.6), NOT_CONFIRMED),
        (7, [*several("bfs, recurrent-gnn", 160, 1.0, 0.999), *several("bfs, recurrent-gnn", 1600, 1.0, 0.985)],
         CONFIRMED),
        (7, several("bfs, recurrent-gnn", 160, 1.0, 0.998), NOT_CONFIRMED),
        (7, several("bfs, recurrent-gnn", 1600, 1.0, 0.98), NOT_CONFIRMED),
    ],
)  # fmt: skip
def test_a_verdict_is_made_by_its_rule(number, records, verdict):
    outcomes = MADE[number].judge(records)
    assert outcomes
    wanted = {one.verdict for one in outcomes}
    assert wanted == {CONFIRMED} if verdict == CONFIRMED else verdict in wanted
    assert MADE[number].judge([]) == []
