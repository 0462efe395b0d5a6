"""Settings: what is given adds up in order, and every mistake is one line with its place."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pushpop.errors import ConfigError
from pushpop.experiments.presets import PRESETS, choose
from pushpop.experiments.settings import UNCOUNTED, Settings
from pushpop.models.catalogue import FAMILIES
from pushpop.tasks.catalogue import TASKS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": {"hiden": 3}}, "model.hiden: no such setting; did you mean 'hidden'?"),
        ({"model": {"hidden": "3"}}, "model.hidden: '3' is not a whole number; give one, such as 64"),
        ({"model": {"hidden": 3.0}}, "model.hidden: 3.0 is not a whole number"),
        ({"model": {"hidden": 0}}, "model.hidden: 0 is not a size; give 1 or more"),
        ({"model": "stack-lstn"}, "model: 'stack-lstn' is not known; did you mean 'stack-lstm'?"),
        ({"model": 3}, "model: 3 is not a table of settings"),
        ({"modle": {}}, "modle: no such setting; did you mean 'model'?"),
        ({"task": {"kind": "revers"}}, "task: 'revers' is not known; did you mean 'reverse'?"),
        ({"task": {"symbols": 0}}, "task.symbols: 0"),
        ({"training": {"optimiser": "adan"}}, "training.optimiser: 'adan' is not known; did you mean 'adam'?"),
        (
            {"task": "baum-sweet", "training": {"optimiser": "muon"}},
            "training.optimiser: muon: it is for nets that write answers, and those of baum-sweet do not; give adamw",
        ),
        ({"training": {"rate": True}}, "training.rate: True is not a number"),
        ({"training": {"rate": -1}}, "training.rate: -1.0 is not a learning rate"),
        ({"training": {"foretell": -1}}, "training.foretell: -1.0 is out of range; give 0 (off) to 1000, such as 1"),
        (
            {"task": "text", "model": "lstm-lm", "training": {"foretell": 1}},
            "training.foretell: 1: the words of text are not foretold; give 0",
        ),
        (
            {"task": "baum-sweet", "training": {"foretell": 1}},
            "training.foretell: 1: the words of baum-sweet are not foretold; give 0",
        ),
        (
            {"training": {"curriculum_beyond": 1}},
            "training.curriculum_beyond: 1.0 is not a share; give 0 or more and less than 1",
        ),
        (
            {"model": {"kind": "stack-rnn", "forget_bias": -3}},
            "model.forget_bias: -3: cells of stack-rnn have no gate that keeps their state; give 0, or LSTM",
        ),
        ({"model": {"forget_bias": 1e9}}, "model.forget_bias: 1e+09 is out of range; give -100 to 100"),
        (
            {"training": {"curriculum_beyond": 0.5}},
            "training.curriculum_beyond: 0.5: there is no curriculum to be beyond; give 0, or training.curriculum",
        ),
        (
            {"model": "lstm", "training": {"noise_words": 8, "noise_then": 0.7}},
            "training.noise_words: 8: lstm on reverse has no noise that could be another later on; give 0",
        ),
        (
            {"task": "text", "model": "stack-lstm-lm", "training": {"noise_words": 8, "noise_then": 0.7}},
            "training.noise_words: 8: stack-lstm-lm on text has no noise that could be another later on; give 0",
        ),
        (
            {"task": "baum-sweet", "training": {"candidates": 2}},
            "training.candidates: 2: words are chosen by their written answers, and baum-sweet has none; give 1",
        ),
        (
            {"task": "reverse", "training": {"candidates": 2, "candidates_alike": 0.5}},
            "training.candidates_alike: 0.5: nothing says which words of reverse are made of few different symbols",
        ),
        ({"seed": 1.5}, "seed: 1.5 is not a whole number"),
        ({"seed": -1}, "seed: -1 is out of range"),
    ],
)
def test_a_mistake_is_one_line_with_place_value_rule_and_way_out(given, said):
    with pytest.raises(ConfigError) as error:
        Settings.from_dict(given)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("task", "model"), [(name, model) for name, task in TASKS.items() for model in FAMILIES[task.settings.answers]]
)
def test_settings_come_back_from_plain_data(task, model):
    settings = Settings.from_dict({"task": task, "model": model, "seed": 3})
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_loads_and_says_all_that_it_is(name):
    settings = choose({}, name)
    assert settings.model.kind == PRESETS[name].model
    assert PRESETS[name].description
    tried = name not in ("text-15m", "text-60m")  # no run as long as theirs was tried when they were chosen
    assert ("extrapolated" not in PRESETS[name].description) == tried


def test_the_hash_counts_what_makes_another_run_and_nothing_else():
    usual = Settings()
    assert Settings.from_dict({"seed": 5}).hash() == usual.hash()
    assert Settings.from_dict({"model": {"hidden": 65}}).hash() != usual.hash()
    assert Settings.from_dict({"training": {"rate": 1.0}}).hash() != usual.hash()
    assert Settings.from_dict({"task": {"longest": 65}}).hash() != usual.hash()
    changed = {
        "training": {"device": "cpu", "threads": 2, "checkpoint_every": 7, "log_every": 3},
        "model": {"engine": "eager"},
    }
    assert Settings.from_dict(changed).hash() == usual.hash()
    assert {f"{part}.{name}" for part, table in changed.items() for name in table} == set(UNCOUNTED)


def test_settings_that_came_later_name_no_run_anew_unless_they_change_it():
    assert Settings().hash() == "528379fc"
    assert Settings.from_dict({"task": "baum-sweet"}).hash() == "4139ba70"
    for changed in (
        {"model": {"forget_bias": -3}}, {"model": {"first_pops": "opposed"}},
        {"training": {"foretell": 1}}, {"training": {"decay_spares": "actions"}},
    ):  # fmt: skip
        assert Settings.from_dict(changed).hash() != Settings().hash()
    sooner = {"training": {"foretell": 1, "foretell_words": 8}}
    assert Settings.from_dict(sooner).hash() != Settings.from_dict({"training": {"foretell": 1}}).hash()
    assert Settings.from_dict({"training": {"noise_words": 8, "noise_then": 0.7}}).hash() != Settings().hash()
    assert Settings.from_dict({"training": {"candidates": 2}}).hash() != Settings().hash()
    gated = {"task": "baum-sweet", "model": "lstm"}
    assert Settings.from_dict({**gated, "model": {"kind": "lstm", "forget_bias": 1}}).hash() != "4139ba70"


def test_candidates_that_are_usual_go_where_a_batch_leaves_no_room_for_them():
    def chosen(**training):
        found = Settings.from_dict({"task": "solve-equation", "training": training}).training
        return found.candidates, found.candidates_alike

    assert chosen() == chosen(batch=62_500, starts=1) == (16, 0.5)
    assert chosen(batch=62_501, starts=1) == chosen(candidates=1) == (1, 0.0)
    assert chosen(batch=62_501, starts=1, candidates=2) == (2, 0.5)


def test_several_starts_that_are_usual_go_where_there_is_no_room_for_them():
    def starts(training, model="queue-lstm", task="copy"):
        found = Settings.from_dict({"task": task, "model": model, "training": training}).training
        return found.starts, found.start_words

    assert starts({}) == starts({"words": 3_201}) == starts({"steps": 201}) == (2, 1_600)
    assert starts({"steps": 200}) == starts({"words": 3_200, "batch": 32}) == (1, 4_800)
    assert starts({"words": 3_200}) == starts({"curriculum": "linear"}) == starts({}, "deque-lstm") == (1, 4_800)
    assert starts({"starts": 1}) == (1, 4_800)
    assert starts({}, "deque-lstm", "reverse") == (2, 1_600)
    assert starts({}, "stack-lstm", "reverse") == (1, 4_800)
    with pytest.raises(
        ConfigError, match=r"training.starts: 2 of 1600 words leave nothing of 3200 words to go on with"
    ):
        starts({"words": 3_200, "starts": 2})


def test_where_nothing_is_foretold_nor_is_it_later():
    def later(**training):
        found = Settings.from_dict({"task": "modular-arithmetic-brackets", "training": training}).training
        return found.foretell, found.foretell_words, found.foretell_then

    assert later() == (3.0, 32_000, 0.5)
    assert later(foretell=0) == (0.0, 0, 0.0)
    assert later(foretell_words=0) == (3.0, 0, 0.0)
    assert later(foretell=2, foretell_then=1) == (2.0, 32_000, 1.0)


def test_noise_that_is_usual_later_on_is_so_of_the_tasks_own_network_alone():
    def later(model: object = "stack-lstm", **training):
        given = {"task": "modular-arithmetic-brackets", "model": model, "training": {"optimiser": "adamw", **training}}
        found = Settings.from_dict(given).training
        return found.noise_words, found.noise_then

    assert later() == (256_000, 0.3)
    assert later({"kind": "queue-lstm", "noise": 0.1}) == (256_000, 0.3)
    assert later(noise_words=0) == later("lstm") == later("queue-lstm") == (0, 0.0)
    assert later({"kind": "stack-lstm", "noise": 0.0}) == (0, 0.0)
    assert later({"kind": "stack-lstm", "noise": 0.0}, noise_words=8, noise_then=0.7) == (8, 0.7)


def test_without_a_curriculum_what_a_tasks_own_one_has_beyond_it_is_gone():
    given = {"task": "modular-arithmetic-brackets", "training": {"curriculum": "none"}}
    assert Settings.from_dict({**given, "training": {}}).training.curriculum_beyond == 0.5
    assert Settings.from_dict(given).training.curriculum_beyond == 0


@pytest.mark.parametrize("budget", [{"words": 1}, {"steps": 1}, {"seconds": 1.0}])
@pytest.mark.parametrize(("schedule", "same"), [("constant", True), ("linear", False), ("cosine", False)])
def test_the_hash_counts_budgets_where_they_shape_the_rate(budget, schedule, same):
    usual = Settings.from_dict({"training": {"schedule": schedule}}).hash()
    assert (Settings.from_dict({"training": {"schedule": schedule, **budget}}).hash() == usual) is same


def test_the_caller_goes_before_the_file_and_the_file_before_the_preset(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('preset = "cs281-2019"\nseed = 4\n[model]\nhidden = 32\nmemory = 16\n[training]\nrate = 1\n')
    settings = choose({"model": {"memory": 8}}, config=path)
    assert (settings.model.settings.hidden, settings.model.settings.memory) == (32, 8)
    assert settings.model.settings.cells == "per-phase"
    assert (settings.seed, settings.training.rate, settings.training.batch) == (4, 1.0, 50)


def test_another_kind_of_model_drops_what_was_said_of_the_first(tmp_path):
    settings = choose({"model": "lstm"}, "paper-2015")
    assert settings.model == Settings.from_dict({"model": "lstm"}).model
    assert settings.training.optimiser == "rmsprop"


def test_a_file_without_a_kind_is_about_the_model_that_the_caller_names(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("[model]\nhidden = 32\n")
    model = choose({"model": "lstm"}, config=path).model
    assert (model.kind, model.settings.hidden) == ("lstm", 32)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[model]\nhiden = 3", "run.toml: model.hiden: no such setting; did you mean 'hidden'?"),
        ("[model\n", "run.toml: not TOML"),
        ("model = 3", "run.toml: model: 3 is not a table"),
        ('preset = "paper"', "preset: 'paper' is not known; did you mean 'paper-2015'?"),
    ],
)
def test_a_mistake_in_a_file_names_the_file(text, said, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        choose({}, config=path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told():
    with pytest.raises(ConfigError, match=r"nowhere.toml: there is no such file"):
        choose({}, config=Path("nowhere.toml"))


def test_neither_the_package_nor_settings_import_torch():
    code = "import sys, pushpop, pushpop.experiments.presets as p; p.choose({}); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_task_of_graphs_has_its_model_as_it_is_learned_with_and_any_other_by_default():
    usual = Settings.from_dict({"task": "lookup"})
    assert (usual.model.kind, usual.model.settings.layers, usual.model.settings.smoothing) == ("gatv2", 1, 0.1)
    assert Settings.from_dict({"task": "lookup", "model": "gatv2"}) == usual
    assert Settings.from_dict({"task": "lookup", "model": {"layers": 2}}).model.settings.layers == 2
    assert Settings.from_dict({"task": "lookup", "model": "gat"}).model.settings.layers == 4
    for name in ("path-parity", "bfs"):
        assert choose({}, name) == choose({"task": name})
