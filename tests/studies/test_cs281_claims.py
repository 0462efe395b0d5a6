"""Each claim of the CS281 study comes out each way that it can, on runs made up for it."""

import pytest

from pushpop.experiments.presets import PRESETS
from pushpop.reporting.records import read_run
from pushpop.studies import cs281_plain as plain
from pushpop.studies import cs281_stack as stack
from pushpop.studies.cs281_claims import CLAIMS
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED, Outcome, judged, together

STUDY = PRESETS["cs281-2019"].settings
WORDS = 1_000  # a run's, unless said


def verdict(judge, records):
    return together(judge(records))


def evidence(judge, records):
    return "; ".join(outcome.evidence for outcome in judge(records))


@pytest.fixture
def net(run):
    """net("rnn", fine at the end, layers=4, rate=1e-3, ...): a plain net whose curve rises to there in four steps."""

    def make(kind, end=0.0, *, test=None, curve=None, coarse=None, words=WORDS, seed=0, **given):
        model = {name: given.pop(name) for name in ("layers", "hidden") if name in given}
        curve = [end * step / 4 for step in (1, 2, 3, 4)] if curve is None else curve
        far = None if test is None else [test] * len(curve)
        whole = None if coarse is None else [*[0.0] * (len(curve) - 1), coarse]
        return run(kind, model, {**given, "words": words}, seed=seed, fine=curve, test=far, coarse=whole)

    return make


@pytest.fixture
def stacks(run):
    """stacks(fine at the end of each seed, ...): the study's stack nets."""

    def make(*ends, hidden=64, memory=64, initialisation="xavier", test=None, curve=None, losses=None, words=WORDS):
        sizes = {"hidden": hidden, "memory": memory, "initialisation": initialisation}
        shared = {"preset": STUDY, "losses": losses, "words": words}
        return [
            run("stack-lstm", sizes, {"words": 500_000}, seed=seed, **shared,
                fine=[end / 4, end / 2, end] if curve is None else [end * share for share in curve],
                test=[end if test is None else test] * (3 if curve is None else len(curve)))
            for seed, end in enumerate(ends)
        ]  # fmt: skip

    return make


@pytest.mark.parametrize(
    ("rnn", "lstm", "said"),
    [
        ((0.75, 0.0), (0.6, 0.0), CONFIRMED),
        ((0.75, 0.0), (0.4, 0.0), UNDECIDED),
        ((0.75, 0.2), (0.6, 0.2), CONTRADICTED),
        ((0.75, 0.2), (0.6, 0.0), NOT_CONFIRMED),
        ((0.1, 0.0), (0.1, 0.0), UNDECIDED),
    ],
)
def test_the_published_scores_of_plain_nets(net, rnn, lstm, said):
    """Coarse on validation and on test. Weaker nets beside the best change nothing."""
    runs = []
    for kind, (validation, test) in (("rnn", rnn), ("lstm", lstm)):
        runs += [net(kind, 0.9, coarse=validation), net(kind, 0.2, coarse=0.0, layers=2)]
        runs[-2].metrics["test"]["coarse"] = test
    assert verdict(plain.memorised, runs) == said
    assert f"{rnn[0]:.3f} on validation (published 0.741)" in evidence(plain.memorised, runs)


def test_a_published_score_counts_only_within_the_strings_it_may_take(net):
    runs = [net("rnn", 0.9, coarse=0.8, words=1_250_010), net("rnn", 0.3, coarse=0.1, words=1_250_000, layers=2)]
    assert verdict(plain.memorised, runs) == UNDECIDED
    assert "after 1,250,000 strings" in evidence(plain.memorised, runs)
    assert "no rnn ended within 1,250,000 strings" in evidence(plain.memorised, runs[:1])


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], CONFIRMED),
        ([0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], CONTRADICTED),
        ([0.5, 0.7, 0.4, 0.3, 0.6, 0.2, 0.8, 0.1], UNDECIDED),
        ([0.3] * 8, UNDECIDED),
        ([0.1, 0.2, 0.3, 0.4], UNDECIDED),
    ],
)
def test_whether_validation_and_test_go_together(net, tests, said):
    runs = [net(kind, 0.1 + 0.1 * place, test=test, rate=0.001 + place / 1e4)
            for kind in ("rnn", "lstm") for place, test in enumerate(tests)]  # fmt: skip
    assert verdict(plain.go_together, runs) == said


