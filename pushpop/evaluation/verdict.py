"""What a trained memory does, in words, from measurement: when it pushes, when it pops, and what its cells hold.

Axes: B words, A hands of the memory (of a DeQue the top, then the bottom), T steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from pushpop.errors import PushpopError
from pushpop.evaluation.evaluate import demand_memory, device_of, resting
from pushpop.evaluation.holding import maps_of, symbols_in
from pushpop.evaluation.mismatch import Mismatch, as_long, mismatch
from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import END, encode_answer, prompts
from pushpop.tasks.task import WordTask

ALWAYS = 0.99  # a share of steps that is as good as all of them
IDLE = 0.05  # a mean amount that is as good as none
HALF = 0.5
DECODES = 0.9  # a share of cells named rightly from which on the output map is believed

Span: TypeAlias = tuple[int, int]  # the shortest and the longest of some lengths


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much is done at the steps of one phase, and at how many of them more than half."""

    mean: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Hand:
    """What is done at one end of a memory: at the word's symbols (reading), and at each symbol said and fed back."""

    reading_push: Amounts
    reading_pop: Amounts
    writing_push: Amounts
    writing_pop: Amounts

    @property
    def idle(self) -> bool:
        return all(done.mean < IDLE for done in vars(self).values())


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How far the output map of a hand's read names the symbol at which a cell was pushed."""

    hand: int
    share: float  # of the cells pushed by more than half while reading

    @property
    def works(self) -> bool:
        return self.share >= DECODES


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far answers were measured to be right."""

    right: int | None  # the longest length of which, and of all shorter ones measured, every word is right
    wrong: tuple[Span, float] | None  # the shortest lengths beyond, and the share of their words that are right

    @property
    def text(self) -> str:
        """In words.

        >>> Reach(right=10_000, wrong=((20_000, 20_000), 0.93)).text
        'measured right to 10,000 (at 20,000 0.930 of the words)'
        """
        beyond = f"at {lengths(*self.wrong[0])} {self.wrong[1]:.3f} of the words" if self.wrong else ""
        if self.right is None:
            return f"measured right at no length ({beyond})" if beyond else "not measured"
        return f"measured right to {self.right:,}{f' ({beyond})' if beyond else ''}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a memory was seen to do on `words` words, answered free-running."""

    memory: str  # Stack, Queue or DeQue
    words: int
    hands: tuple[Hand, ...]  # [A]
    decoding: Decoding | None  # None where a cell cannot be decoded at all
    mismatch: Mismatch | None = None  # None where an answer is not as long as its word
    reach: Reach | None = None

    @property
    def text(self) -> str:
        """In words: what it does, what follows from that alone, and how far it was measured to be right."""
        said = [self.habits]
        if self.mismatch and self.mismatch.mismatch is not None and self.mismatch.length is not None:
            length = self.mismatch.length
            ends = f"{float(f'{length:.2g}'):,.0f}" if isfinite(length) else "without end"
            said.append(f"mismatch {self.mismatch.mismatch:.2g}: open-loop prediction length {ends}")
        return "; ".join([*said, *([self.reach.text] if self.reach else [])])

    @property
    def habits(self) -> str:
        """What it does at each end.

        >>> every, never = Amounts(mean=1.0, share=1.0), Amounts(mean=0.0, share=0.0)
        >>> stack = Hand(reading_push=every, reading_pop=never, writing_push=never, writing_pop=every)
        >>> Verdict(memory="Stack", words=100, hands=(stack,), decoding=None).habits
        'pushes every symbol before the separator (mean 1.000), pops one per output (mean 1.000)'
        """
        if len(self.hands) == 1:
            return told(self.hands[0])
        ends = zip(("top", "bottom"), self.hands, strict=True)
        return "; ".join(f"at the {end}: {'does nothing' if hand.idle else told(hand)}" for end, hand in ends)

    def to_dict(self) -> dict[str, Any]:
        """All of it for JSON, the words included."""
        found = {"text": self.text, **asdict(self)}
        return {**found, "mismatch": self.mismatch.to_dict() if self.mismatch else None}


def told(hand: Hand) -> str:
    """What is done at one end, in words."""
    push, pop = hand.reading_push, hand.writing_pop
    if push.share >= ALWAYS:
        said = [f"pushes every symbol before the separator (mean {push.mean:.3f})"]
    elif push.mean < IDLE:
        said = [f"pushes next to nothing before the separator (mean {push.mean:.3f})"]
    else:
        said = [f"pushes {100 * push.share:.0f} % of the symbols before the separator (mean {push.mean:.3f})"]
    if hand.reading_pop.mean >= IDLE:
        said.append(f"pops meanwhile (mean {hand.reading_pop.mean:.3f})")
    if pop.share >= ALWAYS:
        said.append(f"pops one per output (mean {pop.mean:.3f})")
    elif pop.mean < IDLE:
        said.append(f"pops next to nothing for its outputs (mean {pop.mean:.3f})")
    else:
        said.append(f"pops at {100 * pop.share:.0f} % of the outputs (mean {pop.mean:.3f})")
    if hand.writing_push.mean >= IDLE:
        said.append(f"pushes meanwhile (mean {hand.writing_push.mean:.3f})")
    return ", ".join(said)


