"""`bench` times only what agrees, and says how it counted. Times themselves are not tested."""

import json
from dataclasses import replace

import pytest
import torch

from pushpop.errors import ConfigError, RunError
from pushpop.models.catalogue import MODELS
from pushpop.studies import bench, comparisons, compiled, published_stacks
from pushpop.studies.comparisons import COMPARISONS, Comparison, Side, Target, against, beside_stack, of_sgemm
from pushpop.studies.contest import TorchContestant, Unavailable, Work, same_words
from pushpop.studies.operations import OPERATIONS, operations
from pushpop.studies.ways import TASK, WAYS, network

DESIGNED = {"name", "batch", "lengths", "engine", "baseline", "seconds", "spread", "words_per_second", "ratio",
            "gflops", "fraction_of_sgemm"}  # fmt: skip
SIZES = (("hidden", 6), ("memory", 5), ("embedding", 4))
TINY = Side(batch=2, lengths=(1, 5), sizes=SIZES)
STACKS = {
    "dense-triangular": published_stacks.PublishedStack,
    "dense-tuned": published_stacks.TriangularStack,
    "list-of-tensors": published_stacks.ListStack,
    "study-list": published_stacks.StudyListStack,
}


@pytest.fixture
def small(monkeypatch):
    """A row for each way, and one for each other thing a row can be about, on hardly any work."""
    rows = {way: against(way, TINY, 2.0) for way in WAYS if way not in ("fused", "jax-scan")}
    rows["queue"] = replace(beside_stack("queue-lstm", 1.1), ours=replace(TINY, kind="queue-lstm"), theirs=TINY)
    rows["superposition"] = against("eager", replace(TINY, kind="superposition-lstm"), 10)
    rows["sgemm"] = of_sgemm(TINY, 0.5)
    rows["study"] = Comparison(
        ours=replace(TINY, way="dense-triangular"),
        theirs=replace(TINY, way="study-list"),
        target=Target(bound=25, at="said"),
    )
    rows = {name: replace(row, batches=2) for name, row in rows.items()}
    monkeypatch.setattr(bench, "COMPARISONS", rows)
    monkeypatch.setattr(bench, "SGEMM_SIZE", 64)
    monkeypatch.setattr(compiled, "compiled_step", lambda: compiled.buffered_step)
    return rows


def test_every_row_has_the_same_columns_and_is_json(small):
    said = []
    found = json.loads(json.dumps(bench.run(turns=2, say=said.append), allow_nan=False))
    rows = {row["name"]: row for row in found["rows"]}
    assert list(rows) == list(small)
    assert len(said) == len(small)
    assert DESIGNED - set(found["rows"][0]) == set()
    assert len({tuple(row) for row in found["rows"]}) == 1
    assert {(row["batch"], row["lengths"]) for row in found["rows"]} == {(2, "1-5")}
    assert {row["engine"] for row in found["rows"] if row["name"] not in ("study", "superposition")} == {"fused"}
    assert rows["queue"]["baseline"] == "stack-lstm"
    assert (rows["study"]["engine"], rows["study"]["baseline"]) == ("dense-triangular", "study-list")
    assert (rows["study"]["target"], rows["study"]["met"]) == ("said 25x", None)
    assert rows["queue"]["found"] == pytest.approx(1 / rows["queue"]["ratio"])
    assert rows["queue"]["met"] == (rows["queue"]["found"] <= 1.1)
    assert rows["sgemm"]["ratio"] is None
    assert (
        rows["sgemm"]["found"] == rows["sgemm"]["fraction_of_sgemm"] == rows["sgemm"]["gflops"] / found["sgemm_gflops"]
    )
    assert all(row["seconds"] > 0 and row["found"] > 0 for row in found["rows"])
    table = bench.table(found)
    assert len(table.rows) == len(small)
    assert all(note in table.caption for note in (WAYS["list-of-tensors"].says, OPERATIONS, "sgemm: 64 x 64"))


def test_the_engine_told_is_the_one_that_ran(small, monkeypatch):
    assert bench.run("dense-triangular", turns=2)["rows"][0]["engine"] == "fused"
    monkeypatch.setattr("pushpop.models.engines._has_numba", lambda: False)
    assert bench.run("dense-triangular", turns=2)["rows"][0]["engine"] == "eager"


