"""Runs of a study, made up, as records."""

import pytest
from made_up_runs import write_made_up

from pushpop.experiments.settings import Settings, merge
from pushpop.reporting.records import read_run


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
