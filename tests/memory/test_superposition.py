"""Stacks in superposition, judged by the equations cell by cell, and by Python's list."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from closeness import assert_same
from pushpop.memory import Superposition, engines
from pushpop.memory import reference_superposition as paper

both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])
two_or_three_actions = pytest.mark.parametrize("count", [2, 3])

ACTIONS: dict[str, Callable[[Tensor], Tensor]] = {  # from logits [T, B, K, C]
    "fractions": lambda x: x.softmax(-1),
    "whole": lambda x: (x == x.amax(-1, keepdim=True)).to(x),
    "settled into 0 and 1": lambda x: (40 * x).softmax(-1),
    "hardly any": lambda x: x.softmax(-1) * 1e-3,  # the caller's affair: they need not add up to 1
}
STACKS, WIDTH = 2, 3
Named = dict[str, Tensor]


def draw_script(actions: str, count: int, steps: int, batch: int, dtype: torch.dtype) -> Named:
    generator = torch.Generator().manual_seed(1000 * steps + batch)
    logits, values = (
        torch.randn(steps, batch, STACKS, size, generator=generator, dtype=torch.float64) for size in (count, WIDTH)
    )
    return {"actions": ACTIONS[actions](logits).to(dtype), "values": values.to(dtype)}


def outcome(script: Named, run: Callable[[Named], tuple[Tensor, Tensor]]) -> Named:
    """Reads, last cells, and the gradients of a sum over both in fixed proportions."""
    leaves = {name: tensor.detach().clone().requires_grad_() for name, tensor in script.items()}
    parts = dict(zip(("reads", "cells"), run(leaves), strict=True))
    generator = torch.Generator().manual_seed(1)
    judged = sum(
        (part * torch.randn(part.shape, generator=generator, dtype=torch.float64).to(part)).sum()
        for part in parts.values()
    )
    found = torch.autograd.grad(judged, list(leaves.values()))
    return {name: part.detach() for name, part in parts.items()} | {
        f"d {name}": gradient for name, gradient in zip(leaves, found, strict=True)
    }


def by_engine(engine: str, empty: float, depth: int) -> Callable[[Named], tuple[Tensor, Tensor]]:
    def run(script: Named) -> tuple[Tensor, Tensor]:
        actions, values = script.values()
        memory = Superposition.empty(len(values[0]), STACKS, WIDTH, empty=empty, engine=engine, dtype=values.dtype)
        reads = []
        for action, value in zip(actions, values, strict=True):
            memory = memory.work(action, value)
            reads.append(memory.reads(depth))
        return torch.stack(reads), memory.cells

    return run


def by_the_paper(empty: float, depth: int) -> Callable[[Named], tuple[Tensor, Tensor]]:
    """One number at a time: every word, stack and place in a value is a stack of scalars."""

    def run(script: Named) -> tuple[Tensor, Tensor]:
        actions, values = script.values()
        steps, batch, _, _ = values.shape
        reads = values.new_zeros(batch, STACKS, WIDTH, steps, depth)
        cells = values.new_zeros(batch, STACKS, WIDTH, steps)
        for b in range(batch):
            for k in range(STACKS):
                for w in range(WIDTH):
                    s = []
                    for t in range(steps):
                        s = paper.work(s, actions[t, b, k].unbind(), values[t, b, k, w], empty)
                        seen = [reads.new_zeros(()) + cell for cell in paper.read(s, depth, empty)]
                        reads = reads.index_put(tuple(map(torch.tensor, (b, k, w, t))), torch.stack(seen))
                    cells = cells.index_put(tuple(map(torch.tensor, (b, k, w))), torch.stack(s))
        return reads.permute(3, 0, 1, 4, 2), cells.permute(0, 3, 1, 2)

    return run


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("empty", "depth"), [(-1.0, 2), (0.0, 1), (0.5, 6)])
@two_or_three_actions
@pytest.mark.parametrize("actions", ACTIONS)
@pytest.mark.parametrize(("steps", "batch"), [(1, 2), (4, 1), (5, 2), pytest.param(9, 3, marks=pytest.mark.long)])
def test_every_engine_is_the_paper(
    actions: str, count: int, steps: int, batch: int, empty: float, depth: int, dtype: torch.dtype
) -> None:
    script = draw_script(actions, count, steps, batch, dtype)
    want = outcome(script, by_the_paper(empty, depth))
    for engine in engines.ENGINES:
        got = outcome(script, by_engine(engine, empty, depth))
        for name in want:
            assert_same(f"{engine}, {name}", got[name], want[name])


@pytest.mark.parametrize(
    ("fault", "judge"),
    {
        "pop and push the other way round": lambda cells, a, v, empty: engines.eager.superpose(
            cells, a.flip(2), v, empty
        ),
        "nothing below is 0": lambda cells, a, v, empty: engines.eager.superpose(cells, a, v, 0.0),
        "the first stack's actions in all": lambda cells, a, v, empty: engines.eager.superpose(
            cells, a[:, :1].expand_as(a), v, empty
        ),
        "too shallow": lambda cells, a, v, empty: torch.cat(
            [engines.eager.superpose(cells, a, v, empty)[:, :-1], torch.full_like(v, empty)[:, None]], 1
        ),
    }.items(),
)
def test_the_comparison_notices(fault: str, judge: Callable[..., Tensor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines.ENGINES, "eager", engines.ENGINES["eager"]._replace(superpose=judge))
    script = draw_script("fractions", 2, 4, 2, torch.float64)
    want = outcome(script, by_the_paper(-1.0, 4))
    with pytest.raises(AssertionError, match="reads"):
        assert_same("reads", outcome(script, by_engine("eager", -1.0, 4))["reads"], want["reads"])


@two_or_three_actions
def test_finite_differences_agree(count: int) -> None:
    script = draw_script("fractions", count, 4, 2, torch.float64)

    def run(*tensors: Tensor) -> tuple[Tensor, Tensor]:
        return by_engine("eager", -1.0, 2)(dict(zip(script, tensors, strict=True)))

    assert torch.autograd.gradcheck(run, tuple(tensor.requires_grad_() for tensor in script.values()))


def numbers(*given: float) -> Tensor:
    return torch.tensor(given, dtype=torch.float64)


@both_engines
def test_three_steps_number_by_number(engine: str) -> None:
    memory = Superposition.empty(1, 1, 1, empty=-1.0, engine=engine, dtype=torch.float64)
    golden = [(1.0, (0.8, 0.2), [0.6]), (2.0, (0.5, 0.5), [0.5, -0.2]), (3.0, (0.1, 0.9), [0.12, -0.85, -0.92])]
    for step, (value, actions, want) in enumerate(golden, 1):
        memory = memory.work(numbers(*actions)[None, None], numbers(value)[None, None])
        assert_same(f"cells after step {step}", memory.cells.flatten(), numbers(*want))
    assert_same("two cells read", memory.reads(2).flatten(), numbers(0.12, -0.85))
    assert_same("more cells read than there are", memory.reads(5).flatten(), numbers(0.12, -0.85, -0.92, -1, -1))


def one_hot(place: int, count: int) -> Tensor:
    return torch.eye(count)[place][None, None]


def check_against_list(engine: str, count: int, script: list[int]) -> None:
    """Whole actions (0 push, 1 pop, 2 keep): Python's list is the judge."""
    memory, judge = Superposition.empty(1, 1, 1, empty=-1.0, engine=engine), []
    for step, action in enumerate(script, 1):
        memory = memory.work(one_hot(action, count), torch.tensor([[[float(step)]]]))
        if action == 0:
            judge.append(float(step))
        elif action == 1 and judge:
            judge.pop()
        want = judge[::-1] + [-1.0] * (step - len(judge))
        assert memory.cells.flatten().tolist() == want, f"step {step}: {memory.cells.flatten().tolist()}, not {want}"
        assert len(memory.compact()) == len(judge), f"compact at step {step}"
        assert memory.compact().reads(3).tolist() == memory.reads(3).tolist(), f"step {step}"