def test_one_row_can_be_asked_for_and_an_unknown_one_is_refused(small):
    assert [row["name"] for row in bench.run("eager", turns=2)["rows"]] == ["eager"]
    with pytest.raises(
        ConfigError, match=r"bench: 'eagre' is not known; did you mean 'eager'\? there are eager, dense-"
    ):
        bench.run("eagre")


@pytest.mark.parametrize("name", ["dense-triangular", "dense-tuned", "list-of-tensors", "study-list"])
@pytest.mark.parametrize("fault", ["no pops", "wide reads"])
def test_a_baseline_that_disagrees_is_not_timed(small, monkeypatch, name, fault):
    step = STACKS[name].step
    faults = {
        "no pops": lambda stack, value, push, pop: step(stack, value, push, 0 * pop),
        "wide reads": lambda stack, value, push, pop: step(stack, value, push, pop) * 1.001,
    }
    monkeypatch.setattr(STACKS[name], "step", faults[fault])
    monkeypatch.setattr(TorchContestant, "train", lambda *given: pytest.fail("timed"))
    with pytest.raises(RunError, match="no speed is told of a red check"):
        bench.run(name)


@pytest.mark.parametrize("name", ["eager", "queue", "superposition", "sgemm"])
def test_an_engine_that_disagrees_is_not_timed(small, monkeypatch, name):
    """Also where the other side is no other way to compute the same: then `eager` is asked."""
    right = WAYS["eager"].enter

    def slightly_wrong(model, work, threads):
        contestant = right(model, work, threads)
        grades = contestant.graded()
        contestant.graded = lambda: {name: 1.001 * grade for name, grade in grades.items()}
        return contestant

    monkeypatch.setitem(WAYS, "eager", replace(WAYS["eager"], enter=slightly_wrong))
    monkeypatch.setattr(TorchContestant, "train", lambda *given: pytest.fail("timed"))
    with pytest.raises(RunError, match="no speed is told of a red check"):
        bench.run(name)


def test_a_row_that_cannot_run_here_is_told_with_its_reason(small, monkeypatch):
    def missing(*given):
        raise Unavailable("jax is not installed; `pip install jax` adds the row")

    monkeypatch.setitem(WAYS, "eager", replace(WAYS["eager"], enter=missing))
    found = bench.run("eager", turns=2)
    assert found["rows"] == []
    assert found["skipped"] == [{"name": "eager", "reason": "jax is not installed; `pip install jax` adds the row"}]
    assert "skipped eager: jax is not installed" in bench.table(found).caption


def test_two_threads_against_one_need_two(small, monkeypatch):
    rows = {"threads": replace(COMPARISONS["threads-50"], ours=replace(TINY, threads="all"),
                               theirs=replace(TINY, threads="one"), batches=2)}  # fmt: skip
    monkeypatch.setattr(bench, "COMPARISONS", rows)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    assert bench.run()["skipped"] == [{"name": "threads", "reason": "only one thread is in use here"}]
    torch.set_num_threads(2)
    (row,) = bench.run(turns=2)["rows"]
    assert (row["threads"], row["baseline"]) == ([2, 1], "one thread")
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_a_longer_word_is_told_by_time_and_memory(small, monkeypatch):
    row = replace(
        COMPARISONS["length-8000"], ours=replace(TINY, lengths=(40, 40)), theirs=replace(TINY, lengths=(5, 5))
    )
    monkeypatch.setattr(bench, "COMPARISONS", {"length": row})
    asked = []
    monkeypatch.setattr(bench, "peak_of_step", lambda **what: asked.append(what) or 3 * what["length"] - 14)
    (row,) = bench.run(turns=2)["rows"]
    assert [what["length"] for what in asked] == [40, 5]
    assert asked[0]["settings"] == dict(SIZES)
    assert (row["lengths"], row["baseline"], row["peak_bytes"]) == ("40", "lengths 5", [106, 1])
    assert row["found"] == max(106.0, 1 / row["ratio"])
    assert (row["target"], row["met"]) == ("≤ 8.8x", False)


