"""`brackets`: nets of as many weights, what is tried by depth, and verdicts from runs whose numbers are made up."""

import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from made_up_texts import write_text_run

from pushpop.experiments import lengths
from pushpop.models.catalogue import LANGUAGE, build_language
from pushpop.models.counts import terms, total
from pushpop.reporting.records import read_run
from pushpop.reporting.runs import Group
from pushpop.reporting.writing import Spread
from pushpop.studies import brackets, depths, reproduce
from pushpop.studies.brackets import LANGUAGES, MODELS
from pushpop.studies.catalogue import find
from pushpop.studies.findings import trials
from pushpop.studies.study import Study, Trained
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED
from pushpop.tasks.brackets import corpus
from pushpop.tasks.vocabulary import Vocabulary


def row(depth, bits, closed):
    shares = {"greedy": closed, "sampled": closed}
    return {"depth": depth, "documents": 3, "characters": 90, "bits": bits, "right": 0.9, "closed": shares,
            "formed": {"greedy": closed / 2, "sampled": closed / 2}}  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """made(variant, bits, closed) gives the records of made-up runs, one for each number of bits."""

    def made(variant, bits, closed=0.5, deep=(8, 24)):
        found = []
        for seed, each in enumerate(bits):
            run = write_text_run(tmp_path / f"{variant}-{seed}", seed=seed)
            (run / "trial.json").write_text(json.dumps({"variant": variant, "number": 0, "sweep": "s"}))
            (run / "model.safetensors").write_bytes(b"weights")
            rows = [row(3, 0.1, 1.0), *(row(depth, each, closed) for depth in deep)]
            kept = {"weights": lengths.fingerprint(run), "tried": depths.as_data(depths.FULL), "rows": rows}
            (run / depths.CLOSING).write_text(json.dumps(kept))
            found.append(read_run(run))
        return found

    return made


def verdicts(outcomes):
    return [outcome.verdict for outcome in outcomes]


def test_of_every_language_there_are_both_models_of_as_many_weights():
    together = {}
    for configuration, settings, _ in trials(find("brackets").sweep(), Path("sweep")):
        language, model = configuration.variant.split(", ")
        assert (settings.task.settings.corpus, settings.model.kind) == (f"brackets-{language}", model)
        together.setdefault(language, {})[model] = settings
    assert {name: set(both) for name, both in together.items()} == {name: set(MODELS) for name in LANGUAGES}
    for language, both in together.items():
        symbols = len(set(corpus(f"brackets-{language}").decode())) + 1
        stack, lstm = (total(terms(kind, both[kind].model.settings, symbols, symbols)) for kind in MODELS)
        assert abs(stack - lstm) < 0.015 * stack, (language, stack, lstm)
        assert both["stack-lstm-lm"].training == both["lstm-lm"].training
        assert set(LANGUAGE) >= set(both)


def test_the_better_is_so_by_more_than_two_standard_errors_deeper_than_trained(made):
    stack, lstm = made("json, stack-lstm-lm", [1.0, 1.1, 1.2]), made("json, lstm-lm", [2.0, 2.1, 2.2])
    assert verdicts(brackets.beyond(stack + lstm, brackets.BITS)) == [CONFIRMED]
    assert verdicts(brackets.beyond(stack + lstm, brackets.CLOSED)) == [UNDECIDED]
    worse = made("dyck, stack-lstm-lm", [2.0, 2.1, 2.2]), made("dyck, lstm-lm", [1.0, 1.1, 1.2])
    assert verdicts(brackets.beyond([*worse[0], *worse[1]], brackets.BITS)) == [CONTRADICTED]
    few = made("lisp, stack-lstm-lm", [1.0]) + made("lisp, lstm-lm", [2.0])
    assert verdicts(brackets.beyond(few, brackets.BITS)) == [UNDECIDED]
    assert not brackets.beyond(stack, brackets.BITS)
    shallow = made("quotations, stack-lstm-lm", [1.0], deep=(6,)) + made("quotations, lstm-lm", [2.0], deep=(6,))
    assert not brackets.beyond(shallow, brackets.BITS), "6 was trained on"