def judge(model: SequenceModel[Any], task: WordTask, words: Sequence[Sequence[int] | np.ndarray]) -> Verdict:
    """Watch `model` answer `words` and say what its memory does; which words decides what it says: validation's.

    Raises PushpopError for a model without a memory, or whose memory is no list, WordError for a word not of `task`.
    """
    demand_memory(model, "verdict")
    asked = [task.check(word, f"word {n}") for n, word in enumerate(words, 1)]
    maps = maps_of(model)
    pushes, pops, reading, writing = list[Tensor](), list[Tensor](), list[Tensor](), list[Tensor]()
    named = [list[Tensor]() for _ in maps]
    kind = ""
    with resting(model):
        for seen in watched_words(model, task, asked):
            kind = type(seen.memory).__name__
            if not hasattr(seen.action, "push"):
                raise PushpopError(f"verdict: {kind} is no list of cells; give a run with a stack, queue or DeQue")
            pushes.append(seen.action.push)
            pops.append(seen.action.pop)
            reading.append(seen.reading)
            writing.append(seen.writing)
            for hand, read in enumerate(maps):
                right = symbols_in(seen.action.value[:, hand], read) == seen.fed
                named[hand].append(right[seen.reading & (seen.action.push[:, hand] > HALF)])
    push, pop, when = torch.stack(pushes), torch.stack(pops), (torch.stack(reading), torch.stack(writing))
    hands = tuple(
        Hand(**{f"{phase}_{name}": amounts(done[mask][:, hand])
                for phase, mask in zip(("reading", "writing"), when, strict=True)
                for name, done in (("push", push), ("pop", pop))})
        for hand in range(push.shape[2])
    )  # fmt: skip
    decoding = best([torch.cat(one) for one in named])
    wrong = mismatch(model, task, asked) if as_long(task, asked) else None
    return Verdict(memory=kind, words=len(asked), hands=hands, decoding=decoding, mismatch=wrong)


def lengths(shortest: int, longest: int) -> str:
    """As people write them.

    >>> lengths(65, 128), lengths(1000, 1000)
    ('65-128', '1,000')
    """
    return f"{longest:,}" if shortest == longest else f"{shortest:,}-{longest:,}"


def reach(measured: Mapping[Span, float]) -> Reach:
    """How far answers are right, from the share of right words (0.0 to 1.0) of these lengths, shortest and longest."""
    right = None
    for span, share in sorted(measured.items(), key=lambda one: one[0][::-1]):
        if share < 1:
            return Reach(right=right, wrong=(span, share))
        right = span[1]
    return Reach(right=right, wrong=None)


def best(named: Sequence[Tensor]) -> Decoding | None:
    """The hand whose map names most cells rightly, from what each has named; None where no cell was pushed."""
    shares = [float(right.double().mean()) if len(right) else -1.0 for right in named]
    if not shares or max(shares) < 0:
        return None
    hand = int(np.argmax(shares))
    return Decoding(hand=hand, share=shares[hand])


def amounts(done: Tensor) -> Amounts:
    """Of what was done at some steps; nothing where there were none."""
    if not len(done):
        return Amounts(mean=0.0, share=0.0)
    return Amounts(mean=float(done.double().mean()), share=float((done > HALF).double().mean()))


class Seen(NamedTuple):
    """One step of all words."""

    action: Any
    memory: Any
    fed: Tensor  # [B]
    reading: Tensor  # [B] bool: words of which a symbol is read, no mark
    writing: Tensor  # [B] bool: words to which a symbol they have said is fed back


def watched_words(model: Any, task: WordTask, words: Sequence[np.ndarray]) -> Iterator[Seen]:
    """Every step of all words side by side, free-running and greedy, each until its own end."""
    device = device_of(model)
    symbols, lengths = (torch.from_numpy(array).to(device) for array in prompts(words))
    limits = torch.tensor([len(encode_answer(task.answer(word))) for word in words], device=device)
    state, said = model.state(len(words)), symbols[:, 0]
    going = torch.ones_like(lengths, dtype=torch.bool)
    for t in range(int((lengths + limits).max()) - 1):
        prompted = t < lengths
        fed = torch.where(prompted, symbols[:, min(t, symbols.shape[1] - 1)], said)
        after, scores, watched = model.watch(state, fed)
        yield Seen(watched.action, watched.memory, fed, prompted & (t > 0) & (t < lengths - 1), ~prompted & going)
        state, said = model.hold(state, after, going), scores.argmax(1)
        going = going & (prompted & (t < lengths - 1) | (said != END) & (t + 2 < lengths + limits))
