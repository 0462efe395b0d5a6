"""The study behind a sweep: what is written is there again, whatever happens to the file in between."""

import math
import subprocess
import sys
import warnings
from pathlib import Path

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from pushpop.errors import StorageError
from pushpop.experiments.halving import best
from pushpop.experiments.ledger import Entry, Ledger, draw, look, study_of
from pushpop.experiments.pruning import Pruning
from pushpop.experiments.storage import build_storage

SPACE = {
    "training.rate": FloatDistribution(1e-4, 1e-2, log=True),
    "model.hidden": CategoricalDistribution([16, 64]),
    "model.layers": IntDistribution(1, 8),
    "model.kind": CategoricalDistribution(["lstm"]),
}


@pytest.fixture(params=["journal", "sqlite", "postgres"])
def url(request, tmp_path):
    """A storage of each kind. What a ledger promises, it promises with all of them."""
    if request.param == "postgres":
        return request.getfixturevalue("database")
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


def test_a_study_belongs_to_one_sweep(url, opened):
    """Two schedulers that take the trials of one study for their own would train them all twice."""
    opened(url, "sweep", home="/a")
    filled(opened(url, "sweep", home="/a"))
    with pytest.raises(StorageError, match=r"its study 'sweep' is that of the sweep in /a; go on in that folder, or"):
        opened(url, "sweep", home="/b")
    assert opened(url, "other", home="/b").entries() == []
    assert len(look(url, "sweep")) == 5


def strange(url: str, trials: int, direction: str = "minimize") -> bytes | None:
    """A study of the name "sweep" by another program; the file it is in."""
    kept = build_storage(url)
    study = optuna.create_study(study_name="sweep", storage=kept.storage, direction=direction)
    for number in range(trials):
        study.add_trial(optuna.trial.create_trial(value=float(number), user_attrs={"seed": number}))
    kept.close()
    return file_of(url)


def file_of(url: str) -> bytes | None:
    path = Path(url.partition("://")[2].replace("//", "/"))
    return None if url.startswith("postgres") else path.read_bytes()


@pytest.mark.parametrize(
    ("trials", "direction", "says"),
    [(2, "minimize", "its trial 0 is no sweep's"), (0, "maximize", "it is not to be minimised")],
)
def test_a_study_of_another_program_is_refused_and_nothing_is_written_in_it(url, trials, direction, says):
    before = strange(url, trials, direction)
    for open_ in (
        lambda: Ledger.open(url, "sweep", home="/a", needs={"variant"}),
        lambda: look(url, "sweep", {"variant"}),
    ):
        with pytest.raises(
            StorageError, match=rf"its study 'sweep' is none of pushpop's, {says}; give the sweep"
        ) as refused:
            open_()
        assert "\n" not in str(refused.value)
    assert file_of(url) == before
    kept = build_storage(url)
    assert "home" not in optuna.load_study(study_name="sweep", storage=kept.storage).user_attrs
    kept.close()


def test_to_look_makes_no_database(tmp_path):
    with pytest.raises(StorageError, match="there is no such file; give the --storage that the sweep is kept in"):
        look(f"sqlite:///{tmp_path}/study.db", "sweep")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_a_scheduler_that_starts_again_is_given_the_same(search, url, opened):
    """Twenty trials of which some are finished; then the next one, asked for in two lives."""
    ledger = opened(url, search, search)
    for seed in range(20):
        number, params = ledger.suggest(SPACE, {"seed": seed}, seed)
        assert ledger.entries()[number] == (number, "running", params, {"seed": seed}, None)
        assert all(SPACE[name]._contains(SPACE[name].to_internal_repr(value)) for name, value in params.items())
        if seed % 4:
            ledger.finish(number, "done", abs(math.log10(params["training.rate"]) + 3), {})
    first = draw(ledger._study, sampler(search, 77), SPACE)
    ledger = opened(url, search, search)
    assert ledger.suggest(SPACE, {}, 77) == (20, first)
    assert ledger.suggest(SPACE, {}, 78)[1] != first


