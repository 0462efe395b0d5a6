"""`uva-2020`: what it trains, steps by rule, and verdicts from runs whose numbers are made up."""

from pathlib import Path

import pytest

from pushpop.reporting.runs import Group, Record
from pushpop.studies import uva2020, uva_claims, uva_steps
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings, trials
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED


def run(variant, kind="lstm", task="random-combinations", *, met=(10, 12, 15), solved=True, size=16, seed=0, **model):
    metrics = {
        "solved": solved,
        "steps": 50,
        "words": 6_400,
        "seconds": 1.0,
        "converged": dict(zip(uva_steps.RULES, met, strict=True)),
        "validation": {"accuracy": 1.0, "baseline": 0.1},
        "test": {"accuracy": 1.0 if solved else 0.9, "baseline": 0.1},
        "by_length": [{"length": 40, "accuracy": 0.75, "baseline": 0.5, "words": 1_000}],
    }
    config = {
        "task": {"kind": task, "size": size},
        "model": {"kind": kind, **model},
        "training": {"rate": 0.01},
        "seed": seed,
    }
    return Record(path=Path(f"{variant}-{seed}"), config=config, metrics=metrics, trial={"variant": variant})


def several(variant, steps, **given):
    return [run(variant, met=(step, step + 2, step + 5), seed=seed, **given) for seed, step in enumerate(steps)]


def test_what_it_trains_is_what_the_issue_asks_for():
    sweep = find("uva-2020").sweep()
    together: dict[tuple[str, str, int], set[int]] = {}
    for configuration, settings, _ in trials(sweep, Path("sweep")):
        if configuration.variant.startswith(uva2020.MAIN[:3]):
            place = settings.task.kind, settings.model.kind, settings.task.settings.size
            together.setdefault(place, set()).add(settings.seed)
            assert settings.training.batch == (128 if settings.task.kind == "random-combinations" else 256)
    assert set(uva_steps.PUBLISHED) <= set(together)
    assert all(len(together[place]) >= 10 for place in uva_steps.PUBLISHED)


def test_in_small_every_variant_is_there_with_one_seed():
    study = find("uva-2020")
    small = study.sweep(quick=True)
    assert [each.name for each in small.variants] == [each.name for each in study.sweep().variants]
    assert {settings.seed for _, settings, _ in trials(small, Path("sweep"))} == {0}


def test_steps_are_told_with_their_spread_and_who_never_got_there():
    assert uva_steps.told(several("x", [10, 12, 14]), "one_batch") == "12.0 ± 2.0"
    assert (
        uva_steps.told([*several("x", [10, 12]), run("x", met=(None, None, None))], "one_batch")
        == "11.0 ± 1.4 (2 of 3)"
    )
    assert uva_steps.told([run("x", met=(None, None, None))], "one_batch") == "none of 1"


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (several("combinations, lstm", [370, 380]), "375, first batch right: met"),
        (several("combinations, lstm", [376, 376]), "375, first batch right: not met"),
        (
            [run("combinations, lstm", met=(None, None, None)), run("combinations, lstm")],
            "375, first batch right: not met",
        ),
        (several("combinations, lstm", [20, 20], size=6), "25, three running: met"),
        (several("combinations, lstm", [24, 24], size=6), "25, three running: not met"),
        (several("palindromes, lstm", [1, 1], size=20, task="binary-palindrome"), "90% of seeds solved: met"),
        ([run("palindromes, lstm", size=20, task="binary-palindrome", solved=False)], "90% of seeds solved: not met"),
        (several("combinations, gru", [1], kind="gru"), None),
    ],
)
def test_an_aim_is_met_by_the_mean_of_all_seeds_or_the_share_solved(records, said):
    assert uva_steps.aim(Group("any", tuple(records))) == said


def verdicts(judge, records):
    return [outcome.verdict for outcome in judge(records)]


