"""What can be chosen about nets that read graphs, and what is refused: in one line, with a way out."""

import pytest

from pushpop.errors import ConfigError
from pushpop.models.catalogue import DOES, FAMILIES, GRAPH_NETS, GRAPHS, kind_of

NO = [
    ("gcn", {"hidden": 0}, "model.hidden: 0 is not a size; give 1 or more"),
    ("gcn", {"encoder": -1}, "model.encoder: -1 is out of range; give 0 or more"),
    ("gcn", {"decoder": 1.5}, "model.decoder: 1.5 is not a whole number; give one from 0 to 8192"),
    ("gcn", {"layers": 65}, "model.layers: 65 is out of range; give 64 or less"),
    ("gcn", {"dropout": 1.0}, "model.dropout: 1.0 is not a share; give 0 or more and less than 1"),
    ("gcn", {"smoothing": -0.1}, "model.smoothing: -0.1 is not a share; give 0 or more and less than 1"),
    ("gcn", {"norm": "left"}, "model.norm: 'left' is not known; give one of sym, row, none"),
    ("gcn", {"self_loop": -1.0}, "model.self_loop: -1.0 cannot be; give 0 or more"),
    ("gcn", {"self_loop": float("nan")}, "model.self_loop: nan is not a number; give a finite one, such as 0.5"),
    ("gcn", {"self_loop": 2.0, "loop": "learned"}, "model.self_loop: 2.0 is not learned from; give 1, or model.loop "),
    ("gcn", {"read_out": "first"}, "model.read_out: 'first' is not known; give one of asked, sum, mean, max"),
    ("gcn", {"residual": True}, "model.residual: True is not known; give one of yes, no"),
    ("gcn", {"joined": "both"}, "model.joined: 'both' is not known; give one of last, all"),
    ("gcn", {"layer_norm": "on"}, "model.layer_norm: 'on' is not known; give one of yes, no"),
    ("gat", {"hidden": 6, "heads": 4}, "model.heads: 4 do not share hidden 6 evenly; give a divisor of it"),
    ("gatv2", {"heads": 0}, "model.heads: 0 is out of range; give 1 or more"),
    ("gat", {"weights": "even"}, "model.weights: 'even' is not known; give one of scored, uniform"),
    ("gat", {"hears_itself": 1}, "model.hears_itself: 1 is not known; give one of yes, no"),
    ("gin", {"eps": "a"}, "model.eps: 'a' is not a number; give a finite one, such as 0.5"),
    ("gin", {"learned_eps": "si"}, "model.learned_eps: 'si' is not known; give one of yes, no"),
    ("sage", {"aggregator": "min"}, "model.aggregator: 'min' is not known; give one of sum, mean, max"),
    ("sage", {"order": "any"}, "model.order: 'any' is not known; give one of natural, random, key"),
    ("sage", {"key": -1}, "model.key: -1 is out of range; give 0 or more"),
    ("relational", {"aggregator": "lstm"}, "model.aggregator: 'lstm' is not known; give one of sum, mean, max"),
    ("two-branch", {"branches": "one"}, "model.branches: 'one' is not known; give one of both, graph, history"),
    ("two-branch", {"encoder": 4}, "model.encoder: 4 units for two branches that read apart; give 0"),
    ("two-branch", {"layers": 0}, "model.layers: 0 is out of range; give 1 or more"),
    ("two-branch", {"aggregator": "lstm"}, "model.aggregator: 'lstm' is not known; give one of sum, mean, max"),
    ("ordered-gnn", {"order": "any"}, "model.order: 'any' is not known; give one of natural, random, key"),
    ("ordered-gnn", {"kinds": True}, "model.kinds: True is not known; give one of yes, no"),
    ("ordered-gnn", {"key": 1.0}, "model.key: 1.0 is not a whole number; give one from 0 to 8192"),
    ("ordered-gnn", {"carry": "it"}, "model.carry: 'it' is not known; give one of own, neighbours"),
    ("graph-stack-gnn", {"memory": 0}, "model.memory: 0 is not a size; give 1 or more"),
    ("node-stack-gnn", {"pooled": "top"}, "model.pooled: 'top' is not known; give one of sum, mean, max"),
    ("node-stack-gnn", {"push_bias": None}, "model.push_bias: None is not a number; give a finite one"),
    ("node-stack-gnn", {"pop_bias": 1e31}, "model.pop_bias: 1e+31 is too large for float32; give one from"),
    ("recurrent-gnn", {"rounds": "edges"}, "model.rounds: 'edges' is not known; give one of nodes, depth, same"),
    ("recurrent-gnn", {"factor": 0}, "model.factor: 0 cannot be; give more than 0"),
    ("recurrent-gnn", {"factor": 1e30}, "model.factor: 1e+30 is too many rounds; give 1000 or less"),
    ("recurrent-gnn", {"more": -1}, "model.more: -1 is out of range; give 0 or more"),
    ("recurrent-gnn", {"rounds": "same"}, "model.more: 0 rounds for all graphs make nothing of them; give 1 or more"),
    ("recurrent-gnn", {"fewest": 1.5}, "model.fewest: 1.5 is more than all rounds; give a share from 0 to 1"),
    ("recurrent-gnn", {"fewest": -0.5}, "model.fewest: -0.5 cannot be; give 0 or more"),
    ("recurrent-gnn", {"noise": -0.1}, "model.noise: -0.1 is out of range; give 0 (none) to 10"),
    ("recurrent-gnn", {"noise": 1e9}, "model.noise: 1000000000.0 is out of range; give 0 (none) to 10"),
    ("recurrent-gnn", {"said": "twice"}, "model.said: 'twice' is not known; give one of last, once"),
    (
        "node-stack-gnn",
        {"said": "once"},
        "model.said: once: nets with a stack answer from the last states; give last",
    ),
    ("gcn", {"numbers": "hidden"}, "model.numbers: 'hidden' is not known; give one of seen, ranks"),
    ("recurrent-gnn", {"carry": "all"}, "model.carry: 'all' is not known; give one of own, neighbours"),
    ("recurrent-gnn", {"messages": -1}, "model.messages: -1 is out of range; give 0 or more"),
]


@pytest.mark.parametrize(("kind", "given", "says"), NO)
def test_settings_that_cannot_be_are_refused(kind, given, says):
    with pytest.raises(ConfigError) as refused:
        GRAPH_NETS[kind].settings(**given)
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)


def test_every_family_says_what_it_does():
    assert set(DOES) == set(FAMILIES)
    assert FAMILIES["graph"] is GRAPHS


def test_tasks_about_graphs_have_nets_and_models_of_sequences():
    assert {"gcn", "recurrent-gnn", "rnn", "lstm", "gru", "bilstm", "stack-lstm", "deque-rnn"} <= set(GRAPHS)
    assert not {"uva-gru", "lstm-lm"} & set(GRAPHS)
    for kind in GRAPHS:
        assert kind_of(kind, "graph") is GRAPHS[kind]


@pytest.mark.parametrize(
    ("kind", "answers", "says"),
    [
        ("gcn", "written", "model.kind: 'gcn' reads graphs and writes no answers; give one of rnn"),
        ("lstm-lm", "graph", "model.kind: 'lstm-lm' scores text and reads no graphs; did you mean"),
        ("recurent-gnn", "graph", "model.kind: 'recurent-gnn' is not a model; did you mean 'recurrent-gnn'? give one"),
    ],
)
def test_a_kind_of_another_family_is_refused(kind, answers, says):
    with pytest.raises(ConfigError) as refused:
        kind_of(kind, answers)
    assert str(refused.value).startswith(says)
