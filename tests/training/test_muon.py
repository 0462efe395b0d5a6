"""Muon against torch's, which has it for whole matrices; gates by themselves; AdamW for all else; what is loaded."""

import pytest
import torch
from torch import nn

from pushpop.models.matrices import Matrix
from pushpop.training.muon import Muon, orthogonal


def net(seed=3):
    generator = torch.Generator().manual_seed(seed)
    model = nn.ParameterDict({"wide": torch.empty(6, 10), "high": torch.empty(10, 6), "bias": torch.empty(10)})
    for weights in model.values():
        nn.init.normal_(weights, generator=generator)
    return model


def steps(model, optimisers, count=5):
    for number in range(count):
        generator = torch.Generator().manual_seed(number)
        for weights in model.values():
            weights.grad = torch.randn(weights.shape, generator=generator)
        for optimiser in optimisers:
            optimiser.step()
    return {name: weights.detach().clone() for name, weights in model.items()}


@pytest.mark.parametrize("precise", [True, False])
def test_matrices_move_as_by_torchs_muon_and_the_rest_as_by_its_adamw(precise, monkeypatch):
    """But for its rounds, which are made in bfloat16, of 8 bits; with ours in their place to all digits."""
    if precise:
        monkeypatch.setattr(
            torch.optim._muon, "_zeropower_via_newtonschulz", lambda given, *_: orthogonal(given[None])[0]
        )
    ours, theirs = net(), net()
    matrices = [Matrix(ours["wide"]), Matrix(ours["high"])]
    moved = steps(ours, [Muon(ours.values(), matrices, lr=0.05, weight_decay=0.1)])
    rule = {"lr": 0.05, "weight_decay": 0.1}
    muon = torch.optim.Muon([theirs["wide"], theirs["high"]], momentum=0.95, adjust_lr_fn="match_rms_adamw", **rule)
    wanted = steps(theirs, [muon, torch.optim.AdamW([theirs["bias"]], **rule)])
    torch.testing.assert_close(moved["bias"], wanted["bias"])
    for name in ("wide", "high"):
        step = (net()[name] - wanted[name]).norm()
        assert (moved[name] - wanted[name]).norm() < (1e-6 if precise else 0.02) * step


@pytest.mark.parametrize("shape", [(1, 7, 7), (3, 4, 16), (2, 16, 4)])
def test_an_orthogonal_step_has_singular_values_near_one_and_the_directions_of_its_gradient(shape):
    given = torch.randn(shape, generator=torch.Generator().manual_seed(5))
    left, _, right = torch.linalg.svd(given, full_matrices=False)
    values = left.mT @ orthogonal(given) @ right.mT
    diagonal = values.diagonal(dim1=1, dim2=2)
    torch.testing.assert_close(values, torch.diag_embed(diagonal), atol=1e-4, rtol=0)
    assert 0.6 < diagonal.min() <= diagonal.max() < 1.25


@pytest.mark.parametrize(("shape", "parts", "along", "size"), [
    ((2, 3, 8), 4, -1, (8, 3, 2)), ((8, 3), 4, -2, (4, 2, 3)), ((5, 3), 1, -1, (1, 5, 3)),
])  # fmt: skip
def test_parts_that_lie_side_by_side_come_apart_and_together_again(shape, parts, along, size):
    matrix = Matrix(nn.Parameter(torch.randn(shape)), parts, along)
    apart = matrix.apart(matrix.weights)
    assert apart.shape == size
    assert torch.equal(matrix.together(apart), matrix.weights)
    assert torch.equal(apart[0], matrix.weights.view(-1, *shape[-2:])[0, : size[1], : size[2]])


def test_each_gate_is_turned_by_itself():
    """A gate with a gradient a thousand times smaller moves as far; of a whole matrix it would hardly."""
    weights = nn.Parameter(torch.zeros(4, 8))
    weights.grad = torch.randn(4, 8, generator=torch.Generator().manual_seed(1))
    weights.grad[:, 4:] *= 1e-3
    Muon([weights], [Matrix(weights, 2)], lr=1.0, weight_decay=0.0).step()
    near, far = (gate.norm().item() for gate in weights.detach().chunk(2, 1))
    assert far == pytest.approx(near, rel=0.3)


def test_weights_that_are_spared_do_not_decay_and_all_others_do():
    model = net()
    before = {name: weights.detach().clone() for name, weights in model.items()}
    optimiser = Muon(model.values(), [Matrix(model["wide"])], [model["bias"]], lr=0.1, weight_decay=0.5)
    for weights in model.values():
        weights.grad = torch.zeros_like(weights)
    optimiser.step()
    assert torch.equal(model["bias"], before["bias"])
    for name in ("wide", "high"):
        torch.testing.assert_close(model[name].detach(), before[name] * 0.95)


def test_weights_without_a_gradient_stay():
    model = net()
    before = model["wide"].detach().clone()
    optimiser = Muon(model.values(), [Matrix(model["wide"])], lr=0.1, weight_decay=0.5)
    model["bias"].grad = torch.ones(10)
    optimiser.step()
    assert torch.equal(model["wide"], before)
    assert not torch.equal(model["bias"], net()["bias"])


def test_a_state_that_is_loaded_lies_where_the_weights_are():
    """As when a run goes on on a GPU: what it had is read on the CPU."""
    model = net()
    optimiser = Muon(model.values(), [Matrix(model["wide"])], lr=0.1, weight_decay=0.0)
    steps(model, [optimiser], 1)
    elsewhere = nn.ParameterDict({name: torch.empty(weights.shape, device="meta") for name, weights in model.items()})
    moved = Muon(elsewhere.values(), [Matrix(elsewhere["wide"])], lr=0.1, weight_decay=0.0)
    moved.load_state_dict(optimiser.state_dict())
    kept = [value for state in moved.state.values() for value in state.values()]
    assert len(kept) == 7  # a momentum, and twice a count and two means
    assert {value.device.type for value in kept} == {"meta"}
