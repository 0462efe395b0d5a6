"""The compiled unroll as a torch op: finite differences, torch's own checks, threads, and what is no number."""

import pytest
import torch
from stack_nets import Named, gradients, net, ragged, trained, twin
from torch import Tensor
from torch._subclasses import FakeTensorMode
from torch.library import opcheck

from closeness import assert_same
from pushpop.errors import PushpopError
from pushpop.memory import passes
from pushpop.memory.fused import Unrolled, unroll
from pushpop.memory.layout import Kind, Net, Start, Words

HIDDEN, WIDTH, HELD, SYMBOLS, SEPARATOR = 3, 2, 3, 5, 1
HANDS = {"stack": 1, "queue": 1, "deque": 2}
STACKS = {  # of superposition: what their kind adds
    "two stacks": {"stacks": 2, "depth": 2, "keep": True, "value": "sigmoid", "empty": -1.0},
    "a stack read deep": {"stacks": 1, "depth": 3, "keep": False, "value": "tanh", "empty": 0.0},
    "many stacks": {"stacks": 17, "depth": 1, "keep": True, "value": "linear", "empty": 0.5},
}
ROWS = {"lstm": 4, "gru": 4, "rnn": 1}
LISTS = [("lstm", "stack", 1), ("lstm", "queue", 2), ("gru", "deque", 2), ("rnn", "stack", 3), ("lstm", "deque", 1)]
NETS = [*LISTS, ("lstm", "two stacks", 1), ("gru", "a stack read deep", 2), ("rnn", "many stacks", 1)]
NETS += [("lstm", "none", 2), ("rnn", "none", 1)]
every_net = pytest.mark.parametrize(("cell", "store", "layers"), NETS)
of_each_memory = pytest.mark.parametrize("net", [NETS[0], NETS[5], NETS[8]], ids=["list", "stacks", "none"])
PARTS = len(Net._fields)


def blocks_of(store: str) -> tuple[int, int, int, int]:
    """Numbers in one cell, values pushed and cells read at a step, and actions."""
    if store == "none":
        return 0, 1, 1, 0
    if store in HANDS:
        return WIDTH, HANDS[store], HANDS[store], 2 * HANDS[store]
    stacks, keep = STACKS[store]["stacks"], STACKS[store]["keep"]
    return stacks * WIDTH, 1, STACKS[store]["depth"], stacks * (3 if keep else 2)


def sizes_of(cell: str, store: str, layers: int) -> dict[str, tuple[int, ...]]:
    gates, (width, pushed, reads, actions) = ROWS[cell] * HIDDEN, blocks_of(store)
    return {
        "table": (2, SYMBOLS, gates),
        "hidden": (2, HIDDEN, gates),
        "read": (2, reads * width, gates),
        "upper": (layers - 1, 2, 2, HIDDEN, gates),
        "upper_bias": (layers - 1, 2, gates),
        "value": (pushed * width, HIDDEN),
        "value_bias": (pushed * width,),
        "action": (actions, HIDDEN),
        "action_bias": (2, actions),
    }


def numbers(
    words: int, dtype: torch.dtype = torch.float64, held: int = HELD, net: tuple[str, str, int] = NETS[0]
) -> Named:
    """Weights and a state in the midst of words, away from ties."""
    (cell, store, layers), generator = net, torch.Generator().manual_seed(7)
    width, _, reads, _ = blocks_of(store)
    state = {
        "h": (layers, words, HIDDEN),
        "c": (layers, words, HIDDEN if cell != "rnn" else 0),
        "r": (words, reads * width),
        "values": (words, held, width),
    }
    sizes = sizes_of(cell, store, layers) | state
    made = {name: torch.randn(size, generator=generator, dtype=torch.float64) for name, size in sizes.items()}
    strengths = (words, held if store in HANDS else 0)
    made["strengths"] = torch.rand(strengths, generator=generator, dtype=torch.float64)
    return {name: tensor.to(dtype).requires_grad_() for name, tensor in made.items()}


def words_of(lengths: list[int]) -> Words:
    """Drawn symbols, some words writing already; every real position is wanted."""
    generator = torch.Generator().manual_seed(3)
    symbols = torch.randint(SYMBOLS, (len(lengths), max(lengths)), generator=generator)
    writing = torch.randint(2, (len(lengths),), generator=generator)
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return Words(symbols, writing, torch.tensor(lengths), real.flatten().nonzero().flatten())


