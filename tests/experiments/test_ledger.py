"""The study behind a sweep: what is written is there again, whatever happens to the file in between."""

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from pushpop.experiments.ledger import Entry, Ledger

SPACE = {
    "training.rate": FloatDistribution(1e-4, 1e-2, log=True),
    "model.hidden": CategoricalDistribution([16, 64]),
    "model.layers": IntDistribution(1, 8),
    "model.kind": CategoricalDistribution(["lstm"]),
}


@pytest.fixture(params=["journal", "sqlite"])
def url(request, tmp_path):
    return {"journal": f"journal://{tmp_path}/study.journal", "sqlite": f"sqlite:///{tmp_path}/study.db"}[request.param]


@pytest.fixture
def opened(request):
    """`Ledger.open`, which closes the one before: a ledger has one owner."""
    ledgers = []

    def open_(*args, **kwargs):
        for ledger in ledgers:
            ledger.close()
        ledgers.append(Ledger.open(*args, **kwargs))
        return ledgers[-1]

    yield open_
    for ledger in ledgers:
        ledger.close()


def filled(ledger: Ledger) -> list[Entry]:
    """A trial of each state, and one more that runs."""
    for number, state in enumerate(["done", "pruned", "failed", "running", "running"]):
        params = {"model.hidden": 64, "model.sizes": [1, 2], "task.corpus": None}
        assert ledger.begin(params, {"seed": number, "variant": "deep"}, SPACE) == number
        if state != "running":
            ledger.finish(number, state, 0.5 * number if state == "done" else None, {"words": number})
    return ledger.entries()


def test_trials_are_there_again_by_number_with_all_that_was_said_of_them(url, opened):
    entries = filled(opened(url, "sweep"))
    params = {"model.hidden": 64, "model.sizes": [1, 2], "task.corpus": None}
    assert entries[0] == (0, "done", params, {"seed": 0, "variant": "deep", "result": {"words": 0}}, 0.0)
    assert entries[4] == (4, "running", params, {"seed": 4, "variant": "deep"}, None)
    assert [entry.state for entry in entries] == ["done", "pruned", "failed", "running", "running"]
    assert opened(url, "sweep").entries() == entries


def test_a_running_trial_of_an_earlier_life_is_finished_under_its_number(url, opened):
    filled(opened(url, "sweep"))
    ledger = opened(url, "sweep")
    ledger.finish(3, "done", 0.25, {"words": 7})
    assert ledger.entries()[3][1:] == (
        "done",
        {"model.hidden": 64, "model.sizes": [1, 2], "task.corpus": None},
        {"seed": 3, "variant": "deep", "result": {"words": 7}},
        0.25,
    )
    assert ledger.begin({}, {}) == 5
