"""Stack and queue judged from outside: by `collections.deque`, by intervals on a line, and by the laws of values."""

from collections import deque

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from closeness import assert_same
from pushpop.memory import Queue, Stack, engines

KINDS = {"stack": Stack, "queue": Queue}
both_kinds = pytest.mark.parametrize("kind", KINDS)
both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])


def whole(does: bool) -> Tensor:
    return torch.tensor([float(does)])


def check_against_deque(kind: str, engine: str, script: list[tuple[bool, bool]]) -> None:
    """Steps of (pop or not, push or not), whole strengths: Python's deque is the judge."""
    memory, judge = KINDS[kind].empty(batch=1, width=1, engine=engine), deque()
    for step, (pops, pushes) in enumerate(script, 1):
        memory = memory.pop(whole(pops)).push(torch.tensor([[float(step)]]), whole(pushes))
        if pops and judge:
            judge.pop() if kind == "stack" else judge.popleft()
        if pushes:
            judge.append(float(step))
        want = 0.0 if not judge else judge[-1] if kind == "stack" else judge[0]
        assert memory.read().item() == want, f"read at step {step}: {memory.read().item()}, wanted {want}"
        assert [float(place + 1) for place in memory.strengths[0].nonzero().flatten()] == list(judge), f"step {step}"


