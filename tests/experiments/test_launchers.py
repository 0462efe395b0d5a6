"""The same sweep file through every launcher comes to the same results, in the same folders."""

import copy
import os
import re
import signal

import pytest
from sweeps import came_to, changed, end, start, write_toml

from pushpop.experiments import scheduler
from pushpop.experiments.launchers import choose
from pushpop.experiments.sweep import Sweep

NODE = re.compile(r"process (\d+) on \S+, Ray node (\w+)")
TWO = changed(over={})  # one configuration with two seeds


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    folder = tmp_path_factory.mktemp("local")
    process = start(write_toml(folder / "tiny.toml", TWO), folder / "out", "--workers", "2")
    assert end(process, folder / "out")["done"] == 2
    return came_to(folder / "out")


def through(launcher, tmp_path, *options):
    out = tmp_path / "out"
    file = write_toml(tmp_path / "tiny.toml", TWO)
    assert end(start(file, out, "--workers", "2", "--launcher", launcher, *options), out)["done"] == 2
    assert out.with_suffix(".complaints").read_text() == ""
    return came_to(out)


def test_a_sweep_comes_to_the_same_with_ray(ray, local, tmp_path):
    assert through("ray", tmp_path) == local


def test_a_sweep_comes_to_the_same_with_slurm(local, tmp_path):
    pytest.importorskip("submitit", reason="submitit is not installed")
    assert through("slurm", tmp_path, "--launcher-options", "cluster=local,timeout_min=60") == local


@pytest.mark.long
def test_a_sweep_on_two_nodes_uses_both_and_a_killed_worker_s_trial_goes_on(cluster, tmp_path):
    given = copy.deepcopy(changed(seeds=[1000, 1001]))
    given["training"] |= {"words": 2000, "evaluate_every": 250, "checkpoint_every": 50}
    whole = scheduler.run(Sweep.from_dict(given), tmp_path / "whole")
    killed = []

    def kill(_):
        for state in (tmp_path / "out").glob("runs/*/*/state.pt"):
            if not killed and not state.with_name("metrics.json").exists():
                killed.append(state.parent)
                os.kill(int(NODE.findall(state.with_name("output.txt").read_text())[-1][0]), signal.SIGKILL)

    launcher = choose("ray", 2, {"address": cluster.address})
    found = scheduler.run(Sweep.from_dict(given), tmp_path / "out", launcher=launcher, say=kill)
    assert len(found.those("done")) == len(whole.those("done")) == 6
    assert came_to(tmp_path / "out") == came_to(tmp_path / "whole")
    lives = {output.parent: NODE.findall(output.read_text()) for output in tmp_path.glob("out/runs/*/*/output.txt")}
    assert len({node for places in lives.values() for _, node in places}) == 2
    assert [folder for folder, places in lives.items() if len(places) > 1] == killed
