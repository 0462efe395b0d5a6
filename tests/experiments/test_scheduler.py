"""A sweep at work: what is missing is done, what fails is told, and what cannot be written ends it with all intact."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from sweeps import at_work, came_to, changed, end, kill, start, until, write_toml

from pushpop.errors import RunError, StorageError
from pushpop.experiments import scheduler, store
from pushpop.experiments.flight import LIVES
from pushpop.experiments.settings import Settings
from pushpop.experiments.sweep import Sweep


class Ended:
    """A job that ended as its launcher says."""

    def __init__(self, why=""):
        self._why = why
        self.stopped = False

    def ended(self):
        return True

    def stop(self):
        self.stopped = True

    def reason(self):
        return self._why


class Here:
    """Trains in this very process, one job after the other: for what needs no process of its own."""

    slots = 1

    def __init__(self, work):
        self.work, self.jobs = work, []

    def start(self, job):
        self.jobs.append(job)
        self.work(job)
        return Ended("killed by signal 9")

    def wait(self, handles, seconds):
        pass

    def close(self):
        pass


def begin(job):
    """The run folder as a worker makes it at first."""
    config = store.Config(settings=Settings.from_dict(job.settings), version="0", commit=None, words={})
    store.write_json(Path(job.folder) / store.CONFIG, config.to_dict())


def finish(job, coarse=1.0):
    """As a worker would, without the training."""
    begin(job)
    scores = {"coarse": coarse, "fine": coarse}
    used = {"steps": 12, "words": job.settings["training"]["words"], "seconds": 1.0, "ended": "budget"}
    found = {"solved": coarse == 1, **used, "validation": scores, "test": scores}
    store.write_json(Path(job.folder) / store.METRICS, found)


def run(given, out, work=finish, **options):
    launcher = Here(work)
    return scheduler.run(Sweep.from_dict(given), out, launcher=launcher, **options), launcher.jobs


def test_what_is_done_is_not_done_again_and_what_was_added_is(tmp_path):
    found, jobs = run(changed(), tmp_path / "s")
    assert (len(found.those("done")), len(jobs)) == (6, 6)
    assert [trial.number for trial in found.trials.values()] == list(range(6))
    assert run(changed(), tmp_path / "s")[1] == []
    _, jobs = run(changed(seeds=[1000, 1001, 1002]), tmp_path / "s")
    assert [job.settings["seed"] for job in jobs] == [1002] * 3
    _, jobs = run(changed(over={"training.rate": [0.003, 0.5]}, seeds=[1000]), tmp_path / "s")
    assert [job.settings["training"]["rate"] for job in jobs] == [0.5]


def test_a_larger_budget_goes_on_with_every_trial_in_its_folder(tmp_path):
    _, first = run(changed(), tmp_path / "s")
    more = changed()
    more["training"] = {**more["training"], "words": 96}
    found, jobs = run(more, tmp_path / "s")
    assert [job.folder for job in jobs] == [job.folder for job in first]
    assert len(found.those("done")) == 6
    assert {trial.result["words"] for trial in found.those("done")} == {96}


def test_a_folder_holds_one_sweep(tmp_path):
    run(changed(), tmp_path / "s")
    other = changed()
    other["model"] = {"kind": "lstm", "hidden": 7}
    with pytest.raises(RunError, match=r"holds another sweep, model.hidden differ; give the same, or another --out"):
        run(other, tmp_path / "s")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "diary.txt").touch()
    with pytest.raises(RunError, match=r"holds diary.txt but no sweep.json, so it is no sweep"):
        run(changed(), tmp_path / "strange")


def test_a_default_that_has_changed_since_makes_another_sweep(tmp_path):
    """Trials from before it and after it must not stand beside each other as seeds of one configuration."""
    run(changed(), tmp_path / "s")
    about = json.loads((tmp_path / "s" / "sweep.json").read_text())
    about["variants"][0]["counted"]["training.foretell"] = 2.0
    (tmp_path / "s" / "sweep.json").write_text(json.dumps(about))
    with pytest.raises(RunError, match=r"holds another sweep, training.foretell differ; give the same, or another"):
        run(changed(), tmp_path / "s")
    about["variants"][0]["counted"] = [1, 2]
    (tmp_path / "s" / "sweep.json").write_text(json.dumps(about))
    with pytest.raises(RunError, match=r"sweep.json: damaged, its variants are none"):
        run(changed(), tmp_path / "s")
    del about["variants"][0]["counted"]  # as it was written before
    (tmp_path / "s" / "sweep.json").write_text(json.dumps(about))
    assert run(changed(), tmp_path / "s")[1] == []


def test_one_scheduler_at_a_time(tmp_path):
    with store.locked(tmp_path / "s"), pytest.raises(RunError, match="another process is working on this sweep"):
        run(changed(), tmp_path / "s")


def test_a_trial_that_fails_is_told_and_the_others_go_on(tmp_path):
    file = write_toml(tmp_path / "tiny.toml", changed(over={"training.rate": [0.01, 1e38]}))
    out = tmp_path / "s"
    said = end(start(file, out), out, status=1)
    assert (said["done"], said["failed"]) == (2, 2)
    failed = [trial for each in said["configurations"] for trial in each["trials"] if trial["state"] == "failed"]
    assert all("no longer a number" in trial["error"] for trial in failed)
    failure = json.loads((out / failed[0]["run"] / "failure.json").read_text())
    assert failure["traceback"].startswith("Traceback (most recent call last)")
    again = end(start(file, out), out, status=1)  # neither begun again nor forgotten
    assert {**again, "seconds": 0, "left": 0} == {**said, "seconds": 0, "left": 0}


def test_failed_trials_are_begun_once_more_where_that_is_asked_for(tmp_path):
    def fail(job):
        store.write_json(Path(job.folder) / store.FAILURE, {"error": "E: no", "traceback": "T"})

    found, _ = run(changed(), tmp_path / "s", fail)
    assert [trial.error for trial in found.those("failed")] == ["E: no"] * 6
    assert run(changed(), tmp_path / "s")[1] == []
    found, jobs = run(changed(), tmp_path / "s", retry=True)
    assert (len(found.those("done")), len(found.those("failed")), len(jobs)) == (6, 0, 6)


def test_a_trial_whose_process_is_lost_is_begun_again_but_not_for_ever(tmp_path):
    found, jobs = run(changed(seeds=[1000], over={}), tmp_path / "s", lambda job: None)
    assert len(jobs) == LIVES
    (trial,) = found.those("failed")
    assert trial.error == f"lost {LIVES} times (killed by signal 9) with nothing gained"
    tries = iter(range(3))
    found, jobs = run(changed(seeds=[1001], over={}), tmp_path / "s", lambda job: next(tries) < 2 or finish(job))
    assert (len(jobs), len(found.those("done"))) == (3, 1)


def test_a_damaged_folder_is_a_trial_that_failed(tmp_path):
    def damage(job):
        finish(job)
        (Path(job.folder) / store.METRICS).write_text("{")

    found, _ = run(changed(seeds=[1000], over={}), tmp_path / "s", damage)
    (trial,) = found.those("failed")
    assert "metrics.json: damaged, not JSON" in trial.error


def test_two_variants_that_share_a_configuration_share_its_run(tmp_path):
    given = changed(over={"training.rate": [0.01]}, variants=[{"name": "a"}, {"name": "b"}])
    found, jobs = run(given, tmp_path / "s")
    assert len(jobs) == 2
    assert sorted((trial.variant, trial.seed) for trial in found.those("done")) == [
        ("a", 1000), ("a", 1001), ("b", 1000), ("b", 1001),
    ]  # fmt: skip


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_a_search_draws_what_it_would_have_drawn_had_it_not_been_killed(search, tmp_path):
    space = {"training.rate": {"low": 1e-4, "high": 1e-1, "log": True}, "model.hidden": {"low": 4, "high": 64}}
    given = changed(search=search, trials=12, over=space, seeds=[1000])
    whole, _ = run(given, tmp_path / "whole")
    parts = tmp_path / "parts"
    for trials in (2, 5, 12):
        cut, _ = run(changed(search=search, trials=trials, over=space, seeds=[1000]), parts)
    assert [dict(trial.chosen) for trial in cut.trials.values()] == [
        dict(trial.chosen) for trial in whole.trials.values()
    ]
    assert len({trial.chosen["training.rate"] for trial in whole.trials.values()}) == 12


def test_each_configuration_of_a_search_has_all_its_seeds(tmp_path):
    space = {"training.rate": {"low": 1e-4, "high": 1e-1, "log": True}}
    found, jobs = run(changed(search="random", trials=3, over=space), tmp_path / "s")
    assert [job.settings["seed"] for job in jobs] == [1000, 1001] * 3
    assert [len(each.trials) for each in found.ranked()] == [2, 2, 2]


def test_a_search_without_end_ends_when_it_has_seen_everything(tmp_path):
    space = {"model.hidden": [4, 8]}
    found, jobs = run(changed(search="random", trials=0, over=space, seeds=[1000]), tmp_path / "s")
    assert len(jobs) == 2
    assert {trial.chosen["model.hidden"] for trial in found.those("done")} == {4, 8}


def test_what_is_known_is_not_to_come(tmp_path):
    given = changed(search="random", trials=6, over={"model.hidden": [4, 8]}, seeds=[1000])
    found, jobs = run(given, tmp_path / "s")
    assert (found.left, len(jobs)) == (0, 2)
    again, jobs = run(given, tmp_path / "s")
    assert (again.left, jobs) == (0, [])
    more, jobs = run({**given, "sweep": {**given["sweep"], "seeds": [1000, 1001]}}, tmp_path / "s")
    assert (more.left, len(jobs)) == (0, 2)


def test_a_smaller_budget_begins_nothing(tmp_path):
    run(changed(), tmp_path / "s")
    less = changed()
    less["training"] = {**less["training"], "words": 24}
    assert run(less, tmp_path / "s")[1] == []


def test_a_place_where_no_run_can_be_is_a_trial_that_failed(tmp_path, monkeypatch):
    """The ends of each axis are looked at beforehand; what no two of them show is met when it is drawn."""
    monkeypatch.setattr("pushpop.experiments.sweep.look_at", lambda variant, search: None)
    given = changed(search="random", trials=8, seeds=[1000],
                    over={"task.shortest": [1, 3], "task.longest": [3, 2]})  # fmt: skip
    found, jobs = run(given, tmp_path / "s")
    failed = found.those("failed")
    assert {(trial.chosen["task.shortest"], trial.chosen["task.longest"]) for trial in failed} == {(3, 2)}
    assert all("task.shortest: 3 is more than task.longest 2" in trial.error for trial in failed)
    assert len(found.those("done")) == 3
    again, jobs = run(given, tmp_path / "s")
    assert (len(again.those("failed")), jobs) == (len(failed), [])


def begun(out, given, count):
    """As a kill leaves a sweep: trials running in the study, with nobody at work on them."""
    sweep = Sweep.from_dict(given)

    class Halt(Here):
        slots = count

        def start(self, job):
            if len(self.jobs) == count - 1:
                raise SystemExit
            self.jobs.append(job)
            return Running()

    class Running(Ended):
        def ended(self):
            return False

    with pytest.raises(SystemExit):
        scheduler.run(sweep, out, launcher=Halt(None))


def test_those_that_were_running_take_no_more_slots_than_there_are(tmp_path):
    begun(tmp_path / "s", changed(), 5)
    most = []

    class Counted(Here):
        slots = 2

        def start(self, job):
            self.jobs.append(job)
            open_.append(job)
            most.append(len(open_))
            return Slow(job)

    class Slow(Ended):
        def __init__(self, job):
            super().__init__()
            self.job, self.looks = job, 0

        def ended(self):
            self.looks += 1
            if self.looks == 2:
                finish(self.job)
                open_.remove(self.job)
            return self.looks >= 2

    open_ = []
    found = scheduler.run(Sweep.from_dict(changed()), tmp_path / "s", launcher=Counted(None))
    assert (len(found.those("done")), max(most)) == (6, 2)
    assert sorted(trial.number for trial in found.trials.values()) == list(range(6))


def test_a_trial_that_is_no_longer_in_the_file_is_left_as_it_is(tmp_path):
    variants = [{"name": "a"}, {"name": "b"}]
    begun(tmp_path / "s", changed(variants=variants), 3)
    found, _ = run(changed(variants=[{"name": "c"}]), tmp_path / "s")
    assert {trial.variant for trial in found.trials.values()} == {"c"}
    found, _ = run(changed(variants=variants), tmp_path / "s")
    assert len([trial for trial in found.those("done") if trial.variant in "ab"]) == 12


def test_a_damaged_failure_is_told(tmp_path):
    found, _ = run(changed(seeds=[1000], over={}), tmp_path / "s",
                   lambda job: (Path(job.folder) / store.FAILURE).write_text("{"))  # fmt: skip
    (trial,) = found.those("failed")
    assert "failure.json: damaged, not JSON" in trial.error


def test_the_pruner_stops_the_doomed_and_spares_some_to_be_measured(tmp_path):
    """Losses are written by hand: the trial with the rate 0.03 gets worse from its first rung on."""
    given = changed(pruning={"first": 0.5, "patience": 1, "spare": 0.5}, seeds=list(range(1000, 1012)))
    stopped = []

    class Slow(Here):
        slots = 100

        def start(self, job):
            return Going(job)

    class Going(Ended):
        """Trains a step whenever it is looked at; ends when it is stopped or has had them all."""

        def __init__(self, job):
            super().__init__()
            self.job, self.step = job, 0
            begin(job)

        def ended(self):
            self.step += 1
            if self.stopped or self.step > 12:
                return True
            loss = float(self.step if self.job.settings["training"]["rate"] == 0.03 else 1 / self.step)
            with (Path(self.job.folder) / store.EVENTS).open("a") as log:
                log.write(json.dumps({"step": self.step, "words": 4 * self.step, "seconds": 0.1, "loss": loss}) + "\n")
            if self.step == 12:
                finish(self.job)
            return self.step == 12

        def stop(self):
            stopped.append(self.job.number)
            self.stopped = True

    found = scheduler.run(Sweep.from_dict(given), tmp_path / "s", launcher=Slow(None))
    pruned = found.those("pruned")
    notes = [json.loads(note.read_text()) for note in (tmp_path / "s").glob("runs/*/*/pruned.json")]
    assert pruned
    assert {trial.chosen["training.rate"] for trial in pruned} == {0.03}
    assert sorted(stopped) == sorted(trial.number for trial in pruned)
    assert sum(note["spared"] for note in notes) == len(notes) - len(pruned) > 0
    assert min(note["percent"] for note in notes) >= 50


def test_a_request_to_end_leaves_checkpoints_and_a_way_on(tmp_path):
    given = changed(seeds=[1000], over={"training.rate": [0.01]})
    given["training"] = {**given["training"], "words": 10**9}
    file, out = write_toml(tmp_path / "tiny.toml", given), tmp_path / "s"
    process = start(file, out)
    until(lambda: list(out.glob("runs/*/*/state.pt")))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=300) == 130
    told = out.with_suffix(".complaints").read_text()
    assert "interrupted; trials under way have made a checkpoint; go on with: pushpop sweep" in told
    assert "Traceback" not in told
    assert at_work(out, process.pid) == []
    listed = end(start(file, out, "--list"), out)
    assert (listed["running"], listed["done"]) == (1, 0)


def test_a_trial_that_outlives_its_scheduler_is_waited_for(tmp_path):
    given = changed(seeds=[1000], over={"training.rate": [0.01]})
    given["training"] = {**given["training"], "words": 4000}
    file, out = write_toml(tmp_path / "tiny.toml", given), tmp_path / "s"
    process = start(file, out)
    until(lambda: list(out.glob("runs/*/*/state.pt")))
    kill(process.pid)
    process.wait()
    orphans = at_work(out, process.pid)
    said = end(start(file, out), out)
    assert (said["done"], said["failed"]) == (1, 0)
    assert orphans, "it had ended already: this test has seen nothing"
    started = (next(out.glob("runs/*/*")) / "output.txt").read_text()
    assert started.count("Traceback") == 0
    assert len(came_to(out)) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 400 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_ends_it_with_the_study_intact(small_disk, tmp_path):
    found, _ = run(changed(), small_disk / "s")
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), b"x" * 512)
        except OSError:
            pass
    with pytest.raises((StorageError, OSError)) as told:
        run(changed(seeds=list(range(1000, 1100))), small_disk / "s")
    assert "No space left" in str(told.value)
    filler.unlink()
    again, jobs = run(changed(), small_disk / "s")
    assert jobs == []
    assert [trial.result for trial in again.those("done")[:6]] == [trial.result for trial in found.those("done")]


def test_a_folder_that_cannot_be_written_is_told(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(RunError, match=r"cannot be written \(Read-only file system\); give another --out"):
        run(changed(), small_disk / "s")
