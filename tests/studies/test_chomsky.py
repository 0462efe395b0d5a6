"""`chomsky-2022`: what it trains, and its tables and verdicts from runs whose numbers are made up."""

import json
from itertools import count, product
from pathlib import Path

import pytest
from made_up_runs import write_made_up

from pushpop.experiments.settings import Settings
from pushpop.reporting.maxima import MAXIMA, NETWORKS, UNVERIFIED, best, written
from pushpop.reporting.published import PUBLISHED
from pushpop.reporting.records import read_run
from pushpop.reporting.runs import Group
from pushpop.reporting.tables import headline
from pushpop.studies import chomsky, reproduce
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings, trials
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED, judged
from pushpop.tasks.formal.catalogue import FORMAL

MODELS = ("lstm", "stack-lstm", "queue-lstm", "deque-lstm", "superposition-lstm", "transformer")
SWEEP = find("chomsky-2022").sweep()
SETTINGS = {
    (settings.task.kind, settings.model.kind, settings.seed): settings
    for _, settings, _ in trials(SWEEP, Path("sweep"))
}


@pytest.fixture
def made(tmp_path):
    """made({(task, model): [scores]}) gives a study's findings, a run for each score; rounded, memories get 1."""
    number = count()

    def made(scores):
        groups = []
        for (task, model), each in scores.items():
            records = []
            for seed, score in enumerate(each):
                run = write_made_up(tmp_path / str(next(number)), SETTINGS[task, model, seed], words=6_400)
                stored = json.loads((run / "metrics.json").read_text())
                stored["test"]["position"] = score
                if "-" in model:
                    stored["rounded"] = {"test": {"position": 1.0}}
                (run / "metrics.json").write_text(json.dumps(stored))
                records.append(read_run(run))
            groups.append(Group(f"{task}, kind {model}", tuple(records)))
        records = [record for group in groups for record in group.records]
        verdicts = [vars(one) for one in judged(chomsky.CLAIMS, records)]
        return Findings(SWEEP, groups, {"verdicts": verdicts, "quick": False})

    return made


def row(table, task):
    (found,) = (row for row in table.rows if row[0] == task)
    return dict(zip(table.columns, found, strict=True))


def test_every_task_is_trained_with_every_model_from_five_seeds():
    pairs = {*product(FORMAL, MODELS), ("modular-arithmetic", "stack-gru"), ("solve-equation", "stack-gru")}
    assert set(SETTINGS) == {(*pair, seed) for pair in pairs for seed in range(5)}
    for (task, _, _), settings in SETTINGS.items():
        assert settings.training.words > 0
        assert settings.task.settings == FORMAL[task].settings()


def test_the_first_rows_are_the_defaults_of_their_tasks():
    sweep = find("chomsky-2022").sweep(first=True)
    first = {settings.task.kind: settings for _, settings, _ in trials(sweep, Path("sweep"))}
    assert set(first) == set(FORMAL)
    assert len(sweep.variants) == len(first) == len(chomsky.FIRST) == len(FORMAL)
    for task, settings in first.items():
        usual = Settings.from_dict({"task": task})
        assert (settings.model, settings.hash()) == (usual.model, usual.hash()), task
    whole = find("chomsky-2022").sweep()
    assert [each.name for each in whole.variants[: len(FORMAL)]] == [each.name for each in sweep.variants]


