"""A network trained on a graph task: its answers, and how right they are at each size."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from pushpop.errors import ConfigError
from pushpop.evaluation.graphs import say, score
from pushpop.experiments.spans import Lengths, count, ranges
from pushpop.experiments.trained import Trained
from pushpop.graphs.rounds import running
from pushpop.tasks.graphs.instance import FEW, Accuracy, GraphTask, Instance, drawn, floors, guesses


@dataclass(frozen=True, kw_only=True)
class TrainedGraphs(Trained):
    """A network that answers questions about graphs, or about the sequences that they are told in."""

    task: GraphTask

    def generate(self, *_given: Any, **_chosen: Any) -> NoReturn:
        """PushpopError: it writes no text."""
        raise self.refuse("generate")

    def predict(self, instances: Instance | Sequence[Instance]) -> list[Any]:
        """The answers to an instance, or to each of a list: classes, or nodes where the task points."""
        one = isinstance(instances, Instance)
        asked = [instances] if isinstance(instances, Instance) else list(instances)
        found = [answers.tolist() for answers in say(self.model, self.task, asked, "predict")]
        return found[0] if one else found

    def evaluate(
        self,
        lengths: Lengths | None = None,
        words: int | None = None,
        seed: int = 0,
        rounds: str | None = None,
    ) -> dict[str, Any]:
        """How right the answers are on graphs of each size: `graph, node, floor, words, by_length`, and of a net that
        runs rounds by which rule, `rounds`.

        `lengths` are sizes ("16,160"), by default those of the test; `words` is how many graphs of each, by default as
        many as the test has. Seed 0 are the test's own graphs, any other are others. `rounds` are run instead of the
        net's own: "2 nodes", "depth + 3" or "20".

        Raises:
            ConfigError: sizes or rounds that cannot be.
        """
        wanted = self.task.ladder["test"] if lengths is None else sizes(lengths)
        few = None if words is None else count(words, (1, 1))
        with running(self.model, rounds, self.settings.model.kind) as rule:
            rows = [self._row(size, few or self.task.fixed(size), seed) for size in wanted]
        return {**averaged(rows), **({"rounds": rule} if rule else {}), "by_length": rows}

    def _row(self, size: int, graphs: int, seed: int) -> dict[str, Any]:
        instances = drawn(self.task, "test", size, graphs, *([seed] if seed else []))
        return scored(self.model, self.task, size, instances, rules(self.task, instances))


def sizes(lengths: Lengths) -> list[int]:
    """Every size of a list such as "16,160" or "4-8". ConfigError for what is none."""
    found = [size for low, high in ranges(lengths) for size in range(low, high + 1)]
    if len(found) > FEW:
        raise ConfigError(f"lengths: {len(found)} sizes; give {FEW} at most")
    return found


Rules = Mapping[str, Accuracy]


def rules(task: GraphTask, instances: Sequence[Instance]) -> Rules:
    """What each rule that needs no learning gets on the first hundred graphs."""
    return floors(task, list(instances[:FEW]))


def scored(model: Any, task: GraphTask, size: int, instances: Sequence[Instance], known: Rules) -> dict[str, Any]:
    """One row: how right a model is on these graphs of the test's size; `floor` is the node accuracy of the best rule
    of those known."""
    found = asdict(score(instances, say(model, task, instances, "test", size)))
    return {"length": size, **found, "floor": max((rule.node for rule in known.values()), default=0.0)}


def unlearned(task: GraphTask, size: int, instances: Sequence[Instance], known: Rules) -> list[dict[str, Any]]:
    """A row for each rule known, and for what is to be expected of one who cannot see something ("share"), on the first
    hundred graphs."""
    rows = [{"length": size, "floor": name, **one._asdict()} for name, one in known.items()]
    blind = guesses(task, list(instances[:FEW]))
    return rows + [{"length": size, "floor": name, "share": share} for name, share in blind.items()]


def averaged(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean over sizes, each counting the same, and how many graphs ("words") there were."""
    means = {name: sum(row[name] for row in rows) / len(rows) for name in ("graph", "node", "floor")}
    return {**means, "words": sum(row["words"] for row in rows)}
