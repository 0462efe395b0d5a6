"""Killed at any instant and resumed, a run ends bit for bit where an undisturbed one ends."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import pushpop
from pushpop.training import durable

PROGRAM = "import json, sys, pushpop; pushpop.train(**json.loads(sys.argv[1]), run=sys.argv[2], resume=True)"


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


def outcome(path: Path) -> tuple[bytes, list[dict], dict]:
    """Weights, log and result, without the clock."""
    clocked = {"seconds"}
    logs = [path / "events.jsonl", path / "samples.jsonl"]
    log = [json.loads(line) for file in logs if file.exists() for line in file.read_text().splitlines()]
    timeless = [{name: value for name, value in event.items() if name not in clocked} for event in log]
    metrics = json.loads((path / "metrics.json").read_text())
    clockless = {**metrics, "seconds": 0, "characters_per_second": 0}
    return (path / "model.safetensors").read_bytes(), timeless, clockless


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, tiny):
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    pushpop.train(**tiny, run=path)
    return outcome(path)


def deadly(monkeypatch, last: int) -> list[str]:
    """Make the process "die" in place of file operation number `last`; the list says which operations there were."""
    done: list[str] = []

    def lethal(name, original):
        def operation(*args, **kwargs):
            if len(done) >= last:
                raise Killed
            done.append(name)
            return original(*args, **kwargs)

        return operation

    monkeypatch.setattr(os, "fsync", lethal("fsync", os.fsync))
    monkeypatch.setattr(Path, "replace", lethal("replace", Path.replace))
    monkeypatch.setattr(Path, "unlink", lethal("unlink", Path.unlink))
    monkeypatch.setattr(durable.Log, "append", lethal("append", durable.Log.append))
    return done


def test_killed_between_any_two_file_operations_it_ends_the_same(undisturbed, tmp_path, monkeypatch, tiny):
    done = killed_at_each(tiny, undisturbed, tmp_path, monkeypatch)
    assert done.count("replace") >= 8


def killed_at_each(asked: dict, undisturbed: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Kill a run between any two of its file operations, which are given back; resumed, each must end the same."""
    with monkeypatch.context() as patch:
        done = deadly(patch, 10**9)
        pushpop.train(**asked, run=tmp_path / "counted")
    for last in range(len(done)):
        path = tmp_path / f"killed-{last}"
        with monkeypatch.context() as patch:
            deadly(patch, last)
            with pytest.raises(Killed):
                pushpop.train(**asked, run=path)
        pushpop.train(**asked, run=path, resume=True)
        assert outcome(path) == undisturbed, f"killed at operation {last}, {done[last]}"
    return done


