"""How a run is judged: by its free-running answers to fixed words, by the classes it says, or by what text costs it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

import numpy as np
from torch import nn

from pushpop.errors import ConfigError
from pushpop.evaluation import classify, floors, graphs, text
from pushpop.evaluation.evaluate import ask, scored
from pushpop.experiments import papers
from pushpop.experiments.graphed import averaged, rules, unlearned
from pushpop.experiments.graphed import scored as scored_graphs
from pushpop.models.contract import SequenceModel
from pushpop.models.language import LanguageModel
from pushpop.tasks.classification import Classification
from pushpop.tasks.graphs.instance import FEW, GraphTask, Instance, drawn, fingerprint, mixed
from pushpop.tasks.graphs.papers import OneGraph
from pushpop.tasks.task import FIXED_WORDS, Task, Word, WordTask
from pushpop.tasks.text import Text
from pushpop.tasks.words import Split, fixed_words, word_set_hash, words_of
from pushpop.training.loop import Scores

FEWEST = 1_000  # characters of a tail, and before it, from which counting says something
WINDOWS = (30, 256)  # of the study; usual in others
SPLITS: tuple[Split, Split] = ("validation", "test")
T = TypeVar("T", bound=WordTask)
A = TypeVar("A", bound=WordTask | GraphTask)
W = TypeVar("W")


class RunJudge(Protocol):
    """What a run needs of a judge beside what training does (`training.observers.Judge`)."""

    def hashes(self) -> dict[str, str]:
        """What tells each set of words from any other."""
        ...

    def score(self, model: nn.Module) -> Scores: ...

    def right(self, scores: Scores, /) -> bool: ...

    def rank(self, scores: Scores, step: int, /) -> tuple[float, ...]: ...

    def final(self, model: SequenceModel[Any]) -> dict[str, Any]:
        """All there is to say of the weights that are kept, and whether they have `solved` the task."""
        ...


def judge_of(task: Task, at_evaluations: int) -> RunJudge:
    """The judge of a task's kind."""
    if isinstance(task, Text):
        return TextJudge(task, at_evaluations)
    if isinstance(task, GraphTask):
        return GraphJudge(task, at_evaluations)
    if isinstance(task, OneGraph):
        return papers.judge_of(task)
    assert isinstance(task, WordTask), f"no judge for {task}"
    return ClassJudge(task, at_evaluations) if isinstance(task, Classification) else WordJudge(task, at_evaluations)


class FixedSets(Generic[A, W]):
    """What a task is judged by in validation and test, and how much of it is scored when.

    Validation alone decides; the test is scored for the curves.
    """

    WHOLE: ClassVar[str]
    """The score that is 1 where every word is right."""

    def __init__(self, task: A, at_evaluations: int, sets: dict[str, list[W]]) -> None:
        """At an evaluation the first `at_evaluations` words of a set are scored, and all once these are right."""
        self.task, self.words, self._few = task, sets, at_evaluations

    def right(self, scores: Scores, /) -> bool:
        found = scores["validation"]
        return found[self.WHOLE] == 1.0 and found["words"] == len(self.words["validation"])

    def _score(self, words: Sequence[W], scores: Callable[[Sequence[W]], dict[str, float]]) -> dict[str, float]:
        if 0 < self._few < len(words):
            first = scores(words[: self._few])
            if first[self.WHOLE] < 1.0:
                return first
        return scores(words)


class FixedWords(FixedSets[T, Word]):
    """A task's validation and test words."""

    def __init__(self, task: T, at_evaluations: int) -> None:
        super().__init__(task, at_evaluations, {split: fixed_words(task, split) for split in SPLITS})

    def hashes(self) -> dict[str, str]:
        """What tells each set of words from any other."""
        return {split: word_set_hash(words) for split, words in self.words.items()}


