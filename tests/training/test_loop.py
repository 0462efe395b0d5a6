"""The loop on a model of one layer: kill and continue, NaN, early stop, the weights kept, optimisers, Ctrl-C."""

import os
import signal

import pytest
import torch
from torch import nn

from pushpop.errors import RunError, TrainingFailed
from pushpop.models.matrices import Matrix
from pushpop.training import checkpoint
from pushpop.training.ahead import Ahead
from pushpop.training.loop import Run, train
from pushpop.training.observers import Evaluation, Interruption
from pushpop.training.optimisers import build_optimiser, limit_gradients
from pushpop.training.schedule import Plan
from pushpop.training.settings import TrainingSettings


def batches(step, reach):
    drawn = torch.randn(4, 3, generator=torch.Generator().manual_seed(step))
    return drawn * reach


def loss(model, batch):
    return (model(batch) - batch.sum(1, keepdim=True)).square().mean()


def begin(settings):
    model = nn.Linear(3, 1)
    for weight in model.parameters():
        nn.init.normal_(weight, generator=torch.Generator().manual_seed(7))
    return Run(model, build_optimiser(settings, model.parameters(), matrices=[Matrix(model.weight)]))


class Judge:
    """Gives out coarse accuracies as they stand in a list."""

    def __init__(self, *coarse):
        self.coarse = list(coarse)

    def score(self, model):
        return {"validation": {"coarse": self.coarse.pop(0)}}

    def right(self, scores):
        return scores["validation"]["coarse"] == 1.0

    def rank(self, scores, _step):
        return (scores["validation"]["coarse"],)


