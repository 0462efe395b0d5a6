"""Claims 11, 12 and 14: graph nets that are recurrent ones, what no order can tell, and rounds without end."""

import torch
from torch import nn

from pushpop.graphs.aggregators import Messages, Reduce
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import first_weights
from pushpop.graphs.processor import Processor
from pushpop.studies.ledger import Entry, found, gap, numbers, random_graph
from pushpop.studies.verdicts import Outcome
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.expression import Expression, Tree
from pushpop.tasks.graphs.instance import drawn, guesses

WIDTH, LENGTH, HEIGHT = 4, 20, 3
EXACT = 1e-12


@torch.no_grad()
def along_a_path() -> list[Outcome]:
    """Rounds on a directed path against torch's own GRU over the string."""
    x = numbers(0, LENGTH, WIDTH)
    path = Graphs.of(x, [list(range(LENGTH - 1)), list(range(1, LENGTH))])
    net = first_weights(Processor(WIDTH, WIDTH, Reduce("sum"), carry="neighbours"), 0).double()
    gru = nn.GRU(WIDTH, WIDTH).double()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        gru.get_parameter(f"{name}_l0").copy_(net.cell.get_parameter(name))
    wanted = gru(x[:, None])[0][:, 0]
    state, gaps, ahead = net.start(path), list[float](), list[float]()
    for rounds in range(1, LENGTH + 1):
        state = net.step(state, x, path)
        gaps.append(gap(state[:rounds], wanted[:rounds]))
        ahead += [gap(state[rounds:], wanted[rounds:])] if rounds < LENGTH else []
    said = f"string of {LENGTH}: after r rounds the first r states, gap {max(gaps):.0e}; those beyond, {min(ahead):.0e}"
    return [found(max(gaps) < EXACT < min(ahead), said)]


@torch.no_grad()
def no_order() -> list[Outcome]:
    """Trees and the same with arguments exchanged, under nets that see the place of an argument and that do not."""
    task, same, told, trees = Expression(), 0, 0, 20
    blind = first_weights(Processor(task.columns[0], WIDTH, Reduce("sum"), carry="neighbours"), 0).double()
    seeing = first_weights(Processor(task.columns[0], WIDTH, Messages(WIDTH, WIDTH, 2, "sum")), 0).double()
    for number in range(trees):
        tree = task.tree(Draws("claim 12", number), HEIGHT)
        one, other = (as_graph(task, each) for each in (tree, exchanged(tree)))
        same += torch.equal(*(blind(each.features, each, HEIGHT + 1)[0] for each in (one, other)))
        told += gap(*(seeing(each.features, each, HEIGHT + 1)[0] for each in (one, other))) > EXACT
    said = f"{trees} trees and their mirror images: {same} equal to the bit for a sum, {told} told apart by place"
    return [found(same == told == trees, said), ceilings(task)]


def exchanged(tree: Tree) -> Tree:
    """With the arguments of every operator the other way round."""
    return tree if isinstance(tree, int) else tuple(exchanged(part) for part in reversed(tree))


def as_graph(task: Expression, tree: Tree) -> Graphs:
    instance = task.of(tree)
    features = torch.from_numpy(instance.features(task.columns)).double()
    return Graphs.of(features, instance.edges, kinds=torch.from_numpy(instance.kinds))


def ceilings(task: Expression) -> Outcome:
    """What one who is blind to order gets at best: for the smallest trees all of them, then of some that are drawn."""
    every = [(first, second) for first in range(task.modulus) for second in range(task.modulus)]
    exact = sum(float(task.unordered(tree).max()) for tree in every) / len(every)
    known = (task.modulus + 1) / (2 * task.modulus)
    means = [guesses(task, drawn(task, "test", depth, 40))["blind to order"] for depth in (2, 3, 4)]
    added = Expression(ordered=False)
    control = guesses(added, drawn(added, "test", 3, 10))["blind to order"]
    said = ", ".join(f"{value:.2f}" for value in means)
    evidence = f"a - b mod 7, best guess without order: {exact:.3f}, {said} at depths 1 to 4; a + b {control:.3f}"
    holds = abs(exact - known) < EXACT and max(means) < exact and means == sorted(means, reverse=True)
    return found(holds and control == 1, evidence)


@torch.no_grad()
def more_rounds() -> list[Outcome]:
    """One net at R and at ten times as many rounds; its weights as many for any."""
    graphs, counts = random_graph(0, 12), set[int]()
    net = first_weights(Processor(WIDTH, WIDTH, Messages(WIDTH, WIDTH)), 0).double()
    for rounds in (5, 50):
        net(graphs.features, graphs, rounds)
        counts.add(sum(weights.numel() for weights in net.parameters()))
    cut = net(graphs.features, graphs, 45, net(graphs.features, graphs, 5))
    apart = gap(cut, net(graphs.features, graphs, 50))
    said = f"{counts.pop()} weights at 5 rounds and at 50; 5 and then 45 are 50, gap {apart:.0e}"
    return [found(not counts and apart < EXACT, said)]


ENTRIES = (
    Entry(
        number="11",
        says="A recurrent graph net on a directed path is an RNN.",
        rule="s_v <- GRU(x_v, s_(v-1)), all nodes at once: after r rounds the first r states are the GRU's, to 1e-12.",
        judge=along_a_path,
    ),
    Entry(
        number="12",
        says="Without an order of arguments f - g and g - f are one: n-ary trees are awkward for graph nets.",
        rule="An order-blind net's outputs are equal to the bit; its best guess, by enumeration, is below 1.",
        judge=no_order,
    ),
    Entry(
        number="14",
        says="More rounds at test need tied weights.",
        rule="The same parameters run at R and at 10 R, and there are as many of them for any R.",
        judge=more_rounds,
    ),
)
