"""Nets that read graphs, each kind: what they say follows from the graph alone, and they learn."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from closeness import assert_same
from pushpop.errors import ConfigError, ShapeError
from pushpop.graphs.aggregators import Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.contract import RANKS, Description, GraphNet, encoder, features_of, given, net
from pushpop.graphs.graph import Graphs
from pushpop.graphs.nets import BUILDERS, build
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.questions import Questions
from pushpop.graphs.recurrent import Recurrent, Stacked
from pushpop.graphs.rounds import RoundsOf
from pushpop.models.catalogue import GRAPH_NETS
from pushpop.models.graph_settings import GCNSettings, GraphSettings
from pushpop.models.rounds_settings import RoundsSettings
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.expression import Expression
from pushpop.tasks.graphs.instance import drawn
from pushpop.tasks.graphs.kinship import Kinship
from pushpop.tasks.graphs.parity import PathParity
from pushpop.tasks.graphs.zero_shot import ZeroShot

TASKS = {
    "classes of nodes": PathParity(size=5),
    "parents": BreadthFirst(size=7),
    "pairs": Kinship(steps=3),
    "a class of a graph": Expression(depth=2),
    "a node of a graph": ZeroShot(classes=8, signs=5, worlds=2),
}
EVERY_NET = [kind for kind in GRAPH_NETS if kind != "two-branch"]  # which needs histories: see test_branches
every_net = pytest.mark.parametrize("kind", EVERY_NET)
every_task = pytest.mark.parametrize("name", TASKS)


def made(kind: str, name: str, seed: int = 0, **chosen) -> GraphNet:
    """A small net, its weights that begin as 0 or 1 stirred: so that they are seen."""
    settings = GRAPH_NETS[kind].settings(**{"hidden": 6, **chosen})
    found = build(kind, settings, TASKS[name], seed).double()
    chance = torch.Generator().manual_seed(seed + 1)
    for weights in found.parameters():
        if weights.ndim < 2:
            weights.data += 0.3 * torch.randn(weights.shape, generator=chance, dtype=torch.float64)
    return found


def in_rounds(kind: str) -> bool:
    return issubclass(GRAPH_NETS[kind].settings, RoundsSettings)


def asked(name: str, count: int = 3) -> Questions:
    task = TASKS[name]
    sizes = task.ladder["training"][-2:]
    instances = [one for size in sizes for one in drawn(task, "training", size, count, 1000)]
    return Questions.of(task, instances, dtype=torch.float64)


def one_of(questions: Questions, number: int) -> Questions:
    """The questions about one graph of the batch by itself."""
    own, nodes = questions.owner == number, (questions.graphs.graph == number).nonzero()[:, 0]
    first, answer = int(nodes[0]), int(own.nonzero()[0])
    which, pointed = questions.choices
    chosen = torch.stack([which - answer, pointed - first])[:, own[which]]
    points = questions.choices.shape[1] > 0
    return Questions(
        questions.graphs.alone(number), questions.asked[:, own] - first, questions.answers[own] - first * points,
        torch.zeros_like(questions.owner[own]), chosen,
    )  # fmt: skip


def relabelled(questions: Questions, places: Tensor) -> Questions:
    which, pointed = questions.choices
    answers = places[questions.answers] if questions.choices.shape[1] else questions.answers
    graphs = questions.graphs.relabelled(places)
    choices = torch.stack([which, places[pointed]])
    return replace(questions, graphs=graphs, asked=places[questions.asked], answers=answers, choices=choices)


def shuffled(graphs: Graphs) -> Tensor:
    chance, sizes = torch.Generator().manual_seed(0), graphs.sizes.tolist()
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    pieces = [start + torch.randperm(size, generator=chance) for start, size in zip(starts, sizes, strict=True)]
    return torch.cat(pieces)


def test_every_net_of_the_catalogue_can_be_built():
    assert set(BUILDERS) == set(GRAPH_NETS)


@every_net
@every_task
def test_names_of_nodes_change_nothing(kind, name):
    found, questions = made(kind, name), asked(name)
    other = relabelled(questions, shuffled(questions.graphs))
    assert_same("scores", found(other), found(questions))
    assert_same("loss", found.loss(other), found.loss(questions))


@every_net
@every_task
def test_a_graph_alone_is_the_graph_in_a_batch(kind, name):
    found, questions = made(kind, name), asked(name)
    scores, answers = found(questions), found.answer(questions)
    rows = questions.owner[questions.choices[0]] if questions.choices.shape[1] else questions.owner
    for number in range(questions.graphs.count):
        one = one_of(questions, number)
        assert_same(f"scores of {number}", found(one), scores[rows == number])
        if not questions.choices.shape[1]:
            assert torch.equal(found.answer(one), answers[questions.owner == number])


@pytest.mark.parametrize("kind", [kind for kind in EVERY_NET if "stack" not in kind])  # which the whole graph works
def test_a_component_that_nothing_leads_from_changes_nothing(kind):
    settings = {"rounds": "same", "more": 4} if in_rounds(kind) else {}
    found, questions = made(kind, "classes of nodes", **settings), asked("classes of nodes", 1)
    graphs, count = questions.graphs, questions.graphs.nodes
    star = torch.stack([torch.arange(1, 8), torch.zeros(7, dtype=torch.int64)]) + count
    features = torch.cat([graphs.features, torch.ones(8, graphs.features.shape[1], dtype=torch.float64)])
    beside = Graphs.of(features, torch.cat([graphs.edges, star, star.flip(0)], 1))
    assert_same("scores", found(replace(questions, graphs=beside)), found(questions))


@every_net
@every_task
def test_gradients_reach_every_weight_that_is_trained(kind, name):
    found = made(kind, name, hidden=12)
    found.loss(asked(name)).backward()
    for place, weights in found.named_parameters():
        if weights.requires_grad:
            assert weights.grad is not None, place
            assert float(weights.grad.abs().sum()) > 0, place


@every_net
def test_first_weights_follow_from_the_seed_alone(kind):
    settings, task = GRAPH_NETS[kind].settings(hidden=6), TASKS["parents"]
    before = torch.random.get_rng_state()
    first, second, other = (build(kind, settings, task, seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), before)
    for place, weights in first.items():
        assert torch.equal(weights, second[place]), place
    assert any(not torch.equal(weights, other[place]) for place, weights in first.items())


@every_net
def test_it_learns(kind):
    """Which bit a node has itself: no more is to be seen here than that gradients go the right way."""
    few = {"rounds": "same", "more": 2} if in_rounds(kind) else {"layers": 2}
    found, questions = made(kind, "classes of nodes", hidden=16, **few), asked("classes of nodes", 8)
    questions = replace(questions, answers=questions.graphs.features[:, 1].long())
    optimizer = torch.optim.Adam(found.parameters(), 0.01)
    losses = []
    for _ in range(60):
        losses.append(found.loss(questions))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert float(losses[-1].detach()) < 0.8 * float(losses[0].detach())


@every_net
def test_what_is_left_out_is_a_function_of_the_net_s_own_generator(kind):
    found, questions = made(kind, "parents", dropout=0.5), asked("parents")

    def loss(seed: int) -> float:
        found.chance.manual_seed(seed)
        return float(found.loss(questions).detach())

    assert loss(1) == loss(1) != loss(2)
    found.eval()
    assert loss(1) == loss(2)


COUNTS = {  # of inputs 4, hidden 6, 2 classes: by hand
    "gcn": 4 * 6 + 6 + 3 * (6 * 6 + 6) + 14,
    "gat": 4 * 6 + 18 + 3 * (6 * 6 + 18) + 14,
    "gatv2": 4 * 6 + 6 + 4 * 6 + 6 + 6 + 3 * (2 * 36 + 18) + 14,
    "gin": 4 * 6 + 6 + 42 + 3 * 84 + 14,
    "sage": 2 * 24 + 6 + 3 * (72 + 6) + 14,
    "relational": 2 * 24 + 6 + 3 * (72 + 6) + 14,
    "ordered-gnn": 3 * 6 * (4 + 6 + 2) + 4 * 6 * (6 + 6 + 2) + 12 + 14,
    **dict.fromkeys(
        ("graph-stack-gnn", "node-stack-gnn"),
        3 * 6 * (4 + 32 + 6 + 6 + 2) + 2 * 6 * 64 + 64 + 64 * 6 + 6 + 2 * 7 + 32 * 7 + 14,
    ),
    "recurrent-gnn": 3 * 6 * (4 + 6 + 6 + 2) + 2 * 6 * 64 + 64 + 64 * 6 + 6 + 14,
}


@every_net
def test_weights_are_as_many_as_one_counts_by_hand(kind):
    assert made(kind, "classes of nodes").count() == COUNTS[kind]
    assert not made(kind, "classes of nodes").fused()


@pytest.mark.parametrize("settings", [{"encoder": 5}, {"decoder": 7}, {"residual": "yes"}, {"joined": "all"}])
def test_settings_add_what_they_say(settings):
    """Each against the formula, with two layers of a net whose neighbours are none: an MLP."""
    task = Description(columns=(3,), classes=2)
    found = build("sage", GRAPH_NETS["sage"].settings(hidden=4, layers=2, **settings), task, 0).double()
    features = torch.eye(3, dtype=torch.float64)
    nodes = torch.arange(3)
    questions = Questions(
        Graphs.of(features, torch.zeros(2, 0, dtype=torch.int64)), nodes[None], nodes % 2, nodes * 0,
        torch.zeros(2, 0, dtype=torch.int64),
    )  # fmt: skip
    given_, parts = features, []
    if "encoder" in settings:
        given_ = found.encoder[2](found.encoder[0](features).relu())
    for layer in found.layers:
        after = layer.own(given_).relu()
        given_ = given_ + after if "residual" in settings and parts else after
        parts.append(given_)
    last = torch.cat(parts, 1) if "joined" in settings else given_
    head = found.head.classes
    want = head[2](head[0](last).relu()) if "decoder" in settings else head(last)
    assert_same("scores", found(questions), want)


@pytest.mark.parametrize(
    ("how", "heard"), [("sum", Reduce), ("max", Reduce), ("attention", Attention), ("lstm", InOrder)]
)
def test_neighbours_are_made_one_as_is_said(how, heard):
    found, questions = made("sage", "classes of nodes", aggregator=how), asked("classes of nodes")
    assert all(isinstance(layer.aggregator, heard) for layer in found.layers)
    assert found(questions).shape == (15, 2)


REACHES = [
    (
        "gcn",
        {"norm": "row", "self_loop": 2.0},
        lambda net: str(net.layers[1].aggregator),
        "Normalised('row', self_loop=2.0)",
    ),
    ("gcn", {"loop": "learned"}, lambda net: str(net.layers[1].aggregator), "Normalised('sym', self_loop=learn)"),
    ("gat", {"heads": 3}, lambda net: net.layers[1].attention.heads, 3),
    ("gat", {"weights": "uniform"}, lambda net: net.layers[1].attention.scores, None),
    ("gatv2", {"hears_itself": "no"}, lambda net: net.layers[1].attention.self_loop, False),
    ("gatv2", {}, lambda net: net.layers[1].attention.own is None, False),
    ("gat", {}, lambda net: net.layers[1].attention.own is None, True),
    ("gin", {"eps": 0.5}, lambda net: float(net.layers[1].eps.detach()), 0.5),
    ("gin", {"learned_eps": "yes"}, lambda net: net.layers[1].eps.requires_grad, True),
    ("relational", {"aggregator": "sum"}, lambda net: (net.layers[1].how, net.layers[1].kinds), ("sum", 16)),
    ("recurrent-gnn", {"carry": "neighbours"}, lambda net: net.processor.carry, "neighbours"),
    (
        "recurrent-gnn",
        {"aggregator": "sum"},
        lambda net: (net.processor.aggregator.how, net.processor.aggregator.kinds),
        ("sum", 16),
    ),
    ("recurrent-gnn", {"aggregator": "attention", "heads": 3}, lambda net: net.processor.aggregator.heads, 3),
]


@pytest.mark.parametrize(("kind", "settings", "found", "wanted"), REACHES)
def test_a_setting_reaches_its_layer(kind, settings, found, wanted):
    chosen = GRAPH_NETS[kind].settings(hidden=6, **settings)
    assert found(build(kind, chosen, TASKS["pairs"], 0)) == wanted


@pytest.mark.parametrize("kind", ["sage", "ordered-gnn"])
def test_neighbours_are_read_in_the_order_that_is_said(kind):
    """By the features' own last number, the index, their order among the edges is nothing."""
    lstm = {"aggregator": "lstm"} if kind == "sage" else {}
    questions = asked("parents")
    order = torch.randperm(questions.graphs.edges.shape[1], generator=torch.Generator().manual_seed(0))
    turned = replace(questions, graphs=questions.graphs.reordered(order))
    natural, by_key = (made(kind, "parents", **lstm, order=chosen, key=2) for chosen in ("natural", "key"))
    assert not torch.allclose(natural(turned), natural(questions))
    assert_same("scores", by_key(turned), by_key(questions))


