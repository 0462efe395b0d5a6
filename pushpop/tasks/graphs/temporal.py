"""Patients with histories, and who is related to whom: what one gets next follows from both, and from neither alone.

Axes: N patients, H slots of a history, M doses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from jaxtyping import Int64

from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.chance import permutation
from pushpop.tasks.graphs.edges import both_ways
from pushpop.tasks.graphs.instance import GraphTask, Instance, Part, Sequence, alike, no_numbers
from pushpop.tasks.graphs.shapes import tree

SETS = 4  # one visit in so many sets the dose, the others add to it
FURTHEST = 4  # times as many visits as were trained on


@dataclass(frozen=True, kw_only=True)
class Temporal(GraphTask):
    """Which dose does each patient get next, of those from 0 to `doses` - 1, counted round?

    `visits`    of the longest histories trained on; all patients of a graph have as many.
    `patients`  of a graph.
    `doses`     that there are; each patient also has a trait, of as many kinds.

    A visit sets a patient's dose (one in four), or adds to it, from 0 on. To what that comes to the traits of all who
    are related to the patient are added, without its own. Relations are a drawn tree, so everyone has some. So
    whoever sees histories alone, or traits and relations alone, is right once in `doses`.

    Graph view: columns trait and then visits, oldest first, empty slots behind them. Sequence view: of each patient, in
    a drawn order, its name, trait and visits; who is related to whom; a mark; and names, answered at each.

    After question 3.5b of the assignment: patient records once as a graph and once as a sequence.
    """

    level = "node"
    visits: int = 8
    patients: int = 12
    doses: int = 3

    def __post_init__(self) -> None:
        self.expect_between("visits", 1, 64)
        self.expect_between("patients", 2, 200)
        self.expect_between("doses", 2, 20)

    @property
    def history(self) -> int:
        return FURTHEST * self.visits

    @property
    def columns(self) -> tuple[int, ...]:
        return (self.doses, *[2 * self.doses + 1] * self.history)

    @property
    def classes(self) -> int:
        return self.doses

    @property
    def reads(self) -> int:
        """Visits, traits, the mark, names."""
        return 3 * self.doses + 1 + self.patients

    @property
    def ladder(self) -> Mapping[Part, tuple[int, ...]]:
        known = tuple(range(1, self.visits + 1))
        return {"training": known, "validation": known, "test": tuple(self.visits * far for far in (1, 2, FURTHEST))}

    def instance(self, draws: Draws, size: int, part: Part = "training") -> Instance:  # noqa: ARG002
        pairs, traits = tree(draws, self.patients), draws.below(self.doses, self.patients)
        dose = draws.below(self.doses, self.patients * size)
        adds = draws.below(SETS, self.patients * size) > 0
        return self.of(pairs, traits, (dose + self.doses * adds).reshape(self.patients, size))

    def of(
        self, pairs: Int64[np.ndarray, "K 2"], traits: Int64[np.ndarray, " N"], visits: Int64[np.ndarray, "N T"]
    ) -> Instance:
        """The instance with these; a visit sets the dose to its number, or from `doses` on adds what is beyond."""
        edges, count = both_ways(pairs), len(traits)
        empty = np.full((count, self.history - visits.shape[1]), 2 * self.doses)
        related = np.zeros(count, dtype=np.int64)
        np.add.at(related, edges[1], traits[edges[0]])
        return Instance(
            symbols=np.concatenate([traits[:, None], visits, empty], axis=1),
            numbers=no_numbers(count),
            edges=edges,
            kinds=alike(edges),
            asked=np.arange(count)[None],
            answers=(np.array([self.dose(own) for own in visits.tolist()]) + related) % self.doses,
        )

    def dose(self, visits: list[int]) -> int:
        """What a history comes to.

        >>> Temporal().dose([3 + 2, 1, 3 + 2])  # add 2, set to 1, add 2: modulo 3
        0
        """
        found = 0
        for visit in visits:
            found = visit if visit < self.doses else found + visit - self.doses
        return found % self.doses

    def sequence(self, instance: Instance, draws: Draws) -> Sequence:
        count, traits = instance.nodes, instance.symbols[:, 0]
        names = 3 * self.doses + 1 + permutation(draws, count)
        told, asked = permutation(draws, count), permutation(draws, count)
        once = instance.edges[:, instance.edges[0] < instance.edges[1]]
        once = once[:, permutation(draws, once.shape[1])]
        records = [[names[node], 2 * self.doses + traits[node], *self.happened(instance, node)] for node in told]
        symbols = [*chain(*records), *names[once].T.ravel(), 3 * self.doses, *names[asked]]
        return Sequence(np.array(symbols), np.arange(len(symbols) - count, len(symbols)), asked)

    def happened(self, instance: Instance, node: int) -> list[int]:
        """A patient's visits."""
        return [visit for visit in instance.symbols[node, 1:].tolist() if visit < 2 * self.doses]

    def floors(self, instance: Instance) -> Mapping[str, Int64[np.ndarray, " A"]]:
        """What a history comes to, as if nobody had relations; and what relations come to, as if without histories."""
        own = np.array([self.dose(self.happened(instance, node)) for node in range(instance.nodes)])
        return {"history alone": own, "relations alone": (instance.answers - own) % self.doses}

    def guesses(self, instance: Instance) -> Mapping[str, float]:  # noqa: ARG002
        return {"any dose": 1 / self.doses}
