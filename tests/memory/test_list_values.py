"""A list is a value: what each operation gives, and that it changes nothing and no other word."""

import pytest
import torch

from closeness import assert_same
from pushpop.memory import DeQue, Queue, Stack

List = Stack | Queue | DeQue
KINDS = {"stack": Stack, "queue": Queue, "deque": DeQue}
every_kind = pytest.mark.parametrize("kind", KINDS)
both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])


def worked(kind: str, batch: int, steps: int, seed: int = 0) -> List:
    """A memory after some steps, with gradients through all of them."""
    generator, hands = torch.Generator().manual_seed(seed), len(KINDS[kind].hands)
    memory = KINDS[kind].empty(batch=batch, width=2, dtype=torch.float64)
    for _ in range(steps):
        value = torch.randn(batch, hands, 2, generator=generator, dtype=torch.float64).requires_grad_()
        push, pop = torch.rand(2, batch, hands, generator=generator, dtype=torch.float64)
        memory = memory.work(push.requires_grad_(), pop, value)
    return memory


def step_on(memory: List, push: float = 0.5, pop: float = 1 / 3) -> List:
    """One step more, the same for all words."""
    shape = (memory.batch, len(memory.hands))
    value = memory.strengths.new_full((*shape, memory.width), 3.0)
    return memory.work(memory.strengths.new_full(shape, push), memory.strengths.new_full(shape, pop), value)


def same(got: List, want: List) -> None:
    assert_same("values", got.values, want.values)
    assert_same("strengths", got.strengths, want.strengths)
    assert_same("reads", got.reads(), want.reads())


@every_kind
def test_an_operation_changes_no_earlier_handle(kind: str) -> None:
    memory = worked(kind, 2, 4)
    before = [memory.values, memory.strengths.clone(), memory.reads()]
    cells = len(memory)
    step_on(memory).compact().reads()
    assert len(memory) == cells
    assert all(map(torch.equal, before, [memory.values, memory.strengths, memory.reads()]))


@every_kind
def test_a_push_copies_no_value(kind: str) -> None:
    memory = worked(kind, 2, 4)
    after = step_on(memory)
    lower = after.cells.below - memory.cells.below
    assert all(a is b for a, b in zip(memory.cells.values, after.cells.values[lower:], strict=False))
    held = after.where(torch.tensor([True, False]), memory)
    assert all(a is b for a, b in zip(held.cells.values, after.cells.values, strict=True))


@every_kind
def test_a_read_looks_only_at_cells_within_reach(kind: str) -> None:
    """A value out of reach that is not a number would spoil any sum it were part of, even with weight 0."""
    values = torch.ones(1, 5, 1)
    values[:, 2] = torch.nan
    nothing = torch.zeros(1, len(KINDS[kind].hands))
    memory = KINDS[kind].of(values, torch.ones(1, 5)).work(nothing, nothing, nothing[:, :, None])
    assert memory.reads().tolist() == [[[1.0]] * len(KINDS[kind].hands)]


@every_kind
@both_engines
@pytest.mark.parametrize("spoilt", ["push", "pop", "value"])
def test_what_is_not_a_number_is_not_hidden(kind: str, engine: str, spoilt: str) -> None:
    hands = len(KINDS[kind].hands)
    given = {"push": torch.ones(1, hands), "pop": torch.ones(1, hands) / 2, "value": torch.ones(1, hands, 1)}
    start = KINDS[kind].of(torch.ones(1, 2, 1), torch.tensor([[0.25, 0.5]]), engine=engine)
    assert start.work(**given).reads().isfinite().all()
    given[spoilt].fill_(torch.nan)
    assert start.work(**given).reads().isnan().any()


@every_kind
@both_engines
def test_words_of_a_batch_are_what_they_are_alone(kind: str, engine: str) -> None:
    together = worked(kind, 3, 7)
    for row in range(3):
        alone = KINDS[kind].of(together.values[[row]], together.strengths[[row]], engine=engine)
        picked = together.select(torch.tensor([row]))
        same(picked, alone)
        same(step_on(picked), step_on(alone))
        same(step_on(together).select(torch.tensor([row])), step_on(alone))


