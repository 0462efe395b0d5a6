"""A net that goes through a depth-first search: the whole is its steps, and the algorithm itself is the judge."""

from dataclasses import replace

import pytest
import torch

from closeness import assert_same
from pushpop.errors import ConfigError
from pushpop.graphs.callstack import CallStack, Said, build, highest, pointed_out, read_weights
from pushpop.graphs.catalogue import build_graph
from pushpop.graphs.lessons import CURRENT, FRESH, PARENT, VISITED, Lesson, begun, known
from pushpop.graphs.questions import Questions
from pushpop.memory.reference import pop_stack, read_stack
from pushpop.models.search_settings import CallStackSettings
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.instance import drawn

TASK = DepthFirst(size=6)
SMALL = {"hidden": 6, "messages": 4, "pooled": 5, "memory": 3}
every_level = pytest.mark.parametrize("level", ["none", "graph", "node"])
every_way = pytest.mark.parametrize("operations", ["hard", "soft", "unsupervised"])


def asked(*sizes: int, seed: int = 1000) -> Questions:
    instances = [one for size in sizes for one in drawn(TASK, "training", size, 2, seed)]
    return Questions.of(TASK, instances, dtype=torch.float64)


def made(seed: int = 0, **chosen) -> CallStack:
    """A small net whose biases are stirred, so that they are seen, and whose strengths are not all alike."""
    found = build(CallStackSettings(**{**SMALL, **chosen}), TASK, seed).double()
    chance = torch.Generator().manual_seed(seed + 1)
    for weights in found.parameters():
        weights.data += 0.3 * torch.randn(weights.shape, generator=chance, dtype=torch.float64)
    return found


class Textbook(CallStack):
    """Says what the algorithm does next, in the place of what was learned: of each step from its hints alone, and from
    a stack of its own that is worked as the hints call for."""

    def follow(self, questions: Questions) -> None:
        self.calls: list[list[tuple[int, int]]] = [[] for _ in range(questions.graphs.count)]

    def step(self, hints, between, graphs, given=None):
        nodes, callers, visited = (torch.zeros(graphs.nodes, 1) for _ in range(3))
        fresh = torch.zeros(graphs.count, 1)
        leads = [[] for _ in range(graphs.nodes)]
        for source, target in graphs.edges.T.tolist():
            leads[source].append(target)
        for number, calls in enumerate(self.calls):
            own = (graphs.graph == number).nonzero()[:, 0].tolist()
            if not hints[own].any():  # this search is over
                continue
            at, by = (next(node for node in own if hints[node, column]) for column in (CURRENT, PARENT))
            seen = {node for node in own if hints[node, VISITED] or hints[node, FRESH]}
            onward = min((node for node in leads[at] if node not in seen), default=None)
            anew = min((node for node in own if node not in seen), default=at)
            if hints[at, FRESH]:
                then, caller, now = at, by, False
            elif at not in seen:
                then, caller, now = at, by, True
            elif onward is not None:
                calls.append((at, by))
                then, caller, now = onward, at, True
            elif calls:
                then, caller = calls.pop()
                now = False
            else:
                then, caller, now = anew, anew, False
            nodes[then], callers[caller], fresh[number] = 1, 1, 1 if now else -1
            visited[own] = torch.tensor([[1.0 if node in seen else -1.0] for node in own])
        return Said(nodes, callers, visited, fresh, fresh[..., None][..., :0]), between


def test_a_lesson_is_the_search_step_by_step():
    instances = [one for size in (6, 3) for one in drawn(TASK, "training", size, 3, 1000)]
    questions = Questions.of(TASK, instances)
    lesson, first = Lesson.of(questions.graphs), 0
    for number, one in enumerate(instances):
        for at, step in enumerate(TASK.steps(one)):
            before = TASK.steps(one)[at - 1].visited if at else ()
            want = torch.zeros(one.nodes, 4)
            want[step.node, CURRENT] = want[step.parent, PARENT] = 1
            want[list(before), VISITED] = 1
            want[[node for node in step.visited if node not in before], FRESH] = 1
            assert torch.equal(lesson.hints[first : first + one.nodes, at], want)
            assert lesson.operations[number, at].tolist() == [step.operation == 1, step.operation == -1]
            assert lesson.nodes[number, at] == first + step.node
            assert lesson.callers[number, at] == first + step.parent
        assert lesson.live[number].sum() == 3 * one.nodes
        first += one.nodes