def test_a_weak_correlation_over_many_runs_does_not_confirm(net):
    scattered = [place * 11 % 30 for place in range(30)]
    runs = [net("rnn", (place + 1) / 40, test=end / 40, rate=0.001 + place / 1e4)
            for place, end in enumerate(scattered)]  # fmt: skip
    assert [outcome.verdict for outcome in plain.go_together(runs)] == [NOT_CONFIRMED, UNDECIDED]
    assert "over 30 runs (95 % interval -" in evidence(plain.go_together, runs)


@pytest.mark.parametrize(
    ("adam", "sgd", "said"),
    [(0.4, 0.3, CONFIRMED), (0.4, 0.1, CONTRADICTED), (0.01, 0.001, UNDECIDED)],
)
def test_whether_optimisers_are_alike_at_the_same_rate(net, adam, sgd, said):
    """SGD at a rate of its own is compared with nothing."""
    runs = [
        net("rnn", end, optimiser=name, rate=1e-3) for name, end in (("adam", adam), ("sgd", sgd), ("rmsprop", adam))
    ]
    runs.append(net("rnn", 0.0001, optimiser="sgd", rate=1e-2))
    assert verdict(plain.alike, runs) == said
    assert f"rnn 1 × 256 at 0.001: adam {adam:.3f}, rmsprop {adam:.3f}, sgd {sgd:.3f}" == evidence(plain.alike, runs)
    assert verdict(plain.alike, [run for run in runs if run.settings["training.optimiser"] != "sgd"]) == UNDECIDED


def test_optimisers_that_are_alike_at_one_rate_alone_do_not_confirm(net):
    runs = [net("rnn", end, optimiser=name, rate=rate)
            for rate, ends in ((1e-3, (0.4, 0.3)), (1e-4, (0.4, 0.1)))
            for name, end in zip(("adam", "sgd"), ends, strict=True)]  # fmt: skip
    assert verdict(plain.alike, runs) == NOT_CONFIRMED


SOON_AND_ROUGH, LATE_AND_SMOOTH = [0.3, 0.1, 0.5, 0.4], [0.1, 0.2, 0.3, 0.5]
SOON_AND_SMOOTH, LATE_AND_ROUGH = [0.1, 0.3, 0.5, 0.6], [0.2, 0.1, 0.3, 0.5]


@pytest.mark.parametrize(
    ("rmsprop", "adam", "said"),
    [
        (SOON_AND_ROUGH, LATE_AND_SMOOTH, CONFIRMED),
        (SOON_AND_SMOOTH, LATE_AND_ROUGH, NOT_CONFIRMED),
        (LATE_AND_ROUGH, SOON_AND_SMOOTH, NOT_CONFIRMED),
        (LATE_AND_SMOOTH, SOON_AND_ROUGH, CONTRADICTED),
        ([0.3, 0.1, 0.5, 0.4], [0.1, 0.2, 0.5, 0.55], NOT_CONFIRMED),
        ([0.0, 0.01, 0.0, 0.01], [0.0] * 4, UNDECIDED),
    ],
)
def test_whether_rmsprop_rises_faster_but_more_roughly(net, rmsprop, adam, said):
    """The highest level that either reaches is 0.4: one is there after two or three of four evaluations."""
    curves = {"rmsprop": rmsprop, "adam": adam}
    runs = [net("rnn", curve=curve, optimiser=name, rate=1e-3) for name, curve in curves.items()]
    assert verdict(plain.rises_and_shakes, runs) == said
    runs = [net("rnn", curve=curve, optimiser=name, rate=1e-4) for name, curve in curves.items()]
    assert verdict(plain.rises_and_shakes, runs) == UNDECIDED, "the claim is about another rate"


