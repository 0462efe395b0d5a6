"""Controllers made by hand, with the ideal schedule: whole pushes while reading, whole pops while answering.

The memory alone then gives the answer: backwards where it is taken from the end at which it was put in, in order where
it is taken from the other. Its last read is empty, and that says that the answer is over.
"""

from typing import NamedTuple

import numpy as np
import pytest
import torch

from pushpop.evaluation.evaluate import predict
from pushpop.evaluation.trace import trace
from pushpop.models.augmented import MemoryModel
from pushpop.models.catalogue import CONTROLLERS, MODELS, build
from pushpop.models.controller import GATES
from pushpop.tasks.encoding import END, MARKS, SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse

SURE = 40.0  # the sigmoid and tanh of it are 1
TASK = Reverse(symbols=5)
SYMBOLS = vocabulary(TASK.symbols)
LETTERS = range(MARKS, SYMBOLS)
WORDS = [np.random.default_rng(seed).integers(0, TASK.symbols, length) for seed, length in enumerate([1, 2, 3, 9, 60])]


class Copy(Reverse):
    """Say the word again: what a queue is for."""

    def answer(self, word):
        return word.copy()


class Ideal(NamedTuple):
    """Which rows of the interface push and pop, and which of the reads is listened to; no other row does anything."""

    memory: str
    push: int
    pop: int
    read: int
    task: Reverse


COPY = Copy(symbols=TASK.symbols)
IDEALS = {
    "stack": Ideal("stack", 0, 1, 0, TASK),
    "queue": Ideal("queue", 0, 1, 0, COPY),
    "top of a deque": Ideal("deque", 0, 1, 0, TASK),
    "bottom of a deque": Ideal("deque", 2, 3, 1, TASK),
    "deque, in at the top and out at the bottom": Ideal("deque", 0, 3, 1, COPY),
    "deque, in at the bottom and out at the top": Ideal("deque", 2, 1, 0, COPY),
    "first superposition stack": Ideal("superposition", 0, 1, 0, TASK),
    "second superposition stack": Ideal("superposition", 3, 4, 1, TASK),  # the tops come before what is below
}
every_ideal = pytest.mark.parametrize("ideal", IDEALS.values(), ids=IDEALS)
every_controller = pytest.mark.parametrize("controller", CONTROLLERS)


def made(ideal: Ideal, controller: str, engine: str = "auto") -> MemoryModel:
    """Hidden unit i is above 3/4 while symbol i is fed and 0 else; values are those of the units, made 0 or 1."""
    sizes = {"hidden": SYMBOLS, "memory": SYMBOLS, "embedding": 0, "embeddings": "shared", "initial": "zero"}
    if ideal.memory == "superposition":
        sizes |= {"stacks": 2, "value": "tanh", "empty": 0.0}
    kind = f"{ideal.memory}-{controller}"
    model = build(kind, MODELS[kind].settings(**sizes, engine=engine), SYMBOLS, SEPARATOR, 0)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        hear(model)
        act(model, ideal)
        for letter in LETTERS:
            model.output.weight[letter, SYMBOLS * (1 + ideal.read) + letter] = SURE
        model.output.bias[END] = SURE / 2
    return model


def hear(model: MemoryModel) -> None:
    """The controller: the symbol fed opens its own unit, and nothing else is remembered."""
    kind = model.controller.kind
    gates, new = GATES[kind], {"rnn": 0, "lstm": 2, "gru": 2}[kind]
    symbols = model.controller.symbol[0].unflatten(1, (gates, SYMBOLS))
    bias = model.controller.bias[0][0, 0].unflatten(0, (gates, SYMBOLS))
    symbols[range(SYMBOLS), new, range(SYMBOLS)] = SURE
    if kind == "lstm":  # in, forget and out: all of it, nothing of what was, all of it
        bias[[0, 3]], bias[1] = SURE, -SURE
    if kind == "gru":  # update: nothing of what was
        bias[1] = -SURE


def act(model: MemoryModel, ideal: Ideal) -> None:
    """The interface: a letter that is read is pushed, one that is fed back pops, a mark does nothing."""
    weights = dict(model.interface.named_parameters())
    weights["value"].unflatten(0, (-1, SYMBOLS))[:, range(SYMBOLS), range(SYMBOLS)] = SURE
    is_list = "strength" in weights
    rows = weights["strength" if is_list else "action"]
    biases = weights["strength_bias" if is_list else "action_bias"]
    biases.fill_(-SURE)
    rows[[ideal.push, ideal.pop], MARKS:] = 3 * SURE
    biases[0, ideal.pop] = biases[1, ideal.push] = -4 * SURE  # not in this phase
    if not is_list:
        biases[:, 2::3] = 0.0  # kept where nothing else is done


@every_controller
@every_ideal
def test_the_memory_alone_gives_the_answer(ideal, controller):
    for engine in ("eager", "auto"):
        model = made(ideal, controller, engine)
        for rounded in (False, True):
            wanted = [ideal.task.answer(word).tolist() for word in WORDS]
            assert predict(model, ideal.task, WORDS, rounded=rounded) == wanted, (engine, rounded)


@every_controller
@every_ideal
def test_scores_over_whole_words_say_the_same(ideal, controller):
    """The unroll too, teacher-forced, whole words at once."""
    word = WORDS[3]
    answer = ideal.task.answer(word)
    symbols = torch.tensor([[0, *(word + MARKS), SEPARATOR, *(answer + MARKS)]])
    wanted = [*(answer + MARKS), END]
    for engine in ("eager", "auto"):
        scores, _ = made(ideal, controller, engine).unroll(symbols, torch.tensor([symbols.shape[1]]))
        assert scores[0, len(word) + 1 :].argmax(1).tolist() == wanted, engine


@pytest.mark.parametrize("name", ["stack", "queue", "deque, in at the top and out at the bottom"])
def test_the_schedule_is_the_ideal_one(name):
    ideal = IDEALS[name]
    steps = trace(made(ideal, "lstm"), ideal.task, [4, 2, 0]).steps
    other = [step.bottom or step for step in steps]
    assert [round(step.push, 6) for step in steps] == [0, 1, 1, 1, 0, 0, 0, 0]
    assert [round(step.pop, 6) for step in other] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert [round(sum(step.strengths), 6) for step in steps] == [0, 1, 2, 3, 3, 2, 1, 0]
    assert [max(step.weights, default=0) > 0.999 for step in other] == [
        False,
        True,
        True,
        True,
        True,
        True,
        True,
        False,
    ]


def test_of_superposition_stacks_one_is_worked_and_the_other_kept():
    steps = trace(made(IDEALS["second superposition stack"], "rnn"), TASK, [4, 2]).steps
    done = [[(round(s.push), round(s.pop), round(s.keep)) for s in step.stacks] for step in steps]
    assert [first for first, _ in done] == [(0, 0, 1)] * 6
    assert [second for _, second in done] == [(0, 0, 1), (1, 0, 0), (1, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 0)]
    tops = [[row.index(1.0) - MARKS if 1.0 in row else None for row in step.stacks[1].top] for step in steps]
    assert tops == [[None, None], [4, None], [2, 4], [2, 4], [4, None], [None, None]]


@pytest.mark.parametrize("rows", [(0, 1), (2, 1), (0, 3)])
def test_another_end_gives_another_answer(rows):
    """Of a DeQue filled and emptied at the wrong ends."""
    wrong = Ideal("deque", *rows, 1, TASK)
    assert predict(made(wrong, "rnn"), TASK, [[4, 2, 0]]) != [[0, 2, 4]]
