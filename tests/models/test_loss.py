"""Loss and gradients in one compiled call are those of the contract's own loss."""

import pytest
import torch
from stack_nets import Named, net, ragged, trained, twin, uneven
from torch import Tensor

from closeness import assert_same
from pushpop.errors import PushpopError, ShapeError
from pushpop.memory import workspace
from pushpop.models import graded
from pushpop.models.augmented import MemoryModel
from pushpop.models.contract import SequenceModel

KINDS = ["stack-lstm", "stack-rnn", "stack-gru", "queue-lstm", "deque-lstm", "deque-gru"]
KINDS += ["superposition-lstm", "superposition-rnn", "superposition-gru"]


def asked(words: int, longest: int, share: float = 0.6, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Words, and what is right at some of their positions, in no order."""
    symbols, lengths = ragged(words, longest, seed)
    generator = torch.Generator().manual_seed(seed)
    real = (torch.arange(longest) < lengths[:, None]).flatten().nonzero().flatten()
    wanted = real[torch.rand(len(real), generator=generator) < share]
    positions = wanted[torch.randperm(len(wanted), generator=generator)]
    return symbols, lengths, positions, torch.randint(9, (len(positions),), generator=generator)


def graded_by(model: MemoryModel, engine: str, work: tuple[Tensor, ...]) -> Named:
    """The loss, and the gradient of twice it, by name."""
    model.zero_grad()
    served = twin(model, engine)
    loss = SequenceModel.loss(served, *work) if engine == "eager" else served.loss(*work)
    (2 * loss).backward()
    gradients = {f"d {name}": weights.grad for name, weights in trained(model).items()}
    return {"loss": loss.detach()} | {name: gradient.clone() for name, gradient in gradients.items()}


def assert_agree(model: MemoryModel, work: tuple[Tensor, ...]) -> None:
    want, got = graded_by(model, "eager", work), graded_by(model, "fused", work)
    for name in want:
        assert_same(f"fused, {name}", got[name], want[name])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("output", "wiring"), [(0, "direct"), (0, "delayed"), (7, "direct"), (7, "delayed")])
def test_it_is_the_contracts_loss(kind, layers, output, wiring):
    assert_agree(uneven(net(kind, layers=layers, output=output, wiring=wiring)), asked(5, 8))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("settings", [{"cells": "per-phase"}, {"embedding": 0}, {"biases": "shared"}, {"hidden": 16}])
def test_it_is_the_contracts_loss_with_any_settings(settings, dtype):
    assert_agree(uneven(net("stack-lstm", dtype, **settings)), asked(70, 9))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("value", ["sigmoid", "tanh", "linear"])
@pytest.mark.parametrize(
    ("stacks", "memory", "read_depth", "keep", "empty"),
    [
        (1, 1, 1, "no", -1.0),
        (3, 5, 3, "yes", 0.0),
        (17, 1, 2, "no", 0.0),
        (2, 16, 3, "yes", -1.0),
        (1, 7, 12, "yes", 0.5),
    ],
)
def test_it_is_the_contracts_loss_with_any_superposition(stacks, memory, read_depth, keep, empty, value, dtype):
    """Levels read are more than there are, at first; the last case reads more than there ever are."""
    settings = {"stacks": stacks, "memory": memory, "read_depth": read_depth, "keep": keep, "empty": empty}
    assert_agree(uneven(net("superposition-lstm", dtype, value=value, **settings)), asked(6, 10))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("keep", ["yes", "no"])
def test_long_words_of_which_one_is_much_longer_than_the_others(keep, dtype):
    """Many stretches of the long one are run again."""
    model, (symbols, lengths, _, _) = uneven(net("superposition-gru", dtype, keep=keep)), asked(4, 300)
    lengths[:] = torch.tensor([3, 300, 17, 1])
    positions = torch.tensor([2, 300, 599, 500, 450, 616, 900])
    assert_agree(model, (symbols, lengths, positions, positions % 9))


@pytest.mark.parametrize("share", [0.05, 1], ids=["few positions", "all positions"])
def test_more_positions_than_are_scored_together_and_few(share):
    assert_agree(uneven(net(output=3)), asked(40, 20, share))


@pytest.mark.parametrize("scale", [1e-3, 300])
def test_scores_far_apart_and_close_together(scale):
    model = net()
    with torch.no_grad():
        model.output.weight.mul_(scale)
    assert_agree(model, asked(4, 6))


@pytest.mark.parametrize("spoilt", ["weight", "bias"])
def test_a_score_that_is_no_number_is_a_loss_that_is_none(spoilt):
    model, work = twin(net(), "fused"), asked(3, 5)
    with torch.no_grad():
        getattr(model.output, spoilt)[4] = torch.nan
    loss = model.loss(*work)
    loss.backward()
    assert loss.isnan()
    assert model.interface.value.grad.isnan().any()


def test_the_comparison_notices_a_gradient_left_out(monkeypatch):
    right = graded.grade

    def forgetful(*given):
        right(*given)
        given[-1].bias[...] = 0

    monkeypatch.setattr(graded, "grade", forgetful)
    with pytest.raises(AssertionError, match=r"fused, d output\.bias"):
        assert_agree(net(), asked(5, 8))


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_step_before_left_is_not_read_and_its_gradients_are_not_touched(kind):
    """Arrays are used again: one that nobody has written yet holds what is no number here."""
    model, work = uneven(net(kind, layers=2)), asked(9, 8)
    before = graded_by(model, "fused", work)
    kept = {name: weights.grad for name, weights in trained(model).items()}
    for array in workspace._workspace.kept:
        array.fill(255)
    model.zero_grad(set_to_none=True)
    twin(model, "fused").loss(*asked(9, 8, seed=1)).backward()
    for name, gradient in kept.items():
        assert torch.equal(gradient, before[f"d {name}"]), name
        assert trained(model)[name].grad.isfinite().all(), name


def test_without_gradients_it_is_the_same_number():
    model, work = twin(net(), "fused"), asked(5, 8)
    with torch.no_grad():
        bare = model.loss(*work)
    assert_same("loss", model.loss(*work).detach(), bare)


def test_targets_that_are_no_outputs_are_refused():
    symbols, lengths, positions, targets = asked(3, 5)
    with pytest.raises(ShapeError, match="targets: expected from 0 to 8, given 0 to 9"):
        twin(net(), "fused").loss(symbols, lengths, positions, targets.clamp(max=0) + 9 * (positions == positions[0]))
    with pytest.raises(ShapeError, match="targets"):
        twin(net(), "fused").loss(symbols, lengths, positions, targets[:-1])


@pytest.mark.parametrize("engine", ["eager", "fused"])
def test_positions_past_a_words_end_and_none_at_all_are_refused(engine):
    model, (symbols, lengths, positions, targets) = twin(net(), engine), asked(3, 5)
    short = int(lengths.argmin())
    assert int(lengths[short]) < 5
    past = torch.cat([positions[:1], torch.tensor([5 * short + 4])])
    with pytest.raises(ShapeError, match="positions: expected places before each word's end, given"):
        model.loss(symbols, lengths, past, targets[:2])
    with pytest.raises(ShapeError, match="targets: expected at least one, given none"):
        model.loss(symbols, lengths, positions[:0], targets[:0])


def test_second_derivatives_are_refused_not_wrong():
    model = twin(net(), "fused")
    with pytest.raises(PushpopError, match="loss: the engine fused cannot differentiate twice"):
        torch.autograd.grad(model.loss(*asked(3, 5)), list(trained(model).values()), create_graph=True)
