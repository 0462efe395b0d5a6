"""Which weights each model says are matrices within its cells or blocks: which names, and how many parts."""

import pytest
from torch import nn

from pushpop.models.catalogue import MODELS, build, kind_of

CELLS = {"rnn": 1, "lstm": 4, "gru": 3}


def model(kind, **settings):
    return build(kind, kind_of(kind).settings(hidden=8, **settings), vocabulary=6, separator=5, seed=0)


def found(model):
    names = {id(weights): name for name, weights in model.named_parameters()}
    return {names[id(matrix.weights)]: matrix.parts for matrix in model.matrices()}


@pytest.mark.parametrize("kind", MODELS)
def test_no_vector_no_embedding_and_no_map_to_what_comes_out_is_one(kind):
    net = model(kind)
    names = found(net)
    assert names
    assert not any(part in name for name in names for part in ("bias", "embedding", "output", "initial", "strength"))
    for matrix in net.matrices():
        assert isinstance(matrix.weights, nn.Parameter)
        assert min(matrix.apart(matrix.weights).shape[1:]) > 1


@pytest.mark.parametrize("cell", CELLS)
def test_gates_of_a_controller_are_matrices_of_their_own(cell):
    net = model(f"stack-{cell}", layers=2, embedding=4, cells="per-phase")
    inside = {f"controller.{name}" for name in ("symbol", "read", "below.0", "hidden.0", "hidden.1")}
    assert found(net) == dict.fromkeys(inside, CELLS[cell])
    hidden = next(matrix for matrix in net.matrices() if matrix.weights is net.controller.hidden[0])
    assert hidden.apart(hidden.weights).shape == (2 * CELLS[cell], 8, 8)
    assert "controller.symbol" not in found(model(f"stack-{cell}", embedding=0))


def test_a_transformers_queries_keys_values_and_gates_are_matrices_of_their_own():
    net = build("transformer", kind_of("transformer").settings(layers=2), vocabulary=6, separator=5, seed=0)
    parts = {"looking": 3, "seeing": 1, "inner": 2, "outer": 1}
    assert found(net) == {f"blocks.{block}.{name}": count for block in range(2) for name, count in parts.items()}


@pytest.mark.parametrize("cell", CELLS)
def test_gates_of_a_plain_cell_too(cell):
    net = model(cell, layers=2, embedding=4)
    hidden = next(matrix for matrix in net.matrices() if matrix.weights is net.cells[0].weight_hh_l1)
    assert hidden.parts == CELLS[cell]
    assert hidden.apart(hidden.weights).shape == (CELLS[cell], 8, 8)
    picked = {"cells.0.weight_ih_l0"}
    assert picked < set(found(net))
    assert not picked & set(found(model(cell, embedding=0)))
