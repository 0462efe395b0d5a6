"""Several processes that train one run end where one does, to rounding; whatever happens to one, none of them hangs."""

import json
import subprocess
import sys

import pytest
import torch
from pairs import Ended, Fault, train_together
from safetensors.torch import load_file

import pushpop
from pushpop.errors import ConfigError
from pushpop.training.parallel import Team, joined, place

MODELS = {
    "lstm": {"kind": "lstm", "hidden": 6},
    "stack": {"kind": "stack-lstm", "hidden": 6, "memory": 4, "engine": "fused"},
}
TOLERANCE = 2e-6  # of weights and losses after 22 steps; parts that are not weighted are 1e-3 away


def settings(tiny, model="lstm", **training):
    """Batches of 5 are shared unevenly, and the curriculum goes on by what the first process alone has measured."""
    usual = {"steps": 22, "batch": 5, "curriculum": "adaptive", "curriculum_loss": 1e9}
    task = {**tiny["task"], "longest": 8, "test_shortest": 9, "test_longest": 9}
    return {"task": task, "model": MODELS[model], "training": {**tiny["training"], **usual, **training}}


def log(path):
    return [{**json.loads(line), "seconds": 0} for line in (path / "events.jsonl").read_text().splitlines()]


def away(one, other):
    """The greatest distance of weights and logged losses; the rhythm of the log must be the same."""
    here, there = log(one), log(other)
    for name in ("step", "words", "rate", "reach"):
        assert [event[name] for event in here] == [event[name] for event in there]
    found = [abs(event["loss"] - other_event["loss"]) for event, other_event in zip(here, there, strict=True)]
    weights, others = load_file(one / "model.safetensors"), load_file(other / "model.safetensors")
    return max(*found, *(float((weights[name] - others[name]).abs().max()) for name in weights))


