"""The Optuna study behind a sweep: which trials there are, what was asked of them, what came of them.

One scheduler owns it, so there is no queue in it and no heartbeat: a trial found running when a ledger is opened was
that scheduler's in an earlier life, and goes on under its number. What a call writes is durable when it returns.
"""

import math
from collections.abc import Mapping, Set
from typing import Any, Literal, NamedTuple

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from pushpop.errors import StorageError
from pushpop.experiments.halving import build_pruner
from pushpop.experiments.pruning import Pruning
from pushpop.experiments.storage import Kept, build_storage, shown, told

State = Literal["running", "done", "pruned", "failed"]
Search = Literal["grid", "random", "tpe"]
STATES: dict[TrialState, State] = {
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}
ENDS = {state: end for end, state in STATES.items() if state != "running"}
PARAMS = "params"  # the attribute for those that have no distribution


class Entry(NamedTuple):
    """One trial; `value` is what the sampler was told, lower is better."""

    number: int
    state: State
    params: dict[str, Any]
    attrs: dict[str, Any]
    value: float | None


class Ledger:
    """The trials of one study. `open` makes it."""

    def __init__(self, url: str, kept: Kept, name: str, search: Search, pruning: Pruning | None) -> None:
        self.url = url
        self._kept = kept
        self._storage = kept.storage
        self._study = study_of(kept.storage, name)
        self._id = kept.storage.get_study_id_from_name(name)
        self._search = search
        self._pruner = None if pruning is None else build_pruner(pruning)

    @staticmethod
    def open(
        storage: str,
        name: str,
        search: Search = "grid",
        pruning: Pruning | None = None,
        home: str | None = None,
        needs: Set[str] = frozenset(),
    ) -> "Ledger":
        """The study of this name in the storage at this URL; made if it is not there yet.

        `home` is the folder of the sweep where the storage is not in it: other sweeps may reach it, too. `needs` are
        the attributes that all its trials have.

        Raises:
            StorageError: the URL is none, what it names cannot be opened, or the study is that of a sweep elsewhere, or
                none of a sweep. Then nothing was written in it.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # it announces each study on the terminal
        kept = build_storage(storage)
        try:
            with told(storage):
                ledger = Ledger(storage, kept, name, search, pruning)
                demand_ours(ledger._study, storage, needs)
                if home is not None:
                    ledger.settle(home)
                return ledger
        except BaseException:
            kept.close()
            raise

    def settle(self, home: str) -> None:
        """The study is that of the sweep in this folder, for ever. Raises StorageError if it is that of another."""
        there = self._study.user_attrs.get("home")
        if there is None:
            self._study.set_user_attr("home", home)
        elif there != home:
            raise StorageError(
                f"storage {shown(self.url)}: its study {self._study.study_name!r} is that of the sweep in {there}; "
                "go on in that folder, or give the sweep another name or storage"
            )

    def entries(self) -> list[Entry]:
        """All trials, by number."""
        with told(self.url):
            return entries_of(self._study)

    def begin(
        self, params: Mapping[str, Any], attrs: Mapping[str, Any], space: Mapping[str, BaseDistribution] | None = None
    ) -> int:
        """A running trial under a new number.

        Those of its `params` that the `space` names are parameters of the study: the sampler and tools such as
        optuna-dashboard see them. A name has one distribution throughout a study.
        """
        named = {name: distribution for name, distribution in (space or {}).items() if name in params}
        rest = {name: value for name, value in params.items() if name not in named}
        trial = create_trial(
            state=TrialState.RUNNING,
            params={name: params[name] for name in named},
            distributions=named,
            user_attrs={**attrs, PARAMS: rest} if rest else dict(attrs),
        )
        with told(self.url):
            return self._storage.get_trial_number_from_id(self._storage.create_new_trial(self._id, trial))

    def suggest(
        self, space: Mapping[str, BaseDistribution], attrs: Mapping[str, Any], seed: int
    ) -> tuple[int, dict[str, Any]]:
        """A running trial under a new number, with parameters that the sampler chose.

        The choice is a function of the seed, and with "tpe" of the trials there are.
        """
        sampler = TPESampler(seed=seed, constant_liar=True) if self._search == "tpe" else RandomSampler(seed)
        with told(self.url):
            params = draw(self._study, sampler, space)
        return self.begin(params, attrs, space), params

    def report(self, number: int, value: float, percent: int) -> bool:
        """A loss at this percent (1 to 100) of the trial's budget; true if the trial is doomed. Twenty a trial will do.

        To say the same again, as after a restart, changes nothing. Without pruning nothing is written.
        """
        if self._pruner is None:
            return False
        loss = float("inf") if math.isnan(value) else value
        with told(self.url):
            at = self._at(number)
            if self._storage.get_trial(at).intermediate_values.get(percent) != loss:
                self._storage.set_trial_intermediate_value(at, percent, loss)
            return self._pruner.prune(self._study, self._storage.get_trial(at))

    def finish(
        self, number: int, state: Literal["done", "pruned", "failed"], value: float | None, result: dict[str, Any]
    ) -> None:
        """What came of a running trial: the `result` first, as an attribute of that name, then its state."""
        assert value is None or not math.isnan(value), "a database would hold it and never load again"
        with told(self.url):
            at = self._at(number)
            self._storage.set_trial_user_attr(at, "result", result)
            self._storage.set_trial_state_values(at, ENDS[state], None if value is None else [value])

    def close(self) -> None:
        """Let go of the storage; the ledger is of no use any more."""
        self._kept.close()

    def _at(self, number: int) -> int:
        """Where the storage keeps a trial."""
        return self._storage.get_trial_id_from_study_id_trial_number(self._id, number)


def study_of(storage: BaseStorage, name: str) -> Study:
    """The study of this name, made if need be: to open one that is there writes nothing."""
    try:
        return optuna.load_study(study_name=name, storage=storage)
    except KeyError:
        return optuna.create_study(study_name=name, storage=storage)


def draw(study: Study, sampler: BaseSampler, space: Mapping[str, BaseDistribution]) -> dict[str, Any]:
    """Values for this space, before there is a trial to put them in.

    `Study.ask` makes the trial first and writes each value by itself: a kill in between would leave half a trial.
    The one place for what is private in Optuna: TPE's public `sample_relative` does the same, then writes to the trial.
    """
    study = study_of(study._storage, study.study_name)  # samplers read a copy of the trials, which only `ask` renews
    draft = create_trial(state=TrialState.RUNNING)
    names = sorted(space, key=lambda name: (space[name].single(), name))  # whatever their order in a file
    several = {name: space[name] for name in names if not space[name].single()}
    joint = sampler._sample_relative(study, draft, several) if isinstance(sampler, TPESampler) else {}
    return {
        name: joint[name] if name in joint else sampler.sample_independent(study, draft, name, space[name])
        for name in names
    }


def demand_ours(study: Study, url: str, needs: Set[str]) -> None:
    """A study of the same name may be another program's. Raises StorageError."""
    strange = [t.number for t in study.get_trials(deepcopy=False) if t.state in STATES and not needs <= {*t.user_attrs}]
    if study.directions == [StudyDirection.MINIMIZE] and not strange:
        return
    what = f"its trial {strange[0]} is no sweep's" if strange else "it is not to be minimised"
    raise StorageError(
        f"storage {shown(url)}: its study {study.study_name!r} is none of pushpop's, {what}; "
        "give the sweep another name or storage"
    )


def look(storage: str, name: str, needs: Set[str] = frozenset()) -> list[Entry]:
    """The trials of the study of this name, whoever owns it at the moment; nothing is written.

    Raises:
        StorageError: the URL is none, what it names cannot be read, or the study is none of a sweep.
    """
    kept = build_storage(storage, owned=False)
    try:
        with told(storage):
            study = optuna.load_study(study_name=name, storage=kept.storage)
            demand_ours(study, storage, needs)
            return entries_of(study)
    except KeyError:
        return []
    finally:
        kept.close()


def entries_of(study: Study) -> list[Entry]:
    """Its trials, by number; what others have queued in it is none of ours."""
    return [entry(trial) for trial in study.get_trials(deepcopy=False) if trial.state in STATES]


def entry(trial: FrozenTrial) -> Entry:
    """A trial as the scheduler sees it: its parameters together, wherever they are kept."""
    attrs = dict(trial.user_attrs)
    params = {**trial.params, **attrs.pop(PARAMS, {})}
    return Entry(trial.number, STATES[trial.state], params, attrs, trial.value)
