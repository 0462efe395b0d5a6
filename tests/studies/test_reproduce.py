"""A study's runs go through a sweep; none is forgotten, it goes on where it stopped, and it adds up."""

import json
import re
from dataclasses import replace

import pytest

from pushpop.errors import ConfigError, RunError
from pushpop.experiments.sweep_folder import claim
from pushpop.reporting.writing import Spread
from pushpop.studies import findings, further, reproduce
from pushpop.studies.catalogue import STUDIES


def quick(tmp_path, seeds=None, **given):
    return reproduce.run("reversal-seeds", seeds, out=tmp_path / "study", quick=True, **given)


def test_every_seed_counts_and_the_table_says_k_of_n_with_its_interval(played, tmp_path):
    found = quick(tmp_path, range(3))
    trials = found.summary["trials"]
    assert [(one["model"], one["seed"], one["solved"]) for one in trials] == [
        ("stack-lstm", 0, True), ("stack-lstm", 1, False), ("stack-lstm", 2, True),
        ("rnn", 0, False), ("rnn", 1, False), ("lstm", 0, False), ("lstm", 1, False),
    ]  # fmt: skip
    assert (found.summary["version"], found.summary["commit"], found.summary["failed"]) == ("0.1.0", "c0ffee" * 6, [])
    head, far, seeds = found.tables
    ours = {row[0]: row for row in head.rows}
    assert ours["stack-lstm"][1] == "2 of 3"
    share = ours["stack-lstm"][2]
    assert isinstance(share, Spread)
    assert (round(share.low, 3), round(share.high, 3)) == (0.208, 0.939)
    assert [row[:4] + row[5:] for row in far.rows] == [("stack-lstm", 8, 3, 3, 0), ("stack-lstm", 12, 3, 3, 0)]
    assert len(seeds.rows) == 7


def test_all_of_it_is_written_down(drawn, tmp_path):
    found, out = quick(tmp_path, range(2)), tmp_path / "study"
    assert "1 of 2" in (out / "tables.md").read_text()
    assert "1 of 2" in (out / "report.html").read_text()
    assert {"models.csv", "lengths.md", "reverse-coarse-words.png"} <= {
        path.name for path in (out / "figures").iterdir()
    }
    assert json.loads((out / "summary.json").read_text()) == found.summary


def test_published_figures_stand_beside_runs_of_their_size(played, tmp_path, monkeypatch):
    monkeypatch.setattr("pushpop.studies.study.small", lambda variant: variant)
    head = quick(tmp_path, [0]).tables[0]
    published = {row[0].rpartition(": ")[2]: row for row in head.rows}
    first, second = (head.columns.index(name) for name in ("validation coarse", "test coarse"))
    assert (published["RNN 4 × 256"][first], published["RNN 4 × 256"][second]) == (0.741, 0.0)
    assert (published["LSTM 2 × 256"][first], published["LSTM 2 × 256"][second]) == (0.505, 0.0)


def test_the_summary_says_how_to_train_each_run(played, tmp_path, monkeypatch):
    monkeypatch.setattr("pushpop.studies.study.small", lambda variant: variant)
    commands = {one["model"]: one["command"] for one in quick(tmp_path, [1]).summary["trials"]}
    assert commands["stack-lstm"] == "pushpop train reverse --model stack-lstm --seed 1"
    assert commands["rnn"] == (
        "pushpop train reverse --model rnn --model.layers 4 --training.rate 0.0001 --training.batch 50 "
        "--training.evaluate-every 300 --seed 1"
    )


def test_a_failure_is_recorded_and_the_others_go_on(played, tmp_path):
    found = quick(tmp_path, [2, 3])
    assert found.summary["failed"] == ["stack-lstm seed 3", "rnn seed 3", "lstm seed 3"]
    assert [one["failure"] for one in found.summary["trials"]] == [None, "TrainingFailed: the loss is nan"] * 3
    assert len(found.tables) == 3


def test_a_study_goes_on_only_when_told_to_and_says_that_it_was_repeated(played, tmp_path):
    quick(tmp_path, [0])
    with pytest.raises(RunError, match=r"holds this study already; give --resume"):
        quick(tmp_path, [0])
    with pytest.raises(RunError, match=r"holds another study"):
        reproduce.run("reversal-seeds", [0], out=tmp_path / "study", resume=True)
    before = len(played)
    found = quick(tmp_path, [0, 2], resume=True)
    assert len(found.summary["trials"]) == 6
    assert [each[:2] for each in played[before:] if each[0] != "eval"] == [
        ("stack-lstm", 2), ("rnn", 2), ("lstm", 2)
    ]  # fmt: skip
    assert all(retry for variant, _, retry in (each for each in played[before:] if each[0] != "eval"))
    assert len([each for each in played if each[0] == "eval"]) == 2, "a run was tried twice at the same lengths"
    assert len((tmp_path / "study" / "log.jsonl").read_text().splitlines()) == 2


