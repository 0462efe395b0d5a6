"""Trials as Slurm jobs: by submitit's processes of this machine, and by a Slurm that is a few lines of shell."""

import os
import re
import signal
import stat
import sys
from pathlib import Path

import pytest
from sweeps import job, until

import pushpop
from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.experiments.launchers import Job, choose

PLACE = re.compile(r"process (\d+) on \S+, job (\d+)")


def lives(job: Job) -> list[int]:
    """The process of each time that the trial was begun."""
    output = Path(job.folder, store.OUTPUT)
    return [int(pid) for pid, _ in PLACE.findall(output.read_text())] if output.exists() else []


def test_a_lost_job_goes_on_from_its_checkpoint(tmp_path, tiny):
    pytest.importorskip("submitit", reason="submitit is not installed")
    launcher = choose("slurm", 2, {"cluster": "local", "timeout_min": "600"})
    long = job(2, tiny, tmp_path, steps=400, checkpoint_every=20, evaluate_every=200)
    handle = launcher.start(long)
    launcher.wait([handle], 0.01)
    assert not handle.ended()
    assert handle.reason() == ""
    until(Path(long.folder, "state.pt").exists)
    os.kill(lives(long)[0], signal.SIGKILL)
    until(handle.ended)
    handle.stop()  # too late, and harmless
    assert not Path(long.folder, store.METRICS).exists()

    handle = launcher.start(long)
    launcher.wait([handle], 600)
    assert handle.ended()
    launcher.close()
    undisturbed = pushpop.train(**tiny | {"training": dict(long.settings["training"])}, seed=2, run=tmp_path / "whole")
    assert Path(long.folder, "model.safetensors").read_bytes() == (undisturbed.path / "model.safetensors").read_bytes()
    assert len(lives(long)) == 2


SBATCH = r"""#!/bin/bash
# A Slurm of one machine: jobs are numbered from 1 and run at once.
number=$(($(ls "$FAKE_SLURM" | grep -c script) + 1))
cp "${@: -1}" "$FAKE_SLURM/$number.script"
SLURM_JOB_ID=$number SLURM_NTASKS=1 SLURM_JOB_NUM_NODES=1 SLURM_NODEID=0 SLURM_PROCID=0 SLURM_LOCALID=0 \
    setsid bash "$FAKE_SLURM/$number.script" > "$FAKE_SLURM/$number.out" 2>&1 < /dev/null &
echo $! > "$FAKE_SLURM/$number.pid"
echo "Submitted batch job $number"
"""
SRUN = r"""#!/bin/bash
while [[ $1 == --* ]]; do [[ $1 == --output || $1 == --error ]] && shift; shift; done
exec "$@"
"""
SACCT = r"""#!/bin/bash
echo "JobID|State|NodeList"
for file in "$FAKE_SLURM"/*.pid; do
    number=$(basename "$file" .pid) pid=$(cat "$file")
    # A job just begun is a process, and only a moment later the leader of its group.
    kill -0 $pid 2> /dev/null || kill -0 -- -$pid 2> /dev/null && state=RUNNING || state=${FAKE_STATE:-COMPLETED}
    echo "$number|$state|here"
done
"""
SCANCEL = r"""#!/bin/bash
kill -TERM -- -$(cat "$FAKE_SLURM/$1.pid")
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    pytest.importorskip("submitit", reason="submitit is not installed")
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in {"sbatch": SBATCH, "srun": SRUN, "sacct": SACCT, "scancel": SCANCEL}.items():
        program = tmp_path / name
        program.write_text(text)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_SLURM", str(folder))
    return folder


def test_a_job_asks_slurm_for_what_its_trial_claims(slurm, tmp_path, tiny):
    launcher = choose("slurm", 1, {"partition": "gpu", "timeout_min": "600", "gpus_per_node": "1", "qos": "night"})
    trial = job(7, tiny, tmp_path)
    handle = launcher.start(trial)
    until(handle.ended)
    launcher.close()
    assert store.read_metrics(Path(trial.folder))
    script = (slurm / "1.script").read_text()
    for line in ("partition=gpu", "time=600", "gpus-per-node=1", "qos=night", "cpus-per-task=1", "job-name=trial-7"):
        assert f"#SBATCH --{line}\n" in script
    assert "job 1" in Path(trial.folder, store.OUTPUT).read_text()


@pytest.mark.long
def test_a_stopped_job_makes_its_checkpoint_and_goes_on(tmp_path, tiny):
    """On this machine; submitit's own way to cancel would leave it one second."""
    pytest.importorskip("submitit", reason="submitit is not installed")
    launcher = choose("slurm", 1, {"cluster": "local", "timeout_min": "600"})
    trial = job(7, tiny, tmp_path, steps=400, checkpoint_every=400)
    handle = launcher.start(trial)
    events = Path(trial.folder, store.EVENTS)
    until(lambda: events.exists() and events.stat().st_size)
    handle.stop()
    handle.stop()
    until(handle.ended)
    assert Path(trial.folder, "state.pt").exists()
    assert not Path(trial.folder, store.METRICS).exists()
    assert not Path(trial.folder, store.FAILURE).exists()
    handle = launcher.start(trial)
    until(handle.ended)
    launcher.close()
    assert store.read_metrics(Path(trial.folder))["steps"] == 400


@pytest.mark.long
def test_a_cancelled_job_makes_its_checkpoint(slurm, tmp_path, tiny):
    launcher = choose("slurm", 1, {"timeout_min": "600"})
    trial = job(7, tiny, tmp_path, steps=100_000, checkpoint_every=100_000)
    launcher.start(trial)
    events = Path(trial.folder, store.EVENTS)
    until(lambda: events.exists() and events.stat().st_size)
    launcher.close()
    assert Path(trial.folder, "state.pt").exists()
    assert not Path(trial.folder, store.METRICS).exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"partition": "gpu"}, "launcher options.timeout_min: missing, and a job has a time limit; give such as"),
        ({"timeout_min": "600", "colour": "red"}, "Unknown argument 'colour' for executor 'slurm'"),
        ({"timeout_min": "soon"}, "\"timeout_min\" expected type <class 'int'>"),
        ({"timeout_min": "600", "cluster": "lokal"}, "launcher options.cluster: 'lokal' is not known; give slurm, or"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_begun(options, says, slurm, tmp_path):
    with pytest.raises(ConfigError, match=re.escape(says)) as refused:
        choose("slurm", 1, options)
    assert "\n" not in str(refused.value)


def test_a_refused_job_is_one_line(slurm, tmp_path, tiny):
    (tmp_path / "sbatch").write_text("#!/bin/bash\necho 'invalid partition specified: gpu' >&2; exit 1\n")
    launcher = choose("slurm", 1, {"timeout_min": "600", "partition": "gpu"})
    with pytest.raises(ConfigError, match=r"the job was refused \(.*invalid partition specified: gpu"):
        launcher.start(job(0, tiny, tmp_path))


def test_without_slurm_or_submitit_the_way_out_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="no sbatch here; start it where Slurm is, or give --launcher local"):
        choose("slurm", 1, {"timeout_min": "600"})
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(ConfigError, match=re.escape("install it with: pip install 'pushpop[slurm]'")):
        choose("slurm", 1, {"timeout_min": "600"})
