"""Pushes against pops: by hand from strengths to order, and a net that drifts fails where the measure says it does."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from pushpop.errors import PushpopError
from pushpop.evaluation.evaluate import evaluate
from pushpop.evaluation.mismatch import as_long, has_list, mismatch, off
from pushpop.evaluation.verdict import judge
from pushpop.kernels.strengths import LEAST_POP
from pushpop.memory import DeQue, Queue, Stack
from pushpop.memory.cells import End
from pushpop.models.catalogue import MODELS, build
from pushpop.models.contract import SequenceModel
from pushpop.models.interface import Strengths
from pushpop.tasks.dyck import Dyck
from pushpop.tasks.encoding import END, MARKS, SEPARATOR
from pushpop.tasks.formal.context_sensitive import DuplicateString
from pushpop.tasks.strings import Reverse
from pushpop.tasks.words import words_of

TASK = Reverse(symbols=7, shortest=2, longest=9)
WORDS = words_of(TASK, (2, 9), 5)


@dataclass
class Going:
    """A memory, and which words are being written, [B]."""

    memory: object
    writing: Tensor


class Worker(SequenceModel[Going]):
    """Works a list with the same strengths at every symbol of a phase: of each hand (push, pop). Marks do nothing.

    It says the symbol that it reads most of, and the end where that is less than half of one: it knows the rule.
    """

    def __init__(self, memory, reading, writing) -> None:
        super().__init__()
        self.memory, self.strengths = memory, torch.tensor([reading, writing], dtype=torch.float64)

    def state(self, batch: int) -> Going:
        memory = self.memory.empty(batch, 7 + MARKS, dtype=torch.float64)
        return Going(memory, torch.zeros(batch, dtype=torch.int64))

    def step(self, state, symbol):
        state, scores, _ = self.watch(state, symbol)
        return state, scores

    def hold(self, old, new, active):
        return Going(new.memory.where(active, old.memory), torch.where(active, new.writing, old.writing))

    def watch(self, state, symbol, *, rounded=False):
        writing = state.writing | (symbol == SEPARATOR).long()
        given = self.strengths[writing] * (symbol >= MARKS)[:, None, None]
        value = torch.nn.functional.one_hot(symbol, 7 + MARKS).double() * (1 - writing)[:, None]
        action = Strengths(given[:, :, 0], given[:, :, 1], value[:, None].expand(-1, given.shape[1], -1))
        memory = action.on(state.memory)
        read = memory.reads()[:, 0]
        scores = read + torch.nn.functional.one_hot(torch.tensor(END), 7 + MARKS) * 0.5
        return Going(memory, writing), scores, type("Seen", (), {"action": action, "read": read, "memory": memory})


HAND = {
    # the end is popped by .01 more than was pushed: .01 cells a symbol, half a cell after 50
    "a stack": (Stack, [(1.0, 0.0)], [(0.0, 0.99)], (1.0, 0.99, 0.01)),
    # what writing pushes has to be popped too, and what reading pops is not stored
    "a stack that pushes and pops": (Stack, [(0.9, 0.1)], [(0.2, 1.0)], (0.8, 0.8, 0.0)),
    "a stack of half strengths": (Stack, [(0.5, 0.0)], [(0.0, 0.6)], (0.5, 0.6, 0.2)),
    # writing pushes at the other end; what reading pops is gone before the first symbol is said
    "a queue": (Queue, [(1.0, 0.0)], [(0.7, 0.9)], (1.0, 0.9, 0.1)),
    "a queue that loses its first": (Queue, [(1.0, 0.3)], [(0.0, 0.7)], (1.0, 0.7, 0.3)),
    "a DeQue as a stack": (DeQue, [(1.0, 0.0), (0.1, 0.0)], [(0.0, 0.8), (0.0, 0.0)], (1.0, 0.8, 0.2)),
    "a DeQue as a queue": (DeQue, [(1.0, 0.0), (0.1, 0.0)], [(0.0, 0.0), (0.0, 1.0)], (1.0, 1.0, 0.1)),
    "a list that nothing is in": (Stack, [(0.2, 0.3)], [(0.0, 0.5)], (-0.1, 0.5, None)),
}


@pytest.mark.parametrize("case", HAND)
def test_it_is_what_strengths_to_order_say_by_hand(case):
    memory, reading, writing, (stored, taken, wrong) = HAND[case]
    found = mismatch(Worker(memory, reading, writing), TASK, WORDS)
    assert (found.stored, found.taken) == pytest.approx((stored, taken))
    assert found.mismatch == (None if wrong is None else pytest.approx(wrong, abs=1e-12))
    if wrong is None:
        assert found.length is None
    elif wrong:
        assert found.length == pytest.approx(0.5 / wrong)


@pytest.mark.parametrize(("popped", "length"), [(0.98, 25), (1.02, 25), (0.99, 50), (1.01, 50)])
def test_a_net_without_feedback_fails_where_half_a_cell_is_missed(popped, length):
    model = Worker(Stack, [(1.0, 0.0)], [(0.0, popped)])
    assert mismatch(model, TASK, WORDS).length == pytest.approx(length)
    for offset, right in ((-3, 1.0), (3, 0.0)):
        words = [np.arange(length + offset) % 7 for _ in range(2)]
        assert evaluate(model, TASK, words).coarse == right


def test_only_where_answers_are_as_long_as_words_can_pops_undo_pushes_one_by_one():
    words = [np.array([1, 2, 2]), np.array([1])]
    assert as_long(TASK, words)
    twice = DuplicateString()
    assert not as_long(twice, [np.array([0, 1])])
    assert not as_long(Dyck(), [np.array([0, 2]), np.array([0])]), "one as long and one not"
    model = build("stack-lstm", MODELS["stack-lstm"].settings(hidden=6, memory=4), 5, SEPARATOR, 0)
    found = judge(model, twice, [[0, 1], [1]])
    assert found.mismatch is None
    assert "mismatch" not in found.text


def test_a_net_that_pops_what_it_pushed_has_no_such_length():
    assert mismatch(Worker(Stack, [(1.0, 0.0)], [(0.0, 1.0)]), TASK, WORDS).length == float("inf")


@pytest.mark.parametrize("kind", ["stack-lstm", "queue-gru", "deque-rnn"])
def test_a_net_is_measured_as_it_is_and_left_as_it_was(kind):
    model = build(kind, MODELS[kind].settings(hidden=6, memory=4), 10, SEPARATOR, 0).train()
    found = mismatch(model, TASK, WORDS)
    assert found.mismatch is None or found.mismatch > 0
    assert model.training
    assert has_list(model)


@pytest.mark.parametrize(("kind", "said"), [("lstm", "has no memory"), ("superposition-lstm", "has another memory")])
def test_a_model_without_a_list_is_refused(kind, said):
    model = build(kind, MODELS[kind].settings(hidden=6), 10, SEPARATOR, 0)
    assert not has_list(model)
    with pytest.raises(PushpopError, match=f"^mismatch: .*{said}"):
        mismatch(model, TASK, WORDS)


def test_what_pops_that_are_cut_off_leave_is_no_mismatch():
    assert off({End.NEW: 1.0}, {End.NEW: -1.0 + 1e-9}).mismatch == pytest.approx(1e-9, rel=1e-6)
    lost = off({End.NEW: 1.0, End.OLD: -LEAST_POP}, {End.NEW: 0.0, End.OLD: -1.0})
    assert (lost.mismatch, lost.length) == (0, float("inf"))
