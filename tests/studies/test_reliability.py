"""`reliability`: a design in which no factor stands for another, and its tables and verdicts from runs made up."""

import json
from itertools import combinations, permutations
from math import prod

import pytest

from pushpop.reporting.runs import Group
from pushpop.reporting.writing import NONE, Spread, strings
from pushpop.studies import reproduce
from pushpop.studies.catalogue import STUDIES
from pushpop.studies.factorial import Design, counted, newcombe
from pushpop.studies.findings import Findings
from pushpop.studies.reliability import CLAIMS, DESIGN, NAMES, cells, factors, from_every_seed, level, together
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, UNDECIDED

STUDY = STUDIES["reliability"]
OTHER = {
    "cells": {"cells": "per-phase"},
    "embeddings": {"embeddings": "shared"},
    "biases": {"biases": "shared"},
    "start": {"push_bias": 0.0, "pop_bias": 0.0},
    "wiring": {"wiring": "delayed"},
    "weights": {"initialisation": "uniform"},
}


def model(cell):
    """The settings of a cell's net, written down once more."""
    return {name: value for factor, sign in zip(NAMES, cell, strict=True) if sign > 0
            for name, value in OTHER[factor].items()}  # fmt: skip


@pytest.fixture
def made(run):
    """made({cell: [solved, ...]}) gives the findings of such runs, made up, beside the study's own sweep."""

    def make(outcomes):
        groups = []
        names = {DESIGN.cell(run("stack-lstm", one.settings.model.settings.__dict__)): one.variant
                 for one in STUDY.sweep().configurations()}  # fmt: skip
        for cell, solved in outcomes.items():
            records = [run("stack-lstm", model(cell), seed=seed, fine=[0.1, float(one)], test=[0.1, float(one)])
                       for seed, one in enumerate(solved)]  # fmt: skip
            groups.append(Group(names[cell], tuple(records)))
        return Findings(STUDY.sweep(), groups, {"quick": False})

    return make


def test_no_factor_stands_for_another_nor_for_two_others():
    columns = list(zip(*DESIGN.cells, strict=True))
    assert len(set(DESIGN.cells)) == 16
    assert all(sum(column) == 0 for column in columns), "a level has more cells than the other"
    for one in range(6):
        for size in (1, 2):
            for places in combinations([place for place in range(6) if place != one], size):
                product = [prod(cell[place] for place in (one, *places)) for cell in DESIGN.cells]
                assert sum(product) == 0, (one, places)


def test_pairs_in_one_row_are_those_that_no_run_tells_apart():
    rows = DESIGN.alike()
    assert sorted(pair for row in rows for pair in row) == list(combinations(range(6), 2))
    same = {(one, other) for row in rows for one, other in permutations(row, 2)}
    for one, other in permutations(combinations(range(6), 2), 2):
        equal = all(prod(cell[place] for place in (*one, *other)) > 0 for cell in DESIGN.cells)
        assert equal == ((one, other) in same)
    assert [(2, 3), (0, 5)] in [sorted(row, reverse=True) for row in rows], "biases x start stands for cells x weights"


def test_the_file_has_every_cell_of_the_design_and_two_more(run):
    found = {one.variant: run("stack-lstm", one.settings.model.settings.__dict__)
             for one in STUDY.sweep().configurations()}  # fmt: skip
    known = {name: DESIGN.cell(record) for name, record in found.items()}
    assert sorted(cell for cell in known.values() if cell) == sorted(DESIGN.cells)
    assert [name for name, cell in known.items() if cell is None] == ["the paper's start", "the paper's choices"]
    assert (known["defaults"], known["all six"]) == ((-1,) * 6, (1,) * 6)
    for name, cell in known.items():
        if cell and name not in ("defaults", "all six"):
            assert name == ", ".join(factor for factor, sign in zip(NAMES, cell, strict=True) if sign > 0)
    changed = {"cells", "embeddings", "biases", "wiring", "initialisation", "push_bias", "pop_bias",
               "writing_push_bias", "writing_pop_bias"}  # fmt: skip
    usual = run("stack-lstm").settings
    for record in found.values():
        assert {name for name, value in record.settings.items() if usual.get(name) != value} <= {
            f"model.{name}" for name in changed
        }
    for name, record in found.items():
        if record.settings["model.push_bias"] == 0 and record.settings["model.biases"] == "per-phase":
            written = {record.settings[f"model.writing_{one}_bias"] for one in ("push", "pop")}
            assert written == {0.0, record.settings["model.pop_bias"]}, f"{name}: writing begins otherwise"


def test_all_runs_are_of_development_seeds_and_of_one_budget():
    sweep = STUDY.sweep()
    assert {sweep.seeds_of(variant) for variant in sweep.variants} == {tuple(range(1000, 1020))}
    assert {one.settings.training.words for one in sweep.configurations()} == {16_000}