def same(one, other):
    """Bit for bit."""
    return (
        log(one) == log(other)
        and (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    )


@pytest.fixture(scope="module")
def alone(tmp_path_factory, tiny):
    """What one process ends with, by model."""
    paths = {model: tmp_path_factory.mktemp(model) / "run" for model in MODELS}
    for model, path in paths.items():
        pushpop.train(**settings(tiny, model), run=path)
    return paths


@pytest.fixture(scope="module")
def together(tmp_path_factory, tiny):
    """What two undisturbed processes end with, by model."""
    paths = {model: tmp_path_factory.mktemp(model) / "run" for model in MODELS}
    for model, path in paths.items():
        ends = train_together(settings(tiny, model), path)
        assert [end.status for end in ends] == [0, 0]
        assert ends[0] == ends[1], "each process has the result"
        assert json.loads(ends[0].said)["steps"] == 22
    return paths


@pytest.mark.parametrize("model", MODELS)
def test_two_processes_end_where_one_does(model, alone, together):
    assert away(alone[model], together[model]) < TOLERANCE


def test_two_processes_choose_the_words_that_one_does(tmp_path, tiny):
    """Of 15 that each scores a part of."""
    chosen = settings(tiny, "lstm", candidates=3, curriculum="none", foretell=0.5)
    pushpop.train(**chosen, run=tmp_path / "alone")
    assert [end.status for end in train_together(chosen, tmp_path / "both")] == [0, 0]
    assert away(tmp_path / "alone", tmp_path / "both") < TOLERANCE
    pushpop.train(**settings(tiny, "lstm", curriculum="none", foretell=0.5), run=tmp_path / "plain")
    assert away(tmp_path / "alone", tmp_path / "plain") > TOLERANCE


@pytest.mark.parametrize("model", [pytest.param("lstm", marks=pytest.mark.long), "stack"])
def test_three_processes_end_where_one_does(model, alone, tmp_path, tiny):
    assert [end.status for end in train_together(settings(tiny, model), tmp_path / "run", size=3)] == [0, 0, 0]
    assert away(alone[model], tmp_path / "run") < TOLERANCE


def test_what_share_of_a_batch_is_right_is_counted_over_all_its_parts(tmp_path, tiny):
    given = settings(tiny, batch=5, rate=0.05, steps=60, evaluate_every=20, checkpoint_every=60, curriculum="none")
    given |= {"task": {"kind": "random-combinations", "size": 3}, "model": {"kind": "gru", "hidden": 8}}
    one, two = tmp_path / "one", tmp_path / "two"
    metrics = pushpop.train(**given, run=one).metrics
    ends = train_together(given, two)
    assert json.loads(ends[0].said)["converged"] == metrics["converged"]
    assert metrics["converged"]["three_batches"] is not None
    assert [event["accuracy"] for event in log(two)] == [event["accuracy"] for event in log(one)]


def test_the_comparison_notices_parts_that_are_not_weighted(alone, tmp_path, tiny):
    train_together(settings(tiny), tmp_path / "run", fault="unweighted")
    assert away(alone["lstm"], tmp_path / "run") > 100 * TOLERANCE


GONE = "a process of this training is gone: it was killed, or failed; go on with --resume (resume=True)"


@pytest.mark.parametrize(
    ("model", "rank"),
    [("lstm", 0), ("stack", 1), *(pytest.param(*one, marks=pytest.mark.long) for one in (("lstm", 1), ("stack", 0)))],
)
def test_when_one_is_killed_the_other_says_so_and_the_run_goes_on(model, rank, together, alone, tmp_path, tiny):
    path = tmp_path / "run"
    ends = train_together(settings(tiny, model), path, fault=Fault(rank, 12, "killed"))
    assert ends[rank] == Ended(-9, "")
    assert ends[1 - rank] == Ended(1, GONE)
    assert [end.status for end in train_together(settings(tiny, model), path, resume=True)] == [0, 0]
    assert same(path, together[model])
    assert away(alone[model], path) < TOLERANCE


@pytest.mark.long
def test_of_three_that_lose_one_only_one_says_so(tmp_path, tiny):
    ends = train_together(settings(tiny), tmp_path / "run", size=3, fault=Fault(2, 5, "killed"))
    assert sorted(end.said for end in ends) == ["", "", GONE]
    assert [end.status for end in ends] == [1, 1, -9]


@pytest.mark.parametrize("rank", [pytest.param(0, marks=pytest.mark.long), 1])
def test_ctrl_c_on_any_of_them_ends_all_at_the_same_step(rank, together, tmp_path, tiny):
    path = tmp_path / "run"
    ends = train_together(settings(tiny), path, fault=Fault(rank, 8, "interrupted"))
    assert ends == [Ended(130, "interrupted"), Ended(130, "")]
    assert log(path)[-1]["step"] == 6, "of step 7 only the state is saved"
    train_together(settings(tiny), path, resume=True)
    assert same(path, together["lstm"])


@pytest.mark.parametrize("rank", [pytest.param(0, marks=pytest.mark.long), 1])
def test_a_part_that_is_no_number_stops_all_and_the_first_says_so(rank, tmp_path, tiny):
    ends = train_together(settings(tiny), tmp_path / "run", fault=Fault(rank, 7, "nan"))
    assert [end.status for end in ends] == [1, 1]
    assert ends[0].said.startswith(f"{tmp_path / 'run'}: step 6: the loss is nan")
    assert "its checkpoint of step 4 is kept" in ends[0].said
    assert ends[1].said == ""


@pytest.mark.parametrize(("rank", "said"), [pytest.param(0, "", marks=pytest.mark.long), (1, "process 1: ")])
def test_what_one_process_alone_cannot_it_says_itself(rank, said, tmp_path, tiny):
    ends = train_together(settings(tiny), tmp_path / "run", fault=Fault(rank, 4, "broken"))
    assert ends[rank] == Ended(2, f"{said}model: this machine alone cannot")
    assert ends[1 - rank] == Ended(1, "")


def test_what_is_wrong_with_the_folder_the_first_says(together, tmp_path, tiny):
    before = {entry.name: entry.read_bytes() for entry in together["lstm"].iterdir()}
    ends = train_together(settings(tiny, rate=0.5), together["lstm"])
    assert (ends[0].status, ends[1]) == (2, Ended(1, ""))
    assert "holds another run: training.rate is 0.01 there and 0.5 here" in ends[0].said
    ends = train_together(settings(tiny), together["lstm"])
    assert ends == [Ended(0, ends[0].said)] * 2, "the stored result"
    assert {entry.name: entry.read_bytes() for entry in together["lstm"].iterdir()} == before


def test_a_batch_smaller_than_the_processes_is_refused_by_one(tmp_path, tiny):
    ends = train_together(settings(tiny, batch=1), tmp_path / "run")
    line = "training.batch: 1 words cannot be shared by 2 processes; give 2 or more, or start fewer"
    assert ends == [Ended(2, line), Ended(1, "")]
    assert not (tmp_path / "run").exists()


def test_a_budget_in_seconds_is_over_when_the_first_says_so(tmp_path, tiny):
    ends = train_together(settings(tiny, steps=0, words=0, seconds=0.3), tmp_path / "run")
    assert [end.status for end in ends] == [0, 0]
    assert json.loads(ends[0].said)["seconds"] >= 0.3


def test_a_process_by_itself_is_a_team_that_waits_for_nobody(monkeypatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert place() == (0, 1)
    with joined(batch=1) as team:
        assert (team.leads, team.span(7)) == (True, (0, 7))
    monkeypatch.setenv("RANK", "0")
    assert place() == (0, 1)
    monkeypatch.setenv("WORLD_SIZE", "1")
    with joined(batch=1) as team:
        assert team.size == 1


@pytest.mark.parametrize(("rank", "size"), [("x", "2"), ("2", "2"), ("-1", "2"), ("0", "two"), ("", "")])
def test_a_place_that_is_none_is_told(rank, size, monkeypatch):
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", size)
    with pytest.raises(ConfigError, match=r"^RANK: .* is no process; start with torchrun, or unset both$"):
        place()


def test_a_place_without_a_way_to_the_others_is_told(monkeypatch):
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name in ("MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with (
        pytest.raises(ConfigError, match=r"^RANK: is set, but .*; start with torchrun, or unset RANK"),
        joined(batch=4),
    ):
        pass


def test_parts_are_whole_words_and_together_the_batch():
    for words, size in ((5, 2), (7, 3), (3, 3), (16, 5)):
        spans = [Team(rank, size).span(words) for rank in range(size)]
        assert [word for first, last in spans for word in range(first, last)] == list(range(words))
        assert all(first < last for first, last in spans)


def test_every_process_has_a_gpu_of_its_own_or_none_has(monkeypatch):
    chosen = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert Team(5, 8).device(torch.device("cuda")) == torch.device("cuda", 1)
    assert chosen == [1]
    assert Team(5, 8).device(torch.device("cpu")) == torch.device("cpu")
    assert Team().device(torch.device("cuda:1")) == torch.device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(
        ConfigError, match=r"training.device: 2 GPUs for more processes; give --nproc-per-node 2 or cpu"
    ):
        Team(2, 3).device(torch.device("cuda"))
    with pytest.raises(ConfigError, match=r"training.device: cuda:1 is one GPU, for 3 processes; give cuda or cpu"):
        Team(2, 3).device(torch.device("cuda:1"))


def test_torchrun_trains_with_the_program_itself(alone, tmp_path, tiny):
    given = settings(tiny)
    options = [
        f"--{part}.{name.replace('_', '-')}={value}"
        for part in ("task", "model", "training")
        for name, value in given[part].items()
        if name != "kind"
    ]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "--"]
    command = ["pushpop", "train", "reverse", "--model", "lstm", *options, "--run", str(tmp_path / "run"), "--json"]
    done = subprocess.run([*torchrun, *command], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["steps"] == 22
    assert away(alone["lstm"], tmp_path / "run") < TOLERANCE
