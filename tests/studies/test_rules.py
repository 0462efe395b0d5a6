"""`rules`: who was to be how right, how far it holds, and what pushes and pops foretell, from runs made up."""

import json
from pathlib import Path

import pytest

from pushpop.experiments import lengths
from pushpop.studies import further, reproduce
from pushpop.studies.catalogue import STUDIES
from pushpop.studies.findings import trials
from pushpop.studies.rules import MILLION, STRINGS, TARGETS, far, foretold, held, in_short, mismatches, verdict
from pushpop.studies.study import Far

STUDY = STUDIES["rules"]


def at(length, coarse, rounded=None, **more):
    row = {"length": length, "coarse": coarse, "words": 100, **more}
    return {**row, "rounded": {**row, "coarse": rounded}} if rounded is not None else row


def trial(seed, *rows, mismatch=None, length=None):
    measured = {"stored": 1.0, "taken": 1.0, "mismatch": mismatch, "length": length}
    return {"variant": "reverse, stack-lstm", "seed": seed, "by_length": list(rows), "mismatch": measured}


def test_every_variant_has_its_target_and_the_strings_have_twenty_seeds():
    sweep = STUDY.sweep()
    assert {variant.name for variant in sweep.variants} == set(TARGETS)
    seeds = {variant.name: list(sweep.seeds_of(variant)) for variant in sweep.variants}
    assert all(some == list(range(len(some))) for some in seeds.values()), "a seed is left out"
    assert all(len(seeds[name]) == 20 for name, target in TARGETS.items() if target.far)
    for variant in sweep.variants:
        task, _, model = variant.name.partition(", ")
        (found,) = (one for one in sweep.configurations() if one.variant == variant.name)
        assert found.settings.task.kind == task
        assert found.settings.model.kind == model or model == "paper-2015"
    known = {name for one in (*STUDY.far, *STUDY.tiny_far) for name in one.variants}
    assert known <= set(TARGETS)
    assert {(name, length) for one in STUDY.far for name in one.variants for length in one.lengths} >= {
        *((name, length) for name, target in TARGETS.items() for length in target.far),
        ("reverse, stack-lstm", MILLION),
    }


def test_the_table_says_how_many_seeds_are_as_right_as_they_were_to_be(played, tmp_path):
    found = reproduce.run("rules", range(3), out=tmp_path / "study", quick=True)
    table = found.tables[0]
    rows = {row[0]: row for row in table.rows}
    assert rows["reverse, stack-lstm"][1:4] == ("20 of 20 at 1", "2 of 3 (0.208 to 0.939)", "missed")
    assert rows["bigram-flip, queue-lstm"][1:4] == ("18 of 20 at 0.99", "0 of 3 (0.000 to 0.562)", "missed")
    assert json.loads((tmp_path / "study" / "summary.json").read_text())["rules"]["columns"] == list(table.columns)


def test_of_those_that_fail_beyond_none_is_left_out():
    some = [trial(0, at(256, 1.0, 1.0), at(MILLION, 1.0, seconds=80.0)), trial(1, at(256, 0.5, 1.0)), trial(2)]
    short, endless = far({"reverse, stack-lstm": some}).rows
    assert (short[1:5], short[6]) == ((256, None, 100, "1 of 3 (0.061 to 0.792)"), "2 of 3 (0.208 to 0.939)")
    assert (endless[2], endless[4], endless[8].middle) == ("10 of 20", "1 of 3 (0.061 to 0.792)", 80.0)


@pytest.mark.parametrize(
    ("rows", "last", "first"),
    [
        ([at(256, 1.0), at(1000, 0.9), at(10_000, 1.0)], 256, 1000),
        ([at(1000, 1.0), at(256, 1.0)], 1000, None),
        ([at(256, 0.9), at(1000, 1.0)], None, 256),
    ],
)
def test_a_run_holds_up_to_the_first_length_that_is_not_wholly_right(rows, last, first):
    assert held(rows) == (last, first)


