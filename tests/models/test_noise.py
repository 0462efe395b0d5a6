"""Noise on biases: while training alone, the same in every engine, a function of a number."""

import pytest
import torch
from stack_nets import END, MEMORY_KINDS, Named, net, ragged, twin

from pushpop.models.noise import Noise

SYMBOLS, LENGTHS = ragged(5, 9)
POSITIONS = torch.arange(len(SYMBOLS)) * SYMBOLS.shape[1]
TARGETS = torch.full((len(SYMBOLS),), END)


def learned(model) -> tuple[float, Named]:
    model.zero_grad()
    cost = model.loss(SYMBOLS, LENGTHS, POSITIONS + LENGTHS - 1, TARGETS)
    cost.backward()
    return cost.item(), {name: weights.grad.clone() for name, weights in model.named_parameters()}


@pytest.mark.parametrize("kind", MEMORY_KINDS)
@pytest.mark.parametrize("biases", ["shared", "per-phase"])
def test_engines_agree_on_shaken_biases(kind, biases):
    eager = net(kind, noise=0.7, biases=biases)
    fused = twin(eager, "fused")
    still, _ = learned(eager)
    eager.shake(5)
    (plain, slow), (compiled, fast) = learned(eager), learned(fused)
    assert abs(plain - still) > 1e-4
    assert compiled == pytest.approx(plain, abs=1e-12)
    for name, grad in slow.items():
        torch.testing.assert_close(fast[name], grad, atol=1e-11, rtol=0, msg=name)


def test_what_is_added_has_the_spread_that_was_asked_for():
    noise, generator = Noise(0.3, 100, 100), torch.Generator().manual_seed(0)
    bias = torch.full((100, 100), 2.0)
    assert noise(bias).eq(2).all()
    noise.draw(generator, 0.3)
    assert (noise(bias) - 2).std().item() == pytest.approx(0.3, rel=0.02)
    assert (noise(bias) - 2).mean().item() == pytest.approx(0, abs=0.01)
    noise.draw(generator, 1.2)
    assert (noise(bias) - 2).std().item() == pytest.approx(1.2, rel=0.02)


def test_gates_and_strengths_are_shaken_of_both_phases_by_themselves():
    model = net(noise=0.5)
    model.shake(4)
    still = net(noise=0.0)
    gates = model.controller.table() - still.controller.table()
    torch.testing.assert_close(gates, gates[:, :1].expand_as(gates))  # of all symbols alike
    assert (gates[0] != gates[1]).all()
    strengths = model.interface.biases() - still.interface.biases()
    assert (strengths[0] != strengths[1]).all()


def shaken(noise: float):
    model = net(noise=noise)
    model.shake(4)
    return model


@pytest.mark.parametrize("own", [0.0, 0.25])
def test_a_model_is_shaken_as_widely_as_it_is_told_and_by_its_own_noise_again(own):
    told, usual = net(noise=own), net(noise=0.5)
    told.shake(4, 0.5)
    usual.shake(4)
    assert (told.interface.biases() != net(noise=0.0).interface.biases()).all()
    torch.testing.assert_close(told.controller.table(), usual.controller.table())
    torch.testing.assert_close(told.interface.biases(), usual.interface.biases())
    usual.shake(5, 0.0)
    torch.testing.assert_close(usual.controller.table(), net(noise=0.0).controller.table())
    usual.shake(4)
    torch.testing.assert_close(told.controller.table(), usual.controller.table())
    told.shake(4)
    torch.testing.assert_close(told.controller.table(), shaken(own).controller.table())


def test_noise_is_a_function_of_its_number_and_gone_when_training_is_over():
    model = net(noise=0.7)
    scores = []
    for number in (1, 2, 1):
        model.shake(number)
        scores.append(learned(model)[0])
    assert scores[0] == scores[2] != scores[1]
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    model.eval()
    quiet = learned(model)[0]
    model.shake(3)
    assert learned(model)[0] == quiet == learned(net(noise=0.0))[0]
    assert model.state_dict().keys() == before.keys()
    assert not any("noise" in name for name in before)


def test_without_noise_nothing_is_shaken():
    model = net(noise=0.0)
    still = learned(model)[0]
    model.shake(1)
    assert learned(model)[0] == still
