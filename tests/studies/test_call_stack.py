"""`call-stack-2023`: what it trains, its table, and verdicts from runs whose numbers are made up."""

from pathlib import Path

import pytest

from pushpop.reporting.runs import Group, Record
from pushpop.studies import call_stack, call_stack_claims
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings, trials
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED

FLOORS = [
    {"length": 16, "floor": "lowest caller", "node": 0.25, "graph": 0.0},
    {"length": 48, "floor": "lowest caller", "node": 0.125, "graph": 0.0},
    {"length": 16, "floor": "any caller", "share": 0.5},
]


def run(variant, small, large, seed=0):
    rows = [{"length": size, "node": node, "graph": 0.0, "words": 10} for size, node in ((16, small), (48, large))]
    metrics = {"solved": False, "by_length": rows, "floors": {"rows": FLOORS}, "test": {}, "validation": {}}
    config = {"task": {"kind": "dfs"}, "model": {"kind": "call-stack-gnn"}, "training": {}, "seed": seed}
    return Record(path=Path(f"{variant}-{seed}"), config=config, metrics=metrics, trial={"variant": variant})


def several(variant, *pairs):
    return [run(variant, small, large, seed) for seed, (small, large) in enumerate(pairs)]


def test_what_it_trains_is_what_the_issue_asks_for():
    found: dict[tuple[str, str, str], set[int]] = {}
    for _, settings, _ in trials(find("call-stack-2023").sweep(), Path("sweep")):
        model = settings.model.settings
        assert settings.task.settings.ladder["test"] == (16, 48)
        assert max(settings.task.settings.ladder["training"]) == 16
        operations = "" if model.stack == "none" else model.operations
        found.setdefault((model.stack, operations, model.carried), set()).add(settings.seed)
    ways = {(stack, way, "no") for stack in ("graph", "node") for way in ("hard", "soft", "unsupervised")}
    assert set(found) >= {("none", "", "no"), ("none", "", "yes"), *ways}
    for way in [("none", "", "no"), *(("node", way, "no") for way in ("hard", "soft", "unsupervised"))]:
        assert found[way] == set(range(5))


def test_in_small_it_is_small():
    for _, settings, _ in trials(find("call-stack-2023").sweep(quick=True), Path("sweep")):
        assert settings.training.last_step() == 16
        assert settings.model.settings.hidden == 4


def test_the_table_has_ours_beside_theirs_and_rules_that_learn_nothing():
    records = [*several("node, hard", (1.0, 0.99), (1.0, 0.97)), *several("node, soft", (1.0, 1.0))]
    groups = [
        Group(name, tuple(one for one in records if one.variant == name)) for name in ("node, hard", "node, soft")
    ]
    table = call_stack.stacks(Findings(find("call-stack-2023").sweep(), groups, {"quick": False, "verdicts": []}))
    rows = {row[0]: row for row in table.rows}
    assert rows["node, hard"][1:] == ("2 of 2", "100.0", "0.0", "98.0 ± 1.4", "0.0", "97.0", "100", "100")
    assert rows["node, soft"][-2:] == (None, None)
    assert rows["*CLRS's own net, full hints*"][-1] == "53.9 ± 14.1"
    assert rows["without learning: lowest caller"][2:6] == ("25.0", "0.0", "12.5", "0.0")
    assert rows["without learning: any caller"][2:6] == ("50.0", None, None, None)
    assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize(
    ("number", "records", "verdicts"),
    [
        (0, several("node, hard", (1.0, 0.99), (1.0, 1.0)), {CONFIRMED}),
        (0, several("node, hard", (1.0, 0.989), (1.0, 1.0)), {CONTRADICTED}),
        (1, [run("none", 0.6, 0.7), run("graph, hard", 0.9, 0.5), run("node, hard", 1.0, 1.0)],
         {CONFIRMED, CONTRADICTED}),
        (1, [run("none", 0.6, 0.4), run("graph, hard", 0.9, 0.5), run("node, hard", 1.0, 1.0)], {CONFIRMED}),
        (2, several("node, soft", (1.0, 1.0)), {CONFIRMED}),
        (3, [run("none", 0.6, 0.7), run("node, unsupervised", 0.7, 0.705)], {CONFIRMED, UNDECIDED}),
        (3, [run("none", 0.6, 0.7), run("node, unsupervised", 0.5, 0.8)], {CONFIRMED, CONTRADICTED}),
    ],
)  # fmt: skip
def test_a_verdict_is_made_by_its_rule(number, records, verdicts):
    claim = call_stack_claims.CLAIMS[number]
    assert {outcome.verdict for outcome in claim.judge(records)} == verdicts
    assert claim.judge([]) == []
