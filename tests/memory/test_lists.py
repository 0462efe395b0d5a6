"""The lists judged from outside: by `collections.deque`, and by intervals on a line."""

from collections import deque
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from closeness import assert_same
from pushpop.memory import DeQue, Queue, Stack, engines

KINDS = {"stack": Stack, "queue": Queue, "deque": DeQue}
ENDS = {  # of each hand: where it pushes, where it pops and reads
    "stack": [("top", "top")],
    "queue": [("top", "bottom")],
    "deque": [("top", "top"), ("bottom", "bottom")],
}
every_kind = pytest.mark.parametrize("kind", KINDS)
both_engines = pytest.mark.parametrize("engine", ["reference", "eager"])


def numbers(given: Sequence[float]) -> Tensor:
    """One word's: [1, A]."""
    return torch.tensor([list(map(float, given))], dtype=torch.float64)


def check_against_deque(kind: str, engine: str, script: list[tuple[tuple[bool, ...], tuple[bool, ...]]]) -> None:
    """Steps of (push or not, pop or not) for every hand, whole strengths: Python's deque is the judge."""
    memory, judge = KINDS[kind].empty(batch=1, width=1, engine=engine, dtype=torch.float64), deque()
    hands = ENDS[kind]
    for step, (pushes, pops) in enumerate(script, 1):
        values = [step + hand / 2 for hand in range(len(hands))]
        memory = memory.work(numbers(pushes[: len(hands)]), numbers(pops[: len(hands)]), numbers(values)[:, :, None])
        for (_, take), pop in zip(hands, pops, strict=False):
            if pop and judge:
                judge.pop() if take == "top" else judge.popleft()
        for (put, _), push, value in zip(hands, pushes, values, strict=False):
            if push:
                judge.append(value) if put == "top" else judge.appendleft(value)
        want = [0.0 if not judge else judge[-1] if take == "top" else judge[0] for _, take in hands]
        assert memory.reads().flatten().tolist() == want, f"read at step {step}: {memory.reads()}, wanted {want}"
        assert memory.values[0, memory.strengths[0] == 1].flatten().tolist() == list(judge), f"step {step}"
        assert memory.compact().values.flatten().tolist() == list(judge), f"compact at step {step}"


two_truths = st.tuples(st.booleans(), st.booleans())


@every_kind
@both_engines
@given(script=st.lists(st.tuples(two_truths, two_truths), max_size=12))
def test_with_whole_strengths_it_is_a_deque(kind: str, engine: str, script: list) -> None:
    check_against_deque(kind, engine, script)


@every_kind
def test_the_judge_notices_a_wrong_drain(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = engines.ENGINES["eager"]._replace(drain=lambda s, amount, end: torch.relu(s - amount[:, None]))
    monkeypatch.setitem(engines.ENGINES, "eager", wrong)
    push, pop = ((True, False), (False, False)), ((False, False), (True, False))
    with pytest.raises(AssertionError, match="read at step 3"):
        check_against_deque(kind, "eager", [push, push, pop])


Amounts = tuple[tuple[float, ...], tuple[float, ...]]


def by_intervals(kind: str, script: list[Amounts]) -> tuple[list[float], list[list[float]]]:
    """The last strengths, and each hand's read weights, with every cell a piece of a line, as long as it is strong.

    What the equations say with sums, this says with one place per end: a pop moves it, and cuts off what lies beyond.
    """
    top = bottom = 0.0
    cells: list[tuple[float, float]] = []
    for pushes, pops in script:
        for (_, take), pop in zip(ENDS[kind], pops, strict=False):
            if take == "top":
                top = max(top - pop, bottom)
            else:
                bottom = min(bottom + pop, top)
        cells = [(min(max(a, bottom), top), min(max(b, bottom), top)) for a, b in cells]
        for (put, _), push in zip(ENDS[kind], pushes, strict=False):
            if put == "top":
                cells, top = [*cells, (top, top + push)], top + push
            else:
                cells, bottom = [(bottom - push, bottom), *cells], bottom - push
    near = [(top - 1, top) if take == "top" else (bottom, bottom + 1) for _, take in ENDS[kind]]
    return [b - a for a, b in cells], [[max(0.0, min(b, to) - max(a, fro)) for a, b in cells] for fro, to in near]


def check_against_intervals(kind: str, engine: str, script: list[Amounts]) -> None:
    hands = len(ENDS[kind])
    memory = KINDS[kind].empty(batch=1, width=1, engine=engine, dtype=torch.float64)
    for pushes, pops in script:
        value = torch.ones(1, hands, 1, dtype=torch.float64)
        memory = memory.work(numbers(pushes[:hands]), numbers(pops[:hands]), value)
    left, weights = by_intervals(kind, script)
    assert_same("strengths", memory.strengths, numbers(left))
    for hand in range(hands):
        assert_same(f"read weights of hand {hand}", memory.weights(hand), numbers(weights[hand]))


amounts = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1), st.floats(0, 4))
two_amounts = st.tuples(amounts, amounts)


@every_kind
@both_engines
@given(script=st.lists(st.tuples(two_amounts, two_amounts), min_size=1, max_size=10))
def test_it_is_intervals_on_a_line(kind: str, engine: str, script: list[Amounts]) -> None:
    check_against_intervals(kind, engine, script)


@pytest.mark.parametrize(("kind", "other"), [("stack", "queue"), ("queue", "stack"), ("deque", "queue")])
def test_intervals_notice_the_wrong_end(kind: str, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = (*KINDS[other].hands, *KINDS[kind].hands[1:])
    monkeypatch.setattr(KINDS[kind], "hands", wrong)
    with pytest.raises(AssertionError, match=r"read weights|strengths"):
        check_against_intervals(kind, "eager", [((1.0, 0.5), (0.0, 0.0)), ((1.0, 0.5), (0.0, 0.0))])
