"""Which runs get a trace page, and how the report links them."""

import json
import re
from dataclasses import replace

import pytest

import pushpop
from pushpop.evaluation.verdict import Reach
from pushpop.experiments.lengths import fingerprint
from pushpop.reporting.page import write_report
from pushpop.reporting.records import grouped, read_runs
from pushpop.reporting.run_traces import PAGE, linked, picked, trace_run, write_traces


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A network of a few steps of training: solved it is not."""
    run = tmp_path_factory.mktemp("runs") / "reverse" / "tiny"
    task = {"kind": "reverse", "symbols": 3, "shortest": 1, "longest": 3, "test_shortest": 4, "test_longest": 5}
    model = {"kind": "stack-lstm", "hidden": 4, "memory": 3, "embedding": 4, "engine": "eager"}
    training = {"words": 64, "evaluate_words": 10}
    pushpop.train(task, model, seed=1000, training=training, run=run, quiet=True)
    return run


def roles(group):
    return [(role, record.seed) for role, record in picked(group)]


def test_the_best_the_median_and_the_worst_failed_seed_are_picked_by_validation_words(make_run):
    runs = [make_run(seed=seed, solved=seed not in (2, 5)) for seed in range(7)]
    words = {0: 500, 1: 300, 3: 100, 4: 400, 6: 200}
    for seed, run in enumerate(runs):
        metrics = json.loads((run / "metrics.json").read_text())
        metrics |= {"words": words.get(seed, 900), "validation": {"coarse": {2: 0.5, 5: 0.2}.get(seed, 1.0)}}
        (run / "metrics.json").write_text(json.dumps(metrics))
    [group] = grouped(read_runs(runs))
    assert roles(group) == [("best", 3), ("median", 1), ("failed", 5)]
    [group] = grouped(read_runs(runs[:2]))
    assert roles(group) == [("best", 1)]
    [group] = grouped(read_runs([make_run("lstm", 0, finished=False)]))
    assert roles(group) == []


def test_a_page_that_is_there_is_linked_from_where_the_report_is(make_run, tmp_path):
    run = make_run(seed=3)
    out = tmp_path / "some where" / "report.html"
    assert linked(grouped(read_runs([run])), out) == []
    (run / "model.safetensors").write_bytes(b"its weights")
    (run / PAGE).write_text(
        f'<meta name="description" content="pops &amp; pushes"><meta name="pushpop" '
        f'content="weights {fingerprint(run)}, pushpop 0.0.1, commit unknown">'
    )
    [found] = linked(grouped(read_runs([run])), out)
    [link] = found.links
    assert (link.role, link.seed, link.verdict) == ("best", 3, "pops & pushes")
    assert (out.parent / link.address).resolve() == (run / PAGE).resolve()
    page = write_report([run], out).read_text()
    assert f'<a href="{link.address}">best: seed 3</a>, solved after' in page
    assert "It pops &amp; pushes." in page
    (run / "model.safetensors").write_bytes(b"those of another run")
    assert linked(grouped(read_runs([run])), out) == []


def test_a_report_without_trace_pages_says_nothing_of_them(make_run, tmp_path):
    assert "See it think" not in write_report([make_run()], tmp_path / "report.html").read_text()


def test_pages_are_written_where_they_are_missing_or_of_other_weights_or_another_commit(tiny, monkeypatch):
    groups, told = grouped(read_runs([tiny])), []
    write_traces(groups, told.append)
    said = re.search(r'<meta name="description" content="(pushes[^"]*)">', (tiny / PAGE).read_text())
    assert told == [f"{tiny / PAGE}: {said[1]}"]
    write_traces(groups, told.append)
    assert len(told) == 1, "it is of these weights, by this commit"
    page = (tiny / PAGE).read_text()
    (tiny / PAGE).write_text(page.replace(fingerprint(tiny), "0123456789abcdef"))  # newer, but not of this run
    write_traces(groups, told.append)
    assert len(told) == 2
    assert (tiny / PAGE).read_text() == page
    monkeypatch.setattr("pushpop.reporting.run_traces.commit", lambda: "cafe123")
    write_traces(groups, told.append)
    assert len(told) == 3
    assert "commit cafe123" in (tiny / PAGE).read_text()


def test_of_many_configurations_only_the_best_few_are_traced(make_run):
    told = []
    groups = grouped(read_runs([make_run(hidden=size) for size in range(16, 25)]))
    assert len(groups) == 9
    write_traces(groups, told.append)  # none can be: they have no weights
    assert len(told) == 5


def test_a_run_whose_network_cannot_be_shown_is_told_and_left_out(make_run):
    told = []
    write_traces(grouped(read_runs([make_run(), make_run("lstm")])), told.append)
    assert len(told) == 1
    assert told[0].startswith("no trace page: ")


def test_the_verdict_tells_of_the_lengths_that_were_scored(tiny):
    trained = pushpop.load(tiny)
    share = trained.metrics["validation"]["coarse"]
    assert share < 1
    assert trained.verdict().reach == Reach(right=None, wrong=((1, 3), share))
    right = replace(trained, metrics={"validation": {"coarse": 1.0}, "test": {"coarse": 0.5}})
    assert right.verdict().text.endswith("measured right to 3 (at 4-5 0.500 of the words)")


def test_a_page_has_both_ways_unless_only_the_rounded_one_is_wanted(tiny, tmp_path):
    trained = pushpop.load(tiny)
    assert trace_run(trained, [1, 2], tmp_path / "both.html").words == 100
    trace_run(trained, [1, 2], tmp_path / "one.html", rounded=True)
    names = [
        re.findall(r'"name": "(soft|rounded)"', (tmp_path / f"{name}.html").read_text()) for name in ("both", "one")
    ]
    assert names == [["soft", "rounded"], ["rounded"]]


def test_the_command_writes_them_and_links_them(tiny, tmp_path, capsys):
    from pushpop.cli.app import main

    (tiny / PAGE).unlink(missing_ok=True)
    assert main(["report", str(tiny), "--out", str(tmp_path / "report.html"), "--traces"]) == 0
    assert f"{tiny / PAGE}: " in capsys.readouterr().err
    assert "failed: seed 1000</a>, coarse " in (tmp_path / "report.html").read_text()