@both_engines
@pytest.mark.parametrize("count", [2, 3])
@given(data=st.data())
def test_with_whole_actions_it_is_a_list(engine: str, count: int, data: st.DataObject) -> None:
    check_against_list(engine, count, data.draw(st.lists(st.integers(0, count - 1), max_size=12)))


def test_the_judge_notices_a_cell_that_falls_off_the_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    def shallow(cells: Tensor, actions: Tensor, value: Tensor, empty: float) -> Tensor:
        made = engines.eager.superpose(cells, actions, value, empty)
        made[:, 2:] = empty
        return made

    monkeypatch.setitem(engines.ENGINES, "eager", engines.ENGINES["eager"]._replace(superpose=shallow))
    with pytest.raises(AssertionError, match="step 3"):
        check_against_list("eager", 2, [0, 0, 0, 1])


@pytest.mark.parametrize("empty", [-1.0, 0.0])
def test_what_is_below_the_height_stays_empty(empty: float) -> None:
    """A stack that starts with empty cells is one that starts with none, as long as actions add up to 1."""
    script = draw_script("fractions", 3, 6, 2, torch.float64)
    bare = Superposition.empty(2, STACKS, WIDTH, empty=empty, dtype=torch.float64)
    padded = Superposition.of(torch.full((2, 4, STACKS, WIDTH), empty, dtype=torch.float64), empty=empty)
    for action, value in zip(*script.values(), strict=True):
        bare, padded = bare.work(action, value), padded.work(action, value)
        assert_same("reads", bare.reads(9), padded.reads(9))
    assert_same("below the height", padded.cells[:, 6:], torch.full((2, 4, STACKS, WIDTH), empty, dtype=torch.float64))


def test_a_pushed_value_is_found_however_deep_it_was() -> None:
    memory = Superposition.empty(1, 1, 1)
    for step in range(2_000):
        memory = memory.work(one_hot(0, 2), torch.full((1, 1, 1), float(step)))
    for step in reversed(range(2_000)):
        assert memory.reads().item() == step
        memory = memory.work(one_hot(1, 2), torch.full((1, 1, 1), 7.0)).compact()
    assert len(memory) == 0


def test_many_steps_in_float32_stay_close_to_float64() -> None:
    script = draw_script("fractions", 3, 400, 2, torch.float32)
    single = by_engine("eager", -1.0, 2)(script)[0]
    double = by_engine("eager", -1.0, 2)({name: part.double() for name, part in script.items()})[0]
    assert_same("reads", single, double.float())
