"""`grefenstette-2015`: the published table is whole, its claims are judged as their rules say, in runs made up."""

import json

import pytest

from pushpop.studies import reproduce
from pushpop.studies.catalogue import STUDIES
from pushpop.studies.grefenstette_claims import CLAIMS, LSTMS, MEMORIES, NETWORKS, network
from pushpop.studies.published_2015 import TABLE, TASKS
from pushpop.studies.verdicts import judged

STUDY = STUDIES["grefenstette-2015"]
ALONE, FLIP, ORDER, GRAMMAR, DEQUE, SOONER, FARTHER, TRANSLATE = range(len(CLAIMS))
SUITED = {("copy", "queue"), ("copy", "deque"), ("reverse", "stack"), ("reverse", "deque")}


@pytest.fixture
def cell(run):
    """cell("copy", "lstm 4", 0.5) has half of its longer words right, and of those of its training lengths; other
    curves of fine accuracy may be given."""

    def make(task, name, coarse, fine=None, seed=0):
        kind, _, layers = name.partition(" ")
        model = {"layers": int(layers)} if layers else {}
        curve = fine or [coarse / 2, coarse]
        made = run(
            kind if kind in ("lstm", "transformer") else f"{kind}-lstm", model, preset={"task": {"kind": task}},
            fine=curve, test=[coarse] * len(curve), coarse=[coarse] * len(curve), seed=seed,
        )  # fmt: skip
        metrics = {**made.metrics, "test": {**made.metrics["test"], "coarse": coarse}}
        return type(made)(path=made.path, config=made.config, metrics=metrics)

    return make


def verdicts(records):
    return [one.verdict for one in judged(CLAIMS, records)]


def as_published(cell, task, names=MEMORIES):
    return [cell(task, name, float(TABLE[name][task].test_coarse)) for name in names]


def test_the_published_table_is_whole():
    assert set(TABLE) == {*LSTMS, *MEMORIES}
    assert all(tuple(row) == TASKS for row in TABLE.values())
    scores = [score for row in TABLE.values() for figures in row.values() for score in figures]
    assert (len(scores), round(sum(scores), 2)) == (140, 106.36)
    assert TABLE["queue"]["bigram-flip"] == (0.55, 0.94, 0.55, 0.98)
    assert TABLE["lstm 8"]["gender"] == (0.98, 0.99, 0.99, 0.99)
    assert TABLE["stack"]["copy"] == (0.89, 0.94, 0.0, 0.22)


def test_every_cell_is_trained_and_a_budget_is_whole_evaluations():
    sweep = STUDY.sweep()
    found = {(one.settings.task.kind, one.settings.model.kind, getattr(one.settings.model.settings, "layers", 1))
             for one in sweep.configurations()}  # fmt: skip
    kinds = [*(("lstm", layers) for layers in (1, 2, 4, 8)), ("transformer", 3)]
    kinds += [(f"{memory}-lstm", 1) for memory in (*MEMORIES, "superposition")]
    assert found == {(task, *kind) for task in TASKS for kind in kinds}
    for one in sweep.configurations():
        training = one.settings.training
        assert training.words % (training.batch * training.evaluate_every) == 0, one.variant
        assert training.schedule == "constant", "a larger budget would begin anew"


def test_in_small_it_has_sentences_that_are_there():
    kinds = {one.settings.task.kind: one.settings.task.settings for one in STUDY.sweep(quick=True).configurations()}
    assert kinds["gender"].lengths == (5, 8)
    assert kinds["copy"].symbols == 4


def test_figures_as_published_confirm_what_was_published(cell):
    records = [cell(task, name, TABLE[name][task].test_coarse, [0.0, 0.9] if name in MEMORIES else [0.0, 0.5])
               for task in TASKS for name in TABLE]  # fmt: skip
    found = verdicts(records)
    assert found[:SOONER] == ["confirmed"] * SOONER
    assert found[SOONER] == found[TRANSLATE] == "confirmed"


def test_an_lstm_that_copies_contradicts_that_only_memories_do(cell):
    memories = as_published(cell, "copy")
    assert verdicts([*memories, cell("copy", "lstm 2", 0.02)])[ALONE] == "confirmed"
    assert verdicts([*memories, cell("copy", "lstm 2", 0.3)])[ALONE] == "not confirmed"
    assert verdicts([*memories, cell("copy", "lstm 2", 1.0)])[ALONE] == "contradicted"
    assert verdicts([cell("copy", "queue", 0.5), cell("copy", "lstm 2", 0.0)])[ALONE] == "not decided at this budget"
    assert "stack 0.000, queue 1.000" in judged(CLAIMS, [*memories, cell("copy", "lstm 2", 0.02)])[ALONE].evidence