def test_the_words_and_the_roughness_are_told(net):
    curves = {"rmsprop": SOON_AND_ROUGH, "adam": [0.1, 0.2, 0.3, 0.3]}
    runs = [net("rnn", curve=curve, optimiser=name, rate=1e-3) for name, curve in curves.items()]
    assert evidence(plain.rises_and_shakes, runs) == (
        "rnn 1 × 256 at 0.001: fine 0.400 after 750 words with RMSProp, no number of with Adam; 43% and 0% of the "
        "curve's way goes down"
    )


@pytest.mark.parametrize(
    ("rnn", "lstm", "said"),
    [
        ((0.4, 0.3), (0.3, 0.4), CONFIRMED),
        ((0.3, 0.4), (0.3, 0.4), NOT_CONFIRMED),
        ((0.3, 0.4), (0.4, 0.3), CONTRADICTED),
        ((0.4, 0.3), (0.01, 0.01), UNDECIDED),
    ],
)
def test_which_rate_is_best(net, rnn, lstm, said):
    """Fine at 1e-4 and at 1e-3, with Adam; RMSProp's do not count."""
    runs = [net(kind, end, rate=rate, optimiser="adam") for kind, ends in (("rnn", rnn), ("lstm", lstm))
            for rate, end in zip((1e-4, 1e-3), ends, strict=True)]  # fmt: skip
    runs += [net("rnn", end, rate=rate, optimiser="rmsprop") for rate, end in ((1e-4, 0.1), (1e-3, 0.9))]
    assert verdict(plain.best_rates, runs) == said
    assert f"rnn 1 × 256 with Adam at 0.0001 {rnn[0]:.3f}, 0.001 {rnn[1]:.3f}" in evidence(plain.best_rates, runs)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.1, 0.2, 0.4, 0.3), CONFIRMED),
        ((0.1, 0.2, 0.3, 0.4), CONTRADICTED),
        ((0.4, 0.2, 0.3, 0.1), CONTRADICTED),
        ((0.3, 0.2, 0.3, 0.1), CONTRADICTED),
        ((0.0, 0.0, 0.01, 0.0), UNDECIDED),
    ],
)
def test_whether_four_layers_are_best(net, ends, said):
    runs = [net("rnn", end, layers=layers) for layers, end in zip((1, 2, 4, 8), ends, strict=True)]
    assert verdict(plain.best_depth, runs) == said
    assert verdict(plain.best_depth, runs[:3]) == UNDECIDED, "eight layers are part of the claim"
    assert verdict(plain.best_depth, runs[2:]) == UNDECIDED, "and so are fewer than four"
    other = [net("lstm", end, layers=layers) for layers, end in zip((1, 2, 4, 8), (0.1, 0.2, 0.4, 0.3), strict=True)]
    assert verdict(plain.best_depth, [*runs, *other]) == said, "it is about the RNN"


def test_four_layers_best_at_one_width_alone_do_not_confirm(net):
    runs = [net("rnn", end, layers=layers, hidden=hidden)
            for hidden, ends in ((128, (0.1, 0.4, 0.3)), (256, (0.4, 0.3, 0.1)))
            for layers, end in zip((1, 4, 8), ends, strict=True)]  # fmt: skip
    assert verdict(plain.best_depth, runs) == NOT_CONFIRMED


