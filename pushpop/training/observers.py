"""What watches a run from outside the loop: evaluations, the log, checkpoints, Ctrl-C. Order matters: as they stand."""

import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Protocol

from torch import nn

from pushpop.training import checkpoint
from pushpop.training.durable import Log
from pushpop.training.loop import Kept, Run, Scores
from pushpop.training.schedule import Plan


class Judge(Protocol):
    """Scores a model, and says what its scores are worth. Knows the task and its words; training does not."""

    def score(self, model: nn.Module) -> Scores: ...

    def right(self, scores: Scores, /) -> bool:
        """Whether every validation word is right."""
        ...

    def rank(self, scores: Scores, step: int, /) -> tuple[float, ...]:
        """What weights of a step are kept by: greater is better."""
        ...


class Evaluation:
    """Scores the model now and then, keeps the best weights, and ends the run once it has been right long enough.

    Of evaluations that rank alike to the judge the one with the longest words is kept, and of these the one with the
    lowest loss: a step may spoil on some word what all of validation does not show.
    """

    def __init__(self, judge: Judge, plan: Plan) -> None:
        self._judge, self._plan = judge, plan

    def __call__(self, run: Run) -> None:
        chosen = self._plan.settings
        if run.step % chosen.evaluate_every and not run.over:
            return
        since = run.losses[run.evaluated - run.step :]
        run.loss, run.evaluated = sum(since) / len(since), run.step
        for seen in (run.losses, run.shares):
            del seen[: -self._plan.looks_back]
        run.model.eval()
        run.scores = self._judge.score(run.model)
        run.right = run.right + 1 if self._judge.right(run.scores) else 0
        rank = (*self._judge.rank(run.scores, run.step), self._plan.reach(run.words, run.reached), -run.loss)
        run.reached = self._plan.lengthen(run.reached, run.loss)
        run.over = run.over or self._plan.patient(run.right)
        if run.kept is None or rank >= run.kept.rank:
            run.kept = Kept(run.step, rank, checkpoint.weights_of(run.model))


class Recorder:
    """Writes a line of the log at every evaluation, and one with the loss alone every few steps between.

    The loss is the mean over as many steps in every line; that since the evaluation before stands beside it.
    """

    def __init__(self, log: Log, plan: Plan, *followers: Callable[[dict[str, Any]], None]) -> None:
        self._log, self._plan, self._followers = log, plan, followers

    def __call__(self, run: Run) -> None:
        if run.scores is None and run.step % self._plan.settings.log_every:
            return
        back = self._plan.looks_back
        share = mean(run.shares[-back:])
        event: dict[str, Any] = {
            "step": run.step,
            "words": run.words,
            "seconds": round(run.seconds, 3),
            "loss": mean(run.losses[-back:]),
            **({} if run.scores is None else {"mean_loss": run.loss}),
            "rate": run.optimiser.param_groups[0]["lr"],
            "reach": self._plan.reach(run.words, run.reached),
            **({"starts": len(run.starts)} if self._plan.settings.starts > 1 else {}),
            **({} if share is None else {"accuracy": share}),
            **(run.scores or {}),
        }
        self._log.append(event)
        for follow in self._followers:
            follow(event)


def mean(values: Sequence[float]) -> float | None:
    """Of no values it is None."""
    return sum(values) / len(values) if values else None


class Checkpoints:
    """Saves the run every few steps and when it is over. The log is on disk before the state that it leads up to."""

    def __init__(self, folder: Path, log: Log, plan: Plan) -> None:
        self._folder, self._log, self._plan = folder, log, plan

    def __call__(self, run: Run) -> None:
        if run.over or run.step % self._plan.settings.checkpoint_every == 0:
            self.save(run)

    def save(self, run: Run) -> None:
        self._log.sync()
        checkpoint.save(run, self._folder)


class Interruption:
    """Turns Ctrl-C into an orderly end: the step is finished and saved, then KeyboardInterrupt goes its way.

    A second Ctrl-C does not wait. Outside the main thread, which alone sees signals, it does nothing. `agree(run,
    asked)` says whether it is to end: where several processes train one run, they end at the same step.
    """

    def __init__(self, save: Callable[[Run], None], agree: Callable[[Run, bool], bool] | None = None) -> None:
        self._save, self._agree, self._asked = save, agree, False
        self._before = signal.getsignal(signal.SIGINT)

    def __call__(self, run: Run) -> None:
        if self._agree(run, self._asked) if self._agree else self._asked:
            self._save(run)
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            signal.default_int_handler(number, frame)
        self._asked = True

    def __enter__(self) -> "Interruption":
        # A process started in the background by a shell ignores Ctrl-C: leave it so.
        if threading.current_thread() is threading.main_thread() and self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if signal.getsignal(signal.SIGINT) == self._ask:
            signal.signal(signal.SIGINT, self._before)
