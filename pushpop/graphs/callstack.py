"""`call-stack-gnn`: goes through a depth-first search step by step, on local hints, with a call stack or without one.

After Juerss, Jayalath, Velickovic 2023 (Recursive Algorithmic Reasoning, arXiv 2307.00337): a stack for each graph or
at each node, no state of the nodes from one step to the next, and each step's caller written down as the current node's
predecessor. Theirs is worked by operations that are supervised; here they may be soft, and learned without being told.

Axes: N nodes of all graphs, G graphs, S steps, H hidden units, P numbers of a graph, V of a value, H' hints.
"""

from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, one_hot, pad

from pushpop.errors import ConfigError
from pushpop.graphs.aggregators import Reduce
from pushpop.graphs.contract import Readable, Reader, features_of, net
from pushpop.graphs.graph import Graphs
from pushpop.graphs.lessons import FRESH, HINTS, STEPS, VISITED, Lesson, begun, known
from pushpop.graphs.questions import Questions
from pushpop.graphs.readout import read_out
from pushpop.graphs.segments import first_largest, log_softmax, total
from pushpop.memory import Stack
from pushpop.memory.shapes import expect
from pushpop.models.search_settings import CallStackSettings
from pushpop.tasks.graphs.dfs import DepthFirst

NOTHING = 2  # behind push and pop
KEYS = 8  # numbers by which a node is matched with what is asked for


class Seen(NamedTuple):
    """What the hints of some steps come to, before the stack is read."""

    nodes: Tensor  # [N, S, H]
    graphs: Tensor  # [G, S, P]


class Said(NamedTuple):
    """What is said of the steps that come next: logits, or scores of nodes among which one of each graph is meant."""

    nodes: Tensor  # [N, S]: that it is the current node
    callers: Tensor  # [N, S]: that it is who called that
    visited: Tensor  # [N, S]: that it was visited before
    fresh: Tensor  # [G, S]: that the current node is visited then
    strengths: Tensor  # [G, S, 3]: to push, to pop, to do nothing in this step itself; [G, S, 0] without a stack


class Between(NamedTuple):
    """What is carried from step to step beside the hints."""

    memory: Stack | None  # of G or N words
    nodes: Tensor | None  # [N, H]


