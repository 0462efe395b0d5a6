"""What the log holds: losses over as many steps in every line, however a run is evaluated, also after a kill."""

import pytest
import torch
from torch import nn

from pushpop.training import checkpoint
from pushpop.training.loop import Run, train
from pushpop.training.observers import Evaluation, Recorder
from pushpop.training.optimisers import build_optimiser
from pushpop.training.schedule import Plan
from pushpop.training.settings import TrainingSettings

STEPS = 23


class Judge:
    """Everything is half right."""

    def score(self, model):
        return {"validation": {"coarse": 0.5}}

    def right(self, scores):
        return False

    def rank(self, scores, step):
        return (0.5,)


class Log:
    def __init__(self):
        self.events = []

    def append(self, event):
        self.events.append({name: value for name, value in event.items() if name != "seconds"})


def settings(log_every, evaluate_every):
    return TrainingSettings(log_every=log_every, evaluate_every=evaluate_every, steps=STEPS, words=0)


def begin(chosen):
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    return Run(model, build_optimiser(chosen, model.parameters()))


def batches(step, reach):
    return torch.randn(4, 3, generator=torch.Generator().manual_seed(step))


def loss(model, batch):
    return (model(batch) - batch.sum(1, keepdim=True)).square().mean()


def watched(run, plan, log, *first):
    """Observers as a run has them; the share of a step that is right is its number."""
    return [*first, lambda run: run.shares.append(run.step), Evaluation(Judge(), plan), Recorder(log, plan)]


def logged(log_every, evaluate_every, seen=None):
    plan, log = Plan(settings(log_every, evaluate_every)), Log()
    run = begin(plan.settings)
    each = [] if seen is None else seen
    train(run, batches, loss, plan, watched(run, plan, log, lambda run: each.append(run.loss)))
    return log.events


@pytest.mark.parametrize(("log_every", "evaluate_every"), [(3, 7), (4, 8), (1, 5), (10, 4), (100, 6), (5, 100)])
def test_every_line_is_the_mean_over_as_many_steps(log_every, evaluate_every):
    seen = []
    events, last = logged(log_every, evaluate_every, seen), 0
    wanted = {step for step in range(1, STEPS + 1) if not step % log_every or not step % evaluate_every} | {STEPS}
    assert {event["step"] for event in events} == wanted
    window = min(log_every, evaluate_every)
    for event in events:
        step = event["step"]
        some = range(max(0, step - window), step)
        assert event["loss"] == pytest.approx(sum(seen[n] for n in some) / len(some), rel=1e-12)
        assert event["accuracy"] == pytest.approx(sum(n + 1 for n in some) / len(some))
        assert ("mean_loss" in event) == ("validation" in event)
        if "validation" in event:
            assert event["mean_loss"] == pytest.approx(sum(seen[last:step]) / (step - last), rel=1e-12)
            last = step


@pytest.mark.parametrize("killed_at", range(1, STEPS))
def test_a_run_gone_on_with_logs_the_same(killed_at, tmp_path):
    plan, log = Plan(settings(5, 8)), Log()

    def kill(run):
        if run.step == killed_at:
            checkpoint.save(run, tmp_path)
            raise KeyboardInterrupt

    run = begin(plan.settings)
    with pytest.raises(KeyboardInterrupt):
        train(run, batches, loss, plan, [*watched(run, plan, log), kill])
    again = begin(plan.settings)
    checkpoint.restore(again, tmp_path)
    train(again, batches, loss, plan, watched(again, plan, log))
    assert log.events == logged(5, 8)


def test_what_is_kept_of_losses_does_not_grow(tmp_path):
    plan = Plan(settings(100, 4))
    run = begin(plan.settings)
    longest = []
    train(run, batches, loss, plan, watched(run, plan, Log(), lambda run: longest.append(len(run.losses))))
    assert max(longest) == 8


def test_a_checkpoint_of_before_goes_on_where_its_losses_began(tmp_path):
    """It held those since the last evaluation alone, and did not say where that was."""
    chosen = settings(5, 8)
    run = begin(chosen)
    run.step, run.losses, run.evaluated = 11, [1.0, 2.0, 3.0], 8
    state = torch.load(_saved(run, tmp_path), weights_only=True)
    del state["evaluated"]
    torch.save(state, tmp_path / checkpoint.STATE)
    again = begin(chosen)
    checkpoint.restore(again, tmp_path)
    assert (again.evaluated, again.losses) == (8, [1.0, 2.0, 3.0])


def _saved(run, folder):
    checkpoint.save(run, folder)
    return folder / checkpoint.STATE
