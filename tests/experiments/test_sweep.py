"""What a sweep file says, and each mistake in one with its place."""

import json
import random

import pytest
from sweeps import SWEEP, changed, write_toml

from pushpop.errors import ConfigError, RunError
from pushpop.experiments.score import order, right, score
from pushpop.experiments.seeds import seeds_of
from pushpop.experiments.space import Range, axes
from pushpop.experiments.sweep import Sweep
from pushpop.experiments.sweep_folder import claim
from pushpop.experiments.trials import of_grid, seed_of, spared
from pushpop.experiments.variants import Variant


def places(sweep):
    return [(each.variant, dict(each.chosen)) for each in sweep.configurations()]


def sought(**own):
    return changed(search="random", trials=4, **own)


def test_a_grid_has_every_point_and_all_are_seen_with_one_seed_first():
    sweep = Sweep.from_dict(changed(over={"model": {"hidden": [4, 8]}, "training.rate": [0.01, 0.02]}))
    assert places(sweep) == [
        ("", {"model.hidden": hidden, "training.rate": rate}) for hidden in (4, 8) for rate in (0.01, 0.02)
    ]
    assert [wanted.seed for wanted in of_grid(sweep)] == [1000] * 4 + [1001] * 4
    first = next(of_grid(sweep)).configuration.seeded(1001, threads=2)
    assert (first.seed, first.training.threads, first.model.settings.hidden, first.training.rate) == (1001, 2, 4, 0.01)


def test_variants_have_settings_and_axes_of_their_own_over_the_sweep_s():
    deep = {"name": "deep", "model": {"kind": "rnn", "layers": 2}, "over": {"model.hidden": [4]}}
    sweep = Sweep.from_dict(changed(over={"training.rate": [0.01]}, variants=[{"name": "plain"}, deep]))
    assert places(sweep) == [
        ("plain", {"training.rate": 0.01}),
        ("deep", {"training.rate": 0.01, "model.hidden": 4}),
    ]
    kinds = [(each.settings.model.kind, each.settings.model.settings.layers) for each in sweep.configurations()]
    assert kinds == [("lstm", 1), ("rnn", 2)]


def test_another_kind_keeps_what_it_knows_of_the_settings():
    sweep = Sweep.from_dict(changed(over={"model.kind": ["lstm", "stack-lstm"]}))
    assert [each.settings.model.settings.hidden for each in sweep.configurations()] == [6, 6]


