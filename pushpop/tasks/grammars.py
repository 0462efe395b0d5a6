"""Two made-up translations: inversion transduction grammars (Grefenstette et al. 2015, section 4.2 and appendix C).

`symbols` of a sentence go by names such as si1 (a subject of the input), vi28, oi5 and rpi; those of its translation by
so1, vo28, oo5, rpo. The grammars are as printed there; one bar that is missing and one SI that its own sample writes si
are put right.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError, WordError
from pushpop.tasks import synchronous
from pushpop.tasks.draws import Draws
from pushpop.tasks.synchronous import Class, Grammar
from pushpop.tasks.task import Transduction, Word, expect_lengths

Spread = Literal["grammar", "uniform"]

SVO_SOV = Grammar(
    """
    1    A -> S1 VT2 O3 | S1 O3 VT2
    1/5  S -> S1 S2 | S1 S2
    1/5  S -> S1 rpi S2 VT3 | S1 rpo S2 VT3
    3/5  S -> ST1 | ST1
    1/5  O -> O1 O2 | O1 O2
    1/5  O -> S1 rpi S2 VT3 | S1 rpo S2 VT3
    3/5  O -> OT1 | OT1
    """,
    (("ST", Class("si", "so", 33)), ("VT", Class("vi", "vo", 33)), ("OT", Class("oi", "oo", 33))),
)
GENDER = Grammar(
    """
    1    A -> B1 | B1
    1/4  B -> B1 or B2 | B1 oder B2
    1/4  B -> S1 and S2 | S1 und S2
    1/2  B -> B1 V2 | B1 V2
    3/4  V -> W1 B2 | W1 B2
    1/4  V -> W1 | W1
    1/6  S -> the M1 | der M1
    1/6  S -> the F1 | die F1
    1/6  S -> the N1 | das N1
    1/6  S -> a M1 | ein M1
    1/6  S -> a F1 | eine F1
    1/6  S -> a N1 | ein N1
    """,
    (
        ("W", Class("we", "wg", 25)),
        ("M", Class("me", "mg", 25)),
        ("F", Class("fe", "fg", 25)),
        ("N", Class("ne", "ng", 25)),
    ),
)
SUBJECT, VERB, OBJECT, PRONOUN = range(4)  # kinds of words of SVO_SOV
DOING, HE, SHE, IT, OR, AND, THE, A = range(8)  # of GENDER


@dataclass(frozen=True, kw_only=True)
class Translation(Transduction):
    """Say a sentence of one language in another; words here are the sentences, symbols their words.

    `spread`  how lengths are spread over their range. grammar: as the grammar makes sentences, and the published ones
              are, most of them short; uniform: all lengths alike.
    """

    grammar: ClassVar[Grammar]
    fewest: ClassVar[int]
    """How long the shortest sentence is."""

    spread: Spread = "grammar"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.spread not in get_args(Spread):
            raise ConfigError(f"task.spread: {self.spread!r} is not known; give {' or '.join(get_args(Spread))}")

    @property
    def symbols(self) -> int:
        return len(self.names)

    @property
    def answer_symbols(self) -> int:
        return len(self.answer_names)

    @property
    def names(self) -> tuple[str, ...]:
        return self.grammar.names[0]

    @property
    def answer_names(self) -> tuple[str, ...]:
        return self.grammar.names[1]

    def sizes(self, shortest: int, longest: int) -> Sequence[int]:
        rule = f"sentences have {self.fewest} to {synchronous.LONGEST} symbols; give such lengths"
        return expect_lengths(
            range(max(shortest, self.fewest), min(longest, synchronous.LONGEST) + 1), (shortest, longest), rule
        )

    def draw_lengths(self, draws: Draws, lengths: tuple[int, int], count: int) -> list[int]:
        """As the grammar has them within this range, or uniform: see `spread`."""
        if self.spread == "uniform":
            return super().draw_lengths(draws, lengths, count)
        sizes = self.sizes(*lengths)
        return synchronous.draw_lengths(self.grammar, draws, range(sizes[0], sizes[-1] + 1), count)

    def words(self, draws: Draws, lengths: Sequence[int]) -> list[Word]:
        return synchronous.draw_words(self.grammar, draws, lengths)

    def word(self, draws: Draws, length: int) -> Word:
        return self.words(draws, [length])[0]

    def check(self, word: Sequence[int | str] | np.ndarray, place: str = "word") -> Word:
        found = super().check(word, place)
        kinds = self.grammar.kinds[found].tolist()
        if (fault := self.fault(kinds)) is not None:
            ends = fault == len(kinds)
            what = "it breaks off" if ends else f"symbol {fault + 1}, {self.names[found[fault]]}, cannot stand there"
            raise WordError(f"{place}: no sentence of the grammar: {what}; give one such as: {self.example}")
        return found

    @property
    @abstractmethod
    def example(self) -> str:
        """A sentence, by names."""

    @abstractmethod
    def fault(self, kinds: Sequence[int]) -> int | None:
        """The first place where no sentence can go on so, its length where it may not end there; None of a sentence."""


# What may follow in a sentence: of each state, the next one by the kind of word. A verb inside clauses closes the last
# one; where that leaves none open the state is 1 (among subjects) or 7 (among objects).
INSIDE = 3
SAID: tuple[dict[int, int], ...] = (
    {SUBJECT: 1},
    {SUBJECT: 1, PRONOUN: 2, VERB: 4},
    {SUBJECT: INSIDE},
    {SUBJECT: INSIDE, PRONOUN: 2, VERB: INSIDE},
    {OBJECT: 5, SUBJECT: 6},
    {OBJECT: 5, SUBJECT: 6},
    {SUBJECT: 6, PRONOUN: 2},
    {OBJECT: 5, SUBJECT: 6, PRONOUN: 2},
)


@dataclass(frozen=True, kw_only=True)
class SvoSov(Translation):
    """Say a sentence of subjects, verb and objects with its verb at the end; relative clauses (rpi ... verb) stay.

    >>> task = SvoSov()
    >>> " ".join(task.spelled(task.answer(task.check("si1 rpi si19 vi16 vi28 oi5 oi7".split()))))
    'so1 rpo so19 vo16 oo5 oo7 vo28'
    """

    grammar = SVO_SOV
    fewest = 3

    @property
    def example(self) -> str:
        return "si1 vi28 oi5"

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        # Both languages list their words in the same order. A verb closes the clause of the last open rpi; the first
        # one that closes none is the sentence's.
        kinds = self.grammar.kinds[word]
        verb = int(np.argmax(np.cumsum((kinds == PRONOUN).astype(np.int64) - (kinds == VERB)) < 0))
        return np.concatenate([word[:verb], word[verb + 1 :], word[verb : verb + 1]])

    def fault(self, kinds: Sequence[int]) -> int | None:
        state, clauses, outside = 0, 0, 1
        for place, kind in enumerate(kinds):
            if kind not in SAID[state]:
                return place
            closes = kind == VERB and state == INSIDE
            state = SAID[state][kind]
            clauses += (kind == PRONOUN) - closes
            if closes and not clauses:
                state = outside
            elif state == 4:
                outside = 7
        return None if state in (5, 7) else len(kinds)


NOUNS = (HE, SHE, IT)
# The same of a sentence of GENDER; it may end in state 5 or 6.
NEXT: tuple[dict[int, int], ...] = (
    {THE: 1, A: 1},
    dict.fromkeys(NOUNS, 2),
    {AND: 3},
    {THE: 4, A: 4},
    dict.fromkeys(NOUNS, 5),
    {OR: 0, DOING: 6},
    {OR: 0, DOING: 6, THE: 1, A: 1},
)


@dataclass(frozen=True, kw_only=True)
class Gender(Translation):
    """Say English in German: `the` and `a` become der, die, das, ein or eine by the gender of the noun that follows.

    >>> task = Gender()
    >>> " ".join(task.spelled(task.answer(task.check("the ne19 and a fe17 we11".split()))))
    'das ng19 und eine fg17 wg11'
    """

    grammar = GENDER
    fewest = 5

    @property
    def example(self) -> str:
        return "the ne19 and a fe17 we11"

    def answer(self, word: Word) -> Int64[np.ndarray, " m"]:
        kinds = self.grammar.kinds[word]
        return ARTICLES[kinds, np.append(kinds[1:], 0)] + np.where(kinds < OR, word, 0)

    def fault(self, kinds: Sequence[int]) -> int | None:
        state = 0
        for place, kind in enumerate(kinds):
            if kind not in NEXT[state]:
                return place
            state = NEXT[state][kind]
        return None if state in (5, 6) else len(kinds)


def articles() -> Int64[np.ndarray, "8 8"]:
    """What a word becomes by its kind and by the next one's; 0 where it keeps its number."""
    number = GENDER.names[1].index
    found = np.zeros((8, 8), dtype=np.int64)
    found[OR], found[AND] = number("oder"), number("und")
    for kind, the, a in ((HE, "der", "ein"), (SHE, "die", "eine"), (IT, "das", "ein")):
        found[THE, kind], found[A, kind] = number(the), number(a)
    return found


ARTICLES = articles()