@pytest.mark.parametrize(
    ("wide", "deep", "said"),
    [
        ((0.5, 0.1), (0.4, 0.2), CONFIRMED),
        ((0.5, 0.2), (0.4, 0.1), NOT_CONFIRMED),
        ((0.4, 0.2), (0.5, 0.1), CONTRADICTED),
        ((0.5, 0.001), (0.4, 0.002), UNDECIDED),
    ],
)
def test_whether_wide_nets_memorise_and_deep_ones_generalise(net, wide, deep, said):
    """Fine on validation and on test, of 1 × 512 and 4 × 128; those between change nothing."""
    runs = [net("lstm", wide[0], test=wide[1], hidden=512), net("lstm", deep[0], test=deep[1], hidden=128, layers=4)]
    runs += [net("lstm", 0.9, hidden=256), net("lstm", 0.9, hidden=128, layers=8)]
    runs += [net("rnn", 0.9, test=0.1, hidden=512), net("rnn", 0.1, test=0.9, hidden=128, layers=4)]
    assert verdict(plain.wide_or_deep, runs) == said
    assert evidence(plain.wide_or_deep, runs).startswith(f"lstm 1 × 512: {wide[0]:.3f} on validation")


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((1.0, 1.0, 0.1), CONFIRMED),
        ((1.0,) * 10, CONTRADICTED),
        ((0.1,) * 10, CONTRADICTED),
        ((1.0,) * 5, UNDECIDED),
    ],
)
def test_whether_the_seed_decides(stacks, ends, said):
    records = [*stacks(*ends), *stacks(1.0, 0.1, hidden=16, memory=16), *stacks(1.0, 0.1, initialisation="uniform")]
    assert verdict(stack.by_luck, records) == said
    right = sum(end == 1.0 for end in ends)
    assert f"{right} of {len(ends)} (" in evidence(stack.by_luck, records)


@pytest.mark.parametrize(
    ("reached", "words", "said"),
    [(True, 30_000, CONFIRMED), (True, 21_000, CONTRADICTED), (False, 30_000, CONFIRMED), (False, 21_000, UNDECIDED)],
)
def test_how_much_less_data_stack_nets_need(run, net, stacks, reached, words, said):
    """They have every word right after 300 words; a plain net is at its level at its end, or not yet."""
    records = stacks(1.0, 1.0, 0.1, curve=[0.5, 0.6, 1.0], words=300)
    records += [net(kind, 0.9, coarse=0.8 if reached else 0.2, words=words) for kind in ("rnn", "lstm")]
    assert verdict(stack.less_data, records) == said
    times = words // 300
    told = f"after {words:,}, {times} times as many" if reached else f"not yet after {words:,}, so more than {times}."
    assert told in evidence(stack.less_data, records)
    assert ("(the study's had 25,000,000, 83,333 times as many)" in evidence(stack.less_data, records)) != reached
    assert verdict(stack.less_data, records[:3]) == UNDECIDED, "there is no plain net to compare with"
    assert "our own" not in evidence(stack.less_data, records)
    records += [run("stack-lstm", words=90, fine=[0.1, 0.5, 1.0]), run("stack-lstm", words=90, seed=1, fine=[0.1])]
    assert "the stack net after 300 words (median of 2), our own after 90 (of 1), the" in evidence(
        stack.less_data, records
    )
    assert verdict(stack.less_data, records) == said


@pytest.mark.parametrize(
    ("rough", "said"), [(0, CONFIRMED), (1, CONFIRMED), (2, NOT_CONFIRMED), (3, CONTRADICTED), (4, CONTRADICTED)]
)
def test_whether_the_loss_falls_smoothly(stacks, rough, said):
    """Seeds that do not learn do not count, however rough."""
    records = [record for number in range(4)
               for record in stacks(1.0, losses=[4.0, 1.0, 2.0] if number < rough else [4.0, 2.0, 2.1])]  # fmt: skip
    records += stacks(0.1, losses=[4.0, 1.0, 4.0])
    assert verdict(stack.smooth_fall, records) == said
    assert verdict(stack.smooth_fall, records[:2]) == UNDECIDED


@pytest.mark.parametrize(
    ("xavier", "other", "said"),
    [(10, 1, CONFIRMED), (1, 10, CONTRADICTED), (6, 5, NOT_CONFIRMED), (10, 10, NOT_CONFIRMED)],
)
def test_whether_first_weights_matter(stacks, xavier, other, said):
    """How many of ten seeds learn, with either rule."""
    records = stacks(*[1.0] * xavier, *[0.1] * (10 - xavier))
    records += stacks(*[1.0] * other, *[0.1] * (10 - other), initialisation="uniform")
    assert verdict(stack.by_first_weights, records) == said
    assert verdict(stack.by_first_weights, records[:10]) == UNDECIDED
    assert f"{xavier} of 10 (" in evidence(stack.by_first_weights, records)