def test_hints_written_from_right_answers_are_those_of_the_search():
    questions = asked(6, 4, 2)
    lesson, graphs = Lesson.of(questions.graphs), questions.graphs
    hints, node = begun(graphs)
    assert torch.equal(hints, lesson.hints[:, 0])
    assert torch.equal(node, lesson.nodes[:, 0])
    for at in range(1, lesson.hints.shape[1]):
        live = lesson.live[:, at]
        fresh = lesson.hints[lesson.nodes[:, at], at, FRESH] > 0
        again = known(
            lesson.nodes[:, at], lesson.callers[:, at], lesson.hints[:, at, VISITED] > 0, fresh, torch.float64
        )
        assert torch.equal(again[live[graphs.graph]], lesson.hints[live[graphs.graph], at])


def test_one_who_always_says_the_right_hints_runs_through_the_search_and_finds_every_caller():
    questions = asked(6, 4, 2)
    net = Textbook(CallStackSettings(**SMALL), 1).double()
    net.follow(questions)
    assert torch.equal(net.answer(questions), questions.answers)
    lesson, graphs = Lesson.of(questions.graphs), questions.graphs
    net.follow(questions)
    for at in range(lesson.hints.shape[1] - 1):
        said, _ = net.step(lesson.hints[:, at], net.start(graphs), graphs)
        live = lesson.live[:, at + 1]
        assert torch.equal(highest(said.nodes[:, 0], graphs)[live], lesson.nodes[live, at + 1])
        assert torch.equal(highest(said.callers[:, 0], graphs)[live], lesson.callers[live, at + 1])


@every_level
@every_way
def test_all_steps_at_once_are_one_after_another(level, operations):
    questions, net = asked(5, 3), made(stack=level, operations=operations)
    lesson = Lesson.of(questions.graphs)
    whole, single = (way(lesson, questions.graphs) for way in (net.at_once, net.stepwise))
    for name in Said._fields:
        assert_same(name, getattr(whole, name), getattr(single, name))


def test_read_weights_are_those_of_the_reference():
    chance = torch.Generator().manual_seed(0)
    strengths = torch.rand(2, 7, 2, generator=chance, dtype=torch.float64)
    found = read_weights(strengths)
    for graph in range(2):
        cells = []
        for step in range(7):
            want = torch.zeros(7, dtype=torch.float64)
            want[:step] = torch.tensor(read_stack(cells), dtype=torch.float64)
            assert_same(f"step {step}", found[graph, step], want)
            push, pop = strengths[graph, step].tolist()
            cells = [*pop_stack(cells, pop), push]


@pytest.mark.parametrize("carried", ["no", "yes"])
def test_a_stack_at_one_node_is_that_of_its_graph(carried):
    instances = [TASK.of(1, torch.zeros(2, 0, dtype=torch.int64).numpy()) for _ in range(2)]
    questions = Questions.of(TASK, instances, dtype=torch.float64)
    at_node, at_graph = (made(stack=level, carried=carried, hidden=5, pooled=5) for level in ("node", "graph"))
    for name, weights in at_node.named_parameters():
        if not name.startswith("queries"):  # a graph's also sees what is on top
            dict(at_graph.named_parameters())[name].data.copy_(weights)
    at_graph.queries.weight.data.zero_()
    at_graph.queries.weight.data[:, :5] = at_node.queries.weight
    at_graph.queries.bias.data.copy_(at_node.queries.bias)
    for net in (at_node, at_graph):  # then what is pooled of one node is that node's own
        net.whole.weight.data, net.whole.bias.data = torch.eye(5).double(), torch.zeros(5).double()
    lesson = Lesson.of(questions.graphs)
    one, other = (net.stepwise(lesson, questions.graphs) for net in (at_node, at_graph))
    for name in Said._fields:
        assert_same(name, getattr(one, name), getattr(other, name))