@pytest.mark.parametrize(
    ("coarse", "verdict"), [(0.55, "confirmed"), (0.7, "not confirmed"), (0.99, "contradicted")]
)  # fmt: skip
def test_bigram_flip_is_open_until_somebody_does_it(cell, coarse, verdict):
    records = [cell("bigram-flip", "lstm 1", 0.0), cell("bigram-flip", "superposition", coarse)]
    assert verdicts(records)[FLIP] == verdict


def test_a_memory_that_does_what_it_was_published_not_to_contradicts_and_one_that_does_not_yet_is_open(cell):
    assert verdicts(as_published(cell, "reverse"))[ORDER] == "confirmed"
    assert verdicts([cell("reverse", "queue", 1.0)])[ORDER] == "contradicted"
    assert verdicts([cell("reverse", "stack", 0.5)])[ORDER] == "not decided at this budget"
    assert verdicts([cell("gender", "stack", 1.0), cell("gender", "queue", 1.0)])[GRAMMAR] == "not confirmed"


def test_a_deque_is_held_against_the_better_of_the_two(cell):
    better = [cell("copy", "stack", 0.0), cell("copy", "queue", 1.0)]
    assert verdicts([*better, cell("copy", "deque", 0.995)])[DEQUE] == "confirmed"
    assert verdicts([*better, cell("copy", "deque", 0.9)])[DEQUE] == "not decided at this budget"
    weak = [cell("copy", "stack", 0.0), cell("copy", "queue", 0.5)]
    assert verdicts([*weak, cell("copy", "deque", 0.1)])[DEQUE] == "not confirmed"
    assert judged(CLAIMS, better)[DEQUE].evidence == "no runs that could tell have ended."


def test_who_learns_sooner_is_told_by_words_to_a_level(cell):
    slow, fast = [0.1, 0.2, 0.9], [0.1, 0.85, 0.9]
    assert verdicts([cell("copy", "queue", 0.9, fast), cell("copy", "lstm 1", 0.9, slow)])[SOONER] == "confirmed"
    assert verdicts([cell("copy", "queue", 0.9, slow), cell("copy", "lstm 1", 0.9, fast)])[SOONER] == "contradicted"
    never = [cell("copy", "queue", 0.1), cell("copy", "lstm 1", 0.1)]
    assert verdicts(never)[SOONER] == "not decided at this budget"


def test_a_memory_right_on_its_own_lengths_alone_does_not_hold_farther(cell):
    right = cell("copy", "queue", 1.0)
    short = type(right)(path=right.path, config=right.config,
                        metrics={**right.metrics, "test": {**right.metrics["test"], "coarse": 0.9}})  # fmt: skip
    assert verdicts([right])[FARTHER] == "confirmed"
    assert verdicts([short])[FARTHER] == "contradicted"


def test_sentences_are_held_against_the_published_lstm(cell):
    assert verdicts([cell("svo-sov", "lstm 4", 0.97)])[TRANSLATE] == "confirmed"
    assert verdicts([cell("svo-sov", "lstm 4", 0.5)])[TRANSLATE] == "not decided at this budget"


def test_the_median_of_seeds_is_judged(cell):
    seeds = [cell("bigram-flip", "queue", coarse, seed=n) for n, coarse in enumerate((1.0, 0.5, 0.4))]
    assert verdicts(seeds)[FLIP] == "confirmed"
    assert {network(record) for record in seeds} == {"queue"}


def test_the_study_goes_from_runs_to_tables_with_published_figures_beside_ours(played, tmp_path):
    found = reproduce.run("grefenstette-2015", [0], out=tmp_path / "study", quick=True)
    networks, cells, *_ = found.tables
    rows = {row[0]: row[1:] for row in networks.rows}
    assert set(rows) == {*(f"**{name}**" for name in NETWORKS if name not in ("lstm 2", "lstm 4")),
                         "**lstm 2**", "**lstm 4**", *(f"*{name}, published*" for name in TABLE)}  # fmt: skip
    assert rows["*queue, published*"] == ("1.00 1.00", "0.00 0.07", "0.55 0.98", "1.00 1.00", "1.00 1.00")
    assert rows["**stack**"][0] == "1.00 1.00"
    assert rows["**queue**"][0] == "0.00 0.20"
    row = next(row for row in cells.rows if row[:2] == ("copy", "queue"))
    assert row[-2:] == ("1.00 1.00", "1.00 1.00")
    summary = json.loads((tmp_path / "study" / "summary.json").read_text())
    assert len(summary["verdicts"]) == len(CLAIMS)
    assert set(summary["networks"]) == {"columns", "rows", "caption"}
