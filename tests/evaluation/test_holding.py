"""What a cell holds, by hand-made output maps."""

import pytest
import torch

from pushpop.evaluation.holding import maps_of, symbols_in
from pushpop.models.catalogue import MODELS, build
from pushpop.tasks.encoding import SEPARATOR, vocabulary


def net(kind, **settings):
    return build(
        kind, MODELS[kind].settings(hidden=6, memory=4, engine="eager", **settings), vocabulary(5), SEPARATOR, 1
    )


@pytest.mark.parametrize(("kind", "hands"), [("stack-lstm", 1), ("queue-rnn", 1), ("deque-gru", 2)])
def test_a_map_is_what_a_read_adds_to_the_scores(kind, hands):
    model = net(kind)
    maps = maps_of(model)
    assert [tuple(read.shape) for read in maps] == [(8, 4)] * hands
    features, reads = torch.randn(3, 6), torch.randn(3, hands, 4)
    without = model.scores(torch.cat([features, torch.zeros(3, 4 * hands)], 1))
    added = model.scores(torch.cat([features, reads.flatten(1)], 1)) - without
    torch.testing.assert_close(added, sum(reads[:, hand] @ read.T for hand, read in enumerate(maps)))


def test_an_output_layer_is_taken_as_if_it_had_no_tanh():
    model = net("stack-lstm", output=7)
    [read] = maps_of(model)
    torch.testing.assert_close(read, model.output.weight @ model.mix.weight[:, 6:])


def test_there_is_no_map_where_a_read_comes_a_step_late_or_is_of_mixtures():
    assert maps_of(net("stack-lstm", wiring="delayed")) == ()
    assert maps_of(net("superposition-lstm")) == ()
    assert maps_of(torch.nn.Linear(2, 2)) == ()


def test_a_value_speaks_for_the_symbol_whose_score_it_raises_most():
    read = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert symbols_in(torch.tensor([[0.1, 0.9], [-3.0, 1.0], [2.0, 1.0]]), read).tolist() == [1, 2, 0]