def test_few_seeds_do_not_tell_whether_first_weights_matter(stacks):
    records = [*stacks(1.0, 1.0, 0.1), *stacks(1.0, 0.1, 0.1, initialisation="uniform")]
    assert verdict(stack.by_first_weights, records) == UNDECIDED


@pytest.mark.parametrize(
    ("narrow", "wide", "said"),
    [
        ((0.01, 0.02, 0.03), (1.0, 0.1, 0.1, 0.1), CONFIRMED),
        ((0.01, 0.02, 0.11), (1.0, 0.1, 0.1, 0.1), UNDECIDED),
        ((0.01, 0.02), (1.0, 0.1, 0.1, 0.1), UNDECIDED),
        ((0.01, 0.02, 0.03), (0.1, 0.1, 0.1, 0.1), UNDECIDED),
        ((0.1, 0.1, 0.6), (1.0, 1.0, 1.0), NOT_CONFIRMED),
        ((0.1, 0.1, 1.0), (1.0, 1.0, 1.0), CONTRADICTED),
    ],
)
def test_whether_one_number_is_too_narrow(stacks, narrow, wide, said):
    assert verdict(stack.by_width, [*stacks(*narrow, memory=1), *stacks(*wide)]) == said


def test_wide_values_must_have_learnt_in_as_many_words_as_the_narrow_had(run):
    """All learn by two thirds of their words: 300,000 are too few for that, and 500,000 are enough."""
    wide = [run("stack-lstm", {}, {"words": 600_000}, preset=STUDY, seed=seed, fine=[0.1, 1.0, 1.0])
            for seed in range(4)]  # fmt: skip
    for words, said in ((300_000, UNDECIDED), (500_000, CONFIRMED)):
        narrow = [run("stack-lstm", {"memory": 1}, {"words": words}, preset=STUDY, seed=seed) for seed in range(3)]
        assert verdict(stack.by_width, [*narrow, *wide]) == said
        assert f"after {words:,} words" in evidence(stack.by_width, [*narrow, *wide])


@pytest.mark.parametrize(
    ("tests", "said"),
    [((0.9, 0.1), CONFIRMED), ((0.1,) * 10, CONTRADICTED), ((0.1,) * 3, UNDECIDED)],
)
def test_whether_a_small_stack_net_will_do(stacks, tests, said):
    small = [record for test in tests for record in stacks(0.95, hidden=16, memory=16, test=test)]
    assert verdict(stack.small_will_do, [*small, *stacks(1.0)]) == said
    assert verdict(stack.small_will_do, stacks(1.0)) == UNDECIDED


def test_our_own_stack_nets_are_not_taken_for_the_studys(run, stacks):
    ours, queue = run("stack-lstm", fine=[1.0]), run("queue-lstm", STUDY["model"] | {"kind": "queue-lstm"})
    theirs = stacks(0.1)
    assert stack.full([ours, queue, *theirs]) == theirs
    assert stack.full([ours, queue]) == []


def test_every_claim_is_open_without_runs_and_runs_that_have_not_ended_say_nothing(net):
    found = judged(CLAIMS, [])
    assert {one.verdict for one in found} == {UNDECIDED}
    assert {one.evidence for one in found} <= {
        "no runs that could tell have ended.", "0 seeds have found the rule, too few to tell.",
        "rnn: 0 runs, too few or too much alike; lstm: 0 runs, too few or too much alike.",
    }  # fmt: skip
    record = net("rnn", 0.9, coarse=0.8)
    (record.path / "metrics.json").unlink()
    assert judged(CLAIMS[:1], [read_run(record.path)])[0].evidence == "no runs that could tell have ended."


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ([CONFIRMED, CONFIRMED], CONFIRMED),
        ([CONFIRMED, UNDECIDED], UNDECIDED),
        ([CONFIRMED, CONTRADICTED], NOT_CONFIRMED),
        ([CONTRADICTED, UNDECIDED], NOT_CONFIRMED),
        ([NOT_CONFIRMED, CONFIRMED], NOT_CONFIRMED),
        ([], UNDECIDED),
    ],
)
def test_comparisons_make_one_verdict(several, one):
    assert together([Outcome(each, "") for each in several]) == one