@every_level
@pytest.mark.parametrize("carried", ["no", "yes"])
def test_batch_mates_and_names_change_nothing(level, carried):
    net = made(stack=level, carried=carried, operations="soft").eval()
    instances = drawn(TASK, "training", 6, 3, 1001) + drawn(TASK, "training", 3, 2, 1001)
    together = Questions.of(TASK, instances, dtype=torch.float64)
    said, first = net.answer(together), 0
    for one in instances:
        alone = net.answer(Questions.of(TASK, [one], dtype=torch.float64))
        assert torch.equal(alone + first, said[first : first + one.nodes])
        first += one.nodes
    losses = [float(net.loss(Questions.of(TASK, [one], dtype=torch.float64)).detach()) for one in instances[:2]]
    both = Questions.of(TASK, instances[:2], dtype=torch.float64)  # of one size: a mean of means
    assert float(net.loss(both).detach()) == pytest.approx(sum(losses) / 2)


@pytest.mark.parametrize(
    ("level", "operations", "carried"),
    [("none", "hard", "no"), ("graph", "soft", "no"), ("node", "unsupervised", "no"), ("node", "soft", "yes")],
)
def test_gradients_are_finite_differences(level, operations, carried):
    questions, net = asked(3), made(stack=level, operations=operations, carried=carried, hidden=3)
    parts = net.losses(questions)
    assert ("strengths" in parts) == (level != "none" and operations != "unsupervised")
    run = lambda *_: net.loss(questions)  # noqa: E731
    assert torch.autograd.gradcheck(run, tuple(net.parameters()), fast_mode=True)


def test_nobody_tells_an_unsupervised_stack_what_the_search_does(monkeypatch):
    questions, net = asked(5), made(operations="unsupervised")
    want = net.loss(questions)
    true = Lesson.of
    monkeypatch.setattr(Lesson, "of", lambda graphs: replace(true(graphs), operations=true(graphs).operations * 0))
    assert torch.equal(net.loss(questions), want)
    assert not torch.equal(made(operations="soft").loss(questions), made(operations="hard").loss(questions))


def test_positions_are_drawn_while_training_and_ascend_in_each_graph():
    questions, net = asked(6, 4), made(positions="drawn")
    net.chance.manual_seed(3)
    places = net.positions(questions).features[:, 0]
    assert not torch.equal(places, questions.graphs.features[:, 0])
    assert bool(((places >= 0) & (places < 1)).all())
    for number in range(4):
        own = places[questions.graphs.graph == number]
        assert torch.equal(own, own.sort().values)
    net.chance.manual_seed(3)
    assert torch.equal(places, net.positions(questions).features[:, 0])
    net.eval()
    assert torch.equal(net.positions(questions).features, questions.graphs.features)


def test_nats_of_a_node_are_those_of_its_graphs_softmax():
    questions = asked(4, 3)
    graphs = questions.graphs
    scores = torch.randn(graphs.nodes, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    right = torch.stack([(graphs.graph == number).nonzero()[-1].expand(5) for number in range(graphs.count)])
    found = pointed_out(scores, right, graphs)
    for number in range(graphs.count):
        own = scores[graphs.graph == number]
        assert_same(f"graph {number}", found[number], -own.log_softmax(0)[-1])


def test_the_catalogue_builds_it_for_a_depth_first_search_alone():
    net = build_graph("call-stack-gnn", CallStackSettings(**SMALL, push_bias=1.5, pop_bias=-0.5), TASK, 3)
    assert isinstance(net, CallStack)
    assert net.strengths[-1].bias.tolist() == [1.5, -0.5, 0.0]
    assert net.count() == sum(weights.numel() for weights in net.parameters())
    with pytest.raises(ConfigError) as refused:
        build_graph("call-stack-gnn", CallStackSettings(), BreadthFirst(size=5), 0)
    assert str(refused.value).startswith("model.kind: call-stack-gnn learns from the steps of a search; give the task")
