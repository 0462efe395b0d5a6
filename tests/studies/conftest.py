"""Runs of a study, made up, as records; and studies whose runs are."""

import json
from pathlib import Path

import pytest
from made_up_runs import write_made_up

from pushpop.experiments import lengths, store
from pushpop.experiments.settings import Settings, merge
from pushpop.reporting.records import read_run
from pushpop.studies import findings, further, reproduce

RIGHT = {"coarse": 1.0, "fine": 1.0, "token": 1.0, "words": 4}


@pytest.fixture
def run(tmp_path):
    """run("rnn", {"layers": 4}, {"rate": 1e-3}, seed=0, fine=[0.1, 0.4], ...) gives the record of a made-up run."""
    made = []

    def make(kind, model=(), training=(), *, seed=0, preset=None, **curves):
        base = {} if preset is None else preset
        given = {"model": {"kind": kind, **dict(model)}, "training": dict(training), "seed": seed}
        settings = Settings.from_dict(merge(base, given))
        made.append(settings)
        return read_run(write_made_up(tmp_path / f"run-{len(made)}", settings, **curves))

    return make


@pytest.fixture
def drawn(monkeypatch):
    """Sweeps and the program, played: stack-lstm solves all but seed 1, the others nothing; seed 3 fails.

    Gives what was asked of them: a sweep's runs that were not there yet, and the program's commands.
    """
    asked = []

    def sweep(sweep, out, **given):
        out.mkdir(exist_ok=True)
        (out / "sweep.json").write_text(json.dumps({"name": sweep.name}))
        for configuration, settings, run in findings.trials(sweep, out):
            if (run / store.METRICS).exists():
                continue
            asked.append((configuration.variant, settings.seed, given["retry"]))
            if settings.seed == 3:
                run.mkdir(parents=True, exist_ok=True)
                (run / store.FAILURE).write_text('{"error": "TrainingFailed: the loss is nan"}')
                continue
            right = settings.model.kind == "stack-lstm" and settings.seed != 1
            write_made_up(run, settings, [0.5, 1.0 if right else 0.25], [0.4, 1.0 if right else 0.2])

    def program(command):
        asked.append(command[:2])
        run, wanted = Path(command[1]), [int(length) for length in command[3].split(",")]
        rows = [{"length": length, **RIGHT, "rounded": {"length": length, **RIGHT, "coarse": 0.5}} for length in wanted]
        rows += [row for row in lengths.read(run / "lengths.json", run) if row["length"] not in wanted]
        (run / "lengths.json").write_text(json.dumps({"weights": lengths.fingerprint(run), "by_length": rows}))
        return {}

    monkeypatch.setattr(reproduce.scheduler, "run", sweep)
    monkeypatch.setattr(further, "pushpop", program)
    return asked


@pytest.fixture
def played(drawn, monkeypatch):
    """The same, and nothing is drawn."""
    for name in ("save_sections", "write_sections"):
        monkeypatch.setattr(reproduce, name, lambda *given, **more: None)
    return drawn
