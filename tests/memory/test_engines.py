"""The engines against the paper's equations taken one scalar at a time, in values and in every gradient, by name."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor

from closeness import assert_same
from pushpop.memory import DeQue, Queue, Stack, engines
from pushpop.memory import reference as paper

Script = dict[str, Tensor]  # "values" [T, B, A, W], "pushes" [T, B, A], "pops" [T, B, A]
KINDS = {"stack": Stack, "queue": Queue, "deque": DeQue}
WIDTH = 3


class Equations(NamedTuple):
    """A memory as the paper has it."""

    pop: Callable[..., list]  # strengths, one pop a hand -> strengths
    add: Callable[[list, Any], list]  # rows, one more a hand -> rows
    reads: tuple[Callable[[list], list], ...]  # strengths -> factors, for each hand


PAPER = {
    "stack": Equations(paper.pop_stack, lambda rows, new: [*rows, *new], (paper.read_stack,)),
    "queue": Equations(paper.pop_queue, lambda rows, new: [*rows, *new], (paper.read_queue,)),
    "deque": Equations(paper.pop_deque, lambda rows, new: [new[1], *rows, new[0]], (paper.read_top, paper.read_bottom)),
}

# How strengths come about: pushes and pops [T, B, A] from numbers drawn evenly from [0, 1).
STRENGTHS: dict[str, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "fractions": lambda d, u: (d, u),
    "whole": lambda d, u: (d.round(), u.round()),
    "halves and quarters": lambda d, u: ((d * 4).round() / 4, (u * 4).round() / 4),
    "tiny": lambda d, u: (d * 2e-3, u * 1e-3),
    "pops larger than the content": lambda d, u: (d * 0.4, u * 3),
    "no pops": lambda d, u: (d, u * 0),
    "pushes of nothing": lambda d, u: (torch.where(d < 0.5, 0.0, d), u * 0.3),
    "settled into 0 and 1": lambda d, u: ((40 * (d - 0.5)).sigmoid(), (40 * (u - 0.5)).sigmoid()),
}


def draw_script(kind: str, strengths: str, steps: int, batch: int, dtype: torch.dtype) -> Script:
    generator, hands = torch.Generator().manual_seed(1000 * steps + batch), len(PAPER[kind].reads)
    values = torch.randn(steps, batch, hands, WIDTH, generator=generator, dtype=torch.float64)
    pushes, pops = STRENGTHS[strengths](*torch.rand(2, steps, batch, hands, generator=generator, dtype=torch.float64))
    return {"values": values.to(dtype), "pushes": pushes.to(dtype), "pops": pops.to(dtype)}


def outcome(script: Script, run: Callable[[Script], tuple[Tensor, Tensor]]) -> Script:
    """Reads [T, B, A, W], last strengths [B, N], and the gradients of a sum over both in fixed proportions."""
    leaves = {name: tensor.detach().clone().requires_grad_() for name, tensor in script.items()}
    reads, strengths = run(leaves)
    generator = torch.Generator().manual_seed(1)
    judged = sum(
        (part * torch.randn(part.shape, generator=generator, dtype=torch.float64).to(part)).sum()
        for part in (reads, strengths)
    )
    found = torch.autograd.grad(judged, list(leaves.values()), allow_unused=True, materialize_grads=True)
    gradients = dict(zip([f"d {name}" for name in leaves], found, strict=True))
    return {"reads": reads.detach(), "strengths": strengths.detach(), **gradients}


def by_engine(kind: str, engine: str) -> Callable[[Script], tuple[Tensor, Tensor]]:
    def run(script: Script) -> tuple[Tensor, Tensor]:
        values, pushes, pops = script.values()
        memory = KINDS[kind].empty(batch=values.shape[1], width=WIDTH, engine=engine, dtype=values.dtype)
        reads = []
        for value, push, pop in zip(values, pushes, pops, strict=True):
            memory = memory.work(push, pop, value)
            reads.append(memory.reads())
        return torch.stack(reads), memory.strengths

    return run


def by_the_paper(kind: str) -> Callable[[Script], tuple[Tensor, Tensor]]:
    """One word at a time, on scalars, through nothing but the equations."""
    equations = PAPER[kind]

    def run(script: Script) -> tuple[Tensor, Tensor]:
        zero = script["values"].new_zeros(())
        reads, strengths = [], []
        for values, pushes, pops in zip(*(script[name].unbind(1) for name in script), strict=True):
            V, s = [], []
            for v, d, u in zip(values, pushes, pops, strict=True):
                V, s = equations.add(V, v), equations.add(equations.pop(s, *u), d)
                reads += [zero + paper.read(V, factors(s)) for factors in equations.reads]
            strengths.append(torch.stack([zero + x for x in s]))
        shape = script["values"].transpose(0, 1).shape
        return torch.stack(reads).view(shape).transpose(0, 1), torch.stack(strengths)

    return run


def grid() -> list[pytest.param]:
    cases = []
    for strengths in STRENGTHS:
        for steps in (*range(1, 10), 33):
            for batch in (1, 2, 5) if steps < 33 else (2,):
                in_short = (steps, batch) in {(1, 1), (2, 5), (5, 1), (9, 2)}
                cases.append(pytest.param(strengths, steps, batch, marks=() if in_short else pytest.mark.long))
    return cases


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("strengths", "steps", "batch"), grid())
def test_every_engine_is_the_paper(kind: str, strengths: str, steps: int, batch: int, dtype: torch.dtype) -> None:
    script = draw_script(kind, strengths, steps, batch, dtype)
    want = outcome(script, by_the_paper(kind))
    for engine in engines.ENGINES:
        got = outcome(script, by_engine(kind, engine))
        for name in want:
            assert_same(f"{engine} {kind}, {name}", got[name], want[name])


@pytest.mark.parametrize("kind", KINDS)
def test_the_comparison_notices_wrong_gradients_at_ties(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`minimum` splits a tie and `clamp` has a derivative at 0: the values stay right, so only gradients can tell."""

    def weigh(strengths: Tensor, end: object) -> Tensor:
        return torch.minimum(strengths, (1 - engines.eager.nearer(strengths, end)).clamp(min=0))

    eager = engines.ENGINES["eager"]
    monkeypatch.setitem(engines.ENGINES, "eager", eager._replace(weigh=weigh))
    script = draw_script(kind, "whole", 9, 5, torch.float64)
    want, got = outcome(script, by_the_paper(kind)), outcome(script, by_engine(kind, "eager"))
    assert_same("reads", got["reads"], want["reads"])
    with pytest.raises(AssertionError, match="d pushes"):
        assert_same("d pushes", got["d pushes"], want["d pushes"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_comparison_notices_forgotten_pushes_of_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    eager = engines.ENGINES["eager"]
    forgetful = eager._replace(add_up=lambda values, weights, _: eager.add_up(values, weights, range(len(values))))
    monkeypatch.setitem(engines.ENGINES, "eager", forgetful)
    script = draw_script(kind, "pushes of nothing", 9, 1, torch.float64)
    want, got = outcome(script, by_the_paper(kind)), outcome(script, by_engine(kind, "eager"))
    assert_same("reads", got["reads"], want["reads"])
    with pytest.raises(AssertionError, match="d pushes"):
        assert_same("d pushes", got["d pushes"], want["d pushes"])


@pytest.mark.parametrize("kind", KINDS)
def test_finite_differences_agree_away_from_ties(kind: str) -> None:
    script = draw_script(kind, "fractions", 6, 2, torch.float64)

    def run(*tensors: Tensor) -> tuple[Tensor, Tensor]:
        return by_engine(kind, "eager")(dict(zip(script, tensors, strict=True)))

    assert torch.autograd.gradcheck(run, tuple(tensor.requires_grad_() for tensor in script.values()))


# Any order of operations, not only the network's pop, push, read. Quarters, so that ties are frequent and exact.
quarters = st.integers(0, 4).map(lambda n: n / 4)
operations = st.lists(
    st.tuples(st.sampled_from(["pop", "push", "read"]), st.integers(0, 1), st.tuples(quarters, quarters)),
    min_size=1,
    max_size=12,
)
ENDS = {"stack": ("", ""), "queue": ("", ""), "deque": ("_top", "_bottom")}  # what an operation's name ends in


def perform(kind: str, engine: str, script: list) -> Script:
    memory = KINDS[kind].empty(batch=2, width=1, engine=engine, dtype=torch.float64)
    judged = torch.zeros((), dtype=torch.float64, requires_grad=True)
    leaves = {"d start": judged}
    for place, (verb, end, amounts) in enumerate(script):
        do = getattr(memory, verb + ENDS[kind][end])
        if verb == "read":
            judged = judged + (do() * torch.tensor([[1.0], [3.0]]) * (place + 1)).sum()
            continue
        leaf = leaves[f"d {verb} {place}"] = torch.tensor(amounts, dtype=torch.float64, requires_grad=True)
        value = torch.full((2, 1), float(place * place + 1), dtype=torch.float64)
        memory = do(leaf) if verb == "pop" else do(value, leaf)
    judged = judged + memory.reads().sum() + memory.strengths.sum()
    found = torch.autograd.grad(judged, list(leaves.values()), allow_unused=True, materialize_grads=True)
    return {"judged": judged, **dict(zip(leaves, found, strict=True))}


@pytest.mark.parametrize("kind", KINDS)
@given(script=operations)
@example(
    script=[("push", 0, (0, 0.5)), ("push", 0, (1, 0)), ("pop", 0, (0, 0.5)), ("push", 0, (0, 0)), ("read", 0, (0, 0))]
)
def test_engines_agree_in_any_order_of_operations(kind: str, script: list) -> None:
    want, got = perform(kind, "reference", script), perform(kind, "eager", script)
    for name in want:
        assert_same(name, got[name], want[name])
