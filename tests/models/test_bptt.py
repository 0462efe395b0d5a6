"""Back-propagation through time in closed form: against finite differences, and against autograd."""

import numpy as np
import pytest
import torch
from torch.nn.functional import embedding

from pushpop.evaluation.flow import flows, formula_gaps, gradient_norm, rescaled
from pushpop.models.bptt import Rnn, backward, forward, spectral_norm
from pushpop.models.catalogue import CLASSIFIERS, CLASSIFYING, MODELS, build
from pushpop.models.counts import terms, total
from pushpop.tasks.encoding import encode
from tests.closeness import assert_same

SYMBOLS = torch.tensor([[1, 4, 2, 0, 3], [2, 2, 0, 1, 4], [3, 0, 1, 1, 2]])
BATCH = (SYMBOLS, torch.full((3,), 5), torch.tensor([4, 9, 14]), torch.tensor([0, 3, 1]))


def net(gain: float = 1.0) -> tuple[Rnn, np.ndarray]:
    draws = np.random.Generator(np.random.Philox(3))
    shapes = (4, 3), (4, 4), (4,), (2, 4), (2,)
    return Rnn(*(gain * draws.standard_normal(shape) for shape in shapes)), draws.standard_normal((6, 3))


def test_the_closed_form_is_what_finite_differences_say():
    weights, inputs = net()
    _, grads, _ = backward(weights, inputs, 1)
    for name, weight in weights._asdict().items():
        for place in np.ndindex(weight.shape):
            ends = []
            for shift in (1e-6, -1e-6):
                moved = weight.copy()
                moved[place] += shift
                ends.append(backward(weights._replace(**{name: moved}), inputs, 1)[0])
            assert getattr(grads, name)[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-7), (name, place)


def test_what_arrives_at_a_state_is_never_more_than_its_spectral_norm_allows():
    weights, inputs = net(0.2)
    _, _, arriving = backward(weights, inputs, 0)
    norms, sigma = np.linalg.norm(arriving, axis=1), spectral_norm(weights.state)
    back = np.arange(len(inputs) - 1, -1, -1)
    assert (norms <= norms[-1] * sigma**back + 1e-12).all()
    assert sigma < 1
    assert (np.diff(norms) > 0).all()  # so what is far away vanishes


def test_the_read_out_sees_the_last_state_alone():
    weights, inputs = net()
    _, grads, _ = backward(weights, inputs, 1)
    last = forward(weights, inputs)[-1]
    assert_same("W_ph", grads.output, np.outer(grads.output_bias, last))


def test_autograd_agrees_with_the_closed_form_for_a_plain_rnn_alone():
    rnn = build("rnn", CLASSIFYING["rnn"][0](hidden=8, embedding=4), 5, -1, 0, classes=4)
    gaps = formula_gaps(rnn, BATCH)
    assert set(gaps) == {"W_hx", "W_hh", "b_h", "W_ph", "b_p"}
    assert max(gaps.values()) < 2e-5
    lstm = build("lstm", CLASSIFYING["lstm"][0](hidden=8, embedding=4), 5, -1, 0, classes=4)
    assert formula_gaps(lstm, BATCH) is None


def test_a_wrong_formula_is_found_out(monkeypatch):
    rnn = build("rnn", CLASSIFYING["rnn"][0](hidden=8, embedding=4), 5, -1, 0, classes=4)

    def wrong(*given):
        loss, grads, arriving = backward(*given)
        return loss, grads._replace(state=grads.state.T), arriving

    monkeypatch.setattr("pushpop.evaluation.flow.backward", wrong)
    assert formula_gaps(rnn, BATCH)["W_hh"] > 0.1


