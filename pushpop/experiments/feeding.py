"""What training takes from each kind of task: the batch of a step, its loss, and what watches each step for it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn

from pushpop.errors import ConfigError
from pushpop.experiments import lessons
from pushpop.experiments.candidates import costliest
from pushpop.experiments.convergence import Convergence, steps
from pushpop.experiments.lessons import Lesson, Words, lesson, tensors
from pushpop.experiments.papers import OneGraphFeed
from pushpop.experiments.samples import Samples
from pushpop.experiments.seeds import of_step
from pushpop.experiments.settings import Settings
from pushpop.experiments.starts import Starts
from pushpop.graphs.contract import GraphNet
from pushpop.graphs.questions import Questions
from pushpop.models.contract import SequenceModel
from pushpop.models.language import LanguageModel
from pushpop.models.precision import taken
from pushpop.tasks.classification import Classification
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import Batch, chosen, some
from pushpop.tasks.graphs.instance import GraphTask, drawn
from pushpop.tasks.graphs.papers import OneGraph
from pushpop.tasks.graphs.sequences import encoded, told
from pushpop.tasks.task import WordTask
from pushpop.tasks.text import Text
from pushpop.tasks.words import candidates, training_batch
from pushpop.training.loop import Observer, Run
from pushpop.training.parallel import Team
from pushpop.training.schedule import Plan

COMPARED = 500  # words by which starts are compared


class Feed(Protocol):
    """A task, as the loop sees it."""

    @property
    def counted(self) -> tuple[int, str]:
        """How many of what a word of its batches counts as, for people."""
        ...

    def make(self, step: int, reach: float, /) -> tuple[Any, float]:
        """What `loss` takes of this process's part of the batch of a step, from a share `reach` of the lengths; and its
        share in the mean over the whole. Depends on nothing else, and may be called from a thread."""
        ...

    def loss(self, model: nn.Module, batch: Any) -> Tensor:
        """Mean cross entropy (nats) of what is wanted."""
        ...

    def observers(self) -> Sequence[Observer]:
        """What sees every step before all others do."""
        ...

    def starts(self) -> Sequence[Observer]:
        """What sees every step after it was evaluated and logged, and has the run begin anew from other weights."""
        ...

    def diaries(self, path: Path, plan: Plan, /) -> Sequence[AbstractContextManager[Observer]]:
        """What it writes in the run folder beside the log, to be opened by the process that has the folder."""
        ...

    def found(self, run: Run) -> dict[str, Any]:
        """What it has to add to the result of a run."""
        ...


def feed_of(settings: Settings, team: Team, device: torch.device, run: Run) -> Feed:
    """The feed of a task's kind.

    Raises:
        ConfigError: the task cannot be trained on so.
    """
    task = settings.task.build()
    if isinstance(task, Text):
        return TextFeed(task, settings, team, device, run)
    if isinstance(task, GraphTask):
        return GraphFeed(task, settings, team, device, run)
    if isinstance(task, OneGraph):
        return OneGraphFeed(task, settings.training.batch, settings.seed, team, device)
    assert isinstance(task, WordTask), f"no feed for {settings.task.kind}"
    return WordFeed(task, settings, team, device)


class WordFeed:
    """Words and their answers, or their classes; of these it sees which share is right, and by which rules they are
    learned."""

    counted: tuple[int, str] = 1, "words"

    def __init__(self, task: WordTask, settings: Settings, team: Team, device: torch.device) -> None:
        self._task, self._settings, self._team, self._device = task, settings, team, device
        self._plan = Plan(settings.training)
        classes = isinstance(task, Classification)
        self._rules = Convergence(task, settings.seed, team) if classes else None  # type: ignore[arg-type]

    def make(self, step: int, reach: float, /) -> tuple[tuple[Words | Lesson | Batch, int], float]:
        """A `Batch` is of candidates, all of them in each process, of which `loss` has yet to choose."""
        asked, lengths = self._settings.training, reached(self._task, reach)
        longer = lengths != self._task.lengths
        if asked.candidates > 1 and not longer:
            size = asked.batch * asked.candidates
            alike = round(asked.candidates_alike * size)
            return (candidates(self._task, self._settings.seed, step, size, alike), step), 1.0
        beyond = min(round(asked.curriculum_beyond * asked.batch), asked.batch - 1) if longer else 0
        whole = training_batch(self._task, self._settings.seed, step, asked.batch, lengths, beyond)
        if not (beyond or self._plan.foretell(step)):
            part = some(whole, *self._team.span(len(whole.lengths)))
            return (tensors(part, self._device), step), len(part.targets) / len(whole.targets)
        return (self._lesson(whole, step, asked.batch - beyond), step), 1.0

    def _lesson(self, whole: Batch, step: int, within: int) -> Lesson:
        """Of this process's part of a batch, the first `within` words of which are within reach; what the parts count
        in the mean over the whole is in its weights."""
        first, last = self._team.span(len(whole.lengths))
        return lesson(whole, some(whole, first, last), first, within, self._plan.foretell(step), self._device)

    def loss(self, model: nn.Module, batch: tuple[Words | Lesson | Batch, int]) -> Tensor:
        words, step = batch
        cast("SequenceModel[Any]", model).shake(of_step(self._settings.seed, step), self._plan.noise(step))
        if isinstance(words, Batch):
            count = self._settings.training.batch
            rows = costliest(cast("SequenceModel[Any]", model), words, count, self._team, self._device)
            words = self._lesson(chosen(words, rows), step, count)
        if isinstance(words, Lesson):
            return lessons.loss(cast("SequenceModel[Any]", model), words)
        return self._rules.loss(model, words) if self._rules else loss(model, words)

    def cost(self, model: nn.Module, step: int) -> float:
        """What words of all training lengths cost (nats), answers and what is foretold, which weighs what it weighs in
        this step; no step has these words."""
        task = self._task
        batch = task.encode(task.draw(Draws("starts", self._settings.seed), "training", COMPARED))
        given = lesson(batch, batch, 0, COMPARED, self._plan.foretell(step), self._device)
        model.eval()
        with torch.no_grad():
            return lessons.cost(cast("SequenceModel[Any]", model), given).item()

    def observers(self) -> Sequence[Observer]:
        return [self._rules] if self._rules else []

    def starts(self) -> Sequence[Observer]:
        return [Starts(self._settings, self.cost)] if self._settings.training.starts > 1 else []

    def diaries(self, _path: Path, _plan: Plan, /) -> Sequence[AbstractContextManager[Observer]]:
        return []

    def found(self, run: Run) -> dict[str, Any]:
        return {"converged": steps(run)} if run.converged else {}


class TextFeed:
    """Windows of a text; where they follow one another, it hands on what each has left to the next."""

    def __init__(self, task: Text, settings: Settings, team: Team, device: torch.device, run: Run) -> None:
        if team.size > 1 and task.state == "carried":
            raise ConfigError(
                "task.state: carried: what a window leaves is not shared among processes; give zero, or one process"
            )
        self._reading = task.reading(settings.training.batch, settings.seed)
        self._task = task
        self.counted: tuple[int, str] = (task.window, task.unit)
        self._seed, self._team, self._device, self._run = settings.seed, team, device, run
        self._after: tuple[Tensor, ...] = ()
        self._share = 0.0

    def make(self, step: int, _reach: float, /) -> tuple[tuple[Tensor, Tensor, bool, int], float]:
        whole = self._reading.windows(step)
        part = slice(*self._team.span(len(whole.symbols)))
        symbols, targets = (torch.from_numpy(array[part]).to(self._device) for array in (whole.symbols, whole.targets))
        return (symbols, targets, whole.fresh, step), len(symbols) / len(whole.symbols)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Tensor, bool, int]) -> Tensor:
        symbols, targets, fresh, step = batch
        text = cast("LanguageModel[Any]", model)
        text.shake(of_step(self._seed, step))
        before = None if fresh else text.unpacked(tuple(part.to(self._device) for part in self._run.carried))
        cost, share, after = text.window_loss(symbols, targets, before)
        self._share = self._team.mean(share)
        if self._reading.regime == "carried":
            self._after = text.packed(text.carried(after))
        return cost

    def observers(self) -> Sequence[Observer]:
        return [self._hand_on]

    def starts(self) -> Sequence[Observer]:
        return []

    def diaries(self, path: Path, plan: Plan, /) -> Sequence[AbstractContextManager[Observer]]:
        return [Samples(path, self._task, plan, self._run, self._seed)]

    def found(self, run: Run) -> dict[str, Any]:
        characters = run.words * self._reading.window
        asked = getattr(run.model.settings, "precision", None)
        products = {} if asked is None else {"precision": taken(asked, self._device)}
        return {"characters": characters, "characters_per_second": round(characters / run.seconds), **products}

    def _hand_on(self, run: Run) -> None:
        run.carried = self._after
        run.shares.append(self._share)


class GraphFeed:
    """Graphs of one size at a time, drawn afresh: as they are, or as the sequences that the model reads."""

    counted: tuple[int, str] = 1, "graphs"

    def __init__(self, task: GraphTask, settings: Settings, team: Team, device: torch.device, run: Run) -> None:
        self._task, self._seed, self._batch = task, settings.seed, settings.training.batch
        self._team, self._device, self._listens = team, device, isinstance(run.model, SequenceModel)

    def make(self, step: int, _reach: float, /) -> tuple[tuple[Any, int], float]:
        known = self._task.ladder["training"]
        size = known[int(Draws("graph sizes", self._seed, step).below(len(known), 1)[0])]
        whole = drawn(self._task, "training", size, self._batch, self._seed, step)
        first, last = self._team.span(len(whole))
        share = sum(len(one.answers) for one in whole[first:last]) / sum(len(one.answers) for one in whole)
        if not self._listens:
            return (Questions.of(self._task, whole[first:last], device=self._device), step), share
        sequences = told(self._task, whole, self._seed, step)[first:last]
        return (tensors(encoded(whole[first:last], sequences), self._device), step), share

    def loss(self, model: nn.Module, batch: tuple[Any, int]) -> Tensor:
        given, step = batch
        if self._listens:
            cast("SequenceModel[Any]", model).shake(of_step(self._seed, step))
            return loss(model, given)
        net = cast("GraphNet", model)
        net.chance.manual_seed(of_step(self._seed, step))
        return net.loss(given)

    def observers(self) -> Sequence[Observer]:
        return []

    def starts(self) -> Sequence[Observer]:
        return []

    def diaries(self, _path: Path, _plan: Plan, /) -> Sequence[AbstractContextManager[Observer]]:
        return []

    def found(self, run: Run) -> dict[str, Any]:  # noqa: ARG002
        return {}


def reached(task: WordTask, reach: float) -> tuple[int, int]:
    """The shortest and the longest of a share `reach` of a task's lengths: of those that its words can have."""
    if reach == 1.0:
        return task.lengths
    sizes = task.sizes(*task.lengths)
    return sizes[0], sizes[round(reach * (len(sizes) - 1))]


def loss(model: nn.Module, batch: Words) -> Tensor:
    """The model's own: mean cross entropy (nats) at the wanted positions, teacher-forced."""
    return cast("SequenceModel[Any]", model).loss(*batch)