def test_what_each_default_is():
    """Measured ones, each a row of decision 15, 17, 19 or 21 to 24: a default that changes asks for a new row."""
    known = {task: Settings.from_dict({"task": task}) for task in FORMAL}
    assert {name for name, one in known.items() if one.training.curriculum == "adaptive"} == {
        *chomsky.REGULAR, "modular-arithmetic-brackets", "solve-equation", "missing-duplicate"
    }  # fmt: skip
    falling = {name: one.training for name, one in known.items() if one.training.schedule == "cosine"}
    assert {name: (one.batch, one.words) for name, one in falling.items()} == {
        "modular-arithmetic": (64, 1_200_000),
        "modular-arithmetic-brackets": (64, 2_400_000), "solve-equation": (64, 1_280_000),
    }  # fmt: skip
    assert {one.rate for one in falling.values()} == {5e-3}
    assert all(one.patience == 0 for one in falling.values()), "a rate that falls is given all of its budget"
    brackets = {"modular-arithmetic-brackets", "solve-equation"}
    assert {name for name, one in known.items() if one.training.foretell} == brackets
    assert {name for name, one in known.items() if one.training.optimiser == "muon"} == brackets
    assert {name for name, one in known.items() if one.training.curriculum_beyond} == brackets
    assert {known[name].model.settings.hidden for name in brackets} == {128}
    louder = {name: (one.training.noise_words, one.training.noise_then) for name, one in known.items()}
    assert {name: how for name, how in louder.items() if how[0]} == {
        "modular-arithmetic-brackets": (256_000, 0.3), "solve-equation": (128_000, 0.4)
    }  # fmt: skip
    chosen = {name: (one.training.candidates, one.training.candidates_alike) for name, one in known.items()}
    assert {name: how for name, how in chosen.items() if how != (1, 0)} == {"solve-equation": (16, 0.5)}
    shut = {name for name, one in known.items() if getattr(one.model.settings, "forget_bias", 0)}
    assert shut == {"cycle-navigation", "modular-arithmetic-brackets"}
    decaying = {name: (one.training.decay, one.training.decay_spares) for name, one in known.items()}
    assert {name: how for name, how in decaying.items() if how[0]} == {
        "modular-arithmetic": (0.1, "nothing"), **dict.fromkeys(brackets, (0.1, "actions"))
    }  # fmt: skip
    several = {name: (one.training.starts, one.training.start_words) for name, one in known.items()}
    assert {name: one.training.start_rounds for name, one in known.items() if one.training.start_rounds > 1} == {
        "modular-arithmetic-brackets": 3, "solve-equation": 2
    }  # fmt: skip
    assert not [name for name, one in known.items() if getattr(one.model.settings, "first_pops", "drawn") != "drawn"]
    assert {name: how for name, how in several.items() if how[0] > 1} == {
        "modular-arithmetic-brackets": (12, 64_000), "solve-equation": (6, 64_000),
        "stack-manipulation": (3, 3_200), "duplicate-string": (3, 3_200),
    }  # fmt: skip
    margins = {name: getattr(one.model.settings, "margin", 1) for name, one in known.items()}
    assert {name: margin for name, margin in margins.items() if margin not in (0.25, 1)} == {
        "solve-equation": 2, "modular-arithmetic-brackets": 2
    }  # fmt: skip


def test_in_small_every_part_of_training_has_its_turn():
    sweep = find("chomsky-2022").sweep(quick=True, first=True)
    training = {settings.task.kind: settings.training for _, settings, _ in trials(sweep, Path("sweep"))}
    brackets = training["modular-arithmetic-brackets"]
    assert 0 < brackets.foretell_words < brackets.words
    assert 0 < brackets.noise_words < brackets.words
    assert brackets.turns().end * brackets.batch < brackets.words
    assert training["reverse-string"].foretell_words == 0
    equations = training["solve-equation"]
    assert (equations.candidates, equations.candidates_alike) == (16, 0.5)
    assert 0 < equations.noise_words < equations.words


def test_the_published_figures_are_of_these_tasks():
    assert set(MAXIMA) == set(FORMAL)
    assert {len(scores) for scores in MAXIMA.values()} == {len(NETWORKS)}
    assert best("reverse-string") == ("Stack-RNN", 100)
    assert best("solve-equation") == ("LSTM", 67.8)
    assert written("solve-equation", "LSTM") == "67.8*"
    assert written("parity-check", "LSTM") == "100"
    assert set(UNVERIFIED) < set(FORMAL)


def test_a_row_has_our_means_beside_the_published_maxima(made):
    found = made({("parity-check", "lstm"): [1.0, 0.9], ("parity-check", "stack-lstm"): [0.5]})
    table = chomsky.means(found)
    shown = row(table, "parity-check")
    assert shown["level"] == "regular"
    assert shown["chance"] == 50.0
    assert (shown["ours: lstm"], shown["ours: stack-lstm"]) == ("95.0 (90.0)", "50.0 (50.0)")
    assert shown["*Transformer*"] == "52"
    assert row(table, "even-pairs")["ours: lstm"] is None
    assert [one[0] for one in table.rows] == list(FORMAL)


def test_rounded_scores_are_of_memories_alone(made):
    table = chomsky.rounded(made({("odds-first", "lstm"): [0.5], ("odds-first", "queue-lstm"): [0.6, 0.5]}))
    assert table.columns == ("task", "queue-lstm")
    assert row(table, "odds-first")["queue-lstm"] == "100.0 (100.0)"
    assert row(table, "parity-check")["queue-lstm"] is None