@every_kind
def test_where_keeps_the_words_that_have_ended(kind: str) -> None:
    old = worked(kind, 3, 2)
    new = step_on(old)
    mixed = new.where(torch.tensor([True, False, True]), old)
    hands, below = len(old.hands), new.cells.below - old.cells.below
    assert len(mixed) == len(old) + hands
    assert_same("reads of the active", mixed.reads()[[0, 2]], new.reads()[[0, 2]])
    assert_same("reads of the ended", mixed.reads()[1], old.reads()[1])
    inside = slice(below, below + len(old))
    assert_same("strengths of the ended", mixed.strengths[1, inside], old.strengths[1])
    assert mixed.strengths[1].count_nonzero() == old.strengths[1].count_nonzero()
    every = torch.ones(3, dtype=torch.bool)
    same(new.where(every, old), new)
    assert_same("all ended", new.where(~every, old).strengths[:, inside], old.strengths)
    same(old.where(~every, new), new)


@every_kind
def test_an_ended_word_can_go_on_from_where_it_was(kind: str) -> None:
    """Its missing cells are there with strength 0, like cells that were popped: nothing tells them apart."""
    old = worked(kind, 2, 3)
    active = torch.tensor([True, False])
    held = step_on(old).where(active, old)
    held = step_on(held).where(active, held)
    for straight in (old, old.compact()):
        onwards, want = step_on(held), step_on(straight)
        for step in range(4):
            assert_same(f"reads {step} steps on", onwards.reads()[1], want.reads()[1])
            onwards, want = step_on(onwards, 0.2, 0.7), step_on(want, 0.2, 0.7)


@every_kind
def test_where_gives_each_word_its_own_gradients(kind: str) -> None:
    strength = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    values = torch.tensor([[[2.0]], [[3.0]]], dtype=torch.float64)
    hands = len(KINDS[kind].hands)
    old = KINDS[kind].of(values, strength[:, None])
    new = step_on(old, push=0, pop=0)
    new.where(torch.tensor([True, False]), old).reads().sum().backward()
    want = torch.tensor([0.0, 3.0 * hands], dtype=torch.float64)  # a pop settles the push of nothing that it reaches
    assert_same("d strength", strength.grad, want)


@every_kind
def test_where_joins_memories_of_different_histories(kind: str) -> None:
    one, other = worked(kind, 2, 3, seed=1), worked(kind, 2, 5, seed=2)
    mixed = one.where(torch.tensor([True, False]), other)
    assert_same("reads of one", mixed.reads()[0], one.reads()[0])
    assert_same("reads of the other", mixed.reads()[1], other.reads()[1])
    assert_same("values of the other", mixed.values[1], other.values[1])
    back = other.where(torch.tensor([False, True]), one)
    assert_same("strengths the other way round", back.strengths, mixed.strengths)
    assert_same("values the other way round", back.values, mixed.values)


@every_kind
def test_select_picks_words_in_any_order(kind: str) -> None:
    memory = worked(kind, 3, 4)
    picked = memory.select(torch.tensor([2, 0, 2]))
    assert_same("reads", picked.reads(), memory.reads()[[2, 0, 2]])
    same(memory.select(torch.tensor([True, False, True])), memory.select(torch.tensor([0, 2])))


@every_kind
def test_detach_keeps_the_content_and_stops_gradients(kind: str) -> None:
    memory = worked(kind, 2, 4)
    cut = memory.detach()
    same(cut, memory)
    assert memory.reads().requires_grad
    assert not cut.reads().requires_grad


@every_kind
def test_to_changes_the_type_of_everything(kind: str) -> None:
    memory = worked(kind, 2, 4)
    single = memory.to(dtype=torch.float32)
    assert single.reads().dtype == single.strengths.dtype == torch.float32
    same(single.to(dtype=torch.float64).to("cpu"), single.to(dtype=torch.float64))


@every_kind
@both_engines
def test_with_no_cells_it_reads_zeros_and_pops_nothing(kind: str, engine: str) -> None:
    hands = len(KINDS[kind].hands)
    memory = KINDS[kind].empty(batch=2, width=3, engine=engine)
    nothing = memory.work(torch.zeros(2, hands), torch.ones(2, hands), torch.ones(2, hands, 3))
    assert torch.equal(nothing.reads(), torch.zeros(2, hands, 3))
    for empty in (memory, KINDS[kind].of(torch.zeros(2, 0, 3), torch.zeros(2, 0), engine=engine), nothing.compact()):
        assert len(empty) == 0
        assert torch.equal(empty.reads(), torch.zeros(2, hands, 3))
        assert empty.values.shape == (2, 0, 3)
        assert empty.weights().shape == empty.strengths.shape == (2, 0)
    pop = memory.pop_bottom if isinstance(memory, DeQue) else memory.pop
    assert len(pop(torch.ones(2))) == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@every_kind
def test_a_gpu_agrees_with_the_cpu(kind: str) -> None:
    memory = worked(kind, 3, 20)
    same(step_on(memory.to("cuda")).compact().to("cpu"), step_on(memory).compact())
