"""Memories at their limits: empty, overdrawn, faint, long, and streamed without end."""

import pytest
import torch
from torch import Tensor

from closeness import assert_same
from pushpop.memory import DeQue, Queue, Stack, eager, engines

List = Stack | Queue | DeQue
KINDS = {"stack": Stack, "queue": Queue, "deque": DeQue}
every_kind = pytest.mark.parametrize("kind", KINDS)
both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])


def draw(*sizes: int, seed: int = 0) -> Tensor:
    return torch.rand(sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@every_kind
@both_engines
def test_a_pop_larger_than_the_content_leaves_an_empty_memory(kind: str, engine: str) -> None:
    hands = len(KINDS[kind].hands)
    memory = KINDS[kind].of(draw(2, 4, 3), draw(2, 4), engine=engine)
    value, push = draw(2, hands, 3), torch.full((2, hands), 0.25, dtype=torch.float64)
    after = memory.work(push, torch.full_like(push, 100.0), value)
    assert after.strengths.count_nonzero() == 2 * hands
    want = (0.25 * value).sum(1, keepdim=True).expand(-1, hands, -1)  # each hand reads all there is
    assert_same("reads", after.reads(), want)
    assert_same("reads without the empty cells", after.compact().reads(), want)
    assert len(after.compact()) == hands


@every_kind
@both_engines
def test_a_read_of_less_than_1_in_all_is_all_there_is(kind: str, engine: str) -> None:
    values, strengths = draw(2, 4, 3), draw(2, 4) / 5
    memory = KINDS[kind].of(values, strengths, engine=engine)
    all_of_it = (strengths[:, :, None] * values).sum(1, keepdim=True)
    assert_same("reads", memory.reads(), all_of_it.expand(-1, len(memory.hands), -1))


def long_one(kind: str, dtype: torch.dtype, strength: float) -> dict[str, Tensor]:
    """Reads after a step, and gradients, of a list of thousands of cells that are about this strong."""
    values, strengths = draw(2, 4_000, 3), draw(2, 4_000, seed=1) * strength
    leaves = {"values": values.float().to(dtype), "strengths": strengths.float().to(dtype)}
    hands = len(KINDS[kind].hands)
    push, pop = draw(2, hands, seed=2), draw(2, hands, seed=3) * min(1, 100 * strength)
    push, pop = push.float().to(dtype), pop.float().to(dtype)
    memory = KINDS[kind].of(*(leaf.requires_grad_() for leaf in leaves.values()))
    reads = memory.work(push, pop, torch.ones(2, hands, 3, dtype=dtype)).reads()
    found = torch.autograd.grad((reads * torch.arange(1, 4)).sum(), list(leaves.values()))
    return {"reads": reads, **{f"d {name}": part for name, part in zip(leaves, found, strict=True)}}


@every_kind
@pytest.mark.parametrize("strength", [1.0, 0.5, 1e-2, 1e-3, 1e-5])
def test_thousands_of_cells_in_float32_are_as_in_float64(kind: str, strength: float) -> None:
    single, double = (long_one(kind, dtype, strength) for dtype in (torch.float32, torch.float64))
    for name in double:
        assert_same(name, single[name], double[name].float())


@every_kind
def test_float32_notices_sums_that_begin_at_the_other_end(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The total less the part beyond cancels just where a memory is read."""
    other = {end: next(e for e in eager.End if e is not end) for end in eager.End}

    def total_less_part(s: Tensor, end: eager.End) -> Tensor:
        return s.sum(1, keepdim=True) - s - nearer(s, other[end])

    nearer = eager.nearer
    double = long_one(kind, torch.float64, 1.0)
    monkeypatch.setattr(eager, "nearer", total_less_part)
    with pytest.raises(AssertionError, match="reads"):
        assert_same("reads", long_one(kind, torch.float32, 1.0)["reads"], double["reads"].float())


def streamed(kind: str, pushes: Tensor, pops: Tensor, values: Tensor, compact: bool) -> tuple[dict[str, Tensor], int]:
    """Reads of a stream [T, B, A], all gradients, and how many cells there were at the most."""
    leaves = {"pushes": pushes, "pops": pops, "values": values}
    leaves = {name: leaf.clone().requires_grad_() for name, leaf in leaves.items()}
    memory = KINDS[kind].empty(batch=pushes.shape[1], width=values.shape[3], dtype=pushes.dtype)
    reads, most = [], 0
    for push, pop, value in zip(*leaves.values(), strict=True):
        memory = memory.work(push, pop, value)
        memory = memory.compact() if compact else memory
        reads.append(memory.reads())
        most = max(most, len(memory))
    judged = (torch.stack(reads) * draw(len(reads), pushes.shape[1], 1, 1, seed=9)).sum()
    found = torch.autograd.grad(judged, list(leaves.values()))
    return {"reads": torch.stack(reads), **{f"d {n}": part for n, part in zip(leaves, found, strict=True)}}, most


@every_kind
@pytest.mark.parametrize("strengths", ["fractions", "whole", "some pushes of nothing"])
def test_compact_changes_no_result_and_no_gradient(kind: str, strengths: str) -> None:
    hands = len(KINDS[kind].hands)
    pushes, pops, values = draw(40, 2, hands), draw(40, 2, hands, seed=1), draw(40, 2, hands, 3, seed=2)
    if strengths == "whole":
        pushes, pops = pushes.round(), pops.round()
    if strengths == "some pushes of nothing":
        pushes = torch.where(pushes < 0.5, 0.0, pushes)
    (want, every), (got, most) = (streamed(kind, pushes, pops, values, compact) for compact in (False, True))
    assert most < every == 40 * hands
    for name in want:
        assert_same(name, got[name], want[name])


@every_kind
def test_a_push_of_nothing_is_kept_while_it_can_still_learn(kind: str) -> None:
    strengths = torch.zeros(1, 3, requires_grad=True)
    memory = KINDS[kind].of(torch.ones(1, 3, 2), strengths)
    assert len(memory.compact()) == 3
    nothing = torch.zeros(1, len(memory.hands))
    assert len(memory.work(nothing, nothing, nothing[:, :, None].expand(-1, -1, 2)).compact()) == len(memory.hands)
    assert len(memory.detach().compact()) == 0
    assert len(KINDS[kind].of(torch.ones(1, 3, 2), torch.tensor([[0.0, torch.nan, 0.0]])).compact()) == 1


@every_kind
def test_a_stream_without_end_needs_no_more_room_in_the_end(kind: str) -> None:
    hands = len(KINDS[kind].hands)
    memory, most = KINDS[kind].empty(batch=2, width=1), 0
    steps = 3_000
    pushes, pops = draw(steps, 2, hands).float() * 0.5, draw(steps, 2, hands, seed=1).float()
    for push, pop in zip(pushes, pops, strict=True):
        memory = memory.work(push, pop, push[:, :, None]).compact()
        most = max(most, len(memory))
    assert most < 100


@every_kind
def test_a_compacted_handle_lines_up_with_another(kind: str) -> None:
    hands = len(KINDS[kind].hands)
    whole = torch.ones(2, hands)
    old = KINDS[kind].empty(batch=2, width=1)
    for step in range(4):
        pop = whole * (step == 2)
        old = old.work(whole, pop, whole[:, :, None] * step)
    new = old.work(whole, whole, whole[:, :, None] * 9).compact()
    active = torch.tensor([True, False])
    for mixed in (new.where(active, old), new.where(active, old.compact()), old.compact().where(~active, new)):
        assert_same("reads of the active", mixed.reads()[0], new.reads()[0])
        assert_same("reads of the ended", mixed.reads()[1], old.reads()[1])
        assert_same("reads of the ended, compact", mixed.compact().reads()[1], old.reads()[1])
    tight = old.detach().compact()
    assert tight.cells.below == int((old.strengths[0, : old.cells.below] > 0).sum())


def test_the_other_engine_streams_too() -> None:
    for engine in engines.ENGINES:
        memory = Stack.empty(batch=1, width=1, engine=engine)
        for _ in range(5):
            memory = memory.work(torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1, 1)).compact()
        assert len(memory) == 1
