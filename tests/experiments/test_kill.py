"""Killed at any instant and resumed, a run ends bit for bit where an undisturbed one ends."""

import json
import os
import random
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
    log = [json.loads(line) for line in (path / "events.jsonl").read_text().splitlines()]
    timeless = [{name: value for name, value in event.items() if name not in clocked} for event in log]
    metrics = json.loads((path / "metrics.json").read_text())
    return (path / "model.safetensors").read_bytes(), timeless, {**metrics, "seconds": 0}


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
    monkeypatch.setattr(durable.Log, "append", lethal("append", durable.Log.append))
    return done


def test_killed_between_any_two_file_operations_it_ends_the_same(undisturbed, tmp_path, monkeypatch, tiny):
    with monkeypatch.context() as patch:
        done = deadly(patch, 10**9)
        pushpop.train(**tiny, run=tmp_path / "counted")
    assert done.count("replace") >= 8
    for last in range(len(done)):
        path = tmp_path / f"killed-{last}"
        with monkeypatch.context() as patch:
            deadly(patch, last)
            with pytest.raises(Killed):
                pushpop.train(**tiny, run=path)
        pushpop.train(**tiny, run=path, resume=True)
        assert outcome(path) == undisturbed, f"killed at operation {last}, {done[last]}"


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.long)])
def test_killed_at_random_instants_it_ends_the_same(kills, tmp_path, tiny):
    longer = {**tiny, "training": {**tiny["training"], "steps": 400, "checkpoint_every": 10, "evaluate_every": 50}}
    pushpop.train(**longer, run=tmp_path / "whole")
    path, chance = tmp_path / "killed", random.Random(kills)
    command = [sys.executable, "-c", PROGRAM, json.dumps(longer), str(path)]
    dead = 0
    for _ in range(kills):
        process = subprocess.Popen(command)
        # Its first words are on disk before the clock runs: a kill while Python still imports would test nothing.
        before = (path / "state.pt").stat().st_mtime_ns if (path / "state.pt").exists() else 0
        while process.poll() is None and not (
            (path / "state.pt").exists() and (path / "state.pt").stat().st_mtime_ns > before
        ):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        dead += process.wait() == -signal.SIGKILL
    assert dead > 0
    subprocess.run(command, check=True)
    assert outcome(path) == outcome(tmp_path / "whole")


def test_the_comparison_notices_an_optimiser_that_was_forgotten(undisturbed, tmp_path, monkeypatch, tiny):
    with monkeypatch.context() as patch:
        deadly(patch, 14)  # after the first checkpoint
        with pytest.raises(Killed):
            pushpop.train(**tiny, run=tmp_path)
    assert (tmp_path / "state.pt").exists()
    monkeypatch.setattr(torch.optim.Optimizer, "load_state_dict", lambda *_: None)
    pushpop.train(**tiny, run=tmp_path, resume=True)
    assert outcome(tmp_path) != undisturbed
