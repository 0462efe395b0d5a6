"""A study trains each of its runs by the program itself, forgets none, goes on where it stopped, and adds up."""

import json
import re

import pytest

from pushpop.errors import ConfigError, RunError
from pushpop.reporting.writing import Spread
from pushpop.studies import reproduce

SCORES = {"coarse": 1.0, "fine": 1.0, "token": 1.0, "words": 1000}


@pytest.fixture
def program(monkeypatch):
    """The program, played: stack-lstm solves all but seed 1, the others nothing; seed 3 fails. Gives its commands."""
    commands = []

    def play(command):
        commands.append(command)
        if command[0] == "eval":
            rows = [{"length": int(length), **SCORES} for length in command[3].split(",")]
            return {"by_length": rows, "rounded": {"by_length": [{**row, "coarse": 0.5} for row in rows]}}
        model, seed = command[3], int(command[command.index("--seed") + 1])
        if seed == 3:
            raise RunError("pushpop train ended with status 1: the loss is nan")
        folder = reproduce.Path(command[command.index("--run") + 1])
        folder.mkdir(exist_ok=True)
        config = {"task": {"kind": "reverse"}, "model": {"kind": model}, "seed": seed, "version": "1", "commit": "c0"}
        solved = model == "stack-lstm" and seed != 1
        metrics = {
            "solved": solved,
            "steps": 9,
            "words": 90 + seed,
            "seconds": 1.5,
            "validation": SCORES,
            "test": SCORES,
        }
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "metrics.json").write_text(json.dumps(metrics))
        return metrics

    monkeypatch.setattr(reproduce, "pushpop", play)
    return commands


def test_every_seed_counts_and_the_table_says_k_of_n_with_its_interval(program, tmp_path):
    said = []
    found = reproduce.run("reversal-seeds", range(3), out=tmp_path / "study", quick=True, say=said.append)
    assert [(one["model"], one["seed"], one["solved"]) for one in found["trials"]] == [
        ("stack-lstm", 0, True), ("stack-lstm", 1, False), ("stack-lstm", 2, True), ("lstm", 0, False),
    ]  # fmt: skip
    assert (found["version"], found["commit"], found["failed"]) == ("1", "c0", [])
    assert min(said) == "lstm seed 0: not solved, 90 words, 1.5 s"
    head, far, seeds = reproduce.tables(tmp_path / "study")
    ours = {row[0]: row for row in head.rows}
    assert ours["stack-lstm"][1] == "2 of 3"
    share = ours["stack-lstm"][2]
    assert isinstance(share, Spread)
    assert (round(share.low, 3), round(share.high, 3)) == (0.208, 0.939)
    published = {row[0].rpartition(": ")[2]: row for row in head.rows}
    first = head.columns.index("validation coarse")
    second = head.columns.index("test coarse")
    assert (published["RNN 4 × 256"][first], published["RNN 4 × 256"][second]) == (0.741, 0.0)
    assert (published["LSTM 2 × 256"][first], published["LSTM 2 × 256"][second]) == (0.505, 0.0)
    assert [row[:4] + row[5:] for row in far.rows] == [("stack-lstm", 8, 3, 3, 0), ("stack-lstm", 12, 3, 3, 0)]
    assert len(seeds.rows) == 4
    assert "2 of 3" in (tmp_path / "study" / "tables.md").read_text()


def test_a_failure_is_recorded_and_the_others_go_on(program, tmp_path):
    found = reproduce.run("reversal-seeds", [3, 4], out=tmp_path / "study", quick=True)
    assert found["failed"] == ["stack-lstm seed 3", "lstm seed 3"]
    assert [one["failure"] is None for one in found["trials"]] == [False, True, False]
    assert len(reproduce.tables(tmp_path / "study")) == 3


def test_a_study_goes_on_only_when_told_to_and_says_that_it_was_repeated(program, tmp_path):
    out = tmp_path / "study"
    reproduce.run("reversal-seeds", [0], out=out, quick=True)
    with pytest.raises(RunError, match=r"holds this study already; give --resume"):
        reproduce.run("reversal-seeds", [0], out=out, quick=True)
    with pytest.raises(RunError, match=r"holds another study"):
        reproduce.run("reversal-seeds", [0], out=out, resume=True)
    scored = [command for command in program if command[0] == "eval"]
    found = reproduce.run("reversal-seeds", [0, 1], out=out, quick=True, resume=True)
    assert len(found["trials"]) == 3
    assert len([command for command in program if command[0] == "eval"]) == len(scored) + 1, "scored twice"
    assert len((out / "log.jsonl").read_text().splitlines()) == 2


def test_scores_of_other_weights_are_measured_again_and_the_first_studies_scores_still_count(program, tmp_path):
    out = tmp_path / "study"
    reproduce.run("reversal-seeds", [0], out=out, quick=True)
    before = len(program)
    kept = out / "stack-lstm-s0.far.json"
    rows = json.loads(kept.read_text())["by_length"]
    part, folder = reproduce.STUDIES["reversal-seeds"].quick[0], out / "stack-lstm-s0"
    kept.write_text(json.dumps({"by_length": rows}))
    assert reproduce.further(folder, part) == rows
    assert len(program) == before
    kept.write_text(json.dumps({"weights": "0" * 16, "by_length": rows}))
    assert reproduce.further(folder, part) == rows
    assert len(program) == before + 1


def test_a_folder_with_something_else_in_it_is_left_alone(program, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="is not empty and holds no study"):
        reproduce.run("reversal-seeds", [0], out=tmp_path, quick=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert program == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "reversal-seed"}, r"'reversal-seed' is not a study; did you mean 'reversal-seeds'\?"),
        ({"workers": 0}, r"reproduce.workers: 0 is no number of runs abreast; give 1 or more"),
        ({"seeds": []}, r"reproduce.seeds: \[\] are no seeds"),
        ({"seeds": [1, 1]}, r"reproduce.seeds: \[1, 1\] are no seeds"),
    ],
)
def test_an_impossible_study_is_refused(wrong, said, tmp_path):
    with pytest.raises(ConfigError, match=said):
        reproduce.run(**{"name": "reversal-seeds", "out": tmp_path / "study", **wrong})
    assert not (tmp_path / "study").exists()


def test_the_defaults_of_the_product_are_what_the_seeds_are_tried_with():
    parts = {part.model: part for part in reproduce.STUDIES["reversal-seeds"].parts}
    assert parts["stack-lstm"].options == ()
    assert parts["stack-lstm"].seeds is None
    assert list(reproduce.STUDIES["reversal-seeds"].seeds) == list(range(20))


def test_a_command_that_fails_says_why():
    with pytest.raises(RunError, match=re.escape("pushpop eval ended with status 2: pushpop: ")):
        reproduce.pushpop(["eval", "no/such/run"])


def test_the_quick_study_runs_by_the_program_itself(tmp_path):
    found = reproduce.run("reversal-seeds", [1000], out=tmp_path / "study", quick=True)
    assert found["failed"] == []
    assert [one["words"] for one in found["trials"]] == [64, 64]
    assert [row["length"] for row in found["trials"][0]["by_length"]] == [8, 12]