def test_the_flow_of_a_plain_rnn_is_that_of_the_closed_form():
    rnn = build("rnn", CLASSIFYING["rnn"][0](hidden=8, embedding=4), 5, -1, 0, classes=4)
    (found,) = flows(rnn, BATCH)
    weights = [rnn.cell.symbol, rnn.cell.state, rnn.cell.bias, rnn.output.weight, rnn.output.bias]
    plain = Rnn(*(weight.detach().double().numpy() for weight in weights))
    inputs = embedding(SYMBOLS, rnn.embedding).detach().double().numpy()
    norms = [np.linalg.norm(backward(plain, word, right)[2], axis=1)
             for word, right in zip(inputs, BATCH[3].tolist(), strict=True)]  # fmt: skip
    assert found.hidden == pytest.approx(np.median(norms, axis=0), rel=1e-4)
    assert found.spectral["h"] == pytest.approx(spectral_norm(plain.state), rel=1e-6)
    assert found.cell is None


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_every_model_has_flows_without_touching_its_gradients(kind):
    settings = CLASSIFIERS[kind].settings(hidden=8, embedding=4)
    model = build(kind, settings, 5, -1, 0, classes=4)
    found = flows(model, BATCH)
    assert [flow.direction for flow in found] == ["forwards", "backwards"][: 2 if kind == "bilstm" else 1]
    for flow in found:
        assert flow.hidden.shape == (5,)
        assert flow.hidden[-1] > 0
        assert all(sigma > 0 for sigma in flow.spectral.values())
        if kind in CLASSIFYING:
            assert all(values.shape == (5, 8) for values in flow.gates.values())
    assert all(weight.grad is None for weight in model.parameters())
    loss = model.loss(*BATCH)
    loss.backward()
    total_norm = torch.stack([w.grad.norm() for w in model.parameters() if w.grad is not None]).norm()
    assert gradient_norm(model, BATCH) == pytest.approx(total_norm.item(), rel=1e-4)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "stack-lstm"])
def test_a_model_that_writes_answers_has_them_too(kind):
    model = build(kind, MODELS[kind].settings(hidden=8), 8, 1, 0)
    batch = encode([np.array([1, 2]), np.array([3, 4])], [np.array([2, 1]), np.array([4, 3])])
    (found,) = flows(model, tuple(torch.from_numpy(part) for part in vars(batch).values()))
    assert (found.hidden > 0).all()
    assert len(found.spectral) == {"rnn": 1, "gru": 3}.get(kind, 4)


def test_a_transformer_has_no_state_that_gradients_flow_through():
    model = build("transformer", MODELS["transformer"].settings(hidden=8), 8, 1, 0)
    assert flows(model, BATCH) == []


def test_the_peephole_lstm_of_the_assignment_goes_back_through_its_cells_alone():
    model = build("uva-peephole", CLASSIFYING["uva-peephole"][0](hidden=8, embedding=4), 5, -1, 0, classes=4)
    (found,) = flows(model, BATCH)
    assert (found.hidden[:-1] == 0).all()
    assert (found.cell > 0).all()


def test_scaling_the_spectral_norm_changes_the_twin_alone():
    rnn = build("rnn", CLASSIFYING["rnn"][0](hidden=8, embedding=4), 5, -1, 0, classes=4)
    before = rnn.cell.state.clone()
    small, large = (rescaled(rnn, BATCH, norm)[0] for norm in (0.1, 3.0))
    assert small.spectral["h"] == pytest.approx(0.1, rel=1e-5)
    assert small.hidden[0] < 1e-3 * large.hidden[0]
    assert torch.equal(rnn.cell.state, before)


@pytest.mark.parametrize("kind", MODELS)
def test_formulas_count_what_models_that_answer_have(kind):
    changes = [
        {},
        {"embedding": 0},
        {"embedding": 5, "layers": 3},
        {"cells": "per-phase"},
        {"cells": "shared"},
        {"embeddings": "shared"},
        {"embedding": 0, "cells": "per-phase", "layers": 2},
        {"initial": "zero"},
    ]
    if kind == "transformer":
        changes = [{}, {"hidden": 8, "layers": 1}, {"hidden": 40, "tied": "no"}]
    if "-" in kind:
        changes += [{"output": 6}, {"biases": "shared"}, {"wiring": "delayed"}, {"cell_biases": 2, "layers": 2}]
    if kind.startswith("superposition"):
        changes += [{"keep": "no"}, {"read_depth": 3}]
    for change in changes:
        settings = MODELS[kind].settings(**{"hidden": 24 if kind == "transformer" else 6, **change})
        assert total(terms(kind, settings, 7, 7)) == build(kind, settings, 7, 1, 0).count(), change


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_formulas_count_what_models_that_classify_have(kind):
    for change in ({}, {"embedding": 3}, {"trained": "no"} if kind in CLASSIFYING else {"cells": "shared"}):
        settings = CLASSIFIERS[kind].settings(**{"hidden": 6, **change})
        found = terms(kind, settings, 5, 4)
        assert total(found) == build(kind, settings, 5, -1, 0, classes=4).count(), change
        assert all(term.formula for term in found)
