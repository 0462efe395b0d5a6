"""A trial under way: its process, how far its log says it is, and what became of it, read from its folder."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pushpop.errors import RunError
from pushpop.experiments import store
from pushpop.experiments.launchers import Handle, Job, Launcher
from pushpop.experiments.settings import Settings
from pushpop.experiments.standing import Trial
from pushpop.training.durable import is_event
from pushpop.training.schedule import Plan

KEPT = ("solved", "steps", "words", "characters", "seconds", "validation", "test", "ended")
Outcome = Literal["done", "failed", "pruned", "lost"]
LIVES = 4  # times that a trial is begun with nothing gained before it counts as failed
STEP = 5  # percent of the budget from one report to the next


class Apart:
    """A trial that no launcher of this scheduler began: it is looked at, never waited on, and not ours to stop."""

    def stop(self) -> None:
        """It ends by itself, or has."""

    def reason(self) -> str:
        return ""


class Adopted(Apart):
    """A trial that a scheduler before this one started, and that outlived it: its process holds the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ended(self) -> bool:
        return not store.held(self._folder)

    def reason(self) -> str:
        return "its scheduler was gone before it"


class Over(Apart):
    """A trial whose folder says already what became of it: nothing is left to do but to write that down."""

    def ended(self) -> bool:
        return True


class Flight:
    """One trial from its start to its end, begun again when its process is killed."""

    def __init__(self, trial: Trial, job: Job, launcher: Launcher) -> None:
        self.trial, self.job = trial, job
        self.folder = Path(job.folder)
        self.twins: list[Trial] = []
        """Trials of the same settings, whose result is this one's."""
        self._settings = Settings.from_dict(job.settings)
        self._plan = Plan(self._settings.training)
        self._launcher = launcher
        self._lost = 0
        self._read, self._step = 0, 0
        self._losses: list[float] = []
        self._reported = 0
        self.handle = self._begin()

    def _begin(self) -> Handle:
        if store.held(self.folder):
            return Adopted(self.folder)
        return self._launcher.start(self.job) if self.outcome() == "lost" else Over()

    def begun_again(self) -> bool:
        """Begin once more, from the checkpoint, unless that has been tried often enough; whether it was."""
        gained, before = self._step, self._read
        self.look()
        self._lost = 1 if self._step > gained or self._read < before else self._lost + 1
        if self._lost >= LIVES:
            return False
        self.handle = self._begin()
        return True

    def look(self) -> None:
        """Read what its log has new. A torn last line is left for the next time."""
        try:
            with (self.folder / store.EVENTS).open("rb") as file:
                if file.seek(0, 2) < self._read:
                    self._read = 0  # begun again from a checkpoint, the log is shorter
                file.seek(self._read)
                lines = file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._read += len(line)
            self._note(line)

    def _note(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not is_event(event) or event["step"] <= self._step or event.get("loss") is None:
            return
        self._step = event["step"]
        self._losses.append(float(event["loss"]))
        share = self._plan.share_done(self._step, event.get("words", 0), event.get("seconds", 0.0))
        self.trial.progress = max(self.trial.progress, share)

    def report(self) -> tuple[float, int] | None:
        """Mean loss (nats) since the last report and the percent of the budget now, if another report is due."""
        due = int(self.trial.progress * 100) // STEP * STEP
        if due <= self._reported or not self._losses or due >= 100:
            return None
        self._reported = due
        mean = sum(self._losses) / len(self._losses)
        self._losses.clear()
        return mean, due

    def doomed(self, spared: bool) -> None:
        """Write down that the pruner has given it up, and stop it unless it is spared."""
        if (self.folder / store.PRUNED).exists():
            return
        words = self._step * self._plan.settings.batch
        note = {"words": words, "percent": self._reported, "spared": spared}
        store.write_json(self.folder / store.PRUNED, note)
        if not spared:
            self.handle.stop()

    def outcome(self) -> Outcome:
        """What became of it, now that its process is gone. A folder that is damaged is a failure like any other."""
        try:
            return outcome(self.folder, self._settings)
        except RunError as error:
            store.write_json(self.folder / store.FAILURE, {"error": str(error), "traceback": ""})
            return "failed"


def outcome(folder: Path, settings: Settings) -> Outcome:
    """What a folder says of its trial when no process is at work on it."""
    if (folder / store.FAILURE).exists():
        return "failed"
    if store.complete(folder, settings):
        return "done"
    if (folder / store.PRUNED).exists() and not store.read_json(folder / store.PRUNED).get("spared"):
        return "pruned"
    return "lost"


def result_of(folder: Path) -> dict[str, Any]:
    """What the study keeps of a finished run."""
    found: Mapping[str, Any] = store.read_metrics(folder) or {}
    return {name: found[name] for name in KEPT if name in found}


def failure_of(folder: Path) -> dict[str, Any]:
    """What the study keeps of a failed one: its error, and its traceback."""
    try:
        return store.read_json(folder / store.FAILURE)
    except RunError as error:
        return {"error": str(error), "traceback": ""}


def prepare(folder: Path, trial: Trial, sweep: str, anew: bool) -> None:
    """Say in a run folder which trial it is; a failure that is to be tried anew is forgotten."""
    folder.mkdir(parents=True, exist_ok=True)
    if anew:
        (folder / store.FAILURE).unlink(missing_ok=True)
    if not (folder / store.TRIAL).exists():
        said = {"number": trial.number, "sweep": sweep, "variant": trial.variant, "configuration": dict(trial.chosen)}
        store.write_json(folder / store.TRIAL, said)


def tail(folder: Path) -> str:
    """The last lines of what a trial's process printed."""
    output = folder / store.OUTPUT
    return "\n".join(output.read_text(errors="replace").splitlines()[-20:]) if output.exists() else ""


def wait(launcher: Launcher, flights: Sequence[Flight], seconds: float) -> None:
    """Until one of the flights has ended, or the time is over."""
    own = [flight.handle for flight in flights if not isinstance(flight.handle, Apart)]
    if own:
        launcher.wait(own, seconds)
    elif flights:
        time.sleep(seconds)
