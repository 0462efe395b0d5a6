"""The DeQue: its golden table, what it is where one end is idle, and that its two ends are each other's mirror."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from closeness import assert_same
from pushpop.memory import DeQue, Queue, Stack
from pushpop.memory.cells import Hand

both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])

VALUES = ((1.0, 10.0), (2.0, 20.0), (3.0, 30.0), (4.0, 40.0))  # at the top, at the bottom
PUSHES = ((0.8, 0.3), (0.5, 0.6), (0.9, 0.4), (0.2, 0.1))
POPS = ((0.0, 0.0), (0.1, 0.2), (0.7, 0.5), (0.6, 0.9))
STRENGTHS = (  # bottom to top
    [0.3, 0.8],
    [0.6, 0.1, 0.7, 0.5],
    [0.4, 0.1, 0.1, 0.5, 0.0, 0.9],
    [0.1, 0.0, 0.0, 0.0, 0.2, 0.0, 0.3, 0.2],
)
READS = ([2.8, 3.7], [1.5, 13.3], [2.8, 15.4], [5.9, 5.9])
OF_THE_THIRD_READ = {  # the gradients with respect to pushes and pops, (top, bottom) of each step
    "top": {"pushes": [[0, 0], [0, 0], [2, 0]], "pops": [[0, 0], [0, 0], [0, 0]]},
    "bottom": {"pushes": [[0, 9], [0, 19], [0, 29]], "pops": [[0, 0], [0, -9], [0, -19]]},
}


def table(given: object) -> Tensor:
    return torch.tensor(given, dtype=torch.float64)


def work(memory: DeQue, values: Tensor, pushes: Tensor, pops: Tensor) -> DeQue:
    """One step of one word: each given [2], top and bottom."""
    return memory.work(pushes[None], pops[None], values[None, :, None])


@both_engines
def test_strengths_and_both_reads_number_by_number(engine: str) -> None:
    memory = DeQue.empty(batch=1, width=1, engine=engine, dtype=torch.float64)
    for t in range(4):
        memory = work(memory, table(VALUES[t]), table(PUSHES[t]), table(POPS[t]))
        assert_same(f"strengths after step {t + 1}", memory.strengths[0], table(STRENGTHS[t]))
        assert_same(f"reads of step {t + 1}", memory.reads().flatten(), table(READS[t]))


@both_engines
@pytest.mark.parametrize("end", OF_THE_THIRD_READ)
def test_gradients_of_the_third_reads_number_by_number(engine: str, end: str) -> None:
    leaves = {"pushes": table(PUSHES[:3]).requires_grad_(), "pops": table(POPS[:3]).requires_grad_()}
    memory = DeQue.empty(batch=1, width=1, engine=engine, dtype=torch.float64)
    for t in range(3):
        memory = work(memory, table(VALUES[t]), leaves["pushes"][t], leaves["pops"][t])
    (memory.read_top() if end == "top" else memory.read_bottom()).sum().backward()
    for name, leaf in leaves.items():
        assert_same(f"d {name}", leaf.grad, table(OF_THE_THIRD_READ[end][name]).double())


GOLDEN = ((1.0, 0.8, 0.0), (2.0, 0.5, 0.1), (3.0, 0.9, 0.9))  # the paper's figure 1: value, push, pop
STACK, QUEUE = [0.8, 1.5, 2.8], [0.8, 1.3, 2.7]
DEGENERATE = {  # where to push, where to pop; where to read and what is to be read there
    "bottom idle": (0, 0, {0: STACK, 1: [0.8, 1.3, 2.4]}),
    "top idle": (1, 1, {1: STACK, 0: [0.8, 1.3, 2.4]}),
    "pushed on top, popped at the bottom": (0, 1, {1: QUEUE}),
    "pushed at the bottom, popped at the top": (1, 0, {0: QUEUE}),
}


@both_engines
@pytest.mark.parametrize("case", DEGENERATE)
def test_with_one_end_for_each_thing_it_is_a_stack_or_a_queue(engine: str, case: str) -> None:
    put, take, wanted = DEGENERATE[case]
    memory = DeQue.empty(batch=1, width=1, engine=engine, dtype=torch.float64)
    at = torch.eye(2, dtype=torch.float64)
    for t, (value, push, pop) in enumerate(GOLDEN):
        memory = work(memory, table([value, value]), push * at[put], pop * at[take])
        for hand, reads in wanted.items():
            assert_same(f"read of step {t + 1} at hand {hand}", memory.reads()[0, hand, 0], table(reads[t]))


@both_engines
def test_whole_strengths_one_end_after_the_other(engine: str) -> None:
    """e1, e2, e3 pushed at the bottom, e4 on top, and two pops at the top leave e3, e2, from the bottom up."""
    e, one = torch.eye(4).unsqueeze(1), torch.ones(1)
    memory = DeQue.empty(batch=1, width=4, engine=engine)
    memory = memory.push_bottom(e[0], one).push_bottom(e[1], one).push_bottom(e[2], one).push_top(e[3], one)
    assert torch.equal(memory.read_top(), e[3])
    memory = memory.pop_top(one).pop_top(one)
    assert memory.strengths.tolist() == [[1, 1, 0, 0]]
    assert torch.equal(memory.values[0], torch.cat([e[2], e[1], e[0], e[3]]))
    assert torch.equal(memory.read_bottom(), e[2])
    assert torch.equal(memory.read_top(), e[1])
    assert torch.equal(memory.pop_bottom(one).read_bottom(), e[1])


amounts = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1))
steps = st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", [Stack, Queue])
@given(script=steps)
def test_an_idle_hand_changes_nothing(kind: type[Stack | Queue], script: list) -> None:
    """Pushes of strength 0 at the bottom lie there, as cells do that have been popped."""
    deque = DeQue.empty(batch=1, width=1, dtype=torch.float64)
    single = kind.empty(batch=1, width=1, dtype=torch.float64)
    take = 0 if kind is Stack else 1
    for t, (push, pop, _, _) in enumerate(script, 1):
        values = table([t, -t]).double()
        pops = table([0.0, 0.0])
        pops[take] = pop
        deque = work(deque, values, table([push, 0.0]), pops)
        single = single.pop(table([pop])).push(values[None, :1], table([push]))
        assert_same(f"read of step {t}", deque.reads()[:, take], single.read())
        assert_same(f"strengths after step {t}", deque.strengths[:, t:], single.strengths)


def check_the_mirror(script: list) -> None:
    """In a looking-glass it is the same DeQue: so which of the pops comes first changes nothing, either."""
    memory = mirrored = DeQue.empty(batch=1, width=1, dtype=torch.float64)
    for t, (d_top, d_bottom, u_top, u_bottom) in enumerate(script):
        values, pushes, pops = table([t + 1.0, -t - 1.0]), table([d_top, d_bottom]), table([u_top, u_bottom])
        memory = work(memory, values, pushes, pops)
        mirrored = work(mirrored, values.flip(0), pushes.flip(0), pops.flip(0))
        assert_same(f"reads of step {t + 1}", mirrored.reads().flip(1), memory.reads())
        assert_same(f"strengths after step {t + 1}", mirrored.strengths.flip(1), memory.strengths)


@given(script=steps)
def test_top_and_bottom_mirror_each_other(script: list) -> None:
    check_the_mirror(script)


def test_the_mirror_notices_a_hand_that_reads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    top, bottom = DeQue.hands
    monkeypatch.setattr(DeQue, "hands", (top, Hand(put=bottom.put, take=top.take)))
    with pytest.raises(AssertionError, match="reads"):
        check_the_mirror([(0.5, 0.25, 0.0, 0.0), (1.0, 0.5, 0.5, 0.5)])


@both_engines
def test_the_named_operations_make_one_step(engine: str) -> None:
    generator = torch.Generator().manual_seed(3)
    named = worked = DeQue.empty(batch=2, width=3, engine=engine)
    for _ in range(5):
        push, pop = torch.rand(2, 2, 2, generator=generator)
        pop = pop / 3  # so that something is left
        value = torch.randn(2, 2, 3, generator=generator)
        worked = worked.work(push, pop, value)
        named = named.pop_top(pop[:, 0]).pop_bottom(pop[:, 1])
        named = named.push_bottom(value[:, 1], push[:, 1]).push_top(value[:, 0], push[:, 0])
        assert torch.equal(named.strengths, worked.strengths)
        assert torch.equal(torch.stack([named.read_top(), named.read_bottom()], 1), worked.reads())
    assert torch.equal(named.values, worked.values)


def test_handles_line_up_about_the_place_where_the_list_began() -> None:
    """What `of` is told of an earlier unroll is what the handle itself knows."""
    old = DeQue.empty(batch=2, width=1)
    for step in range(3):
        old = old.work(torch.full((2, 2), 0.4), torch.full((2, 2), 0.1), torch.full((2, 2, 1), float(step)))
    new = old.work(torch.ones(2, 2), torch.zeros(2, 2), torch.ones(2, 2, 1))
    active = torch.tensor([True, False])
    again = DeQue.of(new.values, new.strengths, below=4).where(active, DeQue.of(old.values, old.strengths, below=3))
    want = new.where(active, old)
    assert_same("strengths", again.strengths, want.strengths)
    assert_same("values", again.values, want.values)
    assert len(want) == 8
    assert_same("strengths of the ended", want.strengths[1, 1:-1], old.strengths[1])
    apart = DeQue.of(new.values, new.strengths).where(active, old)
    assert len(apart) > 8, "a handle that does not say where it began cannot line up"
    assert_same("reads all the same", apart.reads(), want.reads())