class WordJudge(FixedWords[WordTask]):
    """Scores a model's free-running answers. Raises ConfigError where one answer is right for every word."""

    WHOLE = "coarse"

    def __init__(self, task: WordTask, at_evaluations: int) -> None:
        super().__init__(task, at_evaluations)
        demand_answers(task, self.words["validation"])

    def score(self, model: nn.Module) -> Scores:
        return {split: self._score(words, partial(self._all, model)) for split, words in self.words.items()}

    def rank(self, scores: Scores, _step: int, /) -> tuple[float, ...]:
        return scores["validation"]["coarse"], scores["validation"]["fine"]

    def final(self, model: SequenceModel[Any]) -> dict[str, Any]:
        """Every word scored afresh, and, for a memory, once more with rounded strengths; and whether that is solved."""
        found: dict[str, Any] = {split: self._all(model, words) for split, words in self.words.items()}
        found["solved"] = all(found[split]["coarse"] == 1.0 for split in SPLITS)
        if hasattr(model, "watch"):
            found["rounded"] = {split: self._all(model, words, rounded=True) for split, words in self.words.items()}
        return found

    def _all(self, model: Any, words: Sequence[Word], rounded: bool = False) -> dict[str, float]:
        return scored(self.task, words, ask(model, self.task, words, rounded=rounded))


def demand_answers(task: WordTask, words: Sequence[Word]) -> None:
    """ConfigError where all words have the same answer, as in some tasks the shortest have: nothing is learned then."""
    answers = map(task.answer, words)
    first = next(answers)
    if all(np.array_equal(first, answer) for answer in answers):
        longest = task.lengths[1]
        rule = "every word has the same answer then, and there is nothing to learn"
        raise ConfigError(f"task.longest: {longest} is too short: {rule}; give {longest + 1} or more")


class ClassJudge(FixedWords[Classification]):
    """Scores the classes a model says on validation and test words, beside the best constant guess.

    At evaluations the first words of each set serve, at the end all, and words far longer where the task has them.
    """

    WHOLE = "accuracy"

    def score(self, model: nn.Module) -> Scores:
        return {
            split: self._score(words[:FIXED_WORDS], partial(self._all, model)) for split, words in self.words.items()
        }

    def rank(self, scores: Scores, _step: int, /) -> tuple[float, ...]:
        return (scores["validation"]["accuracy"],)

    def final(self, model: SequenceModel[Any]) -> dict[str, Any]:
        """Every word, those of longer lengths too; solved is all of validation and test."""
        found: dict[str, Any] = {split: self._all(model, words) for split, words in self.words.items()}
        found["solved"] = all(found[split]["accuracy"] == 1.0 for split in SPLITS)
        far = [(length, words_of(self.task, (length, length), FIXED_WORDS)) for length in self.task.far]
        if far:
            found["by_length"] = [{"length": length, **self._all(model, words)} for length, words in far]
        return found

    def _all(self, model: Any, words: Sequence[Word]) -> dict[str, float]:
        return asdict(classify.score(classify.say(model, self.task, words)))


class GraphJudge(FixedSets[GraphTask, Instance]):
    """Scores answers about graphs by node and by graph, on the sizes of validation and, for curves, on the smallest of
    the test that is larger than those trained on; at the end on every size of the test."""

    WHOLE = "graph"

    def __init__(self, task: GraphTask, at_evaluations: int) -> None:
        ladder = task.ladder
        beyond = [size for size in ladder["test"] if size > max(ladder["training"])] or [ladder["test"][-1]]
        sets = {"validation": mixed(task, "validation"), "test": drawn(task, "test", beyond[0], FEW)}
        super().__init__(task, at_evaluations, sets)

    def hashes(self) -> dict[str, str]:
        """What tells validation graphs, and the test's of one size, from any others."""
        return {split: fingerprint(instances) for split, instances in self.words.items()}

    def score(self, model: nn.Module) -> Scores:
        return {
            split: self._score(instances, partial(self._all, model, split)) for split, instances in self.words.items()
        }

    def rank(self, scores: Scores, step: int, /) -> tuple[float, ...]:
        """Of equals the latest: graphs a hundred times as large ask for more than all of the small ones being right,
        and a falling rate goes on to give it."""
        return scores["validation"]["graph"], scores["validation"]["node"], float(step)

    def final(self, model: SequenceModel[Any]) -> dict[str, Any]:
        """Every size of the test, beside what needs no learning; solved is all of them and of validation."""
        rows, without = list[dict[str, Any]](), list[dict[str, Any]]()
        for size in self.task.ladder["test"]:
            instances = drawn(self.task, "test", size, self.task.fixed(size))
            known = rules(self.task, instances)
            rows.append(scored_graphs(model, self.task, size, instances, known))
            without += unlearned(self.task, size, instances, known)
        validation = self._all(model, "validation", self.words["validation"])
        found: dict[str, Any] = {"validation": validation, "test": averaged(rows)}
        found["solved"] = all(found[split]["graph"] == 1.0 for split in SPLITS)
        return {**found, "by_length": rows, "floors": {"rows": without}}

    def _all(self, model: Any, split: str, instances: Sequence[Instance]) -> dict[str, float]:
        return asdict(graphs.score(instances, graphs.say(model, self.task, instances, split)))


