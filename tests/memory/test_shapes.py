"""A tensor that does not fit is refused in one line, with what was expected and what was given."""

import re
from collections.abc import Callable

import pytest
import torch

from pushpop.errors import ConfigError, PushpopError, ShapeError
from pushpop.memory import DeQue, Queue, Stack, Superposition

STACK = Stack.empty(batch=2, width=8)
DEQUE = DeQue.empty(batch=2, width=8)
STACKS = Superposition.empty(batch=2, stacks=3, width=8)
ENDS, ACTIONS = torch.ones(2, 2), torch.ones(2, 3, 2)
ROW, VALUE = torch.ones(2), torch.ones(2, 8)
MOVED = "move it there with .to('cpu')"

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a pop for another batch": (
        lambda: STACK.pop(torch.ones(3)),
        "Stack.pop: amount: expected [2] float32 on cpu, given [3] float32 on cpu",
    ),
    "a pop of a bare number": (
        lambda: STACK.pop(0.5),
        "Stack.pop: amount: expected [2] float32 on cpu, given a float",
    ),
    "a value of another width": (
        lambda: STACK.push(torch.ones(2, 7), ROW),
        "Stack.push: value: expected [2, 8] float32 on cpu, given [2, 7] float32 on cpu",
    ),
    "a value of another type": (
        lambda: STACK.push(VALUE.double(), ROW),
        "Stack.push: value: expected [2, 8] float32 on cpu, given [2, 8] float64 on cpu",
    ),
    "a strength with an axis too many": (
        lambda: STACK.push(VALUE, torch.ones(2, 1)),
        "Stack.push: strength: expected [2] float32 on cpu, given [2, 1] float32 on cpu",
    ),
    "a value on another device": (
        lambda: STACK.push(VALUE.to("meta"), ROW),
        f"Stack.push: value: expected [2, 8] float32 on cpu, given [2, 8] float32 on meta; {MOVED}",
    ),
    "values without a width": (
        lambda: Queue.of(torch.ones(2, 3), torch.ones(2, 3)),
        "Queue.of: values: expected [B, N, W] of floats, given [2, 3] float32 on cpu",
    ),
    "strengths for other cells": (
        lambda: Queue.of(torch.ones(2, 3, 8), torch.ones(2, 4)),
        "Queue.of: strengths: expected [2, 3] float32 on cpu, given [2, 4] float32 on cpu",
    ),
    "activity that is no truth value": (
        lambda: STACK.where(ROW, STACK),
        "Stack.where: active: expected [2] bool on cpu, given [2] float32 on cpu",
    ),
    "another kind of memory": (
        lambda: STACK.where(ROW > 0, Queue.empty(batch=2, width=8)),
        "Stack.where: old: expected Stack(batch=2, width=8), given Queue(batch=2, width=8)",
    ),
    "pushes of one hand for two": (
        lambda: DEQUE.work(ENDS[:, :1], ENDS, torch.ones(2, 2, 8)),
        "DeQue.work: push: expected [2, 2] float32 on cpu, given [2, 1] float32 on cpu",
    ),
    "pops without hands": (
        lambda: STACK.work(ROW[:, None], ROW, VALUE[:, None]),
        "Stack.work: pop: expected [2, 1] float32 on cpu, given [2] float32 on cpu",
    ),
    "one value for two hands": (
        lambda: DEQUE.work(ENDS, ENDS, VALUE),
        "DeQue.work: value: expected [2, 2, 8] float32 on cpu, given [2, 8] float32 on cpu",
    ),
    "a pop at the bottom for another batch": (
        lambda: DEQUE.pop_bottom(torch.ones(3)),
        "DeQue.pop_bottom: amount: expected [2] float32 on cpu, given [3] float32 on cpu",
    ),
    "a value on top of another width": (
        lambda: DEQUE.push_top(torch.ones(2, 7), ROW),
        "DeQue.push_top: value: expected [2, 8] float32 on cpu, given [2, 7] float32 on cpu",
    ),
    "more cells below than there are": (
        lambda: DeQue.of(torch.ones(2, 3, 8), torch.ones(2, 3), below=4),
        "DeQue.of: below: expected 0 to 3, a number of the cells, given 4",
    ),
    "half a cell below": (
        lambda: DeQue.of(torch.ones(2, 3, 8), torch.ones(2, 3), below=0.5),
        "DeQue.of: below: expected 0 to 3, a number of the cells, given 0.5",
    ),
    "a hand that a memory does not have": (
        lambda: DEQUE.weights(2),
        "DeQue.weights: hand: expected 0 to 1, given 2",
    ),
    "a stack for a DeQue": (
        lambda: DEQUE.where(ROW > 0, STACK),
        "DeQue.where: old: expected DeQue(batch=2, width=8), given Stack(batch=2, width=8)",
    ),
    "actions for other stacks": (
        lambda: STACKS.work(torch.ones(2, 2, 2), torch.ones(2, 3, 8)),
        "Superposition.work: actions: expected [2, 3, 2 or 3] float32 on cpu, given [2, 2, 2] float32 on cpu",
    ),
    "four actions": (
        lambda: STACKS.work(torch.ones(2, 3, 4), torch.ones(2, 3, 8)),
        "Superposition.work: actions: expected 2 or 3 in each stack, given 4",
    ),
    "one value for three stacks": (
        lambda: STACKS.work(ACTIONS, VALUE),
        "Superposition.work: value: expected [2, 3, 8] float32 on cpu, given [2, 8] float32 on cpu",
    ),
    "cells without stacks": (
        lambda: Superposition.of(torch.ones(2, 3, 8)),
        "Superposition.of: cells: expected [B, H, K, W] of floats, given [2, 3, 8] float32 on cpu",
    ),
    "a memory that calls something else empty": (
        lambda: STACKS.where(ROW > 0, Superposition.empty(batch=2, stacks=3, width=8, empty=-1)),
        (
            "Superposition.where: old: expected Superposition(batch=2, stacks=3, width=8, empty=0.0), "
            "given Superposition(batch=2, stacks=3, width=8, empty=-1.0)"
        ),
    ),
    "a memory of another type": (
        lambda: STACKS.where(ROW > 0, STACKS.to(dtype=torch.float64)),
        "Superposition.where: old cells: expected [2, H, 3, 8] float32 on cpu, given [2, 0, 3, 8] float64 on cpu",
    ),
    "stacks' activity that is no truth value": (
        lambda: STACKS.where(ROW, STACKS),
        "Superposition.where: active: expected [2] bool on cpu, given [2] float32 on cpu",
    ),
    "rows of stacks as fractions": (
        lambda: STACKS.select(ROW),
        "Superposition.select: rows (bool, or int64 places): expected [2] bool on cpu, given [2] float32 on cpu",
    ),
    "rows as fractions": (
        lambda: STACK.select(ROW),
        "Stack.select: rows (bool, or int64 places): expected [2] bool on cpu, given [2] float32 on cpu",
    ),
    "a dtype that is only its name": (
        lambda: Stack.empty(batch=2, width=8, dtype="float32"),
        "Stack.empty: expected a dtype with fractions, such as torch.float32, given float32",
    ),
    "a memory of integers": (
        lambda: Stack.empty(batch=2, width=8, dtype=torch.int64),
        "Stack.empty: expected a dtype with fractions, such as torch.float32, given torch.int64",
    ),
}

