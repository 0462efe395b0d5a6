"""The paper's figure 1 and the gradients of its third read, number by number."""

import pytest
import torch
from torch import Tensor

from closeness import assert_same
from pushpop.memory import Queue, Stack

VALUES, PUSHES, POPS = (1.0, 2.0, 3.0), (0.8, 0.5, 0.9), (0.0, 0.1, 0.9)
STRENGTHS = {Stack: ([0.8], [0.7, 0.5], [0.3, 0.0, 0.9]), Queue: ([0.8], [0.7, 0.5], [0.0, 0.3, 0.9])}
READS = {Stack: (0.8, 1.5, 2.8), Queue: (0.8, 1.3, 2.7)}
SHARES = {  # of each value in each read
    Stack: ([0.8], [0.5, 0.5], [0.1, 0.0, 0.9]),
    Queue: ([0.8], [0.7, 0.3], [0.0, 0.3, 0.7]),
}
OF_THE_THIRD_READ = {  # the gradients
    Stack: {"values": (0.1, 0.0, 0.9), "pushes": (0.0, 0.0, 2.0), "pops": (0.0, 0.0, 0.0)},
    Queue: {"values": (0.0, 0.3, 0.7), "pushes": (-1.0, -1.0, 0.0), "pops": (0.0, 1.0, 1.0)},
}

both_kinds = pytest.mark.parametrize("kind", [Stack, Queue])
both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])


def numbers(*given: float) -> Tensor:
    return torch.tensor(given, dtype=torch.float64)


@both_kinds
@both_engines
def test_reads_strengths_and_gradients_are_the_papers(kind: type[Stack | Queue], engine: str) -> None:
    leaves = {"values": numbers(*VALUES), "pushes": numbers(*PUSHES), "pops": numbers(*POPS)}
    values, pushes, pops = (leaf.requires_grad_() for leaf in leaves.values())
    memory = kind.empty(batch=1, width=1, engine=engine, dtype=torch.float64)
    for t in range(3):
        memory = memory.pop(pops[t : t + 1]).push(values[t].view(1, 1), pushes[t : t + 1])
        read = memory.read()
        assert_same(f"strengths after step {t + 1}", memory.strengths, numbers(*STRENGTHS[kind][t])[None])
        assert_same(f"read weights of step {t + 1}", memory.weights(), numbers(*SHARES[kind][t])[None])
        assert_same(f"read at step {t + 1}", read, numbers(READS[kind][t])[None])
    read.sum().backward()
    for name, leaf in leaves.items():
        want = numbers(*OF_THE_THIRD_READ[kind][name])
        assert_same(f"d {name}", torch.zeros_like(leaf) if leaf.grad is None else leaf.grad, want)


@both_kinds
@both_engines
def test_reads_of_vectors_mix_the_values_by_their_shares(kind: type[Stack | Queue], engine: str) -> None:
    memory = kind.empty(batch=1, width=3, engine=engine, dtype=torch.float64)
    for t, value in enumerate(torch.eye(3, dtype=torch.float64)):
        memory = memory.pop(numbers(POPS[t])).push(value[None], numbers(PUSHES[t]))
        want = torch.nn.functional.pad(numbers(*SHARES[kind][t]), (0, 2 - t))
        assert_same(f"read at step {t + 1}", memory.read(), want[None])


@both_engines
def test_on_a_tie_the_strength_has_all_the_gradient(engine: str) -> None:
    """The paper's footnote 1: strengths of 1 and reads of 1 are equal all the time once a network has learned."""
    strengths = torch.ones(1, 2, dtype=torch.float64, requires_grad=True)
    values = numbers(5.0, 7.0).view(1, 2, 1)
    Stack.of(values, strengths, engine=engine).read().sum().backward()
    assert_same("d strengths, read", strengths.grad, numbers(0.0, 7.0)[None])

    strengths.grad = None
    amount = numbers(1.0).requires_grad_()
    Stack.of(values, strengths, engine=engine).pop(amount).read().sum().backward()
    assert_same("d strengths, pop then read", strengths.grad, numbers(5.0, 0.0)[None])
    assert_same("d amount", amount.grad, numbers(0.0))


@both_engines
def test_a_push_of_strength_0_can_still_learn_to_push(engine: str) -> None:
    strength = numbers(0.0).requires_grad_()
    stack = Stack.empty(batch=1, width=1, engine=engine, dtype=torch.float64).push(numbers(3.0)[None], strength)
    stack.push(numbers(4.0)[None], numbers(0.5)).read().sum().backward()
    assert_same("d strength", strength.grad, numbers(3.0))
