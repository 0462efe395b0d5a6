"""Options follow from settings classes alone."""

import json
from dataclasses import dataclass, fields

import pytest
from cyclopts import App, Group, Parameter

from pushpop.cli.choices import chosen_before, split
from pushpop.cli.options import meanings, nested, options_of
from pushpop.cli.train import shaped
from pushpop.errors import ConfigError
from pushpop.experiments.seeds import seeds_of
from pushpop.experiments.settings import Settings
from pushpop.models.catalogue import FAMILIES
from pushpop.models.settings import MemorySettings
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.strings import Reverse
from pushpop.training.settings import TrainingSettings


@dataclass(frozen=True, kw_only=True)
class Oven:
    """How to bake.

    `heat`       in degrees,
                 all round.
    `top_rack`, `fan`  on or off.
    """

    heat: int = 180
    top_rack: bool = False
    fan: bool = True


def given(*argv: str, **defaults: object) -> dict:
    found = {}
    app = App(exit_on_error=False, default_parameter=Parameter(negative=""), result_action="return_value")
    options = options_of("oven", Oven, defaults, Group("Oven"), short=["heat"])
    app.default(shaped(lambda **options: found.update(options), options))
    app(list(argv))
    return found


def test_only_what_was_given_is_passed_on():
    assert given() == {}
    assert given("--oven.heat", "200") == {"oven__heat": 200}
    assert given("--oven.top-rack") == {"oven__top_rack": True}


def test_a_short_name_is_the_same_option():
    assert given("--heat", "90") == {"oven__heat": 90}


def test_lines_shared_by_settings_are_no_longer_than_they_must_be():
    lines = meanings(TrainingSettings)
    assert (lines["steps"], lines["words"]) == ("budget in steps.", "budget in words.")
    assert len(set(meanings(Reverse).values())) == len(fields(Reverse))
    biases = [line for name, line in meanings(MemorySettings).items() if name.endswith("_bias")]
    assert len(set(biases)) == len(biases) == 6


def test_help_shows_meanings_and_the_defaults_of_a_preset(capsys):
    given("--help", heat=230)
    said = " ".join(capsys.readouterr().out.replace("│", "").split())
    assert "in degrees, all round. [default: 230]" in said
    assert "on or off. [default: True]" in said


def test_what_was_given_is_nested_by_part():
    assert nested({"model__hidden": 3, "seed": 1, "training__warm_up": 5}) == {
        "model": {"hidden": 3},
        "training": {"warm_up": 5},
    }


OF_MODELS = dict.fromkeys(kind.settings for family in FAMILIES.values() for kind in family.values())
OF_TASKS = dict.fromkeys(kind.settings for kind in TASKS.values())


@pytest.mark.parametrize("settings", [TrainingSettings, *OF_MODELS, *OF_TASKS])
def test_every_setting_says_what_it_means(settings):
    assert set(meanings(settings)) == {field.name for field in fields(settings)}
    assert all(meanings(settings).values())


def test_a_meaning_given_elsewhere_is_fetched():
    assert "units" in meanings(MemorySettings)["hidden"]


def test_the_task_is_found_among_options():
    found = split(["--model", "lstm", "--json", "reverse", "--seed=3"])
    assert found == (["reverse"], {"--model": "lstm", "--seed": "3"})


def test_the_command_line_goes_before_the_file_and_the_file_before_the_preset(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text('preset = "paper-2015"\nseed = 4\n[model]\nhidden = 12\n')
    found = Settings.from_dict(chosen_before(["--config", str(path), "reverse"]))
    assert (found.model.settings.hidden, found.model.settings.memory, found.seed) == (12, 256, 4)
    other = Settings.from_dict(chosen_before(["--config", str(path), "reverse", "--model", "lstm"]))
    assert (other.model.kind, other.training.batch) == ("lstm", 10)


@pytest.mark.parametrize("text", ["", "x", "5-", "-5", "9-8", "1,,2", "5 6"])
def test_what_is_no_seed_is_refused(text):
    with pytest.raises(ConfigError, match=r"--seeds: .* give such as 0-19"):
        seeds_of(text, "--seeds")


def test_usual_starts_make_room_for_a_budget_given_on_the_command_line(pushpop, tmp_path):
    few = ("--words", "64", "--training.batch", "4", "--quiet", "--json", "--run", tmp_path / "run")
    said = pushpop("train", "copy", *few)
    assert said.status == 0, said.error
    assert "starts" not in json.loads(said.out)
    said = pushpop("train", "copy", *few[:-1], tmp_path / "other", "--training.starts", "2")
    assert said.status == 2
    assert said.error.startswith("pushpop: training.starts: 2 of 1600 words leave nothing of 64 words to go on with;")
