"""Where a sweep stands, for people and for programs: a picture while it runs, tables and plain data when it ends."""

import statistics
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pushpop.cli.screen import print_json, show
from pushpop.experiments.score import BITS, TEXT, of_text, right, whole
from pushpop.experiments.standing import Ranked, Standing, Trial
from pushpop.reporting.writing import Cell, Table, terminal
from pushpop.training.times import spoken

if TYPE_CHECKING:
    from rich.console import Group

FEW = 8  # configurations, and trials under way, that a picture shows
BETWEEN = 1.0  # seconds between two pictures
QUIET = 30.0  # seconds between two lines where there is no terminal to draw on


class Picture:
    """Draws on stderr while a sweep runs: its counts, the trials under way, the best configurations. Off if `quiet`.

    Where stderr is no terminal it is a line for each trial that ends, and one now and then.
    """

    def __init__(self, quiet: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False, markup=False)
        self._quiet = quiet
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._drawn, self._told = 0.0, set[int]()
        self._first = True
        self._best: tuple[int, list[Ranked]] = -1, []  # how many trials had ended, and the best configurations then

    def __call__(self, standing: Standing) -> None:
        now = time.monotonic()
        if self._quiet:
            return
        if self._live:
            if now - self._drawn >= BETWEEN:
                self._drawn = now
                if self._best[0] != standing.ended:  # ranking ten thousand trials is no work for every second
                    self._best = standing.ended, standing.ranked()[:FEW]
                self._live.update(drawn(standing, self._best[1]), refresh=True)
            return
        ended = [trial for trial in standing.trials.values() if trial.state != "running"]
        if self._first:
            self._told, self._first = {trial.number for trial in ended}, False
        for trial in ended:
            if trial.number not in self._told:
                self._told.add(trial.number)
                self._console.print(line(trial), soft_wrap=True)
        if now - self._drawn >= QUIET:
            self._drawn = now
            self._console.print(counts(standing), soft_wrap=True)

    def __enter__(self) -> "Picture":
        if self._live and not self._quiet:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and not self._quiet:
            self._live.stop()


def drawn(standing: Standing, best: list[Ranked]) -> "Group":
    """The picture itself, with the best configurations so far."""
    from rich.console import Group
    from rich.text import Text

    running = standing.those("running")[:FEW]
    lines = [
        Text(f"  {trial.number:>4}  {bar(trial.progress)} {trial.progress:4.0%}  {who(trial)}") for trial in running
    ]
    parts = [Text(counts(standing), style="bold"), *lines]
    return Group(*parts, terminal(best_table(best))) if best else Group(*parts)


def bar(share: float, width: int = 16) -> str:
    full = round(share * width)
    return "━" * full + "╌" * (width - full)


def counts(standing: Standing) -> str:
    """Running, done, failed, pruned, left, and how long it will take."""
    found = {state: len(standing.those(state)) for state in ("running", "done", "failed", "pruned")}
    said = [f"{found['running']} running", f"{found['done']:,} done", f"{found['failed']:,} failed"]
    said += [f"{found['pruned']:,} pruned"] if found["pruned"] else []
    said.append("no end" if standing.left is None else f"{standing.left:,} to come")
    remaining = standing.remaining()
    said += [f"some {spoken(remaining)} left"] if remaining else []
    return " · ".join(said)


def who(trial: Trial) -> str:
    """A trial by its place and seed."""
    return f"{Ranked(trial.variant, trial.chosen, (trial,)).name}, seed {trial.seed}"


def line(trial: Trial) -> str:
    """What came of a trial, in a line."""
    begin = f"trial {trial.number}: {who(trial)}: "
    if trial.result is None:
        return begin + (f"failed: {trial.error}" if trial.state == "failed" else trial.state)
    result = trial.result
    if of_text(result):
        nats = result["validation"].get(TEXT)
        found = "no validation part" if nats is None else f"validation {nats:.4f} nats"
        read = f"{result['characters']:,} characters, " if "characters" in result else ""
        return f"{begin}{found}, {read}{result['seconds']:.1f} s"
    found = "validation wholly right" if right(result) else f"validation {whole(result):.3f}"
    return f"{begin}{found}, {result['words']:,} words, {result['seconds']:.1f} s"


