"""What a model of text writes while it learns: samples at a third, two thirds and the end of a run, kept in its folder.

They change nothing that is trained: they have draws of their own, and the weights are as they were. They cost little:
the longest come at the end, when no budget runs any more, and a hundred characters have been learned from for each that
is written. What is written then can be written again: `pushpop generate` with the same seed, prefix and temperature.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from pushpop.evaluation.continuation import continuation, opening
from pushpop.evaluation.samples import LENGTHS, TrainingText, qualities
from pushpop.evaluation.sampling import Sampling
from pushpop.experiments.store import SAMPLES, are_samples, read_samples
from pushpop.models.language import LanguageModel
from pushpop.tasks.draws import Draws
from pushpop.tasks.text import Text
from pushpop.training.checkpoint import weights_of
from pushpop.training.durable import Log, rewind
from pushpop.training.loop import Run
from pushpop.training.schedule import Plan

PARTS = 3
BUDGET = ("step", "words", "seconds")  # what a run has used
FIRST = 5  # greedy samples, each from a first character of its own
TEMPERATURES = (1.0, 0.5)
PAYS = 100  # characters learned from for each that is written
SEARCHED = 10_000_000  # characters of the training text that a sample's words and copies are sought in
EDGE = 1e-9  # a third of a budget in steps is met at its step, however it is rounded


class Samples:
    """An observer that writes a line of `samples.jsonl` for the greedy samples and one for each temperature.

    With where the run stands, the step that the weights are of (at the end those that are kept), and what the samples
    are worth.
    """

    def __init__(self, path: Path, task: Text, plan: Plan, run: Run, seed: int) -> None:
        """Go on in the run folder `path`: what was written after the step where the run stands is forgotten."""
        rewind(path / SAMPLES, run.step, are_samples)
        self._task, self._plan, self._seed = task, plan, seed
        self._log = Log(path / SAMPLES)
        self._training = TrainingText("")
        # By the budget of this sitting, which may be larger than that under which they were written.
        self._done = max((self._part(*(row[name] for name in BUDGET)) for row in read_samples(path)), default=0)

    def __call__(self, run: Run) -> None:
        part = PARTS if run.over else self._part(run.step, run.words, run.seconds)
        if part <= self._done:
            return
        self._done = part
        place = {**{name: getattr(run, name) for name in BUDGET}, "part": part, "of": PARTS}
        with kept_weights(run) as step:
            for row in self._written(cast("LanguageModel[Any]", run.model), run.words * self._task.window, run.over):
                self._log.append({**place, "weights": step, **row})
        self._log.sync()

    def _part(self, step: int, words: int, seconds: float) -> int:
        """How many parts of its budget a run has behind it."""
        return int(PARTS * self._plan.share_done(step, words, seconds) + EDGE)

    def _written(self, model: LanguageModel[Any], learned: int, ended: bool) -> Iterator[dict[str, Any]]:
        """Greedy samples, then one at each temperature, as long as pays."""
        known, text = self._task.vocabulary, self._task.parts["training"]
        if not self._training.text:
            self._training = training_text(self._task)
        lengths = [length for length in LENGTHS[: None if ended else -1] if length * PAYS <= learned] or [LENGTHS[0]]
        places = Draws("first", self._seed).below(len(text), FIRST)
        firsts = [known.decode(text[place : place + 1]) for place in places]
        every: list[tuple[float, list[Any], int]] = [
            (0.0, firsts, LENGTHS[0]),
            *((temperature, [None], lengths[-1]) for temperature in TEMPERATURES),
        ]
        for temperature, prefixes, length in every:
            sampling = Sampling(temperature=temperature)
            begun = [continuation(model, known, prefix) for prefix in prefixes]
            texts = [one.texts(sampling, self._seed, 1, length)[0] for one in begun]
            told = [opening(known) if one is None else as_text(one) for one in prefixes]
            same = min(map(len, texts))  # bytes are not always as many characters
            measured = qualities([one[:same] for one in texts], self._training, LENGTHS)
            yield {
                "temperature": temperature,
                "seed": self._seed,
                "characters": learned,
                "samples": [{"prefix": one, "text": text} for one, text in zip(told, texts, strict=True)],
                "qualities": [asdict(one) for one in measured],
            }

    def __enter__(self) -> "Samples":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.close()


@contextmanager
def kept_weights(run: Run) -> Iterator[int]:
    """In here the model of a run that is over has the weights that are kept; gives the step that its weights are of."""
    kept = run.kept if run.over else None
    if kept is None or kept.step == run.step:
        yield run.step
        return
    own = weights_of(run.model)
    run.model.load_state_dict(kept.weights)
    try:
        yield kept.step
    finally:
        run.model.load_state_dict(own)


def training_text(task: Text) -> TrainingText:
    """The beginning of what a model has read, as long as is searched."""
    return TrainingText(as_text(task.vocabulary.decode(task.parts["training"][:SEARCHED])))


def as_text(text: str | bytes) -> str:
    """Bytes that are not UTF-8 are shown as U+FFFD."""
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