@pytest.mark.parametrize(
    ("length", "last", "first", "fits"),
    [
        (300.0, 256, 1000, True), (256.0, 256, 1000, False), (1000.0, 256, 1000, True), (1001.0, 256, 1000, False),
        (None, 10_000, None, True), (2000.0, 10_000, None, False), (30_000.0, 10_000, None, True),
        (100.0, None, 256, True), (None, 256, 1000, False),
    ],
)  # fmt: skip
def test_a_failure_is_foretold_where_it_lies_between_the_lengths_tried(length, last, first, fits):
    assert foretold({"mismatch": 0.5 / length if length else 0.0, "length": length}, last, first) is fits


def test_what_stores_nothing_is_right_nowhere():
    assert foretold({"mismatch": None, "length": None}, None, 256)
    assert not foretold({"mismatch": None, "length": None}, 256, 1000)


def test_the_table_of_mismatches_counts_what_was_foretold_and_how_it_was_wrong():
    some = [
        trial(0, at(256, 1.0), at(1000, 0.0), mismatch=0.001, length=500.0),
        trial(1, at(256, 1.0), at(1000, 1.0), mismatch=0.001, length=500.0),
        trial(2, at(256, 0.5), at(1000, 0.0), mismatch=0.001, length=500.0),
        trial(3),
    ]
    table = mismatches({"reverse, stack-lstm": some})
    assert [row[6] for row in table.rows] == ["yes", "no", "no"]
    (short,) = in_short({"reverse, stack-lstm": some}).rows
    assert (short[1].middle, short[2].middle, short[4]) == (0.001, 500.0, "1 of 3")
    assert (short[3].low, short[3].middle, short[3].high) == (0, 256, 1000)
    assert "Foretold of 1 of 3 seeds, and of the other 2 seeds 1 hold farther than that and 1 less far" in table.caption


def test_reversing_and_copying_alone_are_the_very_runs_of_all_the_rules(played, tmp_path):
    found = reproduce.run("reverse-and-copy", [0], out=tmp_path / "study", quick=True).summary
    assert {one["variant"] for one in found["trials"]} == set(STRINGS)
    assert set(found) >= {"rules", "far"}
    alone, whole = (
        {settings.hash() for _, settings, _ in trials(STUDIES[name].sweep(), Path("sweep"))}
        for name in ("reverse-and-copy", "rules")
    )
    assert len(alone) == 4
    assert alone < whole


def test_what_one_word_took_is_kept_beside_its_score(played, tmp_path, monkeypatch):
    reproduce.run("rules", [0], out=tmp_path / "study", quick=True)
    (run,) = {path.parent for path in (tmp_path / "study").rglob("lengths.json")
              if any(row["length"] == 50 for row in json.loads(path.read_text())["by_length"])}  # fmt: skip
    row = next(row for row in lengths.read(run / "lengths.json", run) if row["length"] == 50)
    assert row["seconds"] >= 0
    before = len(played)
    wanted = Far(variants=("reverse, stack-lstm",), lengths=(50,), words=1, rounded=False, timed=True)
    assert further.further(run, wanted, print) == [row]
    assert len(played) == before


def test_its_tables_are_kept_in_words(played, tmp_path):
    summary = reproduce.run("rules", [0], out=tmp_path / "study", quick=True).summary
    for name in ("rules", "far", "mismatch", "foretold"):
        assert {"columns", "rows", "caption"} == set(summary[name])


@pytest.mark.parametrize(
    ("reached", "seeds", "wanted", "word"),
    [
        (18, 20, 18, "met"),
        (17, 20, 18, "missed"),
        (1, 1, 16, "1 seed so far"),
        (0, 5, 16, "missed"),
        (0, 3, 16, "3 seeds so far"),
    ],
)
def test_few_seeds_never_meet_what_twenty_are_to(reached, seeds, wanted, word):
    assert verdict(reached, seeds, wanted) == word
