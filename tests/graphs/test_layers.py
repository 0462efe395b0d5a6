"""Every layer: what it is, and that names, batch mates and strangers change nothing."""

import pytest
import torch
from graph_layers import CASES, KINDS, WIDTH, built, drawn

from closeness import assert_same
from pushpop.errors import ConfigError, GraphError, ShapeError
from pushpop.graphs.aggregators import Messages, Normalised, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import GAT, GCN, GIN, GATv2, Neighbours, Relational, first_weights
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.segments import reduce

every_layer = pytest.mark.parametrize("name", CASES)
both_precisions = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def shuffled(graphs: Graphs, seed: int) -> torch.Tensor:
    """A permutation of all nodes, each graph's own among themselves."""
    chance = torch.Generator().manual_seed(seed)
    order = [int(first) + torch.randperm(int(size), generator=chance)
             for first, size in zip(graphs.sizes.cumsum(0) - graphs.sizes, graphs.sizes, strict=True)]  # fmt: skip
    return torch.cat(order)


@every_layer
@both_precisions
@pytest.mark.parametrize("seed", [1000, 1001])
def test_a_layer_is_its_dense_oracle(name, dtype, seed):
    graphs, layer = drawn(seed, dtype=dtype), built(name, seed, dtype)
    x = graphs.features.requires_grad_()
    got, want = layer(x, graphs), CASES[name].oracle(layer, x, graphs)
    assert_same("states", got, want)
    direction = torch.randn(want.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)
    taught = {"x": x} | {key: value for key, value in layer.named_parameters() if value.requires_grad}
    gradients = [torch.autograd.grad((one * direction).sum(), list(taught.values())) for one in (got, want)]
    for key, mine, theirs in zip(taught, *gradients, strict=True):
        assert_same(f"d {key}", mine, theirs)


@every_layer
@both_precisions
def test_names_of_nodes_change_nothing(name, dtype):
    """Equivariant: the nodes called otherwise, the same answer at each; a node's neighbours stay in their order."""
    graphs, layer = drawn(1002, dtype=dtype), built(name, 3, dtype)
    places = shuffled(graphs, 5)
    other = graphs.relabelled(places)
    assert_same("relabelled", layer(other.features, other)[places], layer(graphs.features, graphs))


@every_layer
def test_the_order_of_edges_changes_nothing_but_where_it_is_meant(name):
    graphs, layer = drawn(1003), built(name, 4)
    order = torch.randperm(graphs.edges.shape[1], generator=torch.Generator().manual_seed(6))
    other = graphs.reordered(order)
    got, want = layer(other.features, other), layer(graphs.features, graphs)
    if CASES[name].ordered:
        assert float((got - want).detach().abs().max()) > 1e-3
    else:
        assert_same("reordered", got, want)


@every_layer
@both_precisions
def test_a_graph_alone_is_what_it_is_in_a_batch(name, dtype):
    graphs, layer = drawn(1004, dtype=dtype), built(name, 5, dtype)
    whole = layer(graphs.features, graphs)
    for number in range(graphs.count):
        one = graphs.alone(number)
        assert_same(f"graph {number}", layer(one.features, one), whole[graphs.graph == number])


@every_layer
@both_precisions
def test_a_stranger_of_higher_degree_changes_nothing(name, dtype):
    """In the same graph, with no edge to the others: padding and largest degrees must not be felt."""
    graphs, layer = drawn(1005, (6,), dtype), built(name, 6, dtype)
    hub = [[7 + n for n in range(12)], [6] * 12]
    strangers = torch.randn(13, WIDTH, generator=torch.Generator().manual_seed(1), dtype=torch.float64).to(dtype)
    both = Graphs.of(
        torch.cat([graphs.features, strangers]), torch.cat([graphs.edges, torch.tensor(hub)], 1),
        kinds=torch.cat([graphs.kinds, graphs.kinds.new_zeros(12)]), doubles="keep",
    )  # fmt: skip
    assert_same("beside strangers", layer(both.features, both)[:6], layer(graphs.features, graphs))


@every_layer
def test_gradients_are_finite_differences(name):
    graphs, layer = drawn(1006, (4, 3)), built(name, 7)
    taught = [weights for weights in layer.parameters() if weights.requires_grad]
    assert torch.autograd.gradcheck(lambda x, *_: layer(x, graphs), (graphs.features.requires_grad_(), *taught))


@every_layer
@both_precisions
def test_nodes_without_any_edge_are_served(name, dtype):
    graphs, layer = Graphs.of(torch.ones(2, WIDTH, dtype=dtype), []), built(name, 8, dtype)
    got = layer(graphs.features, graphs)
    assert_same("no edges", got, CASES[name].oracle(layer, graphs.features, graphs))
    assert bool(got.isfinite().all())


@every_layer
def test_states_of_other_nodes_are_refused(name):
    graphs, layer = drawn(1007), built(name)
    with pytest.raises(ShapeError, match=r"states: expected \[20, \w+\] float64 on cpu, given \[19, 6\]"):
        layer(graphs.features[1:], graphs)


def test_neighbours_in_random_order_are_another_each_call_and_the_same_again():
    """In training; each is one of the orders there are. In evaluation it is the natural one."""
    graphs = Graphs.of(drawn(1008, (4,)).features, [[1, 2, 3], [0, 0, 0]])
    runs = []
    for _ in range(2):
        layer = first_weights(InOrder(WIDTH, "random", seed=5), 0).double()
        runs.append(torch.stack([layer(graphs.features, graphs)[0].detach() for _ in range(30)]))
    assert torch.equal(*runs)
    natural = first_weights(InOrder(WIDTH), 0).double()
    every = {tuple(natural(graphs.features, graphs.reordered(torch.tensor(order)))[0].tolist())
             for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])}  # fmt: skip
    assert {tuple(row) for row in runs[0].tolist()} == every
    assert_same("in evaluation", layer.eval()(graphs.features, graphs), natural(graphs.features, graphs))