def test_up_a_tree_more_rounds_than_it_is_deep_change_nothing():
    questions = asked("a class of a graph")
    found = made("ordered-gnn", "a class of a graph", rounds="depth")
    want = found(questions)
    found.rounds = RoundsOf(rule="nodes", factor=3)
    assert_same("scores", found(questions), want)


def test_layers_are_normed():
    found, questions = made("gin", "classes of nodes", layer_norm="yes"), asked("classes of nodes")
    plain = made("gin", "classes of nodes")
    assert found.count() == plain.count() + 4 * 12
    assert not torch.allclose(found(questions), plain(questions))


@pytest.mark.parametrize("how", ["sum", "mean", "max"])
def test_an_answer_about_a_graph_is_read_from_all_its_nodes(how):
    found, questions = made("gin", "a class of a graph", read_out=how), asked("a class of a graph")
    states = found.states(questions.graphs.features, questions)
    for number, said in enumerate(found(questions)):
        own = states[questions.graphs.graph == number]
        whole = {"sum": own.sum(0), "mean": own.mean(0), "max": own.amax(0)}[how]
        assert_same(f"graph {number}", said, found.head.classes(whole))


def test_a_pair_is_read_at_both_its_ends():
    found, questions = made("gcn", "pairs"), asked("pairs")
    states = found.states(questions.graphs.features, questions)
    for number, said in enumerate(found(questions)):
        first, second = questions.asked[:, number]
        assert_same(f"pair {number}", said, found.head.classes(torch.cat([states[first], states[second]])))


