"""One scheduler owns a sweep: it begins trials, sees them end, writes down what came of them, and survives its own end.

The run folders are the truth: what the study does not know yet of a trial that was running is read from its folder.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.experiments.entries import attrs_of, larger, named, open_budget, place_of, space_of, trial_of
from pushpop.experiments.flight import LIVES, Flight, Over, failure_of, prepare, result_of, tail, wait
from pushpop.experiments.launchers import Job, Launcher, choose
from pushpop.experiments.ledger import Ledger, look
from pushpop.experiments.score import score
from pushpop.experiments.settings import Settings
from pushpop.experiments.standing import Standing, Trial, identity
from pushpop.experiments.stopping import asked_to_stop
from pushpop.experiments.sweep import Sweep, Variant
from pushpop.experiments.sweep_folder import JOURNAL, RUNS, claim
from pushpop.experiments.trials import Wanted, of_grid, of_search, seed_of, spared

TICK = 1.0  # seconds between two looks at the trials under way
ATTRS = {"variant", "seed", "index", "budget"}  # what the study keeps of each trial from its beginning
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
        ledger = Ledger.open(url, sweep.name, sweep.search, sweep.pruning, home, ATTRS)
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
    for entry in look(storage or f"journal://{journal}", sweep.name, ATTRS):
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
        self._waiting: list[tuple[Trial, Settings]] = []
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
        """Trials that were running when the last scheduler ended go on under their numbers, as slots get free.

        Those that outlived it hold cores already, and are waited for. What is no longer in the sweep is left as it is.
        """
        variants = {variant.name: variant for variant in self._sweep.variants}
        for trial in self._standing.those("running"):
            variant = variants.get(trial.variant)
            if variant is None or set(trial.chosen) != set(variant.over):
                del self._standing.trials[trial.identity]
                continue
            try:
                configuration = variant.at(trial.chosen)
            except ConfigError as error:
                self._refuse(trial, error)
                continue
            settings = configuration.seeded(trial.seed, self._sweep.threads)
            if store.held(store.folder_of(settings, self._out / RUNS)):
                self._begin(trial, settings)
            else:
                self._waiting.append((trial, settings))

    def _refuse(self, trial: Trial, error: ConfigError) -> None:
        """A place on the axes that no run can have is a trial that failed."""
        trial.state, trial.error = "failed", str(error)
        self._standing.add(trial)
        self._standing.ended += 1
        self._ledger.finish(trial.number, "failed", None, {"error": trial.error, "run": ""})

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
        self._standing.left = None if self._sweep.endless else self._to_come(places)
        return self._unknown(of_search(self._sweep, places, self._suggest, self._impossible), places)

    def _to_come(self, places: Mapping[int, Mapping[str, Any]]) -> int:
        """Trials that a search has yet to begin, as far as can be told before it has suggested them."""
        found = 0
        for index in range(self._sweep.trials or 0):
            variant = self._sweep.variants[index % len(self._sweep.variants)]
            for seed in self._sweep.seeds_of(variant):
                known = index in places and identity(variant.name, places[index], seed) in self._standing.trials
                found += not known
        return found

    def _unknown(self, found: Iterator[Wanted], places: Mapping[int, Mapping[str, Any]]) -> Iterator[Wanted]:
        """Those that are missing; a place that was suggested before takes its turn without a trial."""
        for wanted in found:
            if self._is_missing(wanted):
                yield wanted
            elif self._standing.left and wanted.index not in places:
                self._standing.left -= 1

    def _impossible(
        self, variant: Variant, seed: int, number: int, chosen: Mapping[str, Any], error: ConfigError
    ) -> None:
        if self._standing.left:
            self._standing.left -= len(self._sweep.seeds_of(variant))
        self._refuse(Trial(number=number, variant=variant.name, chosen=chosen, seed=seed), error)

    def _is_missing(self, wanted: Wanted) -> bool:
        """Whether it is still to be begun. One that is done under a smaller budget is."""
        configuration = wanted.configuration
        trial = self._standing.trials.get(identity(configuration.variant, configuration.chosen, wanted.seed))
        if trial is None or wanted.number is not None:
            return True
        more = larger(open_budget(configuration), trial.budget)
        return {"done": more, "pruned": False, "failed": self._retry, "running": False}[trial.state]

    def _suggest(self, variant: Variant, index: int, seed: int) -> tuple[int, Mapping[str, Any]]:
        """Ask the search for a place on the axes; the trial of its first seed is running from then on."""
        attrs = attrs_of(variant.at({}), seed, index)
        number, found = self._ledger.suggest(space_of(variant), attrs, seed_of(self._sweep.seed, index))
        return number, place_of(found)

    def _number(self, wanted: Wanted) -> int:
        """The number of a trial that runs from now on."""
        if wanted.number is not None:
            return wanted.number
        configuration = wanted.configuration
        attrs = attrs_of(configuration, wanted.seed, wanted.index)
        if self._sweep.search == "grid":
            return self._ledger.begin(configuration.chosen, attrs)
        variant = next(each for each in self._sweep.variants if each.name == configuration.variant)
        return self._ledger.begin(named(variant, configuration.chosen), attrs, space_of(variant))

    def _fill(self, todo: Iterator[Wanted]) -> None:
        """Begin trials while there are slots free."""
        while len(self._flights) < self._launcher.slots:
            if self._waiting:
                self._begin(*self._waiting.pop(0))
                continue
            wanted = next(todo, None)
            if wanted is None:
                self._standing.left = 0
                return
            if self._standing.left:
                self._standing.left -= 1
            configuration, number = wanted.configuration, self._number(wanted)
            trial = Trial(number=number, variant=configuration.variant, chosen=configuration.chosen, seed=wanted.seed,
                          budget=open_budget(configuration))  # fmt: skip
            self._begin(trial, configuration.seeded(wanted.seed, self._sweep.threads))

    def _begin(self, trial: Trial, settings: Settings) -> None:
        """Send a trial on its way, or wait with it for one under way in the same folder."""
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
        if found == "lost" and flight.begun_again():
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