def test_one_model_is_sooner_by_more_than_two_standard_errors():
    slow, fast = (
        several("combinations, lstm", [30, 31, 32]),
        several("combinations, bilstm", [20, 21, 22], kind="bilstm"),
    )
    assert verdicts(uva_claims.two_ways, slow + fast) == [CONFIRMED]
    swapped = several("combinations, lstm", [20, 21, 22]) + several("combinations, bilstm", [30, 31, 32], kind="bilstm")
    assert verdicts(uva_claims.two_ways, swapped) == [CONTRADICTED]
    near = several("combinations, lstm", [20, 30, 40]) + several("combinations, bilstm", [19, 29, 41], kind="bilstm")
    assert verdicts(uva_claims.two_ways, near) == [UNDECIDED]


def test_shorter_is_sooner_length_by_length():
    runs = [*several("combinations, lstm", [5, 5, 6], size=6), *several("combinations, lstm", [20, 21, 22], size=11),
            *several("combinations, lstm", [18, 18, 18], size=16)]  # fmt: skip
    assert verdicts(uva_claims.shorter, runs) == [CONFIRMED, CONTRADICTED]


def test_one_batch_right_is_not_a_net_that_is_right():
    assert verdicts(uva_claims.stop_rule, [run("combinations, lstm", met=(10, 12, 10))]) == [CONFIRMED]
    (outcome,) = uva_claims.stop_rule([run("combinations, lstm", met=(10, 12, 10)), run("combinations, lstm")])
    assert outcome.verdict == CONTRADICTED
    assert "1 of 2 runs" in outcome.evidence
    assert "at most 5" in outcome.evidence


def test_narrow_embeddings_are_less_stable_where_some_fail_or_steps_vary_more():
    wide = several("widths, lstm", [20, 21, 20], embedding=256)
    assert verdicts(uva_claims.narrow, [*wide, *several("widths, lstm", [90, 150, 200], embedding=1)]) == [CONFIRMED]
    assert verdicts(uva_claims.narrow, [*wide, run("widths, lstm", met=(None, None, None), embedding=1)]) == [CONFIRMED]
    assert verdicts(uva_claims.narrow, [*wide, *several("widths, lstm", [90, 90, 90], embedding=1)]) == [NOT_CONFIRMED]


@pytest.mark.parametrize(("wide", "embedding", "gain"), [(True, 64, 1.0), (False, 1, 2**0.5)])
def test_the_disagreement_is_judged_at_each_side_s_own_settings(wide, embedding, gain):
    def runs(kind, solved):
        return [
            run(f"peepholes, {kind}", kind, solved=n < solved, seed=n, embedding=embedding, gain=gain) for n in range(3)
        ]

    def judge(records):
        return uva_claims.peephole(records, wide=wide)

    assert verdicts(judge, runs("lstm", 1) + runs("uva-peephole", 3)) == [CONFIRMED if wide else CONTRADICTED]
    assert verdicts(judge, runs("lstm", 3) + runs("uva-peephole", 1)) == [CONTRADICTED if wide else CONFIRMED]
    assert verdicts(judge, runs("lstm", 3) + runs("uva-peephole", 3)) == [UNDECIDED]
    assert not judge([run("peepholes, lstm", embedding=8, gain=gain)])


def test_tables_have_a_row_for_every_configuration_and_length():
    sweet = several("baum-sweet, lstm", [9], task="baum-sweet", size=4)
    groups = [
        Group("combinations, lstm, size 16", tuple(several("combinations, lstm", [20, 22]))),
        Group("baum-sweet, lstm, size 4", tuple(sweet)),
    ]
    found = Findings(find("uva-2020").sweep(), groups, {})
    rows = uva2020.steps_table(found, uva2020.MAIN, "Steps").rows
    assert [row[0] for row in rows] == [group.name for group in groups]
    assert rows[0][1:4] == ("21.0 ± 1.4", "23.0 ± 1.4", "26.0 ± 1.4")
    assert rows[1][-1] == pytest.approx(0.8226, abs=1e-4)
    longer = uva2020.by_length(found)
    assert longer is not None
    assert longer.rows == (("baum-sweet, lstm, size 4", 40, "0 of 1", 0.75, 0.75, 0.5),)
