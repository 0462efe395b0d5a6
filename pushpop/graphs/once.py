"""A recurrent graph net whose nodes answer once: each when it holds its answer for known, and never again.

What a net's last states say has to be kept through all rounds that come after, and nodes that are known early have to
look the same as those known late. Here what was said stays said. In breadth-first search a node need only see which
neighbours are reached in the round before its own: which layer they are of is forgotten.

Axes: N nodes, I numbers given of a node, W width of a state, A answers, M choices, C classes, R rounds.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from pushpop.graphs.contract import Pointing, Readable
from pushpop.graphs.processor import rounds_of
from pushpop.graphs.questions import Questions
from pushpop.graphs.recurrent import Recurrent
from pushpop.graphs.segments import softmax
from pushpop.models.rounds_settings import RecurrentGraphSettings

LEAST = 1e-9  # of a probability, before its logarithm


class SaidOnce(Recurrent):
    """In round r an answer gives out the share g_r of what it has not given out yet, spread as the scores of the states
    before the round say: p = sum over r of g_r (1 - g_1) ... (1 - g_r-1) softmax(s_r), what is never given out evenly.

    g_r = sigmoid(w . [h before, h after] + b), of the states where it is asked. Trained on p; when it is asked for
    an answer it is the highest score of the first round whose g is over a half, or the highest p where there is none.
    """

    def __init__(self, settings: RecurrentGraphSettings, task: Readable) -> None:
        super().__init__(settings, task)
        self.gate = nn.Linear(2 * (2 if task.level == "edge" else 1) * settings.hidden, 1)

    def forward(self, questions: Questions) -> Tensor:
        """Logarithms of p: [A, C], or [M] where the task points."""
        held = Held(self, questions)
        for scores, gates in self.saying(questions):
            held.give(scores, gates)
        return held.logarithms()

    @torch.no_grad()
    def answer(self, questions: Questions) -> Tensor:
        """[A] int64."""
        held = Held(self, questions)
        done = torch.zeros_like(questions.answers, dtype=torch.bool)
        said = torch.zeros_like(questions.answers)
        for scores, gates in self.saying(questions):
            held.give(scores, gates)
            now = (gates > 0.5) & ~done
            if bool(now.any()):
                said, done = torch.where(now, self.highest(scores, questions), said), done | now
                if bool(done.all()):
                    return said
        return torch.where(done, said, self.highest(held.logarithms(), questions))

    def saying(self, questions: Questions) -> Iterator[tuple[Tensor, Tensor]]:
        """Of each round the scores ([A, C] or [M]), and the share [A] that each answer gives out: 0 when its graph has
        had its rounds."""
        graphs, inputs = questions.graphs, self.inputs(questions)
        whole, own = rounds_of(self.run_for(graphs), graphs)
        state = self.processor.start(graphs)
        for number in range(whole):
            after = self.processor.step(state, inputs, graphs)
            ends = torch.cat([questions.ends(state), questions.ends(after)], 1)
            gates = self.gate(ends).sigmoid()[:, 0]
            if own is not None:
                gates = gates * (number < own)[questions.asked[0]]
            yield self.head(self.left_out(state, self.settings.dropout), questions), gates
            state = after


class Held:
    """What answers have given out so far, and what they hold back."""

    def __init__(self, net: SaidOnce, questions: Questions) -> None:
        self.points, self.which = isinstance(net.head, Pointing), questions.choices[0]
        self.count = len(questions.answers)
        like = questions.graphs.features
        self.given, self.left = like.new_zeros(()), like.new_ones(self.count)

    def give(self, scores: Tensor, gates: Tensor) -> None:
        """One round's."""
        share = self.left * gates
        if self.points:
            self.given = self.given + share[self.which] * softmax(scores, self.which, self.count)
        else:
            self.given = self.given + share[:, None] * scores.softmax(1)
        self.left = self.left * (1 - gates)

    def logarithms(self) -> Tensor:
        if self.points:
            rest = (self.left / torch.bincount(self.which, minlength=self.count))[self.which]
        else:
            rest = self.left[:, None] / self.given.shape[1]
        return (self.given + rest + LEAST).log()


def recurrent(_: str, settings: RecurrentGraphSettings, task: Readable) -> Recurrent:
    """A `recurrent-gnn`."""
    return SaidOnce(settings, task) if settings.said == "once" else Recurrent(settings, task)