class CallStack(Reader):
    """From the hints of a step, what is on top of the stack and the graph, the hints of the next; and, worked by
    operations that follow from the hints alone, the stack.

    A step reads the stack, then pops and pushes, all by what its own hints say; a value is made of them too. So without
    a carried state the steps of a known search do not wait for each other: `loss` takes them all at once, and the stack
    is worked through them for its read weights alone.
    """

    def __init__(self, settings: CallStackSettings, features: int) -> None:
        super().__init__()
        self.settings, self.features = settings, features
        hidden, pooled, level = settings.hidden, settings.pooled, settings.stack
        self.enter = nn.Linear(features + HINTS, hidden)
        self.message, self.aggregator = nn.Linear(hidden, settings.messages), Reduce("max")
        self.own, self.heard = nn.Linear(hidden, hidden), nn.Linear(settings.messages, hidden, bias=False)
        self.whole = nn.Linear(hidden, pooled)
        self.node, self.graph = nn.Linear(hidden, hidden), nn.Linear(pooled, hidden, bias=False)
        self.pointers, self.visited = nn.Linear(hidden, 2), nn.Linear(hidden, 1)
        self.keys, self.fresh = nn.Linear(hidden, 2 * KEYS), net(pooled, hidden, 1)
        wanted = pooled + (settings.memory if level == "graph" else 0)
        self.queries = nn.Linear(wanted, 2 * KEYS)
        if level != "none":
            self.top = nn.Linear(settings.memory, hidden, bias=False)
            self.value = nn.Linear(pooled if level == "graph" else hidden, settings.memory)
            self.strengths = net(pooled, hidden, 3)
        if settings.carried == "yes":
            self.before, self.cell = nn.Linear(hidden, hidden, bias=False), nn.GRUCell(hidden, hidden)

    def begin(self, seed: int) -> Self:
        """Pushes and pops begin with the biases that the settings say."""
        begun = super().begin(seed)
        if self.settings.stack != "none":
            first = torch.tensor([self.settings.push_bias, self.settings.pop_bias, 0.0])
            begun.get_parameter("strengths.2.bias").data.copy_(first)
        return begun

    def loss(self, questions: Questions) -> Tensor:
        """Mean nats of each of the next hints, and of the operations where they are taught, added up; each step from
        the true hints of the search."""
        return sum(self.losses(questions).values(), start=torch.zeros((), device=questions.answers.device))

    def losses(self, questions: Questions) -> dict[str, Tensor]:
        """Its parts: nodes, callers, visited, fresh; strengths, or what keeps them open where they are not taught."""
        graphs = self.positions(questions)
        lesson = Lesson.of(graphs)
        said = self.stepwise(lesson, graphs) if self.settings.carried == "yes" else self.at_once(lesson, graphs)
        live, after = lesson.live[:, 1:], lesson.hints[:, 1:]
        alive = live[graphs.graph]
        parts = {
            "nodes": pointed_out(said.nodes[:, :-1], lesson.nodes[:, 1:], graphs)[live].mean(),
            "callers": pointed_out(said.callers[:, :-1], lesson.callers[:, 1:], graphs)[live].mean(),
            "visited": logistic(said.visited[:, :-1][alive], after[..., VISITED][alive]),
            "fresh": logistic(said.fresh[:, :-1][live], total(after[..., FRESH], graphs.graph, graphs.count)[live]),
        }
        if self.settings.stack != "none" and self.settings.operations != "unsupervised":
            right = torch.where(lesson.operations.any(2), lesson.operations.argmax(2), NOTHING)
            parts["strengths"] = cross_entropy(said.strengths[lesson.live], right[lesson.live])
        elif self.settings.stack != "none" and self.settings.open:
            sure = said.strengths[lesson.live].log_softmax(1)
            parts["open"] = self.settings.open * (sure.exp() * sure).sum(1).mean()
        return parts

    @torch.no_grad()
    def answer(self, questions: Questions) -> Tensor:
        """Who called each node [A] (int64, by its number in the batch), as found by running freely: each step from the
        hints that the one before said, and each step's caller written down as the predecessor of its node."""
        graphs = questions.graphs
        expect("features", graphs.features, ("N", self.features), next(self.parameters()).dtype)
        hints, node = begun(graphs)
        parent, between = node, self.start(graphs)
        ends, found = STEPS * graphs.sizes, torch.arange(graphs.nodes, device=node.device)
        for number in range(int(ends.max())):
            live = number < ends
            found[node[live]] = parent[live]
            said, between = self.step(hints, between, graphs)
            node, parent = highest(said.nodes[:, 0], graphs), highest(said.callers[:, 0], graphs)
            hints = known(node, parent, said.visited[:, 0] > 0, said.fresh[:, 0] > 0, hints.dtype)
        return found[questions.asked[0]]

    def start(self, graphs: Graphs) -> Between:
        """Before the first step: an empty stack, nothing in the nodes."""
        like, words = graphs.features, graphs.count if self.settings.stack == "graph" else graphs.nodes
        kept = {"dtype": like.dtype, "device": like.device}
        memory = None if self.settings.stack == "none" else Stack.empty(words, self.settings.memory, **kept)
        state = like.new_zeros(graphs.nodes, self.settings.hidden) if self.settings.carried == "yes" else None
        return Between(memory, state)

    def step(
        self, hints: Tensor, between: Between, graphs: Graphs, given: Tensor | None = None
    ) -> tuple[Said, Between]:
        """One step from its hints [N, H']: what it says of the next, S = 1, and what goes on to it.

        `given` [G, 2], push and pop, are done instead of the operations that it says itself.
        """
        memory, state = between
        seen = self.see(hints[:, None], graphs, state)
        top = None if memory is None else memory.read()[:, None]
        said, nodes = self.say(seen, top, graphs)
        if memory is not None:
            push, pop = (self.done(said.strengths[:, 0]) if given is None else given).unbind(1)
            if self.settings.stack == "node":
                push, pop = push[graphs.graph], pop[graphs.graph]
            memory = memory.pop(pop).push(self.values(seen)[:, 0], push)
            if not torch.is_grad_enabled():
                memory = memory.compact()
        return said, Between(memory, None if state is None else self.cell(nodes[:, 0], state))

    def stepwise(self, lesson: Lesson, graphs: Graphs) -> Said:
        """A known search step by step."""
        between, found = self.start(graphs), list[Said]()
        taught = self.settings.operations == "hard"
        for number in range(lesson.hints.shape[1]):
            given = lesson.operations[:, number] if taught else None
            said, between = self.step(lesson.hints[:, number], between, graphs, given)
            found.append(said)
        return Said(*(torch.cat(parts, 1) for parts in zip(*found, strict=True)))

    def at_once(self, lesson: Lesson, graphs: Graphs) -> Said:
        """The same for all steps at once, where nothing but the stack goes from one to the next."""
        seen, tops = self.see(lesson.hints, graphs), None
        if self.settings.stack != "none":
            hard = self.settings.operations == "hard"
            weights = read_weights(lesson.operations if hard else self.done(self.strengths(seen.graphs)))
            tops = (weights if self.settings.stack == "graph" else weights[graphs.graph]) @ self.values(seen)
        return self.say(seen, tops, graphs)[0]

    def see(self, hints: Tensor, graphs: Graphs, state: Tensor | None = None) -> Seen:
        """What nodes make of the hints [N, S, H'], of what they hear of those that lead to them, and of their state."""
        steps = hints.shape[1]
        entered = self.enter(torch.cat([graphs.features[:, None].expand(-1, steps, -1), hints], 2))
        if state is not None:
            entered = entered + self.before(state)[:, None]
        entered = entered.relu()
        heard = self.aggregator(self.message(entered).relu().flatten(1), graphs).unflatten(1, (steps, -1))
        nodes = (self.own(entered) + self.heard(heard)).relu()
        return Seen(nodes, read_out("max", self.whole(nodes).flatten(1), graphs).unflatten(1, (steps, -1)))

    def say(self, seen: Seen, tops: Tensor | None, graphs: Graphs) -> tuple[Said, Tensor]:
        """What is said of the next steps, and what nodes have come to [N, S, H]; `tops` [G or N, S, V]."""
        shared = self.settings.stack == "graph"
        mixed = self.node(seen.nodes) + self.graph(seen.graphs)[graphs.graph]
        if tops is not None:
            mixed = mixed + (self.top(tops)[graphs.graph] if shared else self.top(tops))
        nodes = mixed.relu()
        asks = torch.cat([seen.graphs, tops], 2) if shared and tops is not None else seen.graphs
        matched = (self.keys(seen.nodes) * self.queries(asks)[graphs.graph]).unflatten(2, (2, KEYS)).sum(3)
        at, by = (self.pointers(nodes) + matched).unbind(2)
        strengths = seen.graphs[..., :0] if tops is None else self.strengths(seen.graphs)
        return Said(at, by, self.visited(nodes)[..., 0], self.fresh(seen.graphs)[..., 0], strengths), nodes

    def values(self, seen: Seen) -> Tensor:
        """What each step would push: [G or N, S, V]."""
        return self.value(seen.graphs if self.settings.stack == "graph" else seen.nodes).tanh()

    def done(self, logits: Tensor) -> Tensor:
        """Push and pop strengths: their shares of a softmax in which the third is to do nothing; where operations are
        hard, the likeliest of the three wholly."""
        if self.settings.operations == "hard":
            return one_hot(logits.argmax(-1), 3)[..., :NOTHING].to(logits)
        return logits.softmax(-1)[..., :NOTHING]

    def positions(self, questions: Questions) -> Graphs:
        """The graphs, with positions that are drawn anew where the settings say so: ascending as ever, but anywhere in
        [0, 1), so that small graphs show nodes as near to each other as they are in large ones."""
        graphs = questions.graphs
        expect("features", graphs.features, ("N", self.features), next(self.parameters()).dtype)
        if self.settings.positions == "even" or not self.training:
            return graphs
        drawn = torch.rand(graphs.nodes, generator=self.chance, dtype=torch.float64) + graphs.graph.cpu()
        places = (drawn.sort().values - graphs.graph.cpu()).to(graphs.features)
        return graphs.carrying(torch.cat([places[:, None], graphs.features[:, 1:]], 1))


