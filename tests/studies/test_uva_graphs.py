"""`uva-2020-graphs`: what it trains, its tables, and verdicts from runs whose numbers are made up."""

from pathlib import Path

import pytest

from pushpop.errors import ConfigError
from pushpop.reporting.runs import Group, Record
from pushpop.studies import results, uva_graph_claims, uva_graphs
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings, trials
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED
from pushpop.tasks.graphs import planetoid


def run(variant, score, seed=0, *, floor=0.3, **model):
    part, kind = variant.split(", ")[:2]
    names = ("auc", "ap") if part.endswith("links") else ("accuracy", "baseline")
    scores = {names[0]: score, names[1]: 0.5}
    floors = [{"floor": "cosine of words", **dict.fromkeys(names, floor)}]
    metrics = {"solved": None, "seconds": 4.0, "validation": scores, "test": scores, "floors": {"rows": floors}}
    config = {"task": {"kind": part}, "model": {"kind": kind, **model}, "training": {}, "seed": seed}
    return Record(path=Path(f"{variant}-{seed}"), config=config, metrics=metrics, trial={"variant": variant})


def several(variant, *scores, **model):
    return [run(variant, score, seed, **model) for seed, score in enumerate(scores)]


def test_what_it_trains_is_what_the_issue_asks_for():
    found: dict[str, set[tuple[int, int]]] = {}
    for configuration, settings, _ in trials(find("uva-2020-graphs").sweep(), Path("sweep")):
        split = getattr(settings.task.settings, "split", -1)
        found.setdefault(configuration.variant, set()).add((settings.seed, split))
    assert {seed for seed, _ in found["cora, gcn"]} == {seed for seed, _ in found["cora, gat"]} == set(range(10))
    for name in ("cora-links, gae", "cora-links, vgae", "citeseer-links, gae", "citeseer-links, vgae"):
        assert found[name] == {(0, split) for split in range(5)}
    assert {name.split(", ")[0] for name in found} >= set(uva_graphs.PARTS)


def test_in_small_no_graph_is_fetched():
    small = find("uva-2020-graphs").sweep(quick=True)
    for _, settings, _ in trials(small, Path("sweep")):
        if settings.task.settings.answers in ("nodes", "links"):
            assert settings.task.settings.graph == "karate"
            assert settings.training.last_step() == 16


def table(part, records):
    variants = dict.fromkeys(record.variant for record in records)
    groups = [Group(name, tuple(one for one in records if one.variant == name)) for name in variants]
    found = Findings(find("uva-2020-graphs").sweep(), groups, {"quick": False, "verdicts": []})
    return uva_graphs.PARTS[part].table(found, part)


def test_a_table_has_ours_then_published_ones_then_what_needs_no_learning():
    found = table("cora", several("cora, gcn", 0.81, 0.83))
    assert found.columns == ("configuration", "runs", "test accuracy", "lowest to highest", "validation accuracy",
                             "seconds")  # fmt: skip
    assert found.rows[0] == ("gcn", "2 of 2", "82.0 ± 1.4", "81.0 to 83.0", "82.0 ± 1.4", "4.0")
    assert found.rows[1][:3] == ("*GCN, Kipf and Welling 2017*", None, "81.5")
    assert found.rows[-1][:3] == ("without learning: cosine of words", None, "30.0")
    links = table("cora-links", several("cora-links, gae", 0.9, 0.92))
    assert links.rows[0][:4] == ("gae", "2 of 2", "91.0 ± 1.4", "50.0")
    assert links.rows[1][:4] == ("*GAE, Kipf and Welling 2016*", None, "91.0", "92.0")


def test_splits_of_one_configuration_are_one_row():
    groups = [Group("cora-links, gae, split 0", (run("cora-links, gae", 0.9),)),
              Group("cora-links, gae, split 1", (run("cora-links, gae", 0.8),))]  # fmt: skip
    (one,) = uva_graphs.together(groups)
    assert (one.name, len(one.records)) == ("cora-links, gae", 2)


@pytest.mark.parametrize(
    ("number", "records", "verdict"),
    [
        (0, several("cora, gcn", 0.81, 0.82), CONFIRMED),
        (0, several("cora, gcn", 0.81, 0.81), NOT_CONFIRMED),
        (1, several("cora, gat", 0.83, 0.831), CONFIRMED),
        (2, [*several("cora-links, gae", 0.92), *several("cora-links, vgae", 0.91)], NOT_CONFIRMED),
        (2, [*several("cora-links, gae", 0.92), *several("cora-links, vgae", 0.92)], CONFIRMED),
        (3, [*several("cora, gcn", 0.8, 0.81), *several("cora, gcn, own state", 0.9, 0.91, self_loop=2.0)], CONFIRMED),
        (3, [*several("cora, gcn", 0.8, 0.81), *several("cora, gcn, own state learned", 0.8, 0.81)], UNDECIDED),
        (4, [*several("cora, gcn", 0.8, 0.81), *several("cora, gat", 0.7, 0.71)], CONTRADICTED),
        (5, [*several("cora, graphsage", 0.7, 0.71, aggregator="max"),
             *several("cora, graphsage", 0.8, 0.81, aggregator="lstm")], CONFIRMED),
        (6, several("cora-links, gae", 0.9, 0.91, floor=0.8), CONFIRMED),
        (6, several("cora-links, gae", 0.7, 0.71, floor=0.8), CONTRADICTED),
    ],
)  # fmt: skip
def test_a_verdict_is_made_by_its_rule(number, records, verdict):
    outcomes = uva_graph_claims.REAL[number].judge(records)
    assert verdict in {one.verdict for one in outcomes}
    assert uva_graph_claims.REAL[number].judge([]) == []


def test_the_readme_has_the_parts_that_there_are():
    made = {"columns": ["configuration"], "rows": [["gcn"]], "caption": "A caption."}
    summary = {"verdicts": [], "budget": 1, "study": "uva-2020-graphs", "commit": "c", "cora": made}
    said = results.SECTIONS["uva-2020-graphs"](summary)
    assert "Cora, the class of a paper:\n\n| configuration |" in said
    assert "An epoch on Cora" not in said


def test_without_the_graphs_it_refuses_before_it_trains(monkeypatch):
    def gone(name):
        raise ConfigError(f"{name}: cannot be fetched")

    monkeypatch.setattr(planetoid, "fetched", gone)
    with pytest.raises(ConfigError, match=r"uva-2020-graphs: cora: cannot be fetched"):
        uva_graphs.needs()