def test_killed_anywhere_a_run_of_several_starts_ends_the_same(tmp_path, monkeypatch, tiny):
    starts = {"starts": 8, "start_words": 4, "start_rounds": 2, "steps": 16, "checkpoint_every": 2}
    several = {**tiny, "training": {**tiny["training"], **starts}}
    pushpop.train(**several, run=tmp_path / "whole")
    assert len(json.loads((tmp_path / "whole" / "metrics.json").read_text())["starts"]) == 12
    assert killed_at_each(several, outcome(tmp_path / "whole"), tmp_path, monkeypatch).count("replace") >= 12


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Settings of a run on text with all that must survive: what windows carry, what dropout leaves out, samples."""
    book = tmp_path_factory.mktemp("books") / "book.txt"
    book.write_text("".join(f"{n} green bottles hanging on the wall; " for n in range(90, 0, -1)))
    task = {"kind": "text", "corpus": str(book), "window": 8, "held_out": 0.2}
    model = {"kind": "lstm-lm", "hidden": 5, "embedding": 3, "layers": 1, "dropout": 0.3, "weight_drop": 0.2}
    training = {"steps": 6, "words": 0, "batch": 4, "evaluate_every": 4, "evaluate_words": 5, "checkpoint_every": 4}
    return {"task": task, "model": model, "training": training, "seed": 2}


def test_a_run_on_text_killed_between_any_two_file_operations_ends_the_same(written, tmp_path, monkeypatch):
    pushpop.train(**written, run=tmp_path / "whole")
    assert killed_at_each(written, outcome(tmp_path / "whole"), tmp_path, monkeypatch)


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.long)])
def test_a_run_on_text_killed_at_random_instants_ends_the_same(kills, written, tmp_path):
    training = {**written["training"], "steps": 600, "evaluate_every": 60, "checkpoint_every": 10, "threads": 2}
    longer = {**written, "training": {**training, "batch": 16}}
    killed_at_random(longer, kills, tmp_path)


def with_budget(tiny, steps):
    return {**tiny, "training": {**tiny["training"], "steps": steps}}


def test_killed_anywhere_while_its_budget_is_raised_it_ends_as_if_it_had_been_larger_from_the_start(
    undisturbed, tmp_path, monkeypatch, tiny
):
    first = tmp_path / "first"
    pushpop.train(**with_budget(tiny, 10), run=first)  # a whole number of evaluations
    before = outcome(first)
    with monkeypatch.context() as patch:
        done = deadly(patch, 10**9)
        pushpop.train(**tiny, run=shutil.copytree(first, tmp_path / "counted"), resume=True)
    assert "unlink" in done
    assert outcome(tmp_path / "counted") == undisturbed
    ends = set()
    for last in range(len(done)):
        path = shutil.copytree(first, tmp_path / f"killed-{last}")
        with monkeypatch.context() as patch:
            deadly(patch, last)
            with pytest.raises(Killed):
                pushpop.train(**tiny, run=path, resume=True)
        pushpop.train(run=path, resume=True)  # whatever budget it says it has
        assert outcome(path) in (before, undisturbed), f"killed at operation {last}, {done[last]}"
        ends.add(outcome(path) == before)
        pushpop.train(**tiny, run=path, resume=True)
        assert outcome(path) == undisturbed, f"killed at operation {last}, {done[last]}"
    assert ends == {True, False}


@pytest.mark.parametrize(
    ("model", "threads", "kills"),
    [
        ("lstm", 1, 3),
        pytest.param("lstm", 1, 40, marks=pytest.mark.long),
        pytest.param("stack-lstm", 1, 10, marks=pytest.mark.long),
        pytest.param("stack-lstm", 2, 10, marks=pytest.mark.long),
    ],
)
def test_killed_at_random_instants_it_ends_the_same(model, threads, kills, tmp_path, tiny):
    training = {"steps": 400, "checkpoint_every": 10, "evaluate_every": 50, "threads": threads}
    longer = {**tiny, "model": {"kind": model, "hidden": 6}, "training": {**tiny["training"], **training}}
    killed_at_random(longer, kills, tmp_path)


def killed_at_random(asked: dict, kills: int, tmp_path: Path) -> None:
    """Train it undisturbed, and with so many kills; both must end the same."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(asked)]
    whole, path, chance, dead = tmp_path / "whole", tmp_path / "killed", random.Random(kills), 0
    subprocess.run([*command, str(whole)], check=True)
    for _ in range(kills):
        before = saved(path)
        process = subprocess.Popen([*command, str(path)])
        # It has saved something before the clock runs: a kill while Python still imports would test nothing.
        while process.poll() is None and saved(path) == before:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        dead += process.wait() == -signal.SIGKILL
    assert dead > 0
    subprocess.run([*command, str(path)], check=True)
    assert outcome(path) == outcome(whole)


def saved(path: Path) -> int:
    """When the run was last saved; 0 if never."""
    state = path / "state.pt"
    return state.stat().st_mtime_ns if state.exists() else 0


def test_the_comparison_notices_an_optimiser_that_was_forgotten(undisturbed, tmp_path, monkeypatch, tiny):
    with monkeypatch.context() as patch:
        deadly(patch, 14)  # after the first checkpoint
        with pytest.raises(Killed):
            pushpop.train(**tiny, run=tmp_path)
    assert (tmp_path / "state.pt").exists()
    monkeypatch.setattr(torch.optim.Optimizer, "load_state_dict", lambda *_: None)
    pushpop.train(**tiny, run=tmp_path, resume=True)
    assert outcome(tmp_path) != undisturbed