def test_newcombes_interval_is_the_published_one():
    assert newcombe((56, 70), (48, 80)) == Spread(0.2, 0.052, 0.334)  # Newcombe 1998, table II, method 10
    assert newcombe((9, 10), (3, 10)) == Spread(0.6, 0.171, 0.809)
    assert newcombe((10, 10), (0, 10)) == Spread(1.0, 0.607, 1.0)
    assert newcombe((3, 10), (9, 10)) == Spread(-0.6, -0.809, -0.171)


def test_a_run_of_no_cell_and_one_that_has_not_ended_are_on_no_side(run):
    records = [run("stack-lstm"), run("stack-lstm", OTHER["start"]), run("stack-lstm", {"pop_bias": -1.0})]
    assert [DESIGN.cell(record) is None for record in records] == [False, True, True]
    (record,) = (list(map(len, DESIGN.sides(records, [place]))) for place in [3])
    assert record == [1, 0]
    (records[0].path / "metrics.json").unlink()
    begun = type(records[0])(path=records[0].path, config=records[0].config, metrics=None)
    assert DESIGN.sides([begun], [0]) == ([], [])
    assert [counted(side) for side in DESIGN.sides([records[0]], [0, 1])] == [(0, 0), (0, 1)]
    assert level(records[2], DESIGN.factors[3]) == "paper"


def test_a_factor_that_alone_decides_is_found_and_no_other(made):
    found = made({cell: [cell[2] < 0] * 3 for cell in DESIGN.cells})
    table = factors(found)
    assert table.rows[0][0] == "biases"
    assert table.rows[0][1:4] == ("per-phase: 24 of 24 (0.862 to 1.000)", "shared: 0 of 24 (0.000 to 0.138)",
                                  newcombe((24, 24), (0, 24)))  # fmt: skip
    assert {row[3].middle for row in table.rows[1:]} == {0.0}
    assert table.rows[0][5] is None, "none of the other level is solved"
    verdicts = [[outcome.verdict for outcome in claim.judge(found.records)] for claim in CLAIMS]
    assert verdicts == [[CONFIRMED], [UNDECIDED], [UNDECIDED], [CONFIRMED], [UNDECIDED], [UNDECIDED], [UNDECIDED]]
    assert {row[3].middle for row in together(found).rows} == {0.0}
    turned = made({cell: [cell[2] > 0] * 3 for cell in DESIGN.cells})
    assert CLAIMS[3].judge(turned.records)[0].verdict == CONTRADICTED
    assert from_every_seed(turned.records)[0].verdict == CONTRADICTED


def test_two_factors_that_need_each_other_are_in_one_row_with_what_looks_the_same(made):
    table = together(made({cell: [cell[2] == cell[3]] * 2 for cell in DESIGN.cells}))
    assert table.rows[0][0] == "cells × weights or biases × start"
    assert table.rows[0][3] == newcombe((16, 16), (0, 16))
    assert len(table.rows) == 7


def test_cells_that_have_not_begun_or_not_ended_say_so(made):
    usual, other = (-1,) * 6, next(cell for cell in DESIGN.cells if cell != (-1,) * 6)
    found = made({usual: [True, True, False], other: [True]})
    table = cells(found)
    assert [row[0] for row in table.rows] == [variant.name for variant in found.sweep.variants]
    rows = {row[0]: strings(row) for row in table.rows}
    assert rows["defaults"][1:8] == [NONE] * 6 + ["2 of 3 (0.208 to 0.939) (3 of 20 ended)"]
    assert rows["start, weights"][4:7] == ["zero", NONE, "uniform"]
    assert rows["all six"][7] == f"{NONE} (0 of 20 ended)"
    assert "Of 360 runs 4 have ended" in table.caption


def test_in_small_all_of_it_is_there(played, tmp_path):
    found = reproduce.run("reliability", [0, 1], out=tmp_path / "study", quick=True)
    assert len(played) == 36
    summary = json.loads((tmp_path / "study" / "summary.json").read_text())
    assert [len(summary[name]["rows"]) for name in ("factors", "together", "cells")] == [6, 7, 18]
    assert summary["factors"]["rows"][0][3] == "0.000 (-0.311 to 0.311)"
    assert [one["verdict"] for one in summary["verdicts"]] == [CONTRADICTED, *[UNDECIDED] * 6]
    assert [table.title for table in found.tables][:3] == ["Factor by factor", "Two factors together", "Cell by cell"]


def test_a_design_has_as_many_cells_as_its_free_factors_make():
    half = Design(DESIGN.factors[:3], ((0, 1),))
    assert half.cells == [(-1, -1, 1), (-1, 1, -1), (1, -1, -1), (1, 1, 1)]
    assert half.alike(1) == [[(0,)], [(1,)], [(2,)]]