IMPOSSIBLE: dict[str, tuple[Callable[[], object], str]] = {
    "no words": (lambda: Stack.empty(batch=0, width=8), "Stack.empty: batch 0 is not a size; give 1 or more"),
    "half a width": (lambda: Stack.empty(batch=2, width=0.5), "Stack.empty: width 0.5 is not a size; give 1 or more"),
    "a truth for a width": (
        lambda: Stack.empty(batch=2, width=True),
        "Stack.empty: width True is not a size; give 1 or more",
    ),
    "a word for a batch": (
        lambda: Stack.empty(batch="x", width=8),
        "Stack.empty: batch 'x' is not a size; give 1 or more",
    ),
    "no stacks": (
        lambda: Superposition.empty(batch=2, stacks=0, width=8),
        "Superposition.empty: stacks 0 is not a size; give 1 or more",
    ),
    "a read of no depth": (
        lambda: STACKS.reads(0),
        "Superposition.reads: depth 0 is not a size; give 1 or more",
    ),
    "emptiness that is no number": (
        lambda: Superposition.empty(batch=2, stacks=3, width=8, empty="no"),
        "Superposition.empty: empty 'no' is not what a cell can hold; give a number such as 0 or -1",
    ),
    "emptiness without end": (
        lambda: Superposition.of(torch.ones(2, 1, 3, 8), empty=float("nan")),
        "Superposition.of: empty nan is not what a cell can hold; give a number such as 0 or -1",
    ),
    "a device that stacks cannot have": (
        lambda: Superposition.empty(batch=2, stacks=3, width=8, device="foo"),
        "Superposition.empty: device 'foo' is not there; give such as cpu or cuda:0",
    ),
    "an unknown device": (
        lambda: Stack.empty(batch=2, width=8, device="foo"),
        "Stack.empty: device 'foo' is not there; give such as cpu or cuda:0",
    ),
    "no device at all": (
        lambda: Queue.empty(batch=2, width=8, device=2.5),
        "Queue.empty: device 2.5 is not there; give such as cpu or cuda:0",
    ),
    "an engine that is no name": (
        lambda: Stack.empty(batch=2, width=8, engine=["eager"]),
        "engine: ['eager'] does not work a memory step by step; give one of reference, eager",
    ),
    "an unknown engine": (
        lambda: Stack.empty(batch=2, width=8, engine="eagre"),
        "engine: 'eagre' does not work a memory step by step; did you mean 'eager'? give one of reference, eager",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_tensor_that_does_not_fit_is_refused(case: str) -> None:
    attempt, message = REFUSED[case]
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        attempt()


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_a_setting_that_cannot_be_is_refused(case: str) -> None:
    attempt, message = IMPOSSIBLE[case]
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        attempt()


def test_a_refused_push_leaves_the_memory_as_it_was() -> None:
    stack = STACK.push(VALUE, ROW)
    with pytest.raises(PushpopError):
        stack.push(VALUE, torch.ones(3))
    assert len(stack) == 1
