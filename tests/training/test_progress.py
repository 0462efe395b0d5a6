"""What the progress bar says."""

import io
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console

from pushpop.training import progress
from pushpop.training.loop import Run
from pushpop.training.schedule import Plan
from pushpop.training.settings import TrainingSettings


@pytest.fixture
def said(monkeypatch):
    """said(counted) is what the bar says after two of four steps of 8 words, the second a second after the first."""

    def said(*counted):
        out, now = io.StringIO(), iter(range(1, 9))
        monkeypatch.setattr(progress, "Console", lambda **_: Console(file=out, force_terminal=True, width=200))
        monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(now)))
        layer = torch.nn.Linear(1, 1)
        run = Run(layer, torch.optim.SGD(layer.parameters(), lr=1.0), loss=1.25)
        with progress.ProgressBar("a run", Plan(TrainingSettings(steps=4, words=0)), *counted) as bar:
            for step in (1, 2):
                run.step, run.words, run.seconds = step, 8 * step, float(step)
                run.scores = {"validation": {"nats": 1.5, "accuracy": 0.5}}
                bar(run)
        return out.getvalue()

    return said


def test_words_and_their_rate(said):
    assert "16 words · 8/s · at most 2 s left · loss 1.2500 nats · validation 1.500" in said()


def test_characters_of_a_text_and_their_rate(said):
    bar = said((64, "characters"))
    assert "1,024 characters · 512/s · at most 2 s left · loss 1.2500 nats · validation 1.500" in bar


@pytest.mark.parametrize(
    ("given", "over", "said"),
    [
        ({}, 0, ""),
        ({"starts": 3}, 1, " · start 2 of 3"),
        ({"starts": 3}, 3, ""),
        ({"starts": 8, "start_rounds": 2}, 0, " · start 1 of 8, round 1 of 2"),
        ({"starts": 8, "start_rounds": 2}, 9, " · start 2 of 4, round 2 of 2"),
        ({"starts": 8, "start_rounds": 2}, 12, ""),
    ],
)
def test_which_start_is_under_way(given, over, said):
    plan = Plan(TrainingSettings(steps=500, words=0, start_words=16, **given))
    assert progress.whose_turn(plan, over) == said
