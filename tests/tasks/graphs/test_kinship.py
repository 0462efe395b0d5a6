"""Kinship: families, names by another way, chains whose words decide the answer, floors as they are known."""

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.family import NAMES, STEPS, Family, Settled, Tape, draw_family, draw_walk, facts
from pushpop.tasks.graphs.instance import drawn
from pushpop.tasks.graphs.kinship import Kinship, ambiguous, fitted_floors

FAMILIES = [draw_family(Tape(Draws("families", number))) for number in range(40)]


def composed(family: Family, person: int) -> dict[int, str]:
    """What everyone is to `person`, by putting steps together: no line shared with the families' own naming."""

    def step(who: int, *names: str) -> set[int]:
        return {other for name, other in family.steps(who) if STEPS[name] in names}

    def two(first: tuple[str, ...], second: tuple[str, ...]) -> set[int]:
        return {end for middle in step(person, *first) for end in step(middle, *second)} - {person}

    parents, children = ("father", "mother"), ("son", "daughter")
    spouses, siblings = ("husband", "wife"), ("brother", "sister")
    found = {}
    for men, women, people in (
        ("brother-in-law", "sister-in-law", two(spouses, siblings) | two(siblings, spouses)),
        ("son-in-law", "daughter-in-law", two(children, spouses)),
        ("father-in-law", "mother-in-law", two(spouses, parents)),
        ("nephew", "niece", two(siblings, children)),
        ("uncle", "aunt", two(parents, siblings)),
        ("grandson", "granddaughter", two(children, children)),
        ("grandfather", "grandmother", two(parents, parents)),
    ):
        found |= {other: women if family.woman[other] else men for other in people}
    return found | {other: STEPS[name] for name, other in family.steps(person)}


def test_names_are_those_put_together_from_steps():
    for family in FAMILIES[:5]:
        for person in range(len(family)):
            want = composed(family, person)
            for other in range(len(family)):
                name = family.name(person, other)
                assert (None if name is None else NAMES[name]) == (want.get(other) if other != person else None)


def test_there_are_22_names():
    assert len(NAMES) == len(set(NAMES)) == 22


def test_families_are_families():
    for family in FAMILIES:
        for person in range(len(family)):
            spouse, parents = family.spouse[person], family.born_to[person]
            if spouse is not None:
                assert family.spouse[spouse] == person
                assert family.woman[spouse] != family.woman[person]
                assert family.kind(person, spouse) == 2
                assert spouse not in family.siblings(person)
            if parents is not None:
                assert [family.woman[parent] for parent in parents] == [False, True]
                assert all(person in family.children[parent] for parent in parents)
    assert np.mean([len(family) for family in FAMILIES]) == pytest.approx(70, abs=12)


def test_facts_are_all_steps():
    known = facts(FAMILIES[0])
    assert len(known) == sum(len(FAMILIES[0].steps(person)) for person in range(len(FAMILIES[0])))
    for other, name, person in known[:50].tolist():
        assert FAMILIES[0].name(person, other) == name


@pytest.mark.parametrize(("steps", "strings"), [(2, 54), (3, 252)])
def test_words_decide_the_answer_and_are_as_many_as_is_known(steps, strings):
    """Every chain of some families that visits no one twice."""
    answers = defaultdict(set)

    def walk(family, people, said):
        if len(said) == steps:
            name = family.name(people[0], people[-1])
            if name is not None:
                answers[tuple(said)].add(name)
            return
        for name, other in family.steps(people[-1]):
            if other not in people:
                walk(family, [*people, other], [*said, name])

    for family in FAMILIES[:8]:
        for person in range(len(family)):
            walk(family, [person], [])
    assert max(map(len, answers.values())) == 1
    assert len(answers) == strings


def plain_walk(family: Family, tape: Tape, steps: int) -> list[int] | None:
    """Who is met, each way on as likely; whether or not there is a name for them."""
    people = [tape.below(len(family))]
    for _ in range(steps):
        ways = [other for _, other in family.steps(people[-1]) if other not in people]
        if not ways:
            return None
        people.append(ways[tape.below(len(ways))])
    return people


def test_long_chains_seldom_have_a_name_and_one_that_has_lost_it_never_finds_one_again():
    tape = Tape(Draws("walks"))
    for steps, known in ((2, 1.0), (3, 0.92), (4, 0.77), (5, 0.5)):
        walks = [(family, walk) for _ in range(15) for family in FAMILIES if (walk := plain_walk(family, tape, steps))]
        named = [[family.name(people[0], other) is not None for other in people[1:]] for family, people in walks]
        assert np.mean([own[-1] for own in named]) == pytest.approx(known, abs=0.05)
        assert all(own == sorted(own, reverse=True) for own in named)


