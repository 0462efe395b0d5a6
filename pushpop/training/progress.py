"""How a run stands, on the terminal: a bar to the end of its budget, the time left, rate, loss and accuracy."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from pushpop.training.loop import Run
from pushpop.training.schedule import Plan
from pushpop.training.times import spoken

BETWEEN = 0.25  # seconds between two pictures: drawing one takes about a millisecond, a step about three


class ProgressBar:
    """An observer that draws on stderr, so that stdout holds results alone. Draws nothing where nobody can see it.

    `counted` is how many of what one word of the run counts as: of a text a window, and so many characters.
    """

    def __init__(self, title: str, plan: Plan, counted: tuple[int, str] = (1, "words")) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[said]}"))
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, auto_refresh=False, disable=not console.is_terminal)
        self._task = self._bar.add_task(title, total=1.0, said="")
        self._plan, self._counted, self._accuracy, self._drawn = plan, counted, "", 0.0
        self._from: tuple[float, float, int] | None = None  # share, seconds and words at which this sitting began

    def __call__(self, run: Run) -> None:
        if run.scores is not None:
            self._accuracy = "".join(
                f" · {name} {next(iter(scores.values())):.3f}" for name, scores in run.scores.items()
            )
        now = time.monotonic()
        if self._bar.disable or (now - self._drawn < BETWEEN and not run.over):
            return
        self._drawn = now
        share = self._plan.share_done(run.step, run.words, run.seconds)
        if self._from is None:
            self._from = share, run.seconds, run.words
        share_before, seconds_before, words_before = self._from
        passed, came = run.seconds - seconds_before, share - share_before
        each, unit = self._counted
        said = f"{run.words * each:,} {unit}"
        if passed > 0 and came > 0:
            left = passed * (1 - share) / came
            said += f" · {each * (run.words - words_before) / passed:,.0f}/s · at most {spoken(left)} left"
        said += whose_turn(self._plan, len(run.starts))
        self._bar.update(self._task, completed=share, said=f"{said} · loss {run.loss:.4f} nats{self._accuracy}")
        self._bar.refresh()

    def __enter__(self) -> "ProgressBar":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def whose_turn(plan: Plan, over: int) -> str:
    """Of several starts, so many of whose turns are over, which one is under way; nothing once one has been chosen."""
    order = plan.turns.order
    if over >= len(order):
        return ""
    number = order[over].round
    among = [turn.round for turn in order]
    which = f"start {over - among.index(number) + 1} of {among.count(number)}"
    return f" · {which}, round {number + 1} of {among[-1] + 1}" if among[-1] else f" · {which}"