def sampler(search: str, seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.TPESampler(seed=seed) if search == "tpe" else optuna.samplers.RandomSampler(seed)


@pytest.mark.parametrize("search", ["random", "tpe"])
@pytest.mark.parametrize("finished", [3, 15])
def test_what_is_drawn_is_what_optuna_draws(search, finished, tmp_path):
    """Its own `ask`, which makes a trial first and writes each value by itself, is the twin."""
    study = study_of(optuna.storages.InMemoryStorage(), "sweep")
    random = optuna.samplers.RandomSampler(0)
    for number in range(finished):
        study.add_trial(
            optuna.trial.create_trial(params=draw(study, random, SPACE), distributions=SPACE, value=float(number % 4))
        )
    mine = draw(study, sampler(search, 5), SPACE)
    study.sampler = sampler(search, 5)
    assert mine == study.ask(dict(sorted(SPACE.items()))).params
    assert len(study.trials) == finished + 1, "ours made no trial"


def test_the_sampler_learns_from_what_it_is_told(tmp_path, opened):
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "tpe")
    rates = []
    for seed in range(50):
        number, params = ledger.suggest(SPACE, {}, seed)
        rates.append(abs(math.log10(params["training.rate"]) + 3))
        ledger.finish(number, "done", rates[-1], {})
    assert sum(rates[40:]) < 0.6 * sum(rates[:10])


def test_without_numbers_to_draw_there_is_nothing_to_ask_the_sampler(tmp_path, opened):
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "tpe")
    fixed = {"model.kind": CategoricalDistribution(["lstm"])}
    for number in range(12):
        assert ledger.suggest(fixed, {}, number) == (number, {"model.kind": "lstm"})
        ledger.finish(number, "done", 0.5, {})


def run(ledger: Ledger, losses: list[float]) -> list[int]:
    """A trial that reports these, one every 5 % of its budget; the percents at which it was called doomed."""
    number = ledger.begin({}, {})
    doomed = [at for at, loss in zip(range(5, 101, 5), losses, strict=False) if ledger.report(number, loss, at)]
    ledger.finish(number, "done", 1.0, {})
    return doomed


GOOD = [4.0 - 0.1 * at for at in range(20)]
LEVEL = [4.8] * 20
WORSE = [4.8, *[4.9 + 0.01 * at for at in range(19)]]


def test_who_got_worse_is_stopped_in_every_storage(url, opened):
    ledger = opened(url, "sweep", "grid", Pruning())
    for _ in range(3):
        assert run(ledger, GOOD[8:]) == []
    assert run(ledger, WORSE[:12]) == [50, 55, 60]


def test_a_plateau_is_never_stopped_and_what_got_worse_is_from_the_first_rung_on(tmp_path, opened):
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "grid", Pruning(first=0.5, patience=2))
    for losses in (GOOD, GOOD, LEVEL):
        assert run(ledger, losses) == []
    assert run(ledger, WORSE) == list(range(50, 101, 5))
    assert run(ledger, LEVEL) == []
    assert run(ledger, [math.nan] * 20) == []  # of that the training makes an end, with a word about it
    ledger = opened(f"journal://{tmp_path}/late.journal", "sweep", "grid", Pruning(first=0.8, patience=2))
    for _ in range(3):
        run(ledger, GOOD)
    assert run(ledger, WORSE) == list(range(80, 101, 5))


def test_who_is_worse_than_before_but_better_than_most_goes_on(tmp_path, opened):
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "grid", Pruning())
    for _ in range(4):
        assert run(ledger, LEVEL) == []
    assert run(ledger, [1.0, *[2.0] * 19]) == []
    assert run(ledger, [4.9, *[5.0] * 19]) == list(range(50, 101, 5))


def test_a_field_of_three_is_too_small_to_be_behind_in(tmp_path, opened):
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "grid", Pruning())
    assert [run(ledger, losses) for losses in (GOOD, GOOD, WORSE)] == [[], [], []]
    assert run(ledger, WORSE) == list(range(50, 101, 5))


def test_patience_is_counted_in_reports(tmp_path, opened):
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "grid", Pruning(patience=3))
    for _ in range(4):
        run(ledger, GOOD)
    falls = [*[4.8 - 0.01 * at for at in range(12)], *[5.0] * 8]  # its best is at 60 %; four reports later it is doomed
    assert run(ledger, falls) == [80, 85, 90, 95, 100]


