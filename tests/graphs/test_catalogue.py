"""Models of tasks about graphs, by their kind: nets that read the graph, and those that read the sequence."""

from dataclasses import fields, replace

import pytest
import torch
from torch.nn.functional import cross_entropy

from closeness import assert_same
from pushpop.errors import ConfigError
from pushpop.graphs.catalogue import build_graph
from pushpop.graphs.contract import GraphNet
from pushpop.models.catalogue import GRAPH_NETS, GRAPHS, SEARCHERS
from pushpop.models.contract import SequenceModel
from pushpop.tasks.graphs.lookup import LookUp

TASK = LookUp(size=4, names=4)
SYMBOLS = torch.randint(TASK.reads, (3, 11), generator=torch.Generator().manual_seed(0))
LENGTHS = torch.tensor([11, 8, 5])
POSITIONS = torch.tensor([0, 3, 7, 10, 11, 12, 18, 22, 24, 26])  # several of each word
SEQUENCE = [kind for kind in GRAPHS if kind not in GRAPH_NETS | SEARCHERS]


def reader(kind: str) -> SequenceModel:
    settings = GRAPHS[kind].settings
    shared = {field.name: "shared" for field in fields(settings) if field.name in ("cells", "embeddings", "biases")}
    found = build_graph(kind, settings(hidden=6, embedding=5, **shared), TASK, 0)
    assert isinstance(found, SequenceModel)
    return found


@pytest.mark.parametrize("kind", SEQUENCE)
def test_a_model_of_sequences_answers_at_every_position_that_is_asked(kind):
    """Loss and gradients too: against scores of all positions."""
    model, targets = reader(kind), POSITIONS % TASK.classes
    whole = model(SYMBOLS, LENGTHS).flatten(0, 1)[POSITIONS]
    assert whole.shape == (10, TASK.classes)
    assert_same("scores", model(SYMBOLS, LENGTHS, POSITIONS), whole)
    fast, slow = model.loss(SYMBOLS, LENGTHS, POSITIONS, targets), cross_entropy(whole, targets)
    assert_same("loss", fast, slow)
    names, weights = zip(*((name, one) for name, one in model.named_parameters() if one.requires_grad), strict=True)
    for name, one, other in zip(names, *(torch.autograd.grad(loss, weights) for loss in (fast, slow)), strict=True):
        assert_same(name, one, other)


@pytest.mark.parametrize("kind", SEQUENCE)
def test_a_word_alone_is_the_word_in_a_batch(kind):
    model = reader(kind)
    scores = model(SYMBOLS, LENGTHS, POSITIONS)
    own = POSITIONS // 11 == 1
    alone = model(SYMBOLS[1:2, :8], LENGTHS[1:2], POSITIONS[own] - 11)
    assert_same("scores", alone, scores[own])


def test_a_net_is_built_and_another_kind_refused():
    settings = GRAPHS["gcn"].settings()
    assert isinstance(build_graph("gcn", settings, TASK, 0), GraphNet)
    with pytest.raises(ConfigError, match="'transformer-lm' scores text and reads no graphs; give"):
        build_graph("transformer-lm", settings, TASK, 0)
    with pytest.raises(ConfigError, match="seed: -1 is no seed; give 0 or more"):
        build_graph("gcn", replace(settings, layers=1), TASK, -1)