def test_the_table_has_a_row_for_each_depth_and_model(made):
    groups = [Group(model, tuple(made(f"json, {model}", [1.0, 1.4, 1.2]))) for model in MODELS]
    table = brackets.depth_table("json", groups)
    assert [line[:2] for line in table.rows] == [(depth, model) for depth in (3, 8, 24) for model in MODELS]
    assert table.rows[2][2] == Spread(1.2, 1.0, 1.4)
    assert table.columns[-1] == "formed, drawn"


def test_rows_of_other_weights_or_other_depths_are_not_known(made):
    (record,) = made("json, lstm-lm", [1.0])
    assert len(brackets.rows(record)) == 3
    assert depths.known(record.path, depths.TINY) == []
    (record.path / "model.safetensors").write_bytes(b"others")
    assert brackets.rows(record) == []
    (record.path / depths.CLOSING).write_text("{")
    assert brackets.rows(record) == []


def test_a_run_is_tried_once_and_again_when_its_weights_change(tmp_path, monkeypatch):
    vocabulary = Vocabulary.of([corpus("brackets-lisp").decode()[:5_000]])
    model = build_language("lstm-lm", LANGUAGE["lstm-lm"].settings(hidden=4, embedding=4), vocabulary.size, 0)
    trained = SimpleNamespace(model=model, vocabulary=vocabulary, task=SimpleNamespace(corpus="brackets-lisp"))
    monkeypatch.setattr("pushpop.experiments.loading.load", lambda *_: trained)
    monkeypatch.setattr("pushpop.experiments.written.of_text", lambda given, _: given)
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    told, runs = [], [Trained(tmp_path, "lisp, lstm-lm", "")]
    for _ in range(2):
        depths.try_out(runs, True, told.append)
    assert told == [f"{tmp_path.name}: reads and completes documents to a depth of 7"]
    assert [line["depth"] for line in depths.known(tmp_path, depths.TINY)] == [2, 7]
    assert all(math.log2(5) < line["bits"] < 8 for line in depths.known(tmp_path, depths.TINY))
    (tmp_path / "model.safetensors").write_bytes(b"others")
    depths.try_out(runs, True, told.append)
    assert len(told) == 2


@pytest.mark.long
def test_in_small_it_runs_from_training_to_page_and_again_does_nothing_twice(tmp_path, monkeypatch):
    whole = Study.sweep

    def two(study, **given):
        found = whole(study, **given)
        keep = [one for one in found.variants if one.name.startswith("dyck")]
        return replace(found, variants=tuple(keep))

    monkeypatch.setattr(Study, "sweep", two)
    found = reproduce.run("brackets", out=tmp_path / "study", quick=True, workers=1)
    assert found.summary["failed"] == []
    assert [one["variant"] for one in found.summary["trials"]] == ["dyck, stack-lstm-lm", "dyck, lstm-lm"]
    assert [line[0] for line in found.summary["dyck"]["rows"]] == ["2", "2", "7", "7"]
    names = {path.name for path in (tmp_path / "study" / "figures").iterdir()}
    assert {"dyck-closed.png", "dyck-bits.png", "dyck-depths.md", "trained.md"} <= names
    page = (tmp_path / "study" / "report.html").read_text()
    assert "Words of four kinds of brackets" in page
    before = [path.stat().st_mtime_ns for path in (tmp_path / "study").rglob(depths.CLOSING)]
    assert len(before) == 2
    told = []
    again = reproduce.run("brackets", out=tmp_path / "study", quick=True, workers=1, resume=True, tell=told.append)
    assert [path.stat().st_mtime_ns for path in (tmp_path / "study").rglob(depths.CLOSING)] == before
    assert told == ["judging the runs and drawing the report"]
    assert again.summary["verdicts"][0]["verdict"] == UNDECIDED


def test_a_figure_is_drawn_by_depth(made):
    groups = [Group(model, tuple(made(f"json, {model}", [1.0, 1.4]))) for model in MODELS]
    figure = brackets.depth_figure("json", groups, brackets.CLOSED).draw()
    (axes,) = figure.axes
    assert axes.get_ylim()[1] == pytest.approx(1.04)
    assert len([line for line in axes.lines if line.get_linewidth() > 2]) == 2
