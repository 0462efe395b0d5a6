"""Kinship: what the last person of a chain of relations is to the first.

Axes: k steps, F facts.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation
from pushpop.tasks.graphs.family import NAMES, STEPS, Family, Settled, Tape, draw_family, draw_walk, facts
from pushpop.tasks.graphs.instance import Accuracy, GraphTask, Instance, Part, Sequence, no_numbers, right

LONGEST = 10
SELDOM, FEW_NAMED = 8, 200  # steps beyond which chains are dear to draw, and how many judge a net
TRIES = 400  # walks in one family, before another is drawn
MOST_PERSONS = 256
FIRST = 1
BACKWARDS = len(STEPS)


@dataclass(frozen=True, kw_only=True)
class Kinship(GraphTask):
    """Someone's brother's wife's father: what is he to them? One of 22 names, worked out from a drawn family.

    `steps`     of the longest chains trained on; shorter ones, from 2 on, are trained on too.
    `told`      chain: the chain's facts in order; shuffled: in a drawn order; family: all facts of the family, the
                chain being nowhere.
    `directed`  the edges of a chain's facts lead one way alone, from the first person on; false: both ways.

    No chain visits anyone twice, and one whose ends have no name for each other is drawn again: so the answer follows
    from the chain's words alone. Training and validation have chains of 2 to `steps`, the test of any length to 10.

    Graph view: an edge for each fact, from a person to who is something to them, its kind what (father, mother, son,
    daughter, husband, wife, brother, sister); of a chain, unless it is directed, the same backwards, 8 kinds more. A
    column marks the first person: what is anyone to that one? The first and the last person are the pair that is asked
    about. Sequence view: of a chain its words; else facts as who, what, of whom, a mark, the first and the last person.
    The answer is asked at the last symbol.

    After CLUTRR (Sinha et al. 2019), of which nothing is used: families, chains and names are our own.
    """

    level = "edge"
    steps: int = 4
    told: str = "chain"
    directed: bool = False

    def __post_init__(self) -> None:
        self.expect_between("steps", 2, LONGEST)
        self.expect_one_of("told", ("chain", "shuffled", "family"))
        if not isinstance(self.directed, bool):
            raise ConfigError(f"task.directed: {self.directed!r} is no truth value; give true or false")
        if self.directed and self.told == "family":
            raise ConfigError("task.directed: a family's facts have no one way on; give false, or task.told chain")

    @property
    def columns(self) -> tuple[int, ...]:
        return (2,)

    @property
    def kinds(self) -> int:
        return len(STEPS) if self.directed or self.told == "family" else 2 * len(STEPS)

    @property
    def classes(self) -> int:
        return len(NAMES)

    @property
    def reads(self) -> int:
        """What one is to another; and where there are facts, the mark and persons."""
        return len(STEPS) if self.told == "chain" else len(STEPS) + 1 + MOST_PERSONS

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = tuple(range(2, self.steps + 1))
        return {"training": known, "validation": known, "test": tuple(range(2, LONGEST + 1))}

    def fixed(self, size: int) -> int:
        """200 of the longest, of which one walk in thousands has a name."""
        return FEW_NAMED if size > SELDOM else super().fixed(size)

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:  # noqa: ARG002
        tape = Tape(draws)
        while True:
            family = draw_family(tape)
            settled = Settled(family)
            for _ in range(TRIES if len(family) <= MOST_PERSONS else 0):
                walk = draw_walk(settled, tape, size)
                if walk is not None:
                    return self.of(family, *walk)

    def of(self, family: Family, people: list[int], said: list[int], name: int) -> Instance:
        """The instance of a chain: who is in it, what each is to the one before, and the answer."""
        if self.told == "family":
            known, count, ends = facts(family), len(family), [people[0], people[-1]]
            edges, kinds = known[:, [2, 0]].T.copy(), known[:, 1].copy()
        else:
            count, ends = len(people), [0, len(said)]
            onward = np.stack([np.arange(len(said)), np.arange(1, len(said) + 1)])
            edges = onward if self.directed else np.concatenate([onward, onward[::-1]], axis=1)
            kinds = np.array(said if self.directed else [*said, *(step + BACKWARDS for step in said)])
        roles = np.zeros(count, dtype=np.int64)
        roles[ends[0]] = FIRST
        return Instance(
            symbols=roles[:, None],
            numbers=no_numbers(count),
            edges=edges,
            kinds=kinds,
            asked=np.array(ends)[:, None],
            answers=np.array([name]),
        )

    def words(self, instance: Instance) -> Int64[np.ndarray, " k"]:
        """What each person of a chain is to the one before."""
        assert self.told != "family", "of a family no chain is told"
        return instance.kinds[instance.kinds < BACKWARDS]

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        in_order = self.told == "chain"
        symbols = self.words(instance) if in_order else self.facts_and_question(instance, draws)
        return Sequence(symbols, np.array([len(symbols) - 1]), np.array([0]))

    def facts_and_question(self, instance: Instance, draws: Draws) -> Int64[np.ndarray, " T"]:
        """Facts in a drawn order, persons by drawn names."""
        told = np.flatnonzero(instance.kinds < BACKWARDS)
        told = told[permutation(draws, len(told))]
        names = permutation(draws, MOST_PERSONS) + len(STEPS) + 1
        source, target = names[instance.edges[:, told]]
        listed = np.stack([target, instance.kinds[told], source], axis=1).ravel()
        return np.concatenate([listed, [len(STEPS)], names[instance.asked[:, 0]]])

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:  # noqa: ARG002
        """None without a look at other chains: see `fitted_floors`."""
        return {}

    def guesses(self, instance: Instance) -> Mapping[str, float]:  # noqa: ARG002
        return {"any name": 1 / len(NAMES)}


SEEN: dict[str, Callable[[list[int]], Hashable]] = {
    "commonest name": lambda _: None,
    "last step": lambda words: words[-1],
    "first and last step": lambda words: (words[0], words[-1]),
    "bag of steps": lambda words: tuple(sorted(words)),
}


def fitted_floors(task: Kinship, known: list[Instance], asked: list[Instance]) -> dict[str, Accuracy]:
    """What one gets who sees only so much of a chain and says its commonest name among the `known` ones.

    Of these each chain of words counts once: else the short ones, which come up again and again, outweigh the others.
    """
    answers = {tuple(task.words(one).tolist()): int(one.answers[0]) for one in known}
    found = {}
    for name, seen in SEEN.items():
        counts: dict[Hashable, Counter[int]] = defaultdict(Counter)
        for words, answer in answers.items():
            counts[seen(list(words))][answer] += 1
        whole = sum(counts.values(), Counter[int]()).most_common(1)
        chosen = [np.array([(counts.get(seen(task.words(one).tolist()), Counter()).most_common(1) or whole)[0][0]])
                  for one in asked]  # fmt: skip
        found[name] = right(chosen, asked)
    return found


def ambiguous(task: Kinship, instances: list[Instance]) -> int:
    """How many chains of words among these have more than one answer. None, or the law is broken."""
    answers: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for one in instances:
        answers[tuple(task.words(one).tolist())].add(int(one.answers[0]))
    return sum(len(names) > 1 for names in answers.values())
