"""`bench` times only what agrees, and says how it counted. Times themselves are not tested."""

import json

import pytest
import torch

from pushpop.errors import ConfigError, RunError
from pushpop.models.settings import MemorySettings
from pushpop.studies import baselines, bench
from pushpop.studies.contest import Contestant, Work, same_words
from pushpop.tasks.strings import Reverse

COLUMNS = ["name", "batch", "lengths", "engine", "baseline", "seconds", "spread", "words_per_second", "ratio",
           "gflops", "fraction_of_sgemm"]  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    rows = {
        kind: bench.Bench(batch=2, lengths=(1, 5), baseline=kind)
        for kind in ("dense-triangular", "dense-triangular-tuned", "eager")
    }
    monkeypatch.setattr(bench, "BENCHES", rows)
    monkeypatch.setattr(bench, "SGEMM_SIZE", 64)


def test_every_row_has_the_same_columns_and_is_json(small):
    found = json.loads(json.dumps(bench.run(repetitions=2), allow_nan=False))
    assert [list(row) for row in found["rows"]] == [COLUMNS] * 3
    assert [row["baseline"] for row in found["rows"]] == list(bench.BENCHES)
    assert {(row["batch"], row["lengths"], row["engine"]) for row in found["rows"]} == {(2, "1-5", "fused")}
    assert all(row["seconds"] > 0 and row["ratio"] > 0 for row in found["rows"])
    assert found["sgemm_gflops"] > 0
    assert len(bench.table(found).rows) == 3
    assert all(note in bench.table(found).caption for note in (*bench.BASELINES, bench.OPERATIONS))


def test_one_row_can_be_asked_for_and_an_unknown_one_is_refused(small):
    assert [row["name"] for row in bench.run("eager", repetitions=2)["rows"]] == ["eager"]
    with pytest.raises(ConfigError, match=r"bench: 'eagre' is not known; did you mean 'eager'\? there are dense-"):
        bench.run("eagre")


@pytest.mark.parametrize(
    ("kind", "stack"),
    [("dense-triangular", baselines.PublishedStack), ("dense-triangular-tuned", baselines.TriangularStack)],
)
@pytest.mark.parametrize("fault", ["no pops", "wide reads"])
def test_an_engine_that_disagrees_is_not_timed(small, monkeypatch, kind, stack, fault):
    step = stack.step
    faults = {
        "no pops": lambda stack, value, push, pop: step(stack, value, push, 0 * pop),
        "wide reads": lambda stack, value, push, pop: step(stack, value, push, pop) * 1.001,
    }
    monkeypatch.setattr(stack, "step", faults[fault])
    monkeypatch.setattr(Contestant, "train", lambda *given: pytest.fail("timed"))
    with pytest.raises(RunError, match="no speed is told of a red check"):
        bench.run(kind)


def test_operations_are_those_of_real_positions():
    words = same_words(Reverse(), (1, 5), 2)[0]
    work = Work.of(Reverse(), words)
    settings = MemorySettings(hidden=3, memory=2)
    each = [len(word) for batch in words for word in batch]
    gates, interface, output = 4 * 3 * (3 + 2), 3 * (2 + 2), 131 * (3 + 2)
    wanted = sum((2 * k + 2) * (gates + interface) + (k + 1) * output for k in each)
    assert bench.operations(work, settings, 131) == 6 * wanted


def test_timing_leaves_the_threads_and_starts_from_the_same_weights(small):
    before = torch.get_num_threads()
    bench.run("dense-triangular", repetitions=2)
    assert torch.get_num_threads() == before
    model = torch.nn.Linear(1, 1)
    contestant = Contestant(model, Work(()))
    with torch.no_grad():
        model.weight += 1
    contestant.train()
    assert torch.equal(model.weight, contestant.start["weight"])