def kind(memory: bool = True, net: tuple[str, str, int] = NETS[0]) -> Kind:
    if net[1] not in STACKS:
        return Kind(net[0], net[1], SEPARATOR, memory, margin=0.02 * (net[0] != "gru"))
    return Kind(net[0], "superposition", SEPARATOR, memory, **STACKS[net[1]])


def run(
    given: Named | tuple[Tensor, ...], words: Words, memory: bool = True, net: tuple[str, str, int] = NETS[0]
) -> Unrolled:
    tensors = tuple(given.values()) if isinstance(given, dict) else given
    return unroll(Net(*tensors[:PARTS]), Start(*tensors[PARTS:]), words, kind(memory, net))


@every_net
@pytest.mark.parametrize("held", [0, HELD])
def test_finite_differences_agree(held, cell, store, layers):
    """Of everything that comes out, for every number that goes in."""
    net = (cell, store, layers)
    leaves, words = numbers(2, held=held, net=net), words_of([4, 3])
    assert torch.autograd.gradcheck(lambda *given: tuple(run(given, words, net=net)), tuple(leaves.values()))


@every_net
def test_finite_differences_agree_where_the_memory_is_not_wanted(cell, store, layers):
    """Levels of stacks that will not be read again are left out: of seven held some at once, at the end most."""
    net = (cell, store, layers)
    leaves, words = numbers(2, held=7, net=net), words_of([5, 2])
    assert torch.autograd.gradcheck(lambda *given: run(given, words, False, net)[:4], tuple(leaves.values()))


@pytest.mark.parametrize(
    ("net", "name"),
    [
        (NETS[0], "actions"),
        *((net, name) for net in (NETS[0], NETS[5]) for name in ("held", "bias", "state")),
        (NETS[8], "upper"),
    ],
)
def test_finite_differences_notice_a_gradient_left_out(net, name, monkeypatch):
    right = passes.backward

    def forgetful(*given):
        right(*given)
        grads = given[-1]
        getattr(grads, name)[...] = 0

    monkeypatch.setattr(passes, "backward", forgetful)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        test_finite_differences_agree(HELD, *net)


@pytest.mark.parametrize("lengths", [[3, 5, 1], [2] * 40], ids=["three words", "two groups"])
@pytest.mark.parametrize("check", ["test_schema", "test_autograd_registration", "test_faketensor"])
@of_each_memory
def test_torchs_own_checks_of_an_op_pass(net, check, lengths):
    """But for the two that trace the backward pass: its tape is numpy's, where no tracer looks."""
    for memory in (False, True):
        given = (*numbers(len(lengths), net=net).values(), *words_of(lengths), *kind(memory, net))
        opcheck(torch.ops.pushpop.unroll.default, given, test_utils=check)


@every_net
@pytest.mark.parametrize("memory", [False, True])
def test_shapes_without_numbers_are_those_with(memory, cell, store, layers):
    net, words = (cell, store, layers), words_of([3, 5, 1])
    given = tuple(tensor.detach() for tensor in numbers(3, net=net).values())
    with torch.inference_mode(), FakeTensorMode() as mode:  # with gradients, the op itself would be handed the shapes
        faked = run(tuple(map(mode.from_tensor, given)), Words(*map(mode.from_tensor, words)), memory, net)
    for name, got, want in zip(Unrolled._fields, faked, run(given, words, memory, net), strict=True):
        assert got.shape == want.shape, name
        assert got.dtype == want.dtype, name


@of_each_memory
def test_gradients_can_be_asked_for_twice(net):
    leaves = numbers(3, net=net)
    judged = sum(part.sin().sum() for part in run(leaves, words_of([5, 2, 4]), net=net))
    first = torch.autograd.grad(judged, list(leaves.values()), retain_graph=True)
    again = torch.autograd.grad(judged, list(leaves.values()), retain_graph=True)
    for name, one, two in zip(leaves, first, again, strict=True):
        assert torch.equal(one, two), name
        assert one.any() or not one.numel(), name