def test_it_is_measured_against_where_the_others_were_then(tmp_path, opened):
    """Late starters end well: at half their budget they were worse than this one."""
    ledger = opened(f"journal://{tmp_path}/study.journal", "sweep", "grid", Pruning())
    for _ in range(5):
        run(ledger, [*[4.8] * 15, *[0.1] * 5])
    assert run(ledger, [*[4.5] * 5, *[4.6] * 15]) == list(range(80, 101, 5))
    trial = optuna.trial.create_trial(value=0.0, intermediate_values={50: 4.8, 80: 0.1})
    assert [best(trial, percent) for percent in (10, 50, 79, 80, 100)] == [math.inf, 4.8, 4.8, 0.1, 0.1]


def test_optunas_own_halving_would_let_the_first_bad_one_win(tmp_path):
    """The reason for ours; should it change, ours can go."""
    study = study_of(optuna.storages.InMemoryStorage(), "sweep")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        inner = optuna.pruners.SuccessiveHalvingPruner(min_resource=50, reduction_factor=2)
        study.pruner = optuna.pruners.PatientPruner(inner, patience=2)
    stopped = []
    for losses in (GOOD, GOOD, GOOD, WORSE):
        trial = study.ask()
        for at, loss in zip(range(5, 100, 5), losses, strict=False):
            trial.report(loss, at)
            stopped += [at] if trial.should_prune() else []
        study.tell(trial, losses[-1])
    assert stopped == []


def test_a_report_said_again_is_written_once(tmp_path, opened):
    """As after a restart, when the scheduler reads the log of a run from its beginning."""
    path = tmp_path / "study.journal"
    ledger = opened(f"journal://{path}", "sweep", "grid", Pruning())
    number = ledger.begin({}, {})
    for percent, loss in [(5, 4.8), (10, 4.7)]:
        ledger.report(number, loss, percent)
    before = path.read_bytes()
    for percent, loss in [(5, 4.8), (10, 4.7)]:
        assert not ledger.report(number, loss, percent)
    assert path.read_bytes() == before
    ledger.report(number, 4.6, 10)
    assert path.read_bytes() != before


def test_without_pruning_a_report_is_not_even_written(tmp_path, opened):
    path = tmp_path / "study.journal"
    ledger = opened(f"journal://{path}", "sweep")
    number = ledger.begin({}, {})
    before = path.read_bytes()
    assert not any(ledger.report(number, loss, 90) for loss in (1.0, 2.0, math.nan))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("storage", "says"),
    [
        ("study.db", "no URL of a storage; give journal:///PATH, sqlite:///PATH or postgresql+psycopg://"),
        ("jornal:///tmp/x", "jornal is no kind of storage; did you mean 'journal'? give journal:///PATH"),
        ("sqlte:///tmp/x", "did you mean 'sqlite'?"),
        ("redis://localhost", "redis is no kind of storage; give journal:///PATH"),
        ("journal://study.journal", "study.journal is no absolute path; give journal:///PATH"),
        ("journal:///nowhere/at/all/x", "there is no folder /nowhere/at/all; make it, or give another --storage"),
        ("journal:///tmp", "cannot be written (Is a directory)"),
        ("sqlite:////nowhere/at/all/x.db", "there is no folder /nowhere/at/all; make it, or give another --storage"),
        ("sqlite:////etc/hostname", "file is not a database"),
        ("postgresql+psycopg2://me:secret@localhost/x", "give postgresql+psycopg://..."),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/x", "Connection refused"),
        ("mysql+pymysql://me:secret@localhost/x", "the driver for mysql+pymysql is not installed"),
    ],
)
def test_a_storage_that_cannot_be_is_one_line_without_the_password(storage, says):
    with pytest.raises(StorageError) as refused:
        Ledger.open(storage, "sweep")
    said = str(refused.value)
    assert says in said
    assert said.startswith("storage ")
    assert "\n" not in said
    assert "secret" not in said


def test_a_storage_of_another_version_is_refused_in_one_line(tmp_path, opened):
    opened(f"sqlite:///{tmp_path}/study.db", "sweep")
    alter = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
    change = "update alembic_version set version_num = 'v9.9.9'"
    subprocess.run([sys.executable, "-c", alter, f"{tmp_path}/study.db", change], check=True)
    with pytest.raises(StorageError, match=r"storage sqlite:///.*; give another --storage"):
        opened(f"sqlite:///{tmp_path}/study.db", "sweep")
