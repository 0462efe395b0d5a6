"""Families, and what one person is to another in them: worked out from who has whom as parents and as a spouse."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pushpop.tasks.draws import LARGEST_BOUND, Draws

STEPS = ("father", "mother", "son", "daughter", "husband", "wife", "brother", "sister")
FURTHER = (
    "grandfather", "grandmother", "grandson", "granddaughter", "uncle", "aunt", "nephew", "niece", "father-in-law",
    "mother-in-law", "son-in-law", "daughter-in-law", "brother-in-law", "sister-in-law",
)  # fmt: skip
NAMES = (*STEPS, *FURTHER)  # each a man's and then a woman's
PARENT, CHILD, SPOUSE, SIBLING, GRANDPARENT, GRANDCHILD, UNCLE, NEPHEW, PARENT_IN_LAW, CHILD_IN_LAW, SIBLING_IN_LAW = (
    range(11)
)
GENERATIONS, MARRIES, HAS_FAMILY = 4, 0.7, 0.5


@dataclass
class Family:
    """Persons by number: each a man or a woman, with parents and a spouse or without, never two spouses."""

    woman: list[bool] = field(default_factory=list)
    born_to: list[tuple[int, int] | None] = field(default_factory=list)  # father, mother
    spouse: list[int | None] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.woman)

    def add(self, woman: bool, parents: tuple[int, int] | None = None) -> int:
        person = len(self)
        self.woman.append(woman)
        self.born_to.append(parents)
        self.spouse.append(None)
        self.children.append([])
        for parent in parents or ():
            self.children[parent].append(person)
        return person

    def marry(self, one: int, other: int) -> tuple[int, int]:
        """Husband and wife."""
        self.spouse[one], self.spouse[other] = other, one
        return (other, one) if self.woman[one] else (one, other)

    def siblings(self, person: int) -> list[int]:
        parents = self.born_to[person]
        return [] if parents is None else [other for other in self.children[min(parents)] if other != person]

    def near(self, person: int) -> Iterator[tuple[int, int]]:
        """Everyone one step away: the kind of the step, and who it is."""
        for parent in self.born_to[person] or ():
            yield PARENT, parent
        for child in self.children[person]:
            yield CHILD, child
        spouse = self.spouse[person]
        if spouse is not None:
            yield SPOUSE, spouse
        for other in self.siblings(person):
            yield SIBLING, other

    def steps(self, person: int) -> list[tuple[int, int]]:
        """Everyone one step away: the number of the step's name, and who it is."""
        return [(2 * kind + self.woman[other], other) for kind, other in self.near(person)]

    def name(self, person: int, other: int) -> int | None:
        """What `other` is to `person`: the number of a name, or None where there is none."""
        found = self.kind(person, other)
        return None if found is None else 2 * found + self.woman[other]

    def kind(self, person: int, other: int) -> int | None:
        """The same, man or woman; uncles, aunts, nephews and nieces by blood alone."""
        for kind, one in self.near(person):
            if one == other:
                return kind
        spouse = self.spouse[person]
        beyond = {
            GRANDPARENT: [one for parent in self.born_to[person] or () for one in self.born_to[parent] or ()],
            GRANDCHILD: [one for child in self.children[person] for one in self.children[child]],
            UNCLE: [one for parent in self.born_to[person] or () for one in self.siblings(parent)],
            NEPHEW: [one for sibling in self.siblings(person) for one in self.children[sibling]],
            PARENT_IN_LAW: list(self.born_to[spouse] or ()) if spouse is not None else [],
            CHILD_IN_LAW: [self.spouse[child] for child in self.children[person]],
            SIBLING_IN_LAW: (self.siblings(spouse) if spouse is not None else [])
            + [self.spouse[sibling] for sibling in self.siblings(person)],
        }
        return next((kind for kind, some in beyond.items() if other in some), None)


class Tape:
    """Numbers of a stream, one at a time."""

    def __init__(self, draws: Draws) -> None:
        self.draws, self.left = draws, list[int]()

    def below(self, bound: int) -> int:
        if not self.left:
            self.left = self.draws.below(LARGEST_BOUND, 256).tolist()
        return self.left.pop() % bound

    def happens(self, chance: float) -> bool:
        return self.below(1_000_000) < chance * 1_000_000


def draw_family(tape: Tape) -> Family:
    """Four generations from one couple on: 2 to 4 children each, of whom 7 in 10 marry someone from outside.

    Half of those who married in have parents and one or two siblings. Nobody marries a relative, or twice.
    """
    family = Family()
    couples = [family.marry(family.add(False), family.add(True))]
    for _ in range(GENERATIONS - 1):
        born = [family.add(tape.happens(0.5), couple) for couple in couples for _ in range(2 + tape.below(3))]
        couples = [married_in(family, tape, person) for person in born if tape.happens(MARRIES)]
    return family


def married_in(family: Family, tape: Tape, person: int) -> tuple[int, int]:
    """A spouse from outside, perhaps with a family."""
    parents = None
    if tape.happens(HAS_FAMILY):
        parents = family.marry(family.add(False), family.add(True))
        for _ in range(1 + tape.below(2)):
            family.add(tape.happens(0.5), parents)
    return family.marry(person, family.add(not family.woman[person], parents))


class Settled:
    """A family that stays as it is: what has been worked out of it once is kept."""

    def __init__(self, family: Family) -> None:
        self.family, self.steps = family, [family.steps(person) for person in range(len(family))]
        self._names = dict[tuple[int, int], int | None]()

    def name(self, person: int, other: int) -> int | None:
        """As the family's."""
        both = person, other
        if both not in self._names:
            self._names[both] = self.family.name(person, other)
        return self._names[both]


def draw_walk(family: Settled, tape: Tape, count: int) -> tuple[list[int], list[int], int] | None:
    """Steps from a person on, none visited twice, each way on as likely: who, what each is to the one before, and what
    the last is to the first. None where there is no way on, or no name for that.

    Given up as soon as there is no name: a way that has lost it never finds one again (tried in the tests).
    """
    people, said, name = [tape.below(len(family.steps))], list[int](), None
    for _ in range(count):
        ways = [way for way in family.steps[people[-1]] if way[1] not in people]
        if not ways:
            return None
        step, other = ways[tape.below(len(ways))]
        people.append(other)
        said.append(step)
        name = family.name(people[0], other)
        if name is None:
            return None
    assert name is not None, "a walk of no steps"
    return people, said, name


def facts(family: Family) -> np.ndarray:
    """Every step there is: rows of who, what, of whom."""
    return np.array([(other, name, person) for person in range(len(family)) for name, other in family.steps(person)])