def test_second_derivatives_are_refused_not_wrong():
    leaves = numbers(2)
    made = run(leaves, words_of([3, 2]))
    for judged in (made.out.sin().sum(), made.out.sum()):  # torch itself would take the second for a constant
        with pytest.raises(PushpopError, match="unroll: the engine fused cannot differentiate twice"):
            torch.autograd.grad(judged, leaves["c"], create_graph=True)


def with_threads(
    forward: int, backward: int, lengths: list[int], leaves: Named, net: tuple[str, str, int] = NETS[0]
) -> tuple[Named, Named]:
    """Everything, and its gradients, each taken by so many threads."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(forward)
        made = run(leaves, words_of(lengths), net=net)._asdict()
        torch.set_num_threads(backward)
        return made, gradients(made, leaves)
    finally:
        torch.set_num_threads(before)


@of_each_memory
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_number_of_threads_changes_no_bit_of_a_words_own(threads, dtype, net):
    """Values and the gradients of each word's own state; sums over words are in another order, and close."""
    lengths = [1 + 7 * i % 11 for i in range(70)]
    leaves = numbers(70, dtype, net=net)
    (want, d_want), (got, d_got) = (with_threads(count, count, lengths, leaves, net) for count in (1, threads))
    for name in want:
        assert torch.equal(got[name], want[name]), name
    for name in d_want:
        assert_same(name, d_got[name], d_want[name])
        assert name[2:] in Net._fields or torch.equal(d_got[name], d_want[name]), name
    again = with_threads(threads, threads, lengths, leaves, net)[1]
    assert all(torch.equal(again[name], d_got[name]) for name in d_got), "the same threads, another sum"


@of_each_memory
def test_gradients_may_be_taken_with_another_number_of_threads(net):
    leaves, lengths = numbers(40, net=net), [3] * 40
    want, got = (with_threads(1, count, lengths, leaves, net)[1] for count in (1, 3))
    for name in want:
        assert torch.equal(got[name], want[name]), name


@of_each_memory
def test_tensors_laid_out_in_any_way_give_the_same(net):
    leaves, words = numbers(5, net=net), words_of([3, 2, 4, 4, 1])
    turned = tuple(leaf.transpose(0, -1).contiguous().transpose(0, -1) for leaf in leaves.values())
    places = Words(*(torch.stack([index, index], -1)[..., 0] for index in words))
    assert not turned[0].is_contiguous()
    assert not places.positions.is_contiguous()
    results = (run(turned, places, net=net), run(leaves, words, net=net))
    for name, got, want in zip(Unrolled._fields, *results, strict=True):
        assert torch.equal(got, want), name


@of_each_memory
def test_nothing_given_is_written_to(net):
    leaves, words = numbers(5, net=net), words_of([3, 2, 4, 4, 1])
    before = [tensor.detach().clone() for tensor in (*leaves.values(), *words)]
    gradients(run(leaves, words, net=net)._asdict(), leaves)
    assert all(map(torch.equal, before, (*leaves.values(), *words)))


@every_net
@pytest.mark.parametrize("held", [0, HELD, 9])
def test_without_the_memory_the_rest_is_the_same(held, cell, store, layers):
    net, lengths = (cell, store, layers), [3, 2, 9, 4, 1]
    leaves = numbers(5, held=held, net=net)
    bare, full = (run(leaves, words_of(lengths), memory, net) for memory in (False, True))
    for name in ("out", "h", "c", "r"):
        assert torch.equal(getattr(bare, name), getattr(full, name)), name
    assert bare.values.shape == (5, 0, blocks_of(store)[0])
    assert bare.strengths.shape == (5, 0)
    got = gradients(bare._asdict(), leaves)
    want = gradients({name: getattr(full, name) for name in ("out", "h", "c", "r")}, leaves)
    assert all(torch.equal(got[name], want[name]) for name in want)


def test_a_gradient_that_nothing_asks_for_is_nothing():
    leaves = numbers(2)
    made = run(leaves, words_of([3, 2]))
    (got,) = torch.autograd.grad((made.out * 0).sum(), [leaves["values"]])
    assert not got.any()
    assert torch.autograd.grad(made.c.sum(), [leaves["table"]])[0].any()
    only = run({name: leaf.detach().requires_grad_(name == "c") for name, leaf in leaves.items()}, words_of([3, 2]))
    assert only.out.requires_grad