@pytest.mark.parametrize(
    ("target", "met", "words"),
    [
        (Target("ratio", 12), [False, True, True], "≥ 12x"),
        (Target("time", 12, "most"), [True, True, False], "≤ 12x"),
        (Target("ratio", 12, "said"), [None, None, None], "said 12x"),
        (Target("ratio"), [None, None, None], ""),
    ],
)
def test_a_target_is_met_up_to_its_very_bound(target, met, words):
    assert [target.met(found) for found in (11.9, 12.0, 12.1)] == met
    assert str(target) == words


def test_targets_are_those_that_were_asked_for():
    asked = {
        "dense-50": ("ratio", 12), "dense-10": ("ratio", 25), "dense-10-500": ("ratio", 120), "list-4": ("ratio", 400),
        "queue-50": ("time", 1.1), "deque-50": ("time", 1.6), "superposition-32": ("ratio", 10),
        "length-8000": ("growth", 8.8), "sgemm-256": ("sgemm", 0.5), "sgemm-64": ("sgemm", 0.35),
        "threads-50": ("ratio", 1.8), "study-50": ("ratio", 25),
    }  # fmt: skip
    for name, (figure, bound) in asked.items():
        target = COMPARISONS[name].target
        assert (target.figure, target.bound) == (figure, bound), name
        assert target.at == ("said" if name == "study-50" else "most" if figure in ("time", "growth") else "least"), (
            name
        )


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_row_can_be_made_of_what_there_is(name):
    """Each side's network and way exist; the networks are those of the catalogue, and differ as the row says."""
    row = COMPARISONS[name]
    for side in (row.ours, row.theirs):
        if side is not None:
            assert side.kind in MODELS
            assert side.way in WAYS
            network(side.kind, dict(side.sizes))
    assert row.baseline
    assert list(bench.judged(row))


def letters(kind, model):
    """p and o of OPERATIONS, by hand."""
    settings = model.settings
    g = {"lstm": 4, "rnn": 1, "gru": 3}[kind.partition("-")[2]]
    h, layers, e = settings.hidden, settings.layers, settings.memory
    if kind.startswith("superposition"):
        k = settings.stacks
        r, w, s = k * settings.read_depth * e, k * e, k * (3 if settings.keep == "yes" else 2)
    else:
        ends = 2 if kind.startswith("deque") else 1
        r, w, s = ends * e, ends * e, 2 * ends
    return g * h * (h + r) + (layers - 1) * 2 * g * h * h + h * (w + s), 131 * (h + r)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("kind", [kind for kind in MODELS if "-" in kind])
def test_operations_are_those_of_real_positions(kind, layers):
    stacks = {"stacks": 2} if kind.startswith("superposition") else {}
    model = network(kind, {"hidden": 3, "memory": 2, "layers": layers, **stacks})
    words = same_words(TASK, (1, 5), 2)[0]
    p, o = letters(kind, model)
    wanted = sum((2 * len(word) + 2) * p + (len(word) + 1) * o for batch in words for word in batch)
    assert operations(model, Work.of(TASK, words)) == 6 * wanted


def test_operations_of_the_least_network_counted_on_fingers():
    model = network("stack-lstm", {"hidden": 1, "memory": 1})
    work = Work.of(TASK, [[TASK.check([5])]])  # START 5 SEPARATOR 5: 4 positions; 5 END: 2 outputs
    assert operations(model, work) == 6 * (4 * (4 + 4 + 1 + 2) + 2 * 2 * 131)


def test_timing_leaves_the_threads_and_starts_from_the_same_weights(small):
    before = torch.get_num_threads()
    bench.run("dense-triangular", turns=2)
    assert torch.get_num_threads() == before
    model = torch.nn.Linear(1, 1)
    contestant = TorchContestant(model, Work(()))
    with torch.no_grad():
        model.weight += 1
    contestant.train()
    assert torch.equal(model.weight, contestant.start["weight"])


def test_figures_are_told_in_their_own_unit():
    row = {"figure": "ratio", "found": 12.34, "target": "≥ 12x", "met": True}
    assert comparisons.told(row) == ("12.3x", "≥ 12x met")
    assert comparisons.told({**row, "figure": "time", "found": 1.234, "met": False}) == ("1.23x time", "≥ 12x missed")
    assert comparisons.told({**row, "figure": "sgemm", "found": 0.3456})[0] == "35% sgemm"
    assert comparisons.told({**row, "target": None, "met": None}) == ("12.3x", "–")
    assert set(comparisons.UNITS) == {"ratio", "time", "growth", "sgemm"}