class TextJudge:
    """Scores how well a model predicts the validation part and the tail, its state carried from their beginnings.

    Where there is a validation part it alone decides which weights are kept; else the last ones are.
    """

    def __init__(self, task: Text, at_evaluations: int) -> None:
        """At an evaluation the first `at_evaluations` windows of a part are scored (0: all), and all at the end.

        All are a million characters at most; `pushpop eval` scores the rest of a longer tail too.
        """
        self._task = task
        self._parts = {
            split: task.parts[split][: floors.MOST_SCORED + 1] for split in SPLITS if len(task.parts[split]) > 1
        }
        self._few = at_evaluations * task.window + 1 if at_evaluations else None

    def hashes(self) -> dict[str, str]:
        return self._task.hashes()

    def score(self, model: nn.Module) -> Scores:
        lm = cast("LanguageModel[Any]", model)
        return {split: text.score(text.carried(lm, part[: self._few])).to_dict() for split, part in self._parts.items()}

    def right(self, _scores: Scores, /) -> bool:
        return False

    def rank(self, scores: Scores, step: int, /) -> tuple[float, ...]:
        return (-scores["validation"]["nats"],) if "validation" in scores else (float(step),)

    def final(self, model: SequenceModel[Any]) -> dict[str, Any]:
        """Both parts whole; the tail in windows from a state of zeros too, by how far it has come, and what it costs
        without a network."""
        lm = cast("LanguageModel[Any]", model)
        found: dict[str, Any] = {"solved": None, "validation": {}, "test": {}}
        found |= {split: text.score(text.carried(lm, part)).to_dict() for split, part in self._parts.items()}
        tail = self._parts.get("test")
        if tail is None:
            return found
        windows = [window for window in WINDOWS if window < len(tail)]
        rows = [(window, text.score(text.windowed(lm, tail, window))) for window in windows]
        found["windows"] = [{"window": window, **scores.to_dict()} for window, scores in rows]
        found["by_distance"] = text.by_distance(lm, tail)
        return found | floors_of(self._task)


def floors_of(task: Text) -> dict[str, Any]:
    """What counts and compressors that know all before the tail come to on it; nothing where that is next to nothing.

    Of a long text the last 5,000,000 characters before the tail are counted, and its first 1,000,000 scored.
    """
    before, tail = task.symbols[: task.ends["validation"]], task.parts["test"]
    if min(len(before), len(tail)) < FEWEST:
        return {}
    found = floors.floors(before, tail, task.vocabulary)
    rows: list[dict[str, Any]] = [
        {"floor": f"counts, order {order}", "order": order, **scores.to_dict()}
        for order, scores in found.counts.items()
    ]
    packed = {"bz2, all of the text": found.bz2, "xz, all of the text": found.xz, "xz, the tail": found.xz_tail}
    rows += [{"floor": name, "bits_per_character": bits} for name, bits in packed.items()]
    return {"floors": {"counted": found.counted, "scored": found.scored, "rows": rows}}
