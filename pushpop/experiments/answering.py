"""A network trained on words: its answers or classes, how right they are, and its memory at work."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NoReturn, TypeAlias

import numpy as np
import torch

from pushpop.errors import ConfigError, PushpopError, WordError
from pushpop.evaluation.classify import Classified, classify
from pushpop.evaluation.classify import score as class_score
from pushpop.evaluation.classify import split_by_length as classes_by_length
from pushpop.evaluation.evaluate import Answered, ask, demand_memory, predict, scored, split_by_length
from pushpop.evaluation.mismatch import as_long, has_list, mismatch
from pushpop.evaluation.trace import Trace, trace
from pushpop.evaluation.verdict import Verdict, judge, reach
from pushpop.experiments import lengths as measured
from pushpop.experiments.spans import Lengths, count, ranges
from pushpop.experiments.trained import Trained
from pushpop.tasks.classification import Classification
from pushpop.tasks.task import WordTask, shown
from pushpop.tasks.words import fixed_words, words_of

Word: TypeAlias = Sequence[int | str] | np.ndarray | torch.Tensor
Words: TypeAlias = Sequence[Word] | np.ndarray | torch.Tensor

MEASURED = 32  # validation words on which pushes are held against pops
JUDGED = 100  # validation words that a memory is watched on to say what it does
CLASSES = "`pushpop predict` says its classes; or give another run"


@dataclass(frozen=True, kw_only=True)
class TrainedWords(Trained):
    """A network that answers words, or says their classes."""

    task: WordTask

    def generate(self, *_given: Any, **_chosen: Any) -> NoReturn:
        """PushpopError: it writes no text."""
        raise self.refuse("generate")

    def predict(self, words: Word | Words, rounded: bool = False) -> list[Any]:
        """The answer to a word [k], or the answers to a list of words; symbols are numbers, 0 to symbols - 1, and of
        words names too where the task has them. `task.spelled` says an answer by its names.

        Where the task has classes an answer is one: a number.

        Raises:
            WordError: a word is not one of the task's.
            PushpopError: `rounded`, where there is no memory or where the task has classes.
        """
        given = listed(words)
        one = not given or isinstance(given[0], str) or not hasattr(given[0], "__iter__")
        asked = [given] if one else given
        if isinstance(self.task, Classification):
            self.demand_written("rounded", "leave it out for this run", asked=rounded)
            answers: list[Any] = classify(self.model, self.task, asked).said
        else:
            answers = predict(self.model, self.task, asked, rounded=rounded)
        return answers[0] if one else answers

    def evaluate(
        self, lengths: Lengths | None = None, words: int | Words | None = None, seed: int = 0, rounded: bool = True
    ) -> dict[str, Any]:
        """How right the answers are: `coarse, fine, token, words, by_length`, of tasks of a benchmark its own score
        `position` too, and `rounded` where there is a memory; of classes: `accuracy, baseline, words, by_length`. Where
        the memory is a list and answers are as long as their words, `mismatch` says how well pops undo pushes on words
        of the training lengths, and from which length on that alone would spoil answers.

        On words of `lengths` ("65-128,1000", or [(65, 128), 1000]), as many as `words` of each, by default 1,000, and
        100 where they are 1,000 symbols or longer; or on a list of `words`; or else on the task's test words. Rounded
        scores take as long again: `rounded=False` leaves them out.

        Raises:
            ConfigError, WordError: lengths that cannot be, words that are not the task's.
        """
        if words is not None and not isinstance(words, int):
            if lengths is not None:
                raise ConfigError("words: both words and lengths are given; give one of them")
            asked = listed(words)
        elif lengths is None and (words is None or isinstance(self.task, Classification)):
            asked = fixed_words(self.task, "test")[: None if words is None else count(words, (1, 1))]
        else:
            wanted = ranges(self.task.test_lengths if lengths is None else lengths)
            asked = [word for pair in wanted for word in words_of(self.task, pair, count(words, pair), seed)]
        if not asked:
            raise ConfigError("words: none are given; give one or more")
        if isinstance(self.task, Classification):
            return classified(asked, classify(self.model, self.task, asked))
        found = described(self.task, asked, ask(self.model, self.task, asked))
        if rounded and hasattr(self.model, "watch"):
            found["rounded"] = described(self.task, asked, ask(self.model, self.task, asked, rounded=True))
        known = fixed_words(self.task, "validation")[:MEASURED]
        if has_list(self.model) and as_long(self.task, known):
            found["mismatch"] = mismatch(self.model, self.task, known).to_dict()
        return found

    def trace(self, word: Sequence[int | str] | np.ndarray, rounded: bool = False) -> Trace:
        """The memory step by step while it answers `word`.

        Raises:
            PushpopError: the model has no memory, the task has classes, or the word is not the task's.
        """
        self.demand_watched("trace")
        return trace(self.model, self.task, word, rounded=rounded)

    def verdict(self) -> Verdict:
        """What the memory does, in words, from the first validation words; and how far the run's folder says that its
        answers are right: on validation and test words, and at the lengths that were scored since.

        Raises:
            PushpopError: the model has no memory or one that is no list of cells, or the task has classes.
        """
        self.demand_watched("verdict")
        found = judge(self.model, self.task, fixed_words(self.task, "validation")[:JUDGED])
        if not self.metrics:
            return found
        known = {self.task.lengths: self.metrics["validation"], self.task.test_lengths: self.metrics["test"]}
        known |= {(row["length"],) * 2: row for row in measured.read(self.path / measured.LENGTHS, self.path)}
        return replace(found, reach=reach({span: scores["coarse"] for span, scores in known.items()}))

    def demand_watched(self, place: str) -> None:
        """PushpopError that begins with `place` where there is no memory at work on answers that are written."""
        self.demand_written(place)
        demand_memory(self.model, place)

    def demand_written(self, place: str, way_out: str = CLASSES, *, asked: bool = True) -> None:
        """PushpopError where something `asked` for is of answers that are written, and this task has classes."""
        if asked and isinstance(self.task, Classification):
            kind = self.settings.task.kind
            raise PushpopError(f"{place}: {kind} has classes and no answers that are written; {way_out}")


def of_words(trained: Trained, place: str) -> TrainedWords:
    """The network, if it is one of words; else PushpopError that begins with `place`."""
    if isinstance(trained, TrainedWords):
        return trained
    raise trained.refuse(place)


def listed(words: object) -> list[Any]:
    """Words, or the symbols of one word, as a list; tensors become lists too. WordError where there is no order."""
    given = _plain(words)
    if isinstance(given, str | bytes) or not isinstance(given, (Sequence, np.ndarray)):
        raise WordError(f"words: {shown(words)} is no word and no list of words; give such as [5, 17, 99]")
    return [_plain(one) for one in given]


def _plain(value: object) -> object:
    """Tensors as lists, or numbers where they have no axis; arrays too, but those [k] that may be a word."""
    if isinstance(value, torch.Tensor) or (isinstance(value, np.ndarray) and value.ndim != 1):
        return value.tolist()
    return value


def described(task: WordTask, words: Sequence[Any], answered: Answered) -> dict[str, Any]:
    """Accuracies over all words, and by length."""
    rows = [{"length": length, **found} for length, found in split_by_length(task, words, answered)]
    return {**scored(task, words, answered), "by_length": rows}


def classified(words: Sequence[Any], found: Classified) -> dict[str, Any]:
    """Accuracy and baseline over all words, and by length."""
    rows = [{"length": length, **asdict(scores)} for length, scores in classes_by_length(words, found)]
    return {**asdict(class_score(found)), "by_length": rows}
