"""One scheduler owns a sweep: it begins trials, sees them end, writes down what came of them, and survives its own end.

The run folders are the truth: what the study does not know yet of a trial that was running is read from its folder.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pushpop.experiments import store
from pushpop.experiments.flight import LIVES, Flight, Over, failure_of, result_of, wait
from pushpop.experiments.launchers import Job, Launcher, choose
from pushpop.experiments.ledger import Entry, Ledger, look
from pushpop.experiments.score import score
from pushpop.experiments.standing import Standing, Trial, identity
from pushpop.experiments.stopping import asked_to_stop
from pushpop.experiments.sweep import Configuration, Sweep, Variant
from pushpop.experiments.sweep_folder import JOURNAL, RUNS, claim
from pushpop.experiments.trials import Wanted, of_grid, of_search, seed_of, spared

TICK = 1.0  # seconds between two looks at the trials under way
Say = Callable[[Standing], object]


def run(
    sweep: Sweep,
    out: Path,
    *,
    workers: int = 2,
    launcher: Launcher | None = None,
    storage: str | None = None,
    retry: bool = False,
    say: Say | None = None,
) -> Standing:
    """Do what is missing of a sweep, until nothing is or it is stopped; `say` is told where it stands every second.

    `out` is its folder; `launcher` by default processes of this machine, `workers` abreast; `storage` an Optuna URL, by
    default a journal in the folder. `retry`: trials that failed are begun once more.

    Raises:
        RunError: the folder holds another sweep, or another scheduler is at work in it.
        StorageError: the study cannot be read or written; what it holds is intact.
        KeyboardInterrupt: stopped; trials under way have made a checkpoint, and go on when it is run again.
    """
    out = out.absolute()
    with asked_to_stop(), store.locked(out, "working on this sweep", "out"):
        claim(out, sweep)
        url, home = (storage, str(out)) if storage else (f"journal://{out / JOURNAL}", None)
        ledger = Ledger.open(url, sweep.name, sweep.search, sweep.pruning, home)
        try:
            at_work = Scheduler(sweep, out, ledger, launcher or choose("local", workers), retry, say)
            return at_work.run()
        finally:
            ledger.close()


def standing(sweep: Sweep, out: Path, storage: str | None = None) -> Standing:
    """Where a sweep stands, whether or not a scheduler is at work on it; does nothing of it. Raises StorageError."""
    found = Standing(left=None)
    journal = out.absolute() / JOURNAL
    if storage is None and not journal.exists():
        return found
    for entry in look(storage or f"journal://{journal}", sweep.name):
        found.add(trial_of(entry))
    return found


class Scheduler:
    """A sweep at work."""

    def __init__(
        self, sweep: Sweep, out: Path, ledger: Ledger, launcher: Launcher, retry: bool, say: Say | None
    ) -> None:
        self._sweep, self._out, self._ledger, self._launcher = sweep, out, ledger, launcher
        self._retry, self._say = retry, say
        self._flights: list[Flight] = []
        self._standing = Standing()
        self._known = ledger.entries()
        for entry in self._known:
            self._standing.add(trial_of(entry))

    def run(self) -> Standing:
        """Until nothing is left and all trials have ended."""
        began = time.monotonic()
        self._resume()
        todo = self._missing()
        try:
            while True:
                self._fill(todo)
                self._standing.seconds = time.monotonic() - began
                if self._say:
                    self._say(self._standing)
                if not self._flights:
                    return self._standing
                wait(self._launcher, self._flights, TICK)
                for flight in list(self._flights):
                    self._watch(flight)
        finally:
            for flight in self._flights:
                flight.handle.stop()
            self._launcher.close()

    def _resume(self) -> None:
        """Trials that were running when the last scheduler ended go on under their numbers."""
        for trial in self._standing.those("running"):
            self._begin(trial, self._configuration(trial))

    def _configuration(self, trial: Trial) -> Configuration:
        variants = {variant.name: variant for variant in self._sweep.variants}
        return variants[trial.variant].at(trial.chosen)

    def _missing(self) -> Iterator[Wanted]:
        """What is to be done, in order; asked for one by one, since a search learns from what came before."""
        if self._sweep.search == "grid":
            if self._sweep.endless:
                self._standing.left = None
                return filter(self._is_missing, of_grid(self._sweep))
            missing = [wanted for wanted in of_grid(self._sweep) if self._is_missing(wanted)]
            self._standing.left = len(missing)
            return iter(missing)
        places = {entry.attrs["index"]: place_of(entry.params) for entry in self._known}
        turns = (self._sweep.variants[index % len(self._sweep.variants)] for index in range(self._sweep.trials or 0))
        left = sum(len(self._sweep.seeds_of(variant)) for variant in turns) - len(self._standing.trials)
        self._standing.left = None if self._sweep.endless else max(left, 0)
        return filter(self._is_missing, of_search(self._sweep, places, self._suggest))

    def _is_missing(self, wanted: Wanted) -> bool:
        """Whether it is still to be begun. One that is done under a smaller budget is."""
        configuration = wanted.configuration
        trial = self._standing.trials.get(identity(configuration.variant, configuration.chosen, wanted.seed))
        if trial is None or wanted.number is not None:
            return True
        more = trial.budget != configuration.settings.training.budgets()
        return {"done": more, "pruned": False, "failed": self._retry, "running": False}[trial.state]

    def _suggest(self, variant: Variant, index: int, seed: int) -> tuple[int, Mapping[str, Any]]:
        """Ask the search for a place on the axes; the trial of its first seed is running from then on."""
        first = variant.at({name: axis.ends()[0] for name, axis in variant.over.items()})
        attrs = self._attrs(first, seed, index)
        number, found = self._ledger.suggest(space_of(variant), attrs, seed_of(self._sweep.seed, index))
        return number, place_of(found)

    def _attrs(self, configuration: Configuration, seed: int, index: int) -> dict[str, Any]:
        budget = configuration.settings.training.budgets()
        return {"variant": configuration.variant, "seed": seed, "index": index, "budget": budget}

    def _number(self, wanted: Wanted) -> int:
        """The number of a trial that runs from now on."""
        if wanted.number is not None:
            return wanted.number
        configuration = wanted.configuration
        attrs = self._attrs(configuration, wanted.seed, wanted.index)
        if self._sweep.search == "grid":
            return self._ledger.begin(configuration.chosen, attrs)
        variant = next(each for each in self._sweep.variants if each.name == configuration.variant)
        return self._ledger.begin(named(variant, configuration.chosen), attrs, space_of(variant))

    def _fill(self, todo: Iterator[Wanted]) -> None:
        """Begin trials while there are slots free."""
        while len(self._flights) < self._launcher.slots:
            wanted = next(todo, None)
            if wanted is None:
                return
            if self._standing.left:
                self._standing.left -= 1
            configuration, number = wanted.configuration, self._number(wanted)
            trial = Trial(number=number, variant=configuration.variant, chosen=configuration.chosen, seed=wanted.seed,
                          budget=configuration.settings.training.budgets())  # fmt: skip
            self._begin(trial, configuration)

    def _begin(self, trial: Trial, configuration: Configuration) -> None:
        """Send a trial on its way, or wait with it for one under way in the same folder."""
        settings = configuration.seeded(trial.seed, self._sweep.threads)
        folder = store.folder_of(settings, self._out / RUNS)
        trial.run = str(folder.relative_to(self._out))
        self._standing.add(trial)
        for flight in self._flights:
            if flight.folder == folder:
                flight.twins.append(trial)
                return
        prepare(folder, trial, self._sweep.name, anew=self._retry)
        job = Job(number=trial.number, settings=settings.to_dict(), folder=str(folder), threads=self._sweep.threads)
        flight = Flight(trial, job, self._launcher)
        self._flights.append(flight)
        if isinstance(flight.handle, Over):
            self._settle(flight)

    def _watch(self, flight: Flight) -> None:
        """See how far a trial is; report it to the pruner, or settle it if it has ended."""
        if flight.handle.ended():
            self._settle(flight)
            return
        flight.look()
        report = flight.report() if self._sweep.pruning else None
        if report and self._sweep.pruning and self._ledger.report(flight.trial.number, *report):
            flight.doomed(spared(self._sweep.seed, flight.trial.number, self._sweep.pruning.spare))

    def _settle(self, flight: Flight) -> None:
        """Write down what became of a trial whose process is gone, or begin it again where that says nothing."""
        found = flight.outcome()
        if found == "lost" and flight.again():
            return
        if found == "lost":
            error = f"lost {LIVES} times ({flight.handle.reason() or 'for no known reason'}) with nothing gained"
            store.write_json(flight.folder / store.FAILURE, {"error": error, "traceback": tail(flight.folder)})
        self._flights.remove(flight)
        for trial in (flight.trial, *flight.twins):
            trial.state = "failed" if found == "lost" else found
            value = None
            if found == "done":
                trial.result = result_of(flight.folder)
                value, kept = score(trial.result), dict(trial.result)
            else:
                kept = failure_of(flight.folder) if trial.state == "failed" else {}
                trial.error = str(kept.get("error", ""))
            self._ledger.finish(trial.number, trial.state, value, {**kept, "run": trial.run})
            self._standing.ended += 1


def named(variant: Variant, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """A place on the axes as parameters of a study, in which a name has one distribution: variants have their own."""
    return {f"{variant.name}: {name}" if variant.name else name: value for name, value in chosen.items()}


def place_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round."""
    return {name.rpartition(": ")[2]: value for name, value in params.items()}


def space_of(variant: Variant) -> dict[str, Any]:
    """The distribution of each parameter."""
    return named(variant, {name: axis.distribution() for name, axis in variant.over.items()})


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


def trial_of(entry: Entry) -> Trial:
    """A trial as the study has it."""
    attrs, result = entry.attrs, dict(entry.attrs.get("result") or {})
    run = str(result.pop("run", ""))
    return Trial(
        number=entry.number,
        variant=attrs["variant"],
        chosen=place_of(entry.params),
        seed=attrs["seed"],
        run=run,
        budget=attrs["budget"],
        state=entry.state,
        result=result if entry.state == "done" else None,
        error=str(result.get("error", "")),
    )