@both_kinds
@both_engines
@given(script=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_with_whole_strengths_it_is_a_deque(kind: str, engine: str, script: list[tuple[bool, bool]]) -> None:
    check_against_deque(kind, engine, script)


def test_the_judge_notices_a_wrong_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = engines.ENGINES["eager"]._replace(drain=lambda s, amount, end: torch.relu(s - amount[:, None]))
    monkeypatch.setitem(engines.ENGINES, "eager", wrong)
    with pytest.raises(AssertionError, match="read at step 3"):
        check_against_deque("stack", "eager", [(False, True), (False, True), (True, False)])


def by_intervals(kind: str, script: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The last strengths and read weights with every cell a piece of a line, as long as it is strong.

    What the equations say with sums, this says with one place per end: a pop moves it, and cuts off what lies beyond.
    """
    top = bottom = 0.0
    cells: list[tuple[float, float]] = []
    for push, pop in script:
        if kind == "stack":
            top = max(top - pop, bottom)
        else:
            bottom = min(bottom + pop, top)
        cells = [(min(max(a, bottom), top), min(max(b, bottom), top)) for a, b in cells] + [(top, top + push)]
        top += push
    near = (top - 1, top) if kind == "stack" else (bottom, bottom + 1)
    return [b - a for a, b in cells], [max(0.0, min(b, near[1]) - max(a, near[0])) for a, b in cells]


strengths = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1))


@both_kinds
@both_engines
@given(script=st.lists(st.tuples(strengths, strengths), min_size=1, max_size=10))
def test_it_is_intervals_on_a_line(kind: str, engine: str, script: list[tuple[float, float]]) -> None:
    memory = KINDS[kind].empty(batch=1, width=1, engine=engine, dtype=torch.float64)
    for push, pop in script:
        pop, push = torch.tensor([[pop], [push]], dtype=torch.float64)
        memory = memory.pop(pop).push(torch.ones(1, 1, dtype=torch.float64), push)
    left, weights = by_intervals(kind, script)
    assert_same("strengths", memory.strengths[0], torch.tensor(left, dtype=torch.float64))
    assert_same("read weights", memory.weights()[0], torch.tensor(weights, dtype=torch.float64))


def test_intervals_notice_the_wrong_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queue, "hands", Stack.hands)
    with pytest.raises(AssertionError, match=r"read weights|strengths"):
        test_it_is_intervals_on_a_line.hypothesis.inner_test("queue", "eager", [(1.0, 0.0), (1.0, 0.0)])


def worked(kind: str, batch: int, steps: int, seed: int = 0) -> Stack | Queue:
    """A memory after some steps, with gradients through all of them."""
    generator = torch.Generator().manual_seed(seed)
    memory = KINDS[kind].empty(batch=batch, width=2, dtype=torch.float64)
    for _ in range(steps):
        value = torch.randn(batch, 2, generator=generator, dtype=torch.float64).requires_grad_()
        push, pop = torch.rand(2, batch, generator=generator, dtype=torch.float64)
        memory = memory.pop(pop).push(value, push)
    return memory


def same(got: Stack | Queue, want: Stack | Queue) -> None:
    assert_same("values", got.values, want.values)
    assert_same("strengths", got.strengths, want.strengths)
    assert_same("read", got.read(), want.read())


@both_kinds
def test_an_operation_changes_no_earlier_handle(kind: str) -> None:
    memory = worked(kind, 2, 4)
    before = [memory.values, memory.strengths.clone(), memory.read()]
    one = torch.ones(2, dtype=torch.float64)
    memory.pop(one).push(torch.ones(2, 2, dtype=torch.float64), one).read()
    assert len(memory) == 4
    assert all(map(torch.equal, before, [memory.values, memory.strengths, memory.read()]))


@both_kinds
def test_a_push_copies_no_value(kind: str) -> None:
    memory = worked(kind, 2, 4)
    pushed = memory.push(torch.ones(2, 2, dtype=torch.float64), torch.ones(2, dtype=torch.float64))
    assert all(a is b for a, b in zip(memory.cells.values, pushed.cells.values, strict=False))


@both_kinds
def test_a_read_looks_only_at_cells_within_reach(kind: str) -> None:
    """A value out of reach that is not a number would spoil any sum it were part of, even with weight 0."""
    values = torch.ones(1, 5, 1)
    values[:, 2] = torch.nan
    memory = KINDS[kind].of(values, torch.ones(1, 5)).pop(torch.zeros(1))
    assert memory.read().item() == 1


def test_a_strength_that_is_not_a_number_is_not_hidden() -> None:
    stack = Stack.of(torch.ones(1, 2, 1), torch.tensor([[1.0, torch.nan]])).pop(torch.zeros(1))
    assert stack.read().isnan().all()


@both_kinds
def test_words_of_a_batch_are_what_they_are_alone(kind: str) -> None:
    together = worked(kind, 3, 7)
    for row in range(3):
        alone = KINDS[kind].of(together.values[[row]], together.strengths[[row]])
        same(together.select(torch.tensor([row])), alone)


@both_kinds
def test_where_keeps_the_words_that_have_ended(kind: str) -> None:
    old = worked(kind, 3, 2)
    one = torch.ones(3, dtype=torch.float64)
    new = old.pop(one / 2).push(torch.ones(3, 2, dtype=torch.float64), one)
    mixed = new.where(torch.tensor([True, False, True]), old)
    assert len(mixed) == 3
    assert_same("read of the active", mixed.read()[[0, 2]], new.read()[[0, 2]])
    assert_same("read of the ended", mixed.read()[1], old.read()[1])
    assert_same("strengths of the ended", mixed.strengths[1], torch.nn.functional.pad(old.strengths[1], (0, 1)))
    every = torch.ones(3, dtype=torch.bool)
    same(new.where(every, old), new)
    assert_same("all ended", new.where(~every, old).strengths[:, :2], old.strengths)


@both_kinds
def test_an_ended_word_can_go_on_from_where_it_was(kind: str) -> None:
    """Its missing cells are there with strength 0, like cells that were popped: nothing tells them apart."""
    old, one = worked(kind, 2, 3), torch.ones(2, dtype=torch.float64)
    value = torch.ones(2, 2, dtype=torch.float64)
    held = old.push(value, one).where(torch.tensor([True, False]), old)
    onwards, straight = (m.pop(one / 3).push(3 * value, one / 2).read() for m in (held, old))
    assert_same("read", onwards[1], straight[1])


@both_kinds
def test_where_gives_each_word_its_own_gradients(kind: str) -> None:
    strength = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    value = torch.tensor([[2.0], [3.0]], dtype=torch.float64)
    old = KINDS[kind].empty(batch=2, width=1, dtype=torch.float64).push(value, strength)
    new = old.pop(torch.zeros(2, dtype=torch.float64))
    new.where(torch.tensor([True, False]), old).read().sum().backward()
    want = torch.tensor([0.0, 3.0], dtype=torch.float64)  # a pop settles the push of nothing of the word it reaches
    assert_same("d strength", strength.grad, want)


@both_kinds
def test_where_joins_memories_of_different_histories(kind: str) -> None:
    one, other = worked(kind, 2, 3, seed=1), worked(kind, 2, 5, seed=2)
    mixed = one.where(torch.tensor([True, False]), other)
    assert_same("read of one", mixed.read()[0], one.read()[0])
    assert_same("read of the other", mixed.read()[1], other.read()[1])
    assert_same("values of the other", mixed.values[1], other.values[1])


@both_kinds
def test_select_picks_words_in_any_order(kind: str) -> None:
    memory = worked(kind, 3, 4)
    picked = memory.select(torch.tensor([2, 0, 2]))
    assert_same("read", picked.read(), memory.read()[[2, 0, 2]])
    same(memory.select(torch.tensor([True, False, True])), memory.select(torch.tensor([0, 2])))


@both_kinds
def test_detach_keeps_the_content_and_stops_gradients(kind: str) -> None:
    memory = worked(kind, 2, 4)
    cut = memory.detach()
    same(cut, memory)
    assert memory.read().requires_grad
    assert not cut.read().requires_grad


@both_kinds
def test_to_changes_the_type_of_everything(kind: str) -> None:
    memory = worked(kind, 2, 4)
    single = memory.to(dtype=torch.float32)
    assert single.read().dtype == single.strengths.dtype == torch.float32
    same(single.to(dtype=torch.float64).to("cpu"), single.to(dtype=torch.float64))


@both_kinds
@both_engines
def test_with_no_cells_it_reads_zeros_and_pops_nothing(kind: str, engine: str) -> None:
    memory = KINDS[kind].empty(batch=2, width=3, engine=engine)
    after = memory.pop(torch.ones(2))
    assert len(after) == 0
    assert torch.equal(after.read(), torch.zeros(2, 3))
    assert after.values.shape == (2, 0, 3)
    assert after.weights().shape == after.strengths.shape == (2, 0)
    empty = KINDS[kind].of(torch.zeros(2, 0, 3), torch.zeros(2, 0), engine=engine)
    assert torch.equal(empty.pop(torch.ones(2)).read(), torch.zeros(2, 3))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@both_kinds
def test_a_gpu_agrees_with_the_cpu(kind: str) -> None:
    memory = worked(kind, 3, 20)
    there = memory.to("cuda")
    one = torch.ones(3, dtype=torch.float64)
    same(there.pop(one.cuda() / 3).to("cpu"), memory.pop(one / 3))
