"""Trials on a Ray cluster of two nodes, both on this machine: each takes its share, and a lost worker costs nothing."""

import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

import pushpop
from pushpop.experiments import store
from pushpop.experiments.launchers import Job, choose
from pushpop.experiments.launchers.ray import imported
from pushpop.experiments.settings import Settings

NODE = re.compile(r"process (\d+) on \S+, Ray node (\w+)")


@pytest.fixture
def cluster(monkeypatch):
    """Two nodes of one core each."""
    imported()
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp")  # short: Ray's sockets are below it, and their names have limits
    monkeypatch.setenv("RAY_TMPDIR", folder)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # else it writes a token to the home
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    cluster.add_node(**small)
    yield cluster
    cluster.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


def job(number: int, tiny: dict, folder: Path, **training) -> Job:
    settings = {**tiny, "training": {**tiny["training"], **training}, "seed": number}
    return Job(number=number, settings=Settings.from_dict(settings).to_dict(), folder=str(folder / str(number)))


def until(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "nothing happened for a minute"
        time.sleep(0.01)


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

    long = job(2, tiny, tmp_path, steps=600, checkpoint_every=10, evaluate_every=300)
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