def test_first_rows_come_alone_and_the_others_are_added(played, tmp_path, monkeypatch):
    study = replace(STUDIES["reversal-seeds"], first=("lstm",))
    names = [each.name for each in study.sweep(first=True, quick=True).variants]
    assert names == ["lstm"] != [each.name for each in study.sweep(quick=True).variants]
    monkeypatch.setitem(STUDIES, "reversal-seeds", study)
    some = quick(tmp_path, [0], first=True)
    assert ([one["model"] for one in some.summary["trials"]], some.summary["first"]) == (["lstm"], True)
    whole = quick(tmp_path, [0], resume=True)
    assert {one["model"] for one in whole.summary["trials"]} == {"stack-lstm", "rnn", "lstm"}
    assert [each[:2] for each in played if each[0] == "lstm"] == [("lstm", 0)]


def test_scores_of_other_weights_or_of_fewer_words_are_measured_again(played, tmp_path):
    quick(tmp_path, [0])
    (run,) = (tmp_path / "study" / "sweep" / "runs").glob("reverse/stack-lstm-*")
    (far,) = STUDIES["reversal-seeds"].tiny_far
    before = len(played)
    rows = further.further(run, far, print)
    assert ([row["length"] for row in rows], len(played)) == ([8, 12], before)
    (run / "model.safetensors").write_bytes(b"other weights")
    assert further.further(run, far, print) == rows
    stored = json.loads((run / "lengths.json").read_text())
    stored["by_length"][0]["words"] = 2
    (run / "lengths.json").write_text(json.dumps(stored))
    assert further.further(run, far, print) == rows
    assert len(played) == before + 2


def test_a_run_that_cannot_be_tried_further_counts_as_failed(played, tmp_path, monkeypatch):
    def broken(command):
        raise RunError("pushpop eval ended with status 1: no")

    monkeypatch.setattr(further, "pushpop", broken)
    found = quick(tmp_path, [0])
    assert found.summary["failed"] == ["stack-lstm seed 0"]
    assert found.summary["trials"][0]["failure"] == "pushpop eval ended with status 1: no"


def test_a_folder_with_something_else_in_it_is_left_alone(played, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="is not empty and holds no study"):
        reproduce.run("reversal-seeds", [0], out=tmp_path, quick=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert played == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "reversal-seed"}, r"'reversal-seed' is not a study; did you mean 'reversal-seeds'\?"),
        ({"workers": 0}, r"reproduce.workers: 0 is no number of runs abreast; give 1 or more"),
        ({"seeds": []}, r"reproduce.seeds: \[\] holds no seed; give such as 0-19"),
        ({"seeds": [1, 1]}, r"reproduce.seeds: \[1, 1\] holds a seed twice"),
        ({"budget": 0.0}, r"reproduce.budget: 0.0 is no multiple of the words; give more than 0, such as 2"),
        ({"budget": float("nan")}, r"reproduce.budget: nan is no multiple"),
        ({"first": True}, r"reproduce.first: this study has no first rows; leave it out"),
    ],
)
def test_an_impossible_study_is_refused(wrong, said, tmp_path):
    with pytest.raises(ConfigError, match=said):
        reproduce.run(**{"name": "reversal-seeds", "out": tmp_path / "study", **wrong})
    assert not (tmp_path / "study").exists()


def test_a_command_that_fails_says_why():
    with pytest.raises(RunError, match=re.escape("pushpop eval ended with status 2: pushpop: ")):
        further.pushpop(["eval", "no/such/run"])


def test_the_quick_study_trains_by_a_sweep_and_a_larger_budget_goes_on_with_it(tmp_path, monkeypatch):
    for name in ("save_sections", "write_sections"):
        monkeypatch.setattr(reproduce, name, lambda *given, **more: None)
    found = quick(tmp_path, [1000]).summary
    assert found["failed"] == []
    assert [one["words"] for one in found["trials"]] == [64, 64, 64]
    assert [row["length"] for row in found["trials"][0]["by_length"]] == [8, 12]
    runs = sorted((tmp_path / "study" / "sweep" / "runs").glob("*/*"))
    longer = quick(tmp_path, [1000], resume=True, budget=1.5).summary
    assert [one["words"] for one in longer["trials"]] == [96, 96, 96]
    assert sorted((tmp_path / "study" / "sweep" / "runs").glob("*/*")) == runs


def test_a_larger_budget_of_a_rate_that_falls_begins_its_runs_anew_in_the_same_study(tmp_path):
    """The headline nets of the CS281 study; the folder takes the larger budget as it takes any."""
    study = STUDIES["cs281-reversal"]
    usual, raised = (study.sweep(quick=True, budget=budget) for budget in (1.0, 2.0))
    claim(tmp_path, usual)
    claim(tmp_path, raised)
    runs = [{run for _, settings, run in findings.trials(sweep, tmp_path)
             if settings.training.schedule == "cosine"} for sweep in (usual, raised)]  # fmt: skip
    assert runs[0]
    assert runs[1].isdisjoint(runs[0])
    (other, *rest) = raised.variants
    other = replace(other, base={**other.base, "training": {**other.base["training"], "rate": 0.5}})
    with pytest.raises(RunError, match=r"holds another sweep, training.rate differ"):
        claim(tmp_path, replace(raised, variants=(other, *rest)))


def test_a_budget_in_seconds_is_raised_and_no_other_is_invented():
    twice = {each.name: each.base["training"] for each in STUDIES["text-minutes"].sweep(budget=2.0).variants}
    for variant in STUDIES["text-minutes"].sweep().variants:
        own = variant.base["training"]
        assert twice[variant.name]["seconds"] == 2 * own["seconds"] > 0
        assert twice[variant.name]["words"] == own["words"] == 0