def test_an_answer_is_the_highest_score():
    for name in TASKS:
        found, questions = made("gcn", name), asked(name)
        scores, said = found(questions), found.answer(questions)
        for number in range(len(questions.answers)):
            which, nodes = questions.choices
            if nodes.numel():
                own = which == number
                assert int(said[number]) == int(nodes[own][scores[own].argmax()])
            else:
                assert int(said[number]) == int(scores[number].argmax())


def test_what_is_smoothed_is_shared_by_all_classes():
    found, questions = made("gcn", "a class of a graph", smoothing=0.25), asked("a class of a graph")
    logarithms = found(questions).log_softmax(1)
    right = logarithms.gather(1, questions.answers[:, None])[:, 0]
    assert_same("loss", found.loss(questions), -(0.75 * right + 0.25 * logarithms.mean(1)).mean())


def test_other_graphs_than_those_of_the_task_are_refused():
    with pytest.raises(ShapeError, match=r"features: expected \[N, 4\]"):
        made("gcn", "classes of nodes")(asked("parents"))


@pytest.mark.parametrize(
    ("settings", "task", "says"),
    [
        ({"read_out": "sum"}, TASKS["classes of nodes"], "model.read_out: 'sum' is for whole graphs, and this task"),
        ({"read_out": "sum"}, TASKS["parents"], "model.read_out: 'sum' is for classes, and this task points; give"),
        ({"decoder": 3}, TASKS["parents"], "model.decoder: 3 is for classes, and this task points; give 0"),
        ({"smoothing": 0.5}, TASKS["parents"], "model.smoothing: 0.5 is for classes, and this task points; give 0"),
        ({}, Description(columns=(2,), points=True, level="edge"), "task.level: of a pair of nodes no third one can"),
        ({"numbers": "ranks"}, TASKS["classes of nodes"], "model.numbers: 'ranks' settle where a node is pointed to"),
        (
            {"numbers": "ranks"},
            Description(columns=(2,), points=True),
            "model.numbers: 'ranks' of nodes that have no numbers settle nothing; give seen",
        ),
        ({}, Description(columns=(2,)), "task.classes: 0 is no number of classes; give 1 or more"),
        ({}, Description(classes=2), "task.columns: nodes without symbols or numbers are all alike; give 1 or more"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_task_is_refused(settings, task, says):
    with pytest.raises(ConfigError) as refused:
        build("gcn", GCNSettings(**settings), task, 0)
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)


def test_a_description_does_for_a_task():
    task = TASKS["pairs"]
    told = Description(columns=task.columns, kinds=task.kinds, classes=task.classes, level=task.level)
    one, other = (build("recurrent-gnn", GRAPH_NETS["recurrent-gnn"].settings(), each, 0) for each in (task, told))
    assert_same("scores", one.double()(asked("pairs")), other.double()(asked("pairs")))


def test_features_and_what_is_given_are_counted():
    task, settings = Description(columns=(2, 3), numbers=1, classes=2), GraphSettings(hidden=8)
    assert features_of(task) == given(task, settings) == 6
    assert given(task, replace(settings, encoder=4)) == 8
    x = torch.ones(3, 6)
    assert encoder(6, settings)(x) is x
    assert encoder(6, replace(settings, encoder=4))(x).shape == (3, 8)
    assert net(6, 0, 2)(x).shape == net(6, 5, 2)(x).shape == (3, 2)


@pytest.mark.parametrize("kind", ["gin", "recurrent-gnn"])
def test_numbers_that_are_ranks_are_seen_by_nobody_and_count_for_each_choice(kind):
    found, questions = made(kind, "parents", numbers="ranks"), asked("parents")
    graphs, nodes = questions.graphs, questions.choices[1]
    moved = replace(questions, graphs=graphs.carrying(graphs.features + torch.tensor([0.0, 0.0, 1.0])))
    assert_same("states", found.states(found.inputs(moved), moved), found.states(found.inputs(questions), questions))
    shift = RANKS * found.head.ranks.detach()[0]
    assert abs(float(shift)) > 0.1
    assert_same("scores", found(moved), found(questions) + shift)
    found.head.ranks.data.zero_()
    first = found(questions)
    found.head.ranks.data.fill_(-0.2)
    assert_same("scores", found(questions), first - 0.2 * RANKS * graphs.features[nodes, 2])


class TestRounds:
    """As many as a rule says of each graph; with the same weights."""

    def test_while_training_a_share_of_them_is_drawn_for_all(self):
        found, questions = made("recurrent-gnn", "parents", factor=10.0, fewest=0.5), asked("parents")
        whole = found.rounds(questions.graphs)

        def run(seed: int) -> Tensor:
            found.chance.manual_seed(seed)
            return found.run_for(questions.graphs)

        some = [run(seed) for seed in range(20)]
        assert torch.equal(some[3], run(3))
        assert len({tuple(each.tolist()) for each in some}) > 10
        assert all(bool((each >= whole / 2).all()) and bool((each <= whole).all()) for each in some)
        found.eval()
        assert torch.equal(run(0), whole)

    def test_another_number_needs_no_other_weights(self):
        questions = asked("classes of nodes")
        few, many = (made("recurrent-gnn", "classes of nodes", factor=factor) for factor in (1.0, 10.0))
        many.load_state_dict(few.state_dict())
        assert not torch.allclose(few(questions), many(questions))
        assert isinstance(many, Recurrent)
        many.rounds = RoundsOf.of(few.settings)
        assert_same("scores", many(questions), few(questions))

    def test_a_state_is_the_processor_s_after_so_many(self):
        found, questions = made("recurrent-gnn", "parents", rounds="same", more=3), asked("parents")
        graphs = questions.graphs
        state = found.processor.start(graphs)
        for _ in range(3):
            state = found.processor.step(state, graphs.features, graphs)
        assert_same("states", found.states(graphs.features, questions), state)

    @pytest.mark.parametrize("aggregator", ["sum", "mean", "attention"])
    @pytest.mark.parametrize("messages", [0, 5])
    def test_neighbours_are_heard_as_is_said(self, aggregator, messages):
        chosen = {"aggregator": aggregator, "messages": messages}
        found, questions = made("recurrent-gnn", "classes of nodes", **chosen), asked("classes of nodes")
        assert {"sum": "Reduce", "mean": "Reduce", "attention": "Attention"}[aggregator] == type(
            found.processor.aggregator
        ).__name__ or (messages and aggregator != "attention")
        other = relabelled(questions, shuffled(questions.graphs))
        assert_same("scores", found(other), found(questions))


class TestStacks:
    """The processor's own tests say what it computes; here that settings reach it."""

    @pytest.mark.parametrize("kind", ["graph-stack-gnn", "node-stack-gnn"])
    def test_settings_reach_the_stack(self, kind):
        chosen = {"memory": 5, "pooled": "mean", "push_bias": 2.0, "pop_bias": -1.0, "carry": "neighbours"}
        settings = GRAPH_NETS[kind].settings(hidden=6, **chosen)
        found = build(kind, settings, TASKS["parents"], 0)
        assert isinstance(found, Stacked)
        stack = found.processor
        assert (stack.level, stack.how, stack.processor.carry) == (kind.split("-")[0], "mean", "neighbours")
        assert stack.value.out_features == 5
        assert stack.strengths.bias.tolist() == [2.0, -1.0]

    def test_strengths_are_told_and_can_be_given(self):
        found, questions = made("node-stack-gnn", "parents"), asked("parents")
        graphs = questions.graphs
        rounds = found.rounds(graphs)
        own = found.worked(graphs.features, graphs, rounds)
        assert own.push.shape == own.pop.shape == (7, 6)
        assert_same("states", found.states(graphs.features, questions), own.state.nodes)
        given = torch.stack([own.push, own.pop], 2)
        assert_same("states", found.worked(graphs.features, graphs, rounds, given).state.nodes, own.state.nodes)
        other = found.worked(graphs.features, graphs, rounds, 1 - given)
        assert not torch.allclose(other.state.nodes, own.state.nodes)
