"""How a sweep of runs on text is told: by what they predict, not by what is right."""

from dataclasses import replace

import pytest

from pushpop.cli.app import main
from pushpop.cli.standing import best_table, line
from pushpop.experiments.standing import Ranked, Trial


def trial(number: int, nats: float) -> Trial:
    bits = nats / 0.6931471805599453
    scores = {"nats": nats, "bits_per_character": bits, "accuracy": 0.5}
    result = {"validation": scores, "test": scores, "words": 8, "characters": 512, "seconds": 2.0, "solved": None}
    return Trial(number=number, variant="wide", chosen={}, seed=number, state="done", result=result)


def test_a_trial_on_text_is_told_by_its_nats_and_characters():
    assert line(trial(3, 1.5)) == "trial 3: wide, seed 3: validation 1.5000 nats, 512 characters, 2.0 s"


def test_configurations_of_text_are_told_by_their_mean():
    table = best_table(
        [Ranked("wide", {}, [trial(0, 1.4), trial(1, 1.6), Trial(number=2, variant="", chosen={}, seed=2)])]
    )
    assert table.columns == ("configuration", "seeds done", "mean validation nats", "bits per character")
    assert table.rows == (("wide", "2 of 2", pytest.approx(1.5), pytest.approx(1.5 / 0.6931471805599453)),)


def blind(number: int) -> Trial:
    """A trial on text without a validation part."""
    found = trial(number, 1.4)
    return replace(found, result={**found.result, "validation": {}})


def test_without_a_validation_part_nothing_is_ranked_and_it_is_said():
    assert line(blind(3)) == "trial 3: wide, seed 3: no validation part, 512 characters, 2.0 s"
    table = best_table([Ranked("wide", {}, [blind(0)]), Ranked("deep", {}, [blind(1)])])
    assert table.rows == (("wide", "1 of 1", None, None), ("deep", "1 of 1", None, None))
    assert (table.title, "task.validation = 0" in table.caption) == ("Configurations", True)
    mixed = best_table([Ranked("wide", {}, [trial(0, 1.4)]), Ranked("deep", {}, [blind(1)])])
    assert (mixed.title, "those without one come last" in mixed.caption) == ("Best configurations", True)


def test_that_a_text_be_solved_is_not_asked_for(capsys, tmp_path):
    assert main(["train", "text", "--require-solved", "--run", str(tmp_path / "run")]) == 2
    assert "a text is never solved, only predicted; leave it out" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