def test_a_preset_stands_under_the_file():
    sweep = Sweep.from_dict({"preset": "cs281-2019", "model": {"hidden": 16}, "sweep": {}})
    (only,) = sweep.configurations()
    assert (only.settings.model.settings.hidden, only.settings.model.settings.embedding) == (16, 0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"sweep": {"sedes": [1]}}, r"^sweep.sedes: no such setting; did you mean 'seeds'\?"),
        ({"modle": {}}, r"^modle: no such setting; did you mean 'model'\?"),
        ({"seed": 3}, r"^seed: seeds are an axis of their own; give sweep.seeds, such as 0-4"),
        ({"preset": "papr-2015"}, r"^preset: 'papr-2015' is not known; did you mean 'paper-2015'\?"),
        ({"training": {"rat": 1}}, r"^training.rat: no such setting; did you mean 'rate'\?"),
        (changed(over={"training.rat": [1]}), r"^sweep.over.training.rat: no such setting; did you mean 'rate'\?"),
        (changed(over={"model.hidden": [8, 9999]}), r"^sweep.over.model.hidden: 9999 is not a size; give 8192 or less"),
        (changed(over={"model.hidden": 8}), r"^sweep.over.model.hidden: 8 is neither a list nor a range; give a list"),
        (changed(over={"model.hidden": []}), r"^sweep.over.model.hidden: \[\] holds no value"),
        (changed(over={"model.hidden": [8, 8]}), r"^sweep.over.model.hidden: \[8, 8\] holds a value twice"),
        (changed(over={"training.rate": {"low": 1, "hih": 2}}), r"^sweep.over.training.rate: hih: .* mean 'high'\?"),
        (changed(over={"training.rate": {"low": 0.1, "high": 0.2}}), r"^sweep.over.training.rate: a grid needs a list"),
        (changed(over={"training.rate": {"low": 2, "high": 1}}), r"^sweep.over.training.rate: 2 to 1, .*: nothing lie"),
        (changed(over={"training.rate": {"low": "a", "high": 1}}), r"^sweep.over.training.rate: 'a' to 1.* no numbers"),
        (changed(over={"training.rate": {"low": 0, "high": 1, "log": True}}), r"log = True takes a low above 0"),
        (changed(over={"seed": [1]}), r"^sweep.over.seed: seeds are an axis of their own"),
        (changed(over={"training.words": [1, 2]}), r"^sweep.over.training.words: the run with the most holds all"),
        (changed(over={"model.engine": ["auto", "eager"]}), r"^sweep.over.model.engine: changes no result"),
        (changed(over=[1]), r"^sweep.over: \[1\] is no table of axes"),
        (changed(over={"task": ["reverse"], "task.symbols": [4]}), r"^sweep.over.task: is no setting; .* task.kind$"),
        (changed(over={"task.symbols": [4], "training": [1]}), r"^sweep.over.training: is no setting; .*rate"),
        (changed(over={"model.hidden.x": [4]}), r"^sweep.over.model.hidden.x: is no setting; give one of this part"),
        (changed(over={"modle.hidden": [4]}), r"^sweep.over.modle: no such setting; did you mean 'model'\?"),
        (changed(over={"zzz.hidden": [4]}), r"^sweep.over.zzz: no such setting; there are task, model, training$"),
        (changed(over={"model": {"hidden": [4]}, "model.hidden": [8]}), r"^sweep.over.model.hidden: given twice; give"),
        (changed(over={"model.kind": ["lstn"]}), r"^sweep.over.model.kind: 'lstn' is not known; did you mean 'lstm'"),
        (changed(over={"training.threads": [1]}), r"^sweep.over.training.threads: .* give sweep.threads"),
        (changed(over={"training.decay": {"low": 0.0, "high": 1.0, "step": 1e-11}}),
         r"^sweep.over.training.decay: 100,000,000,001 values; a grid takes up to 100,000"),
        (changed(over={"training.decay": {"low": 0.0, "high": 1.0, "step": 1e-99}}),
         r"^sweep.over.training.decay: .* so small a step is none"),
        (changed(over={"training.words": {"low": 1, "high": 10**400}}), r"^sweep.over.training.words: .* no numbers"),
        (changed(over={"training.batch": {"low": 1, "high": 400}, "training.evaluate_every": {"low": 1, "high": 400}}),
         r"^sweep.over: more than 100,000 configurations"),
        (changed(over={"model.hidden": {"low": 4, "high": 8, "step": 0.5}}), r"^sweep.over.model.hidden: 4.0 is not "),
        (sought(over={"model.hidden": {"low": 4, "high": 8, "step": 0.5}}), r"^sweep.over.model.hidden: 4.0 is not a "),
        (sought(over={"model.hidden": {"low": 4, "high": 8.0}}), r"^sweep.over.model.hidden: 4.0 is not a whole"),
        (sought(over={"training.momentum": {"low": 0.0, "high": 0.9}, "training.optimiser": ["sgd", "adam"]}),
         r"^sweep.over.training.momentum: adam has its own; .* \(with training.optimiser = 'adam'\)$"),
        (changed(over={"training.rate": {"low": 0.1, "high": 1.0, "step": 0.4}}),
         r"^sweep.over.training.rate: steps of 0.4 from 0.1 miss 1.0; give such as high = 0.9$"),
        (changed(over={"training.rate": {"lo": 0.1, "up": 0.2}}), r"^sweep.over.training.rate: lo: .* mean 'low'\?"),
        (changed(over={"training.rate": {}}), r"^sweep.over.training.rate: a range has both low and high"),
        (changed(search="gird"), r"^sweep.search: 'gird' is not known; did you mean 'grid'\?"),
        (changed(search="tpe"), r"^sweep.trials: how many\? tpe never ends by itself"),
        (changed(trials=3), r"^sweep.trials: a grid has as many as it has, not 3"),
        (changed(threads=0), r"^sweep.threads: 0 is too few; give 1 or more"),
        (changed(name="a/b"), r"^sweep.name: 'a/b' names no folder"),
        (changed(seeds="1-x"), r"^sweep.seeds: '1-x' is no seed; give such as 0-19 or 0,3,7"),
        (changed(seeds=[1, 1]), r"^sweep.seeds: \[1, 1\] holds a seed twice"),
        (changed(seeds=""), r"^sweep.seeds: '' is no seed|holds no seed"),
        (changed(pruning={"frist": 1}), r"^sweep.pruning.frist: no such setting; did you mean 'first'\?"),
        (changed(pruning={"first": 1.5}), r"^sweep.pruning.first: 1.5 is no share"),
        (changed(variants=3), r"^sweep.variants: not a list of tables"),
        (changed(variants=0), r"^sweep.variants: not a list of tables"),
        (changed(variants={}), r"^sweep.variants: not a list of tables"),
        (changed(variants=[]), r"^sweep.variants: not a list of tables"),
        (changed(variants=[{"name": 3}]), r"^sweep.variants\[1\].name: 3 is not text"),
        (changed(variants=[{"name": " "}]), r"^sweep.variants\[1\].name: ' ' is no name; give a word"),
        (changed(variants=[{"name": "a", "training": {"rat": 1}}]), r"^sweep.variants\[a\].training.rat: no such"),
        (changed(variants=[{"name": "a", "model": {"kind": "lstn"}}]), r"^sweep.variants\[a\].model: 'lstn' is not"),
        ({**changed(variants=[{"name": "a"}]), "training": {"rat": 1}}, r"^training.rat: no such setting"),
        ({**changed(variants=[{"training": {"threads": 2}}])}, r"^sweep.variants\[variant 1\].training.threads: .*"),
        ({"training": {"threads": 2}, "sweep": {}}, r"^training.threads: .* give sweep.threads$"),
        ({"sweep": "grid"}, r"^sweep: 'grid' is no table; write \[sweep\], and below it such as search = \"grid\""),
        (changed(pruning="median"), r"^sweep.pruning: 'median' is no table; write \[sweep.pruning\]"),
        (changed(threads=257), r"^sweep.threads: 257 is too many; give 256 or fewer"),
        (changed(search="tpe", trials=10**9), r"^sweep.trials: 1000000000 is too many; give 100000 or fewer"),
        (changed(name="a\0b"), r"^sweep.name: 'a\\x00b' names no folder"),
        (changed(name="a\nb"), r"^sweep.name: 'a\\nb' names no folder"),
        (changed(name="  "), r"^sweep.name: '  ' names no folder"),
        (changed(seeds="0-99998,100000-100001"), r"^sweep.seeds: up to '100000-100001' they are too many; give"),
        (changed(variants=[{"name": "a"}, {"name": "a"}]), r"^sweep.variants: a, a: a name twice"),
        (changed(variants=[{"name": "a", "ovr": {}}]), r"^sweep.variants\[a\].ovr: no such setting; did you"),
        (changed(variants=[{"name": "a", "over": {"model.hiden": [1]}}]), r"^sweep.variants\[a\].over.model.hiden: no"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(given, says):
    with pytest.raises(ConfigError, match=says):
        Sweep.from_dict(given)


def test_a_file_is_named_first_and_names_the_sweep(tmp_path):
    file = write_toml(tmp_path / "rates.toml", {**SWEEP, "sweep": {"over": {"training.rat": [1]}}})
    with pytest.raises(ConfigError, match=r"rates.toml: sweep.over.training.rat: no such setting; did you mean 'rate'"):
        Sweep.read(file)
    assert Sweep.read(write_toml(tmp_path / "rates.toml", {"sweep": {}})).name == "rates"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    file = write_toml(tmp_path / "rates.toml", {"sweep": {}})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert Sweep.read(file).name == "rates"


@pytest.mark.parametrize(
    "change",
    [
        {"variants": "lstm"},
        {"variants": None},
        {"variants": []},
        {"variants": [{}]},
        {"variants": [{"name": "", "over": {}, "base": {"modle": {}}}]},
        {"variants": [{"name": "", "over": {}, "base": None}]},
        None,
    ],
)
def test_a_folder_whose_sweep_json_is_damaged_is_refused_in_one_line(tmp_path, change):
    sweep = Sweep.from_dict(SWEEP)
    claim(tmp_path, sweep)
    claim(tmp_path, sweep)
    about = tmp_path / "sweep.json"
    about.write_text(json.dumps({} if change is None else {**json.loads(about.read_text()), **change}))
    with pytest.raises(RunError, match=r"sweep.json: damaged, .*; restore it, or give another --out$"):
        claim(tmp_path, sweep)
    about.write_text("{")
    with pytest.raises(RunError, match=r"sweep.json: damaged, not JSON .*; restore it, or give another --out$"):
        claim(tmp_path, sweep)


def test_ranges_in_steps_are_counted_with_both_ends():
    found = axes({"a": {"low": 0.1, "high": 0.3, "step": 0.1}, "b": {"low": 2, "high": 4}}, "over")
    assert found["a"].points() == (0.1, 0.2, 0.3)
    assert found["b"].points() == (2, 3, 4)
    assert Range(1, 8).whole
    assert not Range(1, 8.0).whole


def test_a_step_is_counted_as_it_is_written():
    steps = Range(0.0, 0.5, step=1e-5)
    assert steps.points()[30_003] == 0.30003
    assert len({Range(0.0, 1e-9, step=1e-14).at(number) for number in range(100_000)}) == 100_000
    assert Range(2, 8, step=3).ends() == (2, 8, 5)


def test_what_is_drawn_from_an_axis_lies_on_it():
    source = random.Random(0)
    logs = [Range(1e-4, 1e-2, log=True).draw(source) for _ in range(300)]
    assert all(1e-4 <= rate <= 1e-2 for rate in logs)
    assert 100 < sum(rate < 1e-3 for rate in logs) < 200
    assert {Range(2, 8, step=3).draw(source) for _ in range(100)} == {2, 5, 8}
    assert {Range(2, 4, log=True).draw(source) for _ in range(100)} == {2, 3, 4}
    assert all(0.5 <= Range(0.5, 1.0).draw(source) < 1.0 for _ in range(100))


def test_a_combination_that_cannot_be_is_told_with_the_values_of_its_axes_when_the_search_is_read():
    over = {"task.shortest": {"low": 1, "high": 3}, "task.longest": [3, 2], "training.rate": [0.1]}
    says = r"^sweep.over.task.shortest: 3 is more than .* \(with task.longest = 2, training.rate = 0.1\)$"
    with pytest.raises(ConfigError, match=says):
        Sweep.from_dict(sought(over=over))


def test_of_a_large_grid_some_points_are_seen_when_it_is_read_and_all_when_it_is_begun(monkeypatch):
    looks = []
    at = Variant.at
    monkeypatch.setattr(Variant, "at", lambda self, chosen: looks.append(chosen) or at(self, chosen))
    over = {"training.batch": {"low": 1, "high": 50}, "training.evaluate_every": {"low": 1, "high": 50}}
    Sweep.from_dict(changed(over=over))
    assert 200 <= len(looks) < 300
    assert {"training.batch": 50, "training.evaluate_every": 1} in looks


def test_seeds_are_lists_or_words():
    assert seeds_of("3, 0-2", "seeds") == (0, 1, 2, 3)
    assert seeds_of([5, 1], "seeds") == (1, 5)
    assert seeds_of(7, "seeds") == (7,)


def shuffled(rows):
    return [rows[number * 3 % len(rows)] for number in range(len(rows))] if len(rows) % 3 else rows[::-1]


def result(coarse, words=1000, fine=0.0):
    return {"validation": {"coarse": coarse, "fine": fine}, "test": {"coarse": 1 - coarse}, "words": words}


def test_a_trial_is_worth_more_the_sooner_it_is_right_and_test_words_say_nothing():
    best_first = [result(1.0, 100), result(1.0, 10**9), result(0.9), result(0.0, fine=0.5), result(0.0)]
    assert sorted(shuffled(best_first), key=score) == best_first
    assert score({**result(0.5), "test": {"coarse": 1.0}}) == score(result(0.5))
    assert right(result(1.0))
    assert not right(result(0.999))


def test_text_is_ranked_by_nats_and_is_never_right():
    found = [{"validation": {"nats": nats, "accuracy": 1.0}, "words": 64} for nats in (0.0, 1.3, 1.4, 9.0)]
    assert sorted(shuffled(found), key=score) == found
    assert not any(map(right, found))
    assert all(1 <= score(one) < 2 for one in found)
    assert [order([one]) for one in found] == sorted(order([one]) for one in found)


def test_a_search_on_text_without_a_validation_part_is_refused():
    """Nothing would say which of its trials is better; a grid of given settings may do without."""
    text = {"task": {"kind": "text", "validation": 0.0}}
    over = {"model.hidden": [8, 16]}
    for search in ("tpe", "random"):
        own = {"search": search, "trials": 4, "over": over}
        with pytest.raises(ConfigError, match="nothing says which trial is better; give task"):
            Sweep.from_dict({**text, "sweep": own})
        drawn = {**own, "over": {"task.validation": {"low": 0.0, "high": 0.5}}}
        with pytest.raises(ConfigError, match="nothing says which trial is better"):
            Sweep.from_dict({"task": {"kind": "text"}, "sweep": drawn})
        Sweep.from_dict({"task": {"kind": "text"}, "sweep": own})
    Sweep.from_dict({**text, "sweep": {"over": over}})


def test_a_configuration_is_worth_more_the_more_of_its_seeds_are_right_then_the_sooner():
    best_first = [
        [result(1.0, 500), result(1.0, 900)],
        [result(1.0, 800), result(1.0, 900)],
        [result(1.0, 10), result(0.99)],
        [result(1.0, 10), None],
        [result(0.9), result(0.9)],
        [result(0.9), None],
        [None, None],
        [],
    ]
    assert sorted(shuffled(best_first), key=order) == best_first


def test_what_is_drawn_for_a_search_depends_on_its_seed_and_place_alone():
    assert len({seed_of(search, index) for search in range(4) for index in range(250)}) == 1000
    share = sum(spared(0, number, 0.1) for number in range(10_000)) / 10_000
    assert 0.09 < share < 0.11
    assert not spared(0, 1, 0.0)
    assert spared(0, 1, 1.0)
