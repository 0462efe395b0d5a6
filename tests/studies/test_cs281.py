"""The CS281 study as data: comparisons are fair, budgets whole; and all that is shown of it follows from its runs."""

import json
from dataclasses import replace
from itertools import product

import pytest
from made_up_runs import write_made_up

from pushpop.studies import cs281, findings, reproduce, results
from pushpop.studies.catalogue import STUDIES
from pushpop.studies.cs281_claims import CLAIMS
from pushpop.studies.families import families
from pushpop.studies.findings import Findings
from pushpop.studies.verdicts import UNDECIDED, judged

STUDY = STUDIES["cs281-reversal"]
CHANCE = {"stack-lstm": 1.0, "rnn": 0.4, "lstm": 0.3}


def settings_of(sweep):
    return [settings for _, settings, _ in findings.trials(sweep, reproduce.Path("none"))]


def test_no_two_of_its_runs_are_one():
    """Not even where they differ in their words alone, as a raised budget does."""
    keys = [(settings.hash(), settings.seed) for settings in settings_of(STUDY.sweep())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("budget", [1.0, 2.0, 0.3, 2.7])
def test_a_raised_budget_is_a_whole_number_of_evaluations(name, budget):
    usual, raised = (settings_of(STUDIES[name].sweep(budget=each)) for each in (1.0, budget))
    for before, after in zip(usual, raised, strict=True):
        evaluation = after.training.batch * after.training.evaluate_every
        if budget != 1.0:
            assert after.training.words % evaluation == 0
        assert abs(after.training.words - budget * before.training.words) <= evaluation
        if after.training.schedule == "constant":
            assert after.hash() == before.hash(), "it would be another run"


def test_it_has_the_networks_and_the_seeds_that_were_published():
    found = settings_of(STUDY.sweep())
    stacks = [one for one in found if one.model.kind == "stack-lstm" and one.model.settings.wiring == "delayed"]
    sizes = [
        (one.model.settings.hidden, one.model.settings.memory, one.model.settings.initialisation) for one in stacks
    ]
    assert sizes.count((64, 64, "xavier")) >= 10
    assert sizes.count((64, 64, "uniform")) >= 3
    assert min(sizes.count((16, 16, "xavier")), sizes.count((64, 1, "xavier"))) >= 3
    plain = {
        (one.model.kind, one.model.settings.layers, one.model.settings.hidden) for one in found if one not in stacks
    }
    assert {("rnn", 4, 256), ("lstm", 2, 256), ("lstm", 4, 128), ("lstm", 1, 512)} <= plain
    assert {("rnn", layers, hidden) for layers, hidden in product((1, 2, 4, 8), (128, 256))} <= plain
    rates = {(one.model.kind, one.training.optimiser, one.training.rate) for one in found}
    for kind, optimiser, rate in product(("rnn", "lstm"), ("sgd", "rmsprop", "adam"), (1e-4, 1e-3)):
        assert (kind, optimiser, rate) in rates
    assert {("rnn", "sgd", 1e-2), ("lstm", "sgd", 1e-2)} <= rates


@pytest.fixture
def study(tmp_path):
    """The whole study, its runs made up: stack nets learn from even seeds, the others come to a little."""
    sweep = STUDY.sweep()
    for _, settings, run in findings.trials(sweep, tmp_path):
        end = CHANCE[settings.model.kind] * (
            1 if settings.seed % 2 == 0 or settings.model.kind != "stack-lstm" else 0.1
        )
        end -= settings.training.rate * 10 if settings.model.kind != "stack-lstm" else 0.0
        write_made_up(run, settings, [end / 4, end / 2, end], [end / 8, end / 4, end])
    return sweep, tmp_path


def test_each_claim_finds_the_runs_that_it_is_about(study):
    """What a claim compares differs in nothing else: none is without its runs, and none is left undecided for that."""
    sweep, folder = study
    records = [record for group in findings.grouped(sweep, folder) for record in group.records]
    for one, claim in zip(judged(CLAIMS, records), CLAIMS, strict=True):
        assert claim.judge(records), f"no runs to judge {one.says!r} by"
        assert "no runs that could tell" not in one.evidence
    depth = [family for family in families([record for record in records if record.model == "rnn"], "model.layers")
             if {(1,), (2,), (4,), (8,)} == set(family.members)]  # fmt: skip
    assert sorted(family.common["model.hidden"] for family in depth) == [128, 256]


def shown(sweep, folder):
    groups = findings.grouped(sweep, folder)
    verdicts = [vars(one) for one in judged(CLAIMS, [record for group in groups for record in group.records])]
    summary = {"quick": False, "budget": 1.0, "workers": 2, "machine": "a good one", "verdicts": verdicts}
    found = Findings(sweep, groups, summary)
    return found, {section.heading: section for section in cs281.shown(found)}


def test_every_run_is_shown_once_in_a_picture_of_its_part(study):
    found, sections = shown(*study)
    told = [record.path for picture in cs281.PICTURES[1:] for group in cs281.of_picture(found, picture)
            for record in group.records]  # fmt: skip
    xavier = [record.path for group in found.of("stack nets, 64h 64e") for record in group.records]
    headline = [record.path for group in found.of("headline") for record in group.records]
    assert sorted([*told, *headline]) == sorted([*(record.path for record in found.records), *xavier])
    for picture in cs281.PICTURES:
        names = [drawing.name for drawing in sections[picture.heading].drawings]
        wanted = [f"{picture.name}-{what}-{across}" for what in ("fine", "loss") for across in ("words", "seconds")]
        assert names == wanted
    assert all(picture.reading or picture.name.startswith("depth") for picture in cs281.PICTURES)


def test_published_figures_stand_beside_ours_and_the_cost_adds_up(study):
    found, sections = shown(*study)
    (listed,) = sections["The study's networks"].tables
    rows = {row[0]: dict(zip(listed.table.columns, row, strict=True)) for row in listed.table.rows}
    assert rows["CS281 study 2019: RNN 4 × 256"]["validation coarse"] == 0.741
    assert rows["CS281 study 2019: LSTM 2 × 256"]["test coarse"] == 0.0
    assert rows["stack-lstm 64h 64e, as the study has it"]["solved"] == "5 of 10 (0.24 to 0.76)"
    (best,) = (name for name in rows if name.startswith("best rnn of "))
    runs = [record for record in found.records if record.model == "rnn"]
    assert best.startswith(f"best rnn of {len(runs)} runs: rnn ")
    assert listed.published == 3
    (parts,) = (listed.table for listed in sections["What it took"].tables)
    *each, whole = parts.rows
    assert [whole[1], whole[4]] == [sum(row[column] for row in each) for column in (1, 4)]
    assert whole[5] == pytest.approx(sum(record.total("seconds") for record in found.records) / 3600)


def test_its_sweep_in_small_has_every_part_and_every_axis():
    tiny, whole = STUDY.sweep(quick=True), STUDY.sweep()
    assert [(one.name, list(one.over)) for one in tiny.variants] == [
        (one.name, list(one.over)) for one in whole.variants
    ]
    assert {len(tiny.seeds_of(one)) for one in tiny.variants} == {1}
    assert max(one.model.settings.hidden for one in settings_of(tiny)) == 64
    assert {one.training.words for one in settings_of(tiny)} == {64}


@pytest.mark.parametrize("several", [pytest.param(False, id="one part"), pytest.param(True, marks=pytest.mark.long)])
def test_it_is_reproduced_in_small_from_training_to_verdicts(tmp_path, monkeypatch, several):
    if not several:
        sweep = STUDY.sweep(quick=True)
        sweep = replace(sweep, variants=tuple(one for one in sweep.variants if one.name == "depth of rnn, width 128"))
        monkeypatch.setattr(type(STUDY), "sweep", lambda self, **given: sweep)
    out = tmp_path / "study"
    found = reproduce.run("cs281-reversal", out=out, quick=True)
    assert found.summary["failed"] == []
    assert len(found.summary["trials"]) >= (27 if several else 2)
    assert len(found.summary["verdicts"]) == len(CLAIMS)
    assert found.summary["quick"] is True
    page = (out / "report.html").read_text()
    assert page.index("Validation and test accuracy go together") < page.index('class="cards"')
    assert "its verdicts say nothing" in page
    assert page.count('class="status-pruned"') >= sum(one["verdict"] == UNDECIDED for one in found.summary["verdicts"])
    assert {"verdicts.md", "networks.csv", "depth-rnn-128-fine-words.svg"} <= {
        path.name for path in (out / "figures").iterdir()
    }


def test_the_readme_gets_its_verdicts_and_networks(study):
    found, _ = shown(*study)
    summary = json.loads(json.dumps({
        **found.summary, **cs281.kept(found), "study": "cs281-reversal", "version": "0.1.0", "commit": "c0ffee" * 6,
        "budget": 2.0,
    }))  # fmt: skip
    text = results.SECTIONS["cs281-reversal"](summary)
    for one in summary["verdicts"]:
        assert f"| {one['says']} | **{one['verdict']}** | {one['evidence']} |" in text
    assert "| CS281 study 2019: RNN 4 × 256 | – | 25,000,000 | – | 0.741 |" in text
    assert "`pushpop reproduce cs281-reversal --budget 2`" in text
