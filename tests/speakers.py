"""Tiny models whose answers are known beforehand: they look a prompt up instead of learning.

Axes: B words.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pushpop.memory import Stack
from pushpop.models.contract import SequenceModel
from pushpop.models.interface import Strengths
from pushpop.tasks.encoding import END, MARKS, SEPARATOR, START


@dataclass
class Heard:
    """What each word has been told so far: its own list of symbols."""

    rows: list[list[int]]


class Reverser(SequenceModel[Heard]):
    """Reverses perfectly, and notes how it was called; sub-classes spoil what is said."""

    def __init__(self, symbols: int = 128) -> None:
        super().__init__()
        self.vocabulary = symbols + MARKS
        self.calls: list[tuple[int, ...]] = []
        self.was_training: list[bool] = []

    def state(self, batch: int) -> Heard:
        return Heard([[] for _ in range(batch)])

    def step(self, state: Heard, symbol: Tensor) -> tuple[Heard, Tensor]:
        rows = [[*row, one] for row, one in zip(state.rows, symbol.tolist(), strict=True)]
        scores = torch.zeros(len(rows), self.vocabulary)
        for n, row in enumerate(rows):
            scores[n, self.says(row)] = 4.0
        return Heard(rows), scores

    def hold(self, old: Heard, new: Heard, active: Tensor) -> Heard:
        return Heard([b if on else a for a, b, on in zip(old.rows, new.rows, active.tolist(), strict=True)])

    def answer(self, prompts, lengths, limits, end, rounded=False):
        self.calls.append(tuple(prompts.shape))
        self.was_training.append(self.training)
        assert not torch.is_grad_enabled()
        return super().answer(prompts, lengths, limits, end)

    def says(self, row: list[int]) -> int:
        if SEPARATOR not in row:
            return START
        asked = row[1 : row.index(SEPARATOR)]
        said = len(row) - len(asked) - 2
        return self.symbol([*reversed(asked), END], said)

    def symbol(self, answer: list[int], place: int) -> int:
        return answer[place] if place < len(answer) else END


class Stumbler(Reverser):
    """Says 0 at the fourth place of every answer, and goes on as if nothing had happened."""

    def symbol(self, answer: list[int], place: int) -> int:
        return MARKS if place == 3 else super().symbol(answer, place)


class Babbler(Reverser):
    """Never ends: says the separator for ever after."""

    def symbol(self, answer: list[int], place: int) -> int:
        said = super().symbol(answer, place)
        return SEPARATOR if said == END else said


@dataclass
class Told(Heard):
    """And the memory beside it."""

    memory: Stack


@dataclass
class Shown:
    """What that memory shows of one step."""

    action: Strengths
    read: Tensor
    memory: Stack


class Watcher(Stumbler):
    """A stumbler, one word at a time, beside a stack that nobody listens to: pushes .75 of each symbol of the word,
    and pops 1 at each symbol it is fed back."""

    def state(self, batch: int) -> Told:
        assert batch == 1
        return Told([[]], Stack.empty(1, 1))

    def watch(self, state: Told, symbol: Tensor, rounded: bool = False) -> tuple[Told, Tensor, Shown]:
        after, scores = self.step(state, symbol)
        row = after.rows[0]
        writing = SEPARATOR in row
        push = 0.0 if writing or len(row) == 1 else 1.0 if rounded else 0.75
        pop = 1.0 if writing and row[-1] != SEPARATOR else 0.0
        strengths, owed = state.memory.strengths[0].tolist(), pop
        for n in reversed(range(len(strengths))):
            taken = min(owed, strengths[n])
            strengths[n], owed = strengths[n] - taken, owed - taken
        strengths.append(push)
        memory = Stack.of(torch.zeros(1, len(strengths), 1), torch.tensor([strengths]))
        action = Strengths(torch.tensor([[push]]), torch.tensor([[pop]]), torch.tensor([[[float(row[-1])]]]))
        return Told(after.rows, memory), scores, Shown(action, torch.tensor([[float(row[-1]), 1.0]]), memory)