def best_table(ranked: list[Ranked]) -> Table:
    """Configurations from best to worst."""
    if any(of_text(trial.result) for each in ranked for trial in each.trials if trial.result):
        return best_of_text(ranked)
    rows = []
    for each in ranked:
        done = [trial.result for trial in each.trials if trial.result is not None]
        solved = [result for result in done if right(result)]
        _, words, _ = each.order
        coarse = sum(whole(result) for result in done) / len(done) if done else None
        rows.append((each.name, f"{len(solved)} of {len(each.ended)}", int(words) if solved else None, coarse))
    columns = ("configuration", "seeds wholly right", "median words", "mean validation")
    return Table("Best configurations", columns, tuple(rows),
                 "By validation words alone: seeds wholly right, then the median words of these.")  # fmt: skip


def best_of_text(ranked: list[Ranked]) -> Table:
    """The same of runs on text: none is right, some predict better; without a validation part none is the best."""
    rows, blind = list[tuple[Cell, ...]](), 0
    for each in ranked:
        done = [trial.result["validation"] for trial in each.trials if trial.result]
        scores = [found for found in done if found]
        blind += not scores
        means = [statistics.fmean(one[name] for one in scores) if scores else None for name in (TEXT, BITS)]
        rows.append((each.name, f"{len(done)} of {len(each.ended)}", *means))
    columns = ("configuration", "seeds done", "mean validation nats", "bits per character")
    if blind == len(rows):
        caption = "In no order: without a validation part (task.validation = 0) nothing says which is better."
        return Table("Configurations", columns, tuple(rows), caption)
    below = "; those without one come last, in no order" if blind else ""
    return Table("Best configurations", columns, tuple(rows), f"By the nats of the validation part alone{below}.")


def tell(standing: Standing, name: str, folder: Path, *, json: bool, everything: bool) -> None:
    """Print what a sweep came to: tables for people, or one JSON object."""
    if json:
        said = {"sweep": name, "out": str(folder), **summary(standing)}
        if everything:  # only a scheduler knows how many are to come
            del said["left"]
        print_json(said)
        return
    for table in tables(standing, everything):
        show(terminal(table))
        show(table.caption)
    print(f"sweep: {folder}")


def tables(standing: Standing, everything: bool) -> list[Table]:
    """What a sweep came to: the best configurations (or all), the count of trials, and those that failed."""
    ranked = standing.ranked()
    shown = ranked if everything else ranked[:FEW]
    found = [best_table(shown)] if shown else []
    failed = standing.those("failed")
    if failed:
        rows = tuple((trial.number, who(trial), trial.error) for trial in failed[: len(failed) if everything else FEW])
        more = f" {len(failed) - len(rows)} more." if len(rows) < len(failed) else ""
        caption = f"The traceback is in the run folder's failure.json; begin them once more with --retry.{more}"
        found.append(Table("Failed", ("trial", "configuration", "error"), rows, caption))
    found.append(Table("Trials", ("state", "trials"), tuple(
        (state, len(standing.those(state))) for state in ("done", "failed", "pruned", "running"))))  # fmt: skip
    return found


def summary(standing: Standing) -> dict[str, Any]:
    """The same as plain data."""
    ranked = standing.ranked()
    states = ("running", "done", "pruned", "failed")
    return {
        **{state: len(standing.those(state)) for state in states},
        "left": standing.left,
        "seconds": round(standing.seconds, 1),
        "configurations": [
            {
                "variant": each.variant,
                "configuration": dict(each.chosen),
                "trials": [
                    {"number": trial.number, "seed": trial.seed, "state": trial.state, "run": trial.run,
                     "error": trial.error, "result": trial.result} for trial in each.trials
                ],
            }
            for each in ranked
        ],
    }  # fmt: skip