def test_a_kind_of_edge_is_heard_as_what_is_added_to_its_source():
    """One neighbour at a time, by torch's own cell; an edge of another kind is another."""
    features = drawn(1010, (4,)).features
    graphs = Graphs.of(features, [[3, 1, 2], [0, 0, 0]], kinds=torch.tensor([2, 0, 1]))
    layer = first_weights(InOrder(WIDTH, kinds=3), 0).double()
    read = features[[3, 1, 2]] + layer.kind.weight[[2, 0, 1]]
    want = layer.cell(read[None])[0][0, -1]
    assert_same("heard", layer(features, graphs)[0], want)
    shuffled = graphs.reordered(torch.tensor([2, 0, 1]))
    want = layer.cell((features[[2, 3, 1]] + layer.kind.weight[[1, 2, 0]])[None])[0][0, -1]
    assert_same("in another order", layer(features, shuffled)[0], want)
    with pytest.raises(ConfigError, match="kinds: an edge is of kind 2; give the layer more than 2 kinds"):
        InOrder(WIDTH, kinds=2).double()(features, graphs)


def test_a_random_order_goes_on_where_it_was():
    """How many calls there were is part of what is saved."""
    graphs = drawn(1009)
    first = first_weights(InOrder(WIDTH, "random"), 0).double()
    first(graphs.features, graphs)
    other = InOrder(WIDTH, "random").double()
    other.load_state_dict(first.state_dict())
    assert torch.equal(first(graphs.features, graphs), other(graphs.features, graphs))


def test_the_start_is_learned_and_read_by_those_without_neighbours():
    graphs, layer = drawn(1010), built("lstm, natural order")
    got = layer(graphs.features, graphs)
    alone = graphs.degrees == 0
    assert torch.equal(got[alone], layer.start[0].expand(int(alone.sum()), -1))
    got[alone].sum().backward()
    assert bool((layer.start.grad[0] == int(alone.sum())).all())
    assert int(alone.sum()) >= 3


def test_attention_weights_are_shares():
    graphs, layer = drawn(1011), Attention(WIDTH, 2, dynamic=True).double()
    found = layer.weigh(graphs.features, graphs)
    sums = torch.zeros(graphs.nodes, 2, dtype=torch.float64).index_add(0, found.targets, found.weights)
    assert_same("sums", sums, torch.ones_like(sums))
    assert float(found.weights.detach().min()) > 0


def test_large_scores_do_not_overflow():
    layer = GAT(WIDTH, 4)
    graphs = drawn(1012, dtype=torch.float32)
    assert bool(layer(graphs.features * 1e4, graphs).isfinite().all())


def test_weights_follow_from_the_seed_alone():
    torch.manual_seed(1)
    one = first_weights(GATv2(WIDTH, 4, 2), 3)
    torch.manual_seed(2)
    other = first_weights(GATv2(WIDTH, 4, 2), 3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert not torch.equal(first_weights(GATv2(WIDTH, 4, 2), 4).project.weight, one.project.weight)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: GCN(2, 2, norm="rows"), "norm: 'rows' is not known; did you mean 'row'? give one of sym, row, none"),
        (lambda: GCN(2, 2, self_loop=-1), "self_loop: -1 is no weight; give 0 or more, or \"learn\""),
        (lambda: Normalised(self_loop="lern"), "self_loop: 'lern' is no weight; give 0 or more, or \"learn\""),
        (lambda: GCN(0, 2), "layer: size 0 is not a size; give 1 or more"),
        (lambda: GAT(4, 6, 4), "attention: heads: 4 do not share width 6 evenly; give a divisor of it"),
        (lambda: Reduce("avg"), "aggregator: 'avg' is not known; give one of sum, mean, max"),
        (lambda: Neighbours(2, 2, "meen"), "aggregator: 'meen' is not known; did you mean 'mean'? give one of sum, "),
        (lambda: InOrder(2, "sorted"), "order: 'sorted' is not known; give one of natural, random, key"),
        (lambda: GIN(2, -1), "layer: size -1 is not a size"),
        (lambda: Messages(2, 2, 0), "messages: kinds 0 is not a size"),
        (lambda: first_weights(GIN(2, 2), -1), "seed: -1 is no seed; give 0 or more"),
        (lambda: reduce("min", torch.ones(1), torch.zeros(1, dtype=torch.int64), 1), "reduction: 'min' is not known; "),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(build, says):
    with pytest.raises(ConfigError) as refused:
        build()
    assert says in str(refused.value)


def test_a_column_or_a_kind_that_is_not_there_is_refused():
    graphs = drawn(1013)
    with pytest.raises(ConfigError, match="key: 6 is no column; there are 6 features: give 0 to 5"):
        InOrder(WIDTH, "key", key=6).double()(graphs.features, graphs)
    for layer in (Relational(WIDTH, 2, KINDS - 1), Messages(WIDTH, 2, KINDS - 1)):
        with pytest.raises(ConfigError, match="kinds: an edge is of kind 2; give the layer more than 2 kinds"):
            layer.double()(graphs.features, graphs)


def test_graph_errors_are_errors_of_ours():
    assert issubclass(GraphError, ValueError)
