"""Stacks in superposition are a value: what each operation gives, and that it changes nothing and no other word."""

import pytest
import torch
from torch import Tensor

from closeness import assert_same
from pushpop.memory import Superposition

STACKS, WIDTH = 2, 3
both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])


def draw_script(count: int, steps: int, batch: int) -> tuple[Tensor, Tensor]:
    """Actions [T, B, K, C] and values [T, B, K, W]."""
    generator = torch.Generator().manual_seed(1000 * steps + batch)
    logits, values = (
        torch.randn(steps, batch, STACKS, size, generator=generator, dtype=torch.float64) for size in (count, WIDTH)
    )
    return logits.softmax(-1), values


def worked(batch: int, steps: int, empty: float = -1.0) -> Superposition:
    """A memory after some steps, with gradients through all of them."""
    memory = Superposition.empty(batch, STACKS, WIDTH, empty=empty, dtype=torch.float64)
    for action, value in zip(*draw_script(3, steps, batch), strict=True):
        memory = memory.work(action, value.requires_grad_())
    return memory


def step_on(memory: Superposition) -> Superposition:
    actions, values = draw_script(2, 1, memory.batch)
    return memory.work(actions[0], values[0])


def same(got: Superposition, want: Superposition) -> None:
    assert_same("cells", got.cells, want.cells)
    assert_same("reads", got.reads(len(want) + 2), want.reads(len(want) + 2))


def test_an_operation_changes_no_earlier_handle() -> None:
    memory = worked(2, 4)
    before = memory.cells.clone()
    step_on(memory).compact().reads()
    assert torch.equal(memory.cells, before)


def test_words_and_stacks_are_what_they_are_alone() -> None:
    together = step_on(worked(3, 5))
    for row in range(3):
        alone = Superposition.of(worked(3, 5).cells[[row]], empty=-1.0)
        actions, values = draw_script(2, 1, 3)
        alone = alone.work(actions[0, [row]], values[0, [row]])
        same(together.select(torch.tensor([row])), alone)
        spoilt = values[0].clone()
        spoilt[(row + 1) % 3] = torch.nan
        spoilt[row, 1] = torch.nan
        apart = worked(3, 5).work(actions[0], spoilt)
        assert_same("the other stack", apart.cells[row, :, 0], together.cells[row, :, 0])
        assert apart.cells[row, :, 1].isnan().any(), "what is no number is not hidden"


def test_where_keeps_the_words_that_have_ended_and_they_can_go_on() -> None:
    old = worked(3, 4)
    new = step_on(step_on(old))
    active = torch.tensor([True, False, True])
    mixed = new.where(active, old)
    assert len(mixed) == 6
    assert_same("of the active", mixed.reads(8)[[0, 2]], new.reads(8)[[0, 2]])
    assert_same("of the ended", mixed.reads(8)[1], old.reads(8)[1])
    assert_same("the other way round", old.where(~active, new).cells, mixed.cells)
    onwards, straight = step_on(mixed), step_on(old)
    assert_same("of the ended, a step on", onwards.reads(8)[1], straight.reads(8)[1])


def test_where_gives_each_word_its_own_gradients() -> None:
    cells = torch.ones(2, 1, 1, 1, dtype=torch.float64, requires_grad=True)
    old = Superposition.of(cells)
    new = old.work(torch.full((2, 1, 2), 0.5, dtype=torch.float64), torch.ones(2, 1, 1, dtype=torch.float64))
    new.where(torch.tensor([True, False]), old).reads(2).sum().backward()
    assert_same("d cells", cells.grad.flatten(), torch.tensor([0.5, 1.0], dtype=torch.float64))


def test_select_detach_and_to() -> None:
    memory = worked(3, 4)
    same(memory.select(torch.tensor([2, 0, 2])), Superposition.of(memory.cells[[2, 0, 2]], empty=-1.0))
    same(memory.select(torch.tensor([True, False, True])), memory.select(torch.tensor([0, 2])))
    cut = memory.detach()
    same(cut, memory)
    assert memory.reads().requires_grad
    assert not cut.reads().requires_grad
    single = memory.to(dtype=torch.float32)
    assert single.reads(9).dtype == torch.float32
    same(single.to(dtype=torch.float64).to("cpu"), single.to(dtype=torch.float64))


def test_compact_drops_no_cell_that_matters() -> None:
    cells = torch.full((2, 5, 1, 2), -1.0)
    cells[1, 2, 0, 1] = 3
    memory = Superposition.of(cells, empty=-1.0)
    assert len(memory.compact()) == 3
    assert_same("reads", memory.compact().reads(5), memory.reads(5))
    assert len(Superposition.of(cells, empty=0.0).compact()) == 5, "-1 is not what this one calls empty"
    cells[0, 4] = torch.nan
    assert len(Superposition.of(cells, empty=-1.0).compact()) == 5, "what is no number is not hidden"
    learning = Superposition.of(torch.full((2, 5, 1, 2), -1.0, requires_grad=True), empty=-1.0)
    assert len(learning.compact()) == 5, "each cell has a gradient"
    assert len(learning.detach().compact()) == 0


@both_engines
def test_with_no_cells_it_reads_empty(engine: str) -> None:
    memory = Superposition.empty(2, 3, 4, empty=-1.0, engine=engine)
    assert (len(memory), memory.batch, memory.stacks, memory.width) == (0, 2, 3, 4)
    assert torch.equal(memory.reads(2), torch.full((2, 3, 2, 4), -1.0))
    assert len(memory.compact()) == 0
    popped = memory.work(torch.tensor([0.0, 1.0]).expand(2, 3, 2), torch.ones(2, 3, 4))
    assert torch.equal(popped.reads(2), torch.full((2, 3, 2, 4), -1.0))
