"""Nodes that answer once: against a plain loop over rounds and answers; and it carries breadth-first search far."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from closeness import assert_same
from pushpop.evaluation.graphs import say, score
from pushpop.graphs.nets import build
from pushpop.graphs.once import LEAST, SaidOnce
from pushpop.graphs.questions import Questions
from pushpop.graphs.recurrent import Recurrent
from pushpop.models.rounds_settings import RecurrentGraphSettings
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.expression import Expression
from pushpop.tasks.graphs.instance import drawn
from pushpop.tasks.graphs.kinship import Kinship
from pushpop.tasks.graphs.parity import PathParity

TASKS = {
    "classes of nodes": PathParity(size=5),
    "parents": BreadthFirst(size=7),
    "pairs": Kinship(steps=3),
    "a class of a graph": Expression(depth=2),
}
every_task = pytest.mark.parametrize("name", TASKS)


def made(name: str, seed: int = 0, **chosen) -> SaidOnce:
    settings = RecurrentGraphSettings(**{"hidden": 6, "said": "once", "factor": 0.7, **chosen})
    found = build("recurrent-gnn", settings, TASKS[name], seed).double()
    assert isinstance(found, SaidOnce)
    generator = torch.Generator().manual_seed(seed)
    for weights in found.parameters():
        weights.data += 0.5 * torch.randn(weights.shape, generator=generator, dtype=torch.float64)
    return found.eval()


def asked(name: str, sizes: int = 2) -> Questions:
    task = TASKS[name]
    some = [one for size in task.ladder["training"][-sizes:] for one in drawn(task, "training", size, 3, 1000)]
    return Questions.of(task, some, dtype=torch.float64)


def plainly(net: SaidOnce, questions: Questions) -> tuple[list[Tensor], list[int]]:
    """Of each answer its p, and what it says, round by round, answer by answer."""
    graphs, which = questions.graphs, questions.choices[0]
    inputs, rounds = net.inputs(questions), net.rounds(graphs)
    states = [net.processor.start(graphs)]
    for _ in range(int(rounds.max())):
        states.append(net.processor.step(states[-1], inputs, graphs))
    shares, said = [], []
    for number in range(len(questions.answers)):
        own = which == number if which.numel() else number
        left, given, first = 1.0, torch.zeros(()), None
        for before, after in list(pairwise(states))[: int(rounds[questions.owner[number]])]:
            scores = net.head(before, questions)[own]
            ends = [states[nodes[number]] for states in (before, after) for nodes in questions.asked]
            gate = float(net.gate(torch.cat(ends)).sigmoid())
            given = given + left * gate * scores.exp() / scores.exp().sum()
            left *= 1 - gate
            if gate > 0.5 and first is None:
                first = int(scores.argmax())
        p = given + left / len(scores) + LEAST
        place = int(p.argmax()) if first is None else first
        shares.append(p)
        said.append(int(questions.choices[1][own][place]) if which.numel() else place)
    return shares, said


@every_task
@pytest.mark.parametrize("bias", [-1.0, 0.0, 1.0])
@torch.no_grad()
def test_answers_are_given_out_as_one_would_say_it(name, bias):
    net, questions = made(name), asked(name)
    net.gate.bias.fill_(bias)
    shares, said = plainly(net, questions)
    found = net(questions).exp()
    assert_same("p", found, torch.cat(shares) if questions.choices.numel() else torch.stack(shares))
    assert net.answer(questions).tolist() == said


def test_what_was_said_stays_said():
    """Rounds without end change nothing, once every gate has been open."""
    net, questions = made("parents", rounds="same", more=2), asked("parents")
    net.gate.bias.data.fill_(30.0)
    scores, said = net(questions), net.answer(questions)
    net.rounds = replace(net.rounds, more=50)
    assert_same("scores", net(questions), scores)
    assert torch.equal(net.answer(questions), said)


@every_task
def test_gradients_reach_every_weight(name):
    net = made(name, numbers="ranks" if name == "parents" else "seen").train()
    net.loss(asked(name)).backward()
    for place, weights in net.named_parameters():
        assert weights.grad is not None, place
        assert float(weights.grad.abs().sum()) > 0, place


def test_an_answer_that_is_sure_to_be_wrong_costs_much_but_not_without_end():
    net, questions = made("classes of nodes"), asked("classes of nodes")
    net.gate.bias.data.fill_(40.0)
    net.head.classes.weight.data.zero_()
    net.head.classes.bias.data.copy_(torch.tensor([500.0, -500.0]))
    net.loss(replace(questions, answers=torch.ones_like(questions.answers))).backward()
    assert all(bool(weights.grad.isfinite().all()) for weights in net.parameters())


def test_it_is_built_where_it_is_asked_for():
    plain = build("recurrent-gnn", RecurrentGraphSettings(), TASKS["parents"], 0)
    assert type(plain) is Recurrent


def test_breadth_first_search_goes_on_far_beyond_the_graphs_that_it_was_learned_on():
    """Of 16 nodes at most; then random graphs ten times as large, and paths, which are deeper than any seen."""
    task = BreadthFirst()
    chosen = {"hidden": 16, "messages": 0, "noise": 0.3, "fewest": 0.5, "rounds": "depth", "more": 2}
    net = build("recurrent-gnn", RecurrentGraphSettings(said="once", numbers="ranks", **chosen), task, 1000)
    optimizer, sizes = torch.optim.Adam(net.parameters(), 0.01), task.ladder["training"]
    for step in range(60):
        instances = drawn(task, "training", sizes[step % len(sizes)], 8, 1000, step)
        net.chance.manual_seed(step)
        loss = net.loss(Questions.of(task, instances))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    for graphs, size in (("er", 160), ("path", 40)):
        other = BreadthFirst(graphs=graphs)
        far = drawn(other, "validation", size, 10)
        assert score(far, say(net, other, far)).node > 0.95, graphs