@pytest.mark.parametrize("optimiser", ["sgd", "adagrad", "rmsprop", "adam", "adamw", "muon"])
@pytest.mark.parametrize("stop", [1, 5, 8])
def test_a_run_killed_and_continued_ends_bit_for_bit_the_same(optimiser, stop, tmp_path):
    momentum = 0.5 if optimiser in ("sgd", "rmsprop") else 0.0
    settings = TrainingSettings(
        optimiser=optimiser, momentum=momentum, steps=12, rate=0.05, decay=0.01, schedule="cosine", warm_up=2
    )
    whole = begin(settings)
    train(whole, batches, loss, Plan(settings), [])

    def killed(run):
        if run.step == stop:
            checkpoint.save(run, tmp_path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(begin(settings), batches, loss, Plan(settings), [killed])
    continued = begin(settings)
    assert checkpoint.restore(continued, tmp_path)
    assert (continued.step, continued.words) == (stop, stop * settings.batch)
    train(continued, batches, loss, Plan(settings), [])
    assert continued.losses == whole.losses
    for name, wanted in whole.model.state_dict().items():
        assert torch.equal(continued.model.state_dict()[name], wanted), name


@pytest.mark.parametrize("optimiser", ["sgd", "adagrad", "rmsprop", "adam", "adamw"])
def test_each_optimiser_really_is_the_one_it_is_called(optimiser):
    """Against torch's plain, unfused form of the optimiser of that name."""
    theirs = {"sgd": "SGD", "adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}[optimiser]
    settings = TrainingSettings(optimiser=optimiser, steps=5, rate=0.05, decay=0.1, clip=0.0)
    ours, plain = begin(settings), begin(settings)
    plain.optimiser = getattr(torch.optim, theirs)(plain.model.parameters(), lr=0.05, weight_decay=0.1, foreach=False)
    for run in (ours, plain):
        train(run, batches, loss, Plan(settings), [])
    torch.testing.assert_close(ours.model.state_dict(), plain.model.state_dict())
    others = {"sgd", "adagrad", "rmsprop", "adam", "adamw", "muon"} - {optimiser}
    for other in others:
        another = begin(TrainingSettings(optimiser=other, steps=5, rate=0.05, decay=0.1, clip=0.0))
        train(another, batches, loss, Plan(settings), [])
        assert not torch.allclose(another.model.weight, ours.model.weight, atol=1e-6), other


@pytest.mark.parametrize("size", [0.5, 1 - 1e-6, 1.0, 1 + 1e-6, 3.0, float("nan")])
def test_a_limited_norm_is_torchs_to_the_bit(size):
    pair = [torch.nn.Parameter(torch.zeros(2)) for _ in range(2)]
    for weights in pair:
        weights.grad = torch.tensor([0.6, 0.8]) * size
    limit_gradients(pair[:1], TrainingSettings(clip=1.0, steps=1))
    torch.nn.utils.clip_grad_norm_(pair[1:], 1.0)
    assert torch.equal(pair[0].grad.nan_to_num(7), pair[1].grad.nan_to_num(7))


@pytest.mark.parametrize(("clipping", "limit"), [("norm", 1.0), ("value", 4**0.5)])
def test_gradients_are_limited_by_norm_or_by_value(clipping, limit):
    settings = TrainingSettings(optimiser="sgd", rate=1.0, clip=1.0, clipping=clipping, steps=1)
    run = begin(settings)
    before = checkpoint.weights_of(run.model)
    train(run, batches, lambda model, batch: 1e4 * loss(model, batch), Plan(settings), [])
    moved = sum((after - before[name]).square().sum() for name, after in run.model.state_dict().items()) ** 0.5
    assert moved == pytest.approx(limit, abs=1e-4)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_the_run_before_it_reaches_the_weights(value):
    settings = TrainingSettings(steps=5)
    run = begin(settings)

    def breaks(model, batch):
        return loss(model, batch) * (value if run.step == 2 else 1.0)

    kept = []
    with pytest.raises(TrainingFailed, match=f"step 3: the loss is {value}"):
        train(run, batches, breaks, Plan(settings), [lambda run: kept.append(checkpoint.weights_of(run.model))])
    assert run.step == 2
    assert torch.equal(run.model.weight, kept[-1]["weight"])


def test_weights_that_are_no_numbers_are_never_saved(tmp_path):
    run = begin(TrainingSettings())
    checkpoint.save(run, tmp_path)
    before = (tmp_path / "state.pt").read_bytes()
    with torch.no_grad():
        run.model.weight[0, 0] = float("nan")
    with pytest.raises(TrainingFailed, match="weight holds values"):
        checkpoint.save(run, tmp_path)
    assert (tmp_path / "state.pt").read_bytes() == before


def test_a_run_ends_when_validation_has_been_right_often_enough_in_a_row():
    settings = TrainingSettings(evaluate_every=2, patience=2, steps=100)
    run = begin(settings)
    train(run, batches, loss, Plan(settings), [Evaluation(Judge(0.5, 1.0, 0.9, 1.0, 1.0), Plan(settings))])
    assert (run.step, run.right) == (10, 2)


@pytest.mark.parametrize("patience", [0, 3])
def test_of_evaluations_that_are_all_right_the_one_of_lowest_loss_is_kept_even_where_a_later_one_ends_the_run(patience):
    settings = TrainingSettings(evaluate_every=1, patience=patience, steps=4)
    run, factors = begin(settings), iter([1.0, 3.0, 0.01, 2.0])
    judged = Evaluation(Judge(0.5, 1.0, 1.0, 1.0), Plan(settings))
    train(run, batches, lambda model, batch: next(factors) * loss(model, batch), Plan(settings), [judged])
    assert (run.step, run.kept.step) == (4, 3)


def test_a_low_loss_on_shorter_words_does_not_count_for_more_than_longer_words():
    settings = TrainingSettings(evaluate_every=1, steps=3, curriculum="adaptive", curriculum_loss=1e9)
    run, factors = begin(settings), iter([1e-3, 1.0, 2.0])
    judged = Evaluation(Judge(1.0, 1.0, 1.0), Plan(settings))
    train(run, batches, lambda model, batch: next(factors) * loss(model, batch), Plan(settings), [judged])
    assert run.kept.step == 3


def test_the_weights_kept_are_those_of_the_best_evaluation():
    settings = TrainingSettings(evaluate_every=2, steps=7)
    run, seen = begin(settings), {}
    watch = [
        Evaluation(Judge(0.1, 0.8, 0.7, 0.2), Plan(settings)),
        lambda run: seen.update({run.step: checkpoint.weights_of(run.model)}),
    ]
    train(run, batches, loss, Plan(settings), watch)
    assert run.scores == {"validation": {"coarse": 0.2}}, "the last step is evaluated too"
    assert run.kept.step == 4
    assert torch.equal(run.kept.weights["weight"], seen[4]["weight"])


def test_an_adaptive_curriculum_goes_on_where_it_stood(tmp_path):
    settings = TrainingSettings(evaluate_every=1, curriculum="adaptive", curriculum_loss=1e9, steps=3)
    run = begin(settings)
    train(run, batches, loss, Plan(settings), [Evaluation(Judge(0.0, 0.0, 0.0), Plan(settings))])
    assert run.reached == 0.25 + 3 / 8
    checkpoint.save(run, tmp_path)
    again = begin(settings)
    checkpoint.restore(again, tmp_path)
    assert again.reached == run.reached


def test_batches_made_ahead_are_those_asked_for():
    made = []

    def make(step, reach):
        made.append((step, reach))
        return step, reach

    with Ahead(make) as ahead:
        asked = [(0, 0.5), (1, 0.5), (2, 0.75), (3, 0.75), (7, 0.75)]
        assert [ahead(*one) for one in asked] == asked
    assert set(asked) <= set(made)


def test_ctrl_c_lets_the_step_end_and_saves_it():
    settings, saved = TrainingSettings(steps=100), []
    run = begin(settings)

    def press(run):
        if run.step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Interruption(lambda run: saved.append(run.step)) as interruption:
        train(run, batches, loss, Plan(settings), [press, interruption])
    assert saved == [3]
    assert signal.getsignal(signal.SIGINT) is before


def test_damaged_files_are_told_as_such(tmp_path):
    run = begin(TrainingSettings())
    checkpoint.save(run, tmp_path)
    for name, read in (
        ("state.pt", lambda: checkpoint.restore(begin(TrainingSettings()), tmp_path)),
        ("model.safetensors", lambda: checkpoint.read_weights(nn.Linear(3, 1), tmp_path)),
    ):
        path = tmp_path / name
        good = path.read_bytes()
        flipped = bytearray(good)
        # a bit of the first weight
        flipped[good.find(run.model.weight.detach().numpy().tobytes())] ^= 1
        for bad in (b"", good[: len(good) // 2], bytes(flipped), b"nonsense" * 100):
            path.write_bytes(bad)
            with pytest.raises(RunError, match="damaged") as error:
                read()
            assert "\n" not in str(error.value)
        path.write_bytes(good)
        read()


def test_weights_of_another_model_are_refused(tmp_path):
    checkpoint.save(begin(TrainingSettings()), tmp_path)
    with pytest.raises(RunError, match="another model"):
        checkpoint.read_weights(nn.Linear(4, 1), tmp_path)
    with pytest.raises(RunError, match=r"no such file, and no state.pt; train the run on"):
        checkpoint.read_weights(nn.Linear(3, 1), tmp_path / "elsewhere")


def test_no_code_in_a_state_file_is_run(tmp_path):
    class Wicked:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"weights": Wicked()}, tmp_path / "state.pt")
    with pytest.raises(RunError, match="damaged"):
        checkpoint.restore(begin(TrainingSettings()), tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("optimiser", ["sgd", "adamw", "adam", "rmsprop", "adagrad"])
def test_weights_that_decay_spares_go_by_their_gradient_alone(optimiser):
    def after(decay, *, spared):
        model = begin(TrainingSettings(optimiser="sgd")).model
        settings = TrainingSettings(optimiser=optimiser, rate=0.1, decay=decay)
        chosen = build_optimiser(settings, model.parameters(), [model.bias] if spared else [])
        loss(model, batches(0, 1.0)).backward()
        chosen.step()
        return model.weight.detach(), model.bias.detach()

    (plain_weight, plain_bias), (all_weight, all_bias) = after(0.0, spared=False), after(0.5, spared=False)
    weight, bias = after(0.5, spared=True)
    assert torch.equal(bias, plain_bias)
    assert torch.equal(weight, all_weight)
    if optimiser not in ("adam", "adagrad"):  # whose first step is the sign of the gradient
        assert not torch.equal(weight, plain_weight)
        assert not torch.equal(bias, all_bias)