@pytest.mark.parametrize("steps", [2, 5])
def test_chains_are_plain_walks_that_end_with_a_name(steps):
    """As likely each, and named as the family says."""
    family, tape, found = FAMILIES[0], Tape(Draws("walks")), Settled(FAMILIES[0])
    want, got = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for _ in range(4000):
        people = plain_walk(family, tape, steps)
        if people and family.name(people[0], people[-1]) is not None:
            want[people[0], people[1]] += 1
        walk = draw_walk(found, tape, steps)
        if walk:
            people, said, name = walk
            got[people[0], people[1]] += 1
            assert len(set(people)) == steps + 1
            assert name == family.name(people[0], people[-1])
            assert [family.name(one, other) for one, other in itertools.pairwise(people)] == said
    assert sum(got.values()) == pytest.approx(sum(want.values()), rel=0.15)
    gaps = [abs(got[way] - count) / (count + got[way]) ** 0.5 for way, count in want.items()]
    assert np.mean(gaps) < 1.2


def test_the_longest_are_judged_by_fewer():
    assert (Kinship().fixed(8), Kinship().fixed(9)) == (1000, 200)


def test_a_chain_says_who_is_what_to_whom():
    task = Kinship()
    for one in drawn(task, "test", 5, 10):
        words = task.words(one)
        assert len(words) == 5
        assert np.array_equal(task.sequence(one, Draws("v")).symbols, words)
        assert one.asked[:, 0].tolist() == [0, 5]
        assert one.symbols[:, 0].tolist() == [1, 0, 0, 0, 0, 0]
        assert (one.kinds[5:] == words + 8).all()
        woman = STEPS[int(words[-1])] in STEPS[1::2]
        assert int(one.answers[0]) % 2 == woman  # the answer's gender is the last step's


def test_a_directed_chain_is_the_same_without_the_ways_back():
    for both, one in zip(*(drawn(Kinship(directed=way), "test", 5, 5) for way in (False, True)), strict=True):
        onward = both.kinds < 8
        assert np.array_equal(one.edges, both.edges[:, onward])
        assert np.array_equal(one.kinds, both.kinds[onward])
        assert np.array_equal(one.answers, both.answers)
    assert (Kinship().kinds, Kinship(directed=True).kinds) == (16, 8)
    with pytest.raises(ConfigError, match=r"task\.directed: a family's facts have no one way on; give false, or"):
        Kinship(directed=True, told="family")


@pytest.mark.parametrize("told", ["shuffled", "family"])
def test_shuffled_facts_are_facts(told):
    """Read back by name, they are the edges of the graph."""
    task = Kinship(told=told)
    for one in drawn(task, "test", 3, 5):
        symbols = task.sequence(one, Draws("v")).symbols
        mark = symbols.tolist().index(8, len(symbols) - 3)
        rows = symbols[:mark].reshape(-1, 3)
        names = {int(symbols[-2]): int(one.asked[0, 0]), int(symbols[-1]): int(one.asked[1, 0])}
        onward = one.kinds < 8
        assert sorted(rows[:, 1].tolist()) == sorted(one.kinds[onward].tolist())
        assert len(set(rows[:, [0, 2]].ravel().tolist())) <= one.nodes
        known = set(zip(*one.edges[:, onward].tolist(), one.kinds[onward].tolist(), strict=True))
        for other, name, person in rows.tolist():
            if other in names and person in names:
                assert (names[person], names[other], name) in known


def test_in_a_family_the_chain_is_nowhere_and_the_answer_the_same():
    for chain, family in zip(*(drawn(Kinship(told=told), "test", 4, 5) for told in ("chain", "family")), strict=True):
        assert family.nodes > chain.nodes
        assert np.array_equal(chain.answers, family.answers)
        assert np.flatnonzero(family.symbols[:, 0]).tolist() == family.asked[0].tolist()


def test_floors_are_as_known_and_no_chain_has_two_answers():
    task = Kinship()
    known = list(itertools.chain(*(drawn(task, "training", steps, 1500) for steps in (2, 3, 4))))
    for steps, both in ((5, 0.5), (7, 0.35)):
        asked = drawn(task, "test", steps, 250)
        assert ambiguous(task, known + asked) == 0
        found = {name: accuracy.node for name, accuracy in fitted_floors(task, known, asked).items()}
        assert found["first and last step"] == pytest.approx(both, abs=0.15)
        assert found["commonest name"] < 0.16
        assert found["commonest name"] < found["last step"] < found["first and last step"]


def test_a_chain_with_two_answers_is_noticed():
    task = Kinship()
    first, second = (drawn(task, "training", 2, 1)[0] for _ in range(2))
    second.answers[0] = (first.answers[0] + 1) % 22
    assert ambiguous(task, [first, second]) == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"steps": 1}, "task.steps: 1 cannot be; give a whole number from 2 to 10"),
        ({"told": "all"}, "task.told: 'all' is not known; give one of chain, shuffled, family"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ConfigError) as refused:
        Kinship(**settings)
    assert str(refused.value) == says
