"""Trials on a Ray cluster of two nodes, both on this machine: each takes its share, and a lost worker costs nothing."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sweeps import job, until

import pushpop
from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.experiments.launchers import Job, choose

NODE = re.compile(r"process (\d+) on \S+, Ray node (\w+)")


def where(job: Job) -> list[tuple[int, str]]:
    """Each life of the trial: its process and its node."""
    output = Path(job.folder, store.OUTPUT)
    return [(int(pid), node) for pid, node in NODE.findall(output.read_text())] if output.exists() else []


def test_a_cluster_trains_on_both_nodes_and_a_lost_worker_costs_nothing(cluster, tmp_path, tiny, capfd):
    launcher = choose("ray", 2, {"address": cluster.address})
    both = [job(number, tiny, tmp_path) for number in range(2)]
    handles = [launcher.start(each) for each in both]
    while not all(handle.ended() for handle in handles):
        launcher.wait([handle for handle in handles if not handle.ended()], 10)
    assert all(Path(each.folder, store.METRICS).exists() for each in both)
    assert len({where(each)[0][1] for each in both}) == 2
    assert [handle.reason() for handle in handles] == ["", ""]

    long = job(2, tiny, tmp_path, steps=400, checkpoint_every=20, evaluate_every=200)
    handle = launcher.start(long)
    until(Path(long.folder, "state.pt").exists)
    os.kill(where(long)[0][0], signal.SIGKILL)
    until(handle.ended)
    assert "worker died" in handle.reason()
    handle.stop()  # too late, and harmless

    handle = launcher.start(long)
    until(lambda: len(where(long)) == 2)
    handle.stop()
    handle.stop()
    until(handle.ended)
    assert not Path(long.folder, store.FAILURE).exists()
    assert not Path(long.folder, store.METRICS).exists()

    handle = launcher.start(long)
    until(handle.ended)
    assert handle.reason() == ""
    launcher.close()
    undisturbed = pushpop.train(**tiny | {"training": dict(long.settings["training"])}, seed=2, run=tmp_path / "whole")
    assert Path(long.folder, "model.safetensors").read_bytes() == (undisturbed.path / "model.safetensors").read_bytes()
    said = capfd.readouterr()
    assert "raylet" not in said.out + said.err


@pytest.mark.long
def test_without_a_cluster_it_begins_one_of_its_own(ray, tmp_path, tiny, capfd):
    """More trials abreast than cores are given their slots, and a job that claims two cores has two threads."""
    launcher = choose("ray", 3)
    jobs = [job(number, tiny, tmp_path, threads=2) for number in range(3)]
    handles = [launcher.start(replace(each, threads=2)) for each in jobs]
    until(lambda: all(handle.ended() for handle in handles))
    assert all(store.read_metrics(Path(each.folder)) for each in jobs)
    launcher.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.long
def test_what_is_under_way_when_all_is_stopped_makes_its_checkpoint(ray, tmp_path, tiny):
    launcher = choose("ray", 1)
    trial = job(7, tiny, tmp_path, steps=100_000, checkpoint_every=100_000)
    launcher.start(trial)
    events = Path(trial.folder, store.EVENTS)
    until(lambda: events.exists() and events.stat().st_size)
    launcher.close()
    assert Path(trial.folder, "state.pt").exists()
    assert not Path(trial.folder, store.METRICS).exists()
    assert not Path(trial.folder, store.FAILURE).exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"adress": "auto"}, "launcher options.adress: no such setting; did you mean 'address'?"),
        ({"gpus": "many"}, "launcher options.gpus: many is no number of graphics cards; give such as 1 or 0.25"),
        ({"gpus": "-1"}, "launcher options.gpus: -1 is no number of graphics cards"),
        ({"gpus": "nan"}, "launcher options.gpus: nan is no number of graphics cards"),
    ],
)
def test_a_wrong_option_is_refused(options, says, ray):
    with pytest.raises(ConfigError, match=re.escape(says)):
        choose("ray", 1, options)


def test_a_cluster_out_of_reach_is_one_line(ray, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ConfigError, match=r"launcher ray: no cluster at 127.0.0.1:1 \(.*; start one with") as refused:
        choose("ray", 1)
    assert "\n" not in str(refused.value)


def test_without_ray_the_way_out_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=re.escape("install it with: pip install 'pushpop[ray]'")):
        choose("ray", 1)


def test_to_choose_it_imports_no_torch():
    """Workers set how torch spreads its work before they import it."""
    program = "import sys, pushpop.experiments.launchers.ray as r; r.imported(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
