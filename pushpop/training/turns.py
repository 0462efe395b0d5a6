"""Which of several first weights each step of a run is for: successive halving (Jamieson and Talwalkar 2016).

In a round every start left is trained until it has had twice the words it had after the round before; then the better
half goes on. All of it is known before the first step.
"""

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

ONE_IN = 2  # starts of a round go on to the next, for so many times its words


class Turn(NamedTuple):
    """Steps one after another that are for one start."""

    round: int
    had: int  # steps that the start has had before
    begins: int  # the step of the run at which it is its turn
    ends: int


class Turns:
    """The turns of so many starts in so many rounds, in order; a start has `steps` steps in the first round."""

    def __init__(self, starts: int, steps: int, rounds: int) -> None:
        self.starts, self.steps, self.rounds = starts, steps, rounds

    def left(self, number: int) -> int:
        """How many starts there are in a round, and with the number after the last how many the run goes on from: 1."""
        return max(1, self.starts // ONE_IN**number) if number < self.rounds else 1

    def had(self, number: int) -> int:
        """The steps that a start has had when a round begins."""
        return self.steps * ONE_IN ** (number - 1) if number else 0

    @cached_property
    def order(self) -> list[Turn]:
        """All turns; none where there is one start."""
        found, step = list[Turn](), 0
        for number in range(self.rounds if self.starts > 1 else 0):
            for _ in range(self.left(number)):
                end = step + self.had(number + 1) - self.had(number)
                found.append(Turn(number, self.had(number), step, end))
                step = end
        return found

    @property
    def end(self) -> int:
        """The step at which the last turn is over and one start goes on."""
        return self.order[-1].ends if self.order else 0

    @property
    def lost(self) -> int:
        """The steps of the run that were not for the start that goes on."""
        return self.end - self.had(self.rounds) if self.order else 0

    def own(self, step: int) -> int:
        """How many steps the start that a step of the run is for has had before it."""
        if step >= self.end:
            return step - self.lost
        turn = self.order[bisect_right(self._begins, step) - 1]
        return turn.had + step - turn.begins

    @cached_property
    def _begins(self) -> list[int]:
        return [turn.begins for turn in self.order]