def test_our_best_mean_stands_beside_the_highest_published(made):
    found = made({
        ("reverse-string", "lstm"): [0.7, 1.0], ("reverse-string", "stack-lstm"): [1.0, 0.9996],
        ("solve-equation", "stack-lstm"): [0.9, 0.4],
    })  # fmt: skip
    table = chomsky.against(found)
    shown = row(table, "reverse-string")
    assert (shown["our best model"], shown["mean score"]) == ("stack-lstm", "100.0")
    assert shown["seeds at 90 or more"] == "2 of 2"
    assert shown["rounded (lowest)"] == "100.0 (100.0)"
    assert (shown["coarse"], shown["token"]) == (0.0, 0.5)
    assert (shown["highest published"], shown["our mean as high"]) == ("100 (Stack-RNN)", "met")
    assert row(table, "solve-equation")["our mean as high"] == "not met"
    assert row(table, "parity-check")["our best model"] is None


def test_verdicts_follow_their_rules(made):
    regular = {(task, "lstm"): [1.0, 0.95] for task in chomsky.REGULAR}
    stacked = {(task, "stack-lstm"): [1.0] for task in chomsky.STACKED}
    found = made({**regular, **stacked, ("reverse-string", "lstm"): [0.6, 0.7]})
    assert [one["verdict"] for one in found.summary["verdicts"]] == [CONFIRMED] * 3
    del regular["cycle-navigation", "lstm"]
    few = made({**regular, **stacked}).summary["verdicts"]
    assert few[0]["verdict"] == UNDECIDED
    assert "cycle-navigation: no runs" in few[0]["evidence"]
    lacks = made({("odds-first", "lstm"): [0.5], ("duplicate-string", "transformer"): [0.5, 0.91]})
    assert [one["verdict"] for one in lacks.summary["verdicts"][2:]] == ["not confirmed"]
    wrong = made({("cycle-navigation", "lstm"): [1.0, 0.3], ("odds-first", "transformer"): [0.95]})
    assert [one["verdict"] for one in wrong.summary["verdicts"]] == [UNDECIDED, UNDECIDED, CONTRADICTED]
    assert "mean 65.0, lowest 30.0, highest 100.0 of 2" in wrong.summary["verdicts"][0]["evidence"]


def test_a_run_that_has_not_ended_has_no_score(made):
    found = made({("parity-check", "lstm"): [1.0]})
    (record,) = found.records
    events = record.path / "events.jsonl"
    events.write_text(events.read_text().replace('"token"', '"position": 0.9, "token"'))
    (record.path / "metrics.json").unlink()
    assert read_run(record.path).scores("test")["position"] == 0.9
    assert chomsky.score(read_run(record.path)) is None


def test_its_page_has_every_part(made):
    sections = chomsky.page(made({("parity-check", "lstm"): [1.0], ("odds-first", "queue-lstm"): [0.4]}))
    names = [listed.name for section in sections for listed in section.tables]
    assert names == ["verdicts", "means", "rounded", "best", "seeds", "settings"]
    drawn = [one.name for section in sections for one in section.drawings]
    assert drawn == ["parity-check-position-words", "odds-first-position-words"]
    kept = chomsky.kept(made({("even-pairs", "lstm"): [1.0]}))
    assert set(kept) == {"means", "rounded", "best"}
    assert json.dumps(kept)


def test_a_report_of_such_runs_has_the_published_networks_too(made):
    found = made({("bucket-sort", "lstm"): [0.99]})
    table = headline(found.groups)
    (entry,) = (row for row in table.rows if "Transformer" in str(row[0]))
    assert 0.919 in entry
    assert len(PUBLISHED["bucket-sort"]) == 5


@pytest.mark.long
def test_the_study_in_small_trains_every_task_and_writes_its_page(tmp_path):
    found = reproduce.run("chomsky-2022", out=tmp_path / "study", quick=True, workers=1)
    assert found.summary["failed"] == []
    assert {one["variant"] for one in found.summary["trials"]} == {
        *FORMAL, *(f"{task}, plain" for task in FORMAL), *chomsky.FIRST
    }  # fmt: skip
    assert (tmp_path / "study" / "report.html").exists()
    assert "Scores on lengths 41 to 500" in (tmp_path / "study" / "tables.md").read_text()
