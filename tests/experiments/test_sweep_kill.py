"""Its scheduler, its workers or both killed at any instant, a sweep ends as an undisturbed one, each trial once."""

import random
import time

import pytest
from sweeps import at_work, came_to, changed, end, kill, start, write_toml

from pushpop.experiments.ledger import Ledger

SEEDS = list(range(1000, 1008))  # with three rates: 24 trials


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    process = start(write_toml(folder / "tiny.toml", changed(seeds=SEEDS)), folder / "out", "--workers", "2")
    assert end(process, folder / "out")["done"] == len(SEEDS) * 3
    return came_to(folder / "out")


@pytest.mark.parametrize("kills", [8, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_random_instants_every_trial_ends_once(kills, tmp_path, undisturbed):
    """What is finished stays as it is, to the byte and the clock: no trial is trained to its end a second time."""
    draws, out = random.Random(kills), tmp_path / "out"
    file = write_toml(tmp_path / "tiny.toml", changed(seeds=SEEDS))
    seen: dict[str, tuple[int, bytes]] = {}
    done, scheduler = 0, None
    while done < kills:
        if scheduler is None or scheduler.poll() is not None:
            assert scheduler is None or scheduler.returncode in (0, -9), out.with_suffix(".complaints").read_text()
            scheduler = start(file, out, "--workers", "2")
        time.sleep(draws.uniform(0.0, 2.5))
        look(out, seen)
        whom = draws.choice(("scheduler", "workers", "both"))
        if whom != "scheduler":
            for worker in at_work(out, scheduler.pid):
                kill(worker)
        if whom != "workers":
            kill(scheduler.pid)
            scheduler.wait()
        done += 1
    if scheduler is not None and scheduler.poll() is None:
        end(scheduler, out)
    said = end(start(file, out, "--workers", "2"), out)
    look(out, seen)
    assert said["done"] == len(SEEDS) * 3
    assert came_to(out) == undisturbed
    ledger = Ledger.open(f"journal:///{out / 'study.journal'}", "tiny")
    entries = ledger.entries()
    ledger.close()
    assert [entry.state for entry in entries] == ["done"] * len(SEEDS) * 3
    assert len({(entry.params["training.rate"], entry.attrs["seed"]) for entry in entries}) == len(entries)


def look(out, seen):
    """See that no finished trial has been finished again since the last look."""
    for metrics in out.glob("runs/*/*/metrics.json"):
        stat = metrics.stat()
        now = stat.st_mtime_ns, metrics.read_bytes()
        assert seen.setdefault(metrics.parent.name, now) == now, f"{metrics.parent.name} ended twice"