WEIGHTS = [(kind, name) for kind in ("stack-lstm", "superposition-lstm") for name in trained(net(kind, output=7))]


@pytest.mark.parametrize("wiring", ["direct", "delayed"])
@pytest.mark.parametrize("engine", ["eager", "fused", "reference"])
@pytest.mark.parametrize(("kind", "spoilt"), WEIGHTS)
def test_weights_that_are_no_numbers_end_in_scores_that_are_none(kind, spoilt, engine, wiring):
    """Not in a hang, and not hidden: training must see it at once."""
    model, (symbols, lengths) = net(kind, output=7, wiring=wiring), ragged(3, 5)
    with torch.no_grad():
        dict(model.named_parameters())[spoilt].fill_(torch.nan)
    served = twin(model, engine)
    scores, _ = served.unroll(symbols, lengths)
    assert scores[int(lengths.argmax()), 2:].isnan().any(1).all()
    scores.sin().sum().backward()
    assert served.output.weight.grad.isnan().any()
    if engine != "reference":
        assert served.answer(symbols, lengths, lengths, 2).shape == (3, 5)


@pytest.mark.parametrize("engine", ["eager", "fused", "reference"])
@pytest.mark.parametrize("action", [0, 1], ids=["push", "pop"])
def test_a_push_or_a_pop_that_is_no_number_is_not_hidden(action, engine):
    """Of plain sigmoids: under a push of exactly 1 nothing is read, whatever was popped."""
    model, (symbols, lengths) = net(margin=0.0), ragged(3, 5)
    with torch.no_grad():
        model.interface.strength_bias[:, action] = torch.nan
    scores, _ = twin(model, engine).unroll(symbols, lengths)
    assert scores[int(lengths.argmax()), 2:].isnan().any(1).all()


@pytest.mark.parametrize("part", ["strengths", "values"])
def test_held_cells_that_are_no_numbers_are_not_hidden(part):
    leaves, words = numbers(2), words_of([3, 2])
    with torch.no_grad():
        leaves["action"].zero_()
        leaves["action_bias"].fill_(-3)  # little is pushed or popped: the read reaches what is held
        leaves["strengths"].fill_(0.5)
        leaves[part][1, -1] = torch.nan
    out = run(leaves, words).out
    assert out[:3].isfinite().all()
    assert out[3:].isnan().any(1).all()


@pytest.mark.parametrize("memory", [False, True])
def test_held_levels_that_are_no_numbers_are_not_hidden(memory):
    """As soon as they can be read: two are, so the third at the first step, and then everything."""
    leaves, words = numbers(2, net=NETS[5]), words_of([3, 2])
    with torch.no_grad():
        leaves["values"][1, 2, 3] = torch.nan
    out = run(leaves, words, memory, NETS[5]).out
    assert out[:3].isfinite().all()
    assert out[3:].isnan().any(1).all()


@pytest.mark.parametrize("engine", ["eager", "fused", "reference"])
@pytest.mark.parametrize("action", [0, 1, 5], ids=["push", "pop", "keep of the other stack"])
def test_an_action_that_is_no_number_is_not_hidden(action, engine):
    model, (symbols, lengths) = net("superposition-lstm"), ragged(3, 5)
    with torch.no_grad():
        model.interface.action_bias[:, action] = torch.nan
    scores, _ = twin(model, engine).unroll(symbols, lengths)
    assert scores[int(lengths.argmax()), 2:].isnan().any(1).all()


def test_no_level_holds_a_subnormal_number():
    """As deep levels would, step for step: reckoning with such numbers takes a hundred times as long."""
    symbols, lengths = ragged(2, 300)
    model = net("superposition-lstm", torch.float32, empty=0.0)

    def subnormal(engine):
        with torch.no_grad():
            cells = twin(model, engine).unroll(symbols, lengths)[1].memory.cells.abs()
        return ((cells > 0) & (cells < torch.finfo(torch.float32).tiny)).any()

    assert subnormal("eager"), "the words are too short to tell"
    assert not subnormal("fused")