def build(settings: CallStackSettings, task: Readable, seed: int) -> CallStack:
    """The net with first weights of that seed. ConfigError for a task that is no depth-first search."""
    if not isinstance(task, DepthFirst):
        raise ConfigError("model.kind: call-stack-gnn learns from the steps of a search; give the task dfs, or another")
    with torch.random.fork_rng(devices=[]):
        made = CallStack(settings, features_of(task))
    return made.begin(seed)


def read_weights(strengths: Tensor) -> Tensor:
    """What each step's read gives to the value of every step [G, S, S], of a stack worked with push and pop strengths
    [G, S, 2]; a step reads before it pops and pushes."""
    graphs, steps, _ = strengths.shape
    memory = Stack.empty(graphs, 1, dtype=strengths.dtype, device=strengths.device)
    blank, found = strengths.new_zeros(graphs, 1), list[Tensor]()
    for number in range(steps):
        found.append(pad(memory.weights(), (0, steps - number)))
        push, pop = strengths[:, number].unbind(1)
        memory = memory.pop(pop).push(blank, push)
    return torch.stack(found, 1)


def pointed_out(scores: Tensor, right: Tensor, graphs: Graphs) -> Tensor:
    """Nats [G, S] of the right node of each graph [G, S] (int64) among all its nodes, of scores [N, S]."""
    return -log_softmax(scores, graphs.graph, graphs.count).gather(0, right)


def logistic(logits: Tensor, wanted: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(logits, wanted.to(logits))


def highest(scores: Tensor, graphs: Graphs) -> Tensor:
    """The node of the highest score [N] of each graph [G]; of equal ones the first."""
    return first_largest(scores, graphs.graph, graphs.count)
