"""One run from its settings to its result: `train`."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch

import pushpop
from pushpop.errors import ConfigError, RunError, TrainingFailed
from pushpop.experiments import store
from pushpop.experiments.answering import TrainedWords
from pushpop.experiments.feeding import Feed, feed_of
from pushpop.experiments.graphed import TrainedGraphs
from pushpop.experiments.judging import RunJudge, judge_of
from pushpop.experiments.loading import load
from pushpop.experiments.one_graph import TrainedOneGraph
from pushpop.experiments.presets import choose
from pushpop.experiments.settings import Settings, merge
from pushpop.experiments.store import Status
from pushpop.experiments.trained import build_model, on_device
from pushpop.experiments.written import TrainedText
from pushpop.kernels.threads import taking
from pushpop.models.contract import SequenceModel
from pushpop.models.language import LanguageModel
from pushpop.tasks.text import Text
from pushpop.training import checkpoint, loop
from pushpop.training.ahead import Ahead
from pushpop.training.durable import Log, rewind
from pushpop.training.observers import Checkpoints, Evaluation, Interruption, Recorder
from pushpop.training.optimisers import build_optimiser
from pushpop.training.parallel import Team, joined
from pushpop.training.progress import ProgressBar
from pushpop.training.schedule import Plan
from pushpop.training.tensorboard import TensorBoard

__all__ = ["load", "train", "train_settings"]

Watched = Callable[[Feed, Team], AbstractContextManager[list[loop.Observer]]]


def train(
    task: str | Mapping[str, object] | None = None,
    model: str | Mapping[str, object] | None = None,
    *,
    seed: int | None = None,
    training: Mapping[str, object] | None = None,
    run: Path | str | None = None,
    resume: bool = False,
    preset: str | None = None,
    config: Path | str | None = None,
    quiet: bool = False,
) -> TrainedWords | TrainedGraphs | TrainedOneGraph | TrainedText:
    """Train a model on a task; by default `stack-lstm` on `reverse`, seed 0. A finished run is not trained again.

    A part is its kind, or its settings: `model={"kind": "stack-lstm", "hidden": 32}`, `training={"words": 5_000}`.
    What is given here goes before the TOML file `config`, that before the `preset`. `run` is the folder, by default
    `runs/<task>/<model>-<hash>-s<seed>`; `resume` goes on with an unfinished one, under the settings it was begun with,
    and with one that ended for want of budget if `training` now gives more of it.

    Raises:
        ConfigError: a setting is unknown or cannot be.
        RunError: the folder holds another run, an unfinished one or one of a smaller budget, is damaged, or another
            process is training it.
        TrainingFailed: the loss is no longer a number.
    """
    parts = {"task": task, "model": model, "training": training, "seed": seed}
    given = {name: value for name, value in parts.items() if value is not None}
    folder = None if run is None else Path(run)
    if resume and folder and store.status(folder) is not Status.ABSENT and not (preset or config):
        settings = Settings.from_dict(merge(store.read_config(folder).settings.to_dict(), given))
    else:
        settings = choose(given, preset, None if config is None else Path(config))
    return train_settings(settings, folder, resume=resume, quiet=quiet)


def train_settings(
    settings: Settings, run: Path | None = None, *, resume: bool = False, quiet: bool = False
) -> TrainedWords | TrainedGraphs | TrainedOneGraph | TrainedText:
    """`train`, with settings already put together. Each of the processes that `torchrun` started has the result."""
    path = store.folder_of(settings) if run is None else run
    with joined(settings.training.batch) as team:
        if team.leads:
            lead(settings, path, team, resume, quiet)
        else:
            follow(settings, team)
    return load(path, settings.training.device)


def lead(settings: Settings, path: Path, team: Team, resume: bool, quiet: bool) -> None:
    """Train in the folder, if anything is left to do there, with the others of the team."""
    task = settings.task.build()
    judge = judge_of(task, settings.training.evaluate_words)
    config = store.Config(settings=settings, version=pushpop.__version__, commit=store.commit(), words=judge.hashes())
    if store.status(path) is Status.FINISHED:
        store.demand_same(path, store.read_config(path), config)
        more = store.wants_more(path, settings.training)
        if more and not resume:
            raise RunError(f"{path}: its budget was used up; go on to the larger one with --resume (resume=True)")
        if resume:
            checkpoint.mend_weights(path)
        if not more:
            return
    # Before the folder is made: what is refused here, such as a device that is not there, leaves nothing behind.
    model = placed(settings, team)
    if isinstance(task, Text):
        task.reading(settings.training.batch, settings.seed)
    with store.locked(path), threads(settings.training.threads, model.fused()):
        now = store.status(path)  # once more: another process may just have begun or ended it
        if now is Status.ABSENT:
            if isinstance(task, Text):
                store.write_json(path / store.VOCABULARY, task.vocabulary.to_dict())
            store.write_json(path / store.CONFIG, config.to_dict())
        else:
            store.demand_same(path, store.read_config(path), config)
        if now is Status.UNFINISHED and not resume:
            raise RunError(f"{path}: holds an unfinished run; go on with --resume (resume=True), or give another --run")
        if now is not Status.FINISHED or store.wants_more(path, settings.training):
            work(config, path, judge, model, team, quiet)


def follow(settings: Settings, team: Team) -> None:
    """Train with the first process, which has the folder, as long as it does."""
    model = placed(settings, team)
    run = fresh(settings, model)
    with threads(settings.training.threads, model.fused()):
        if team.begin(run):
            go_on(run, settings, team, heeding)


def placed(settings: Settings, team: Team) -> SequenceModel[Any]:
    """The untrained model, where this process computes.

    Raises:
        ConfigError: it has several starts, and several processes.
    """
    if settings.training.starts > 1 and team.size > 1:
        rule = f"{settings.training.starts}: of {team.size} processes only one would change its weights"
        raise ConfigError(f"training.starts: {rule}; give 1, or start one process")
    return build_model(settings).to(team.device(on_device(settings.training.device, settings.model)))


@contextmanager
def threads(wanted: int, fused: bool) -> Iterator[None]:
    """In here a model is trained by so many threads (0: as many as torch has); after it all is as before.

    Where compiled kernels take them, torch keeps one: what is left to it is too small to gain from a second, and beside
    a busy process its threads, which wait for each other at every operation, made a step of 4 ms one of 100.
    """
    before = torch.get_num_threads()
    wanted = wanted or before
    torch.set_num_threads(1 if fused else wanted)
    try:
        with taking(wanted) if fused else nullcontext():
            yield
    finally:
        torch.set_num_threads(before)


def work(config: store.Config, path: Path, judge: RunJudge, model: SequenceModel[Any], team: Team, quiet: bool) -> None:
    """Train in a folder that is ours, from where it stands to `metrics.json`."""
    settings, plan = config.settings, Plan(config.settings.training)
    run = fresh(settings, model)
    go_back(run, path, plan)
    if run.over and store.status(path) is Status.FINISHED:
        return
    store.open_again(path, config)
    rewind(path / store.EVENTS, run.step)
    title = f"{settings.model.kind} on {settings.task.kind}, seed {settings.seed}"
    team.begin(run)
    try:
        added = go_on(run, settings, team, partial(watching, path, judge, plan, "" if quiet else title))
    except TrainingFailed as error:
        way_out = "train anew with a lower training.rate or training.clip, or with another seed"
        raise TrainingFailed(f"{path}: {error}; {kept(run, path)}; {way_out}") from None
    assert run.kept is not None, "a run is evaluated when it is over"
    model.load_state_dict(run.kept.weights)
    model.eval()  # a run that was over when it was gone on with has not been evaluated in this sitting
    found = judge.final(model)
    chosen = {"task": settings.task.kind, "model": settings.model.kind, "seed": settings.seed}
    ended = "patience" if plan.patient(run.right) else "budget"
    used: dict[str, Any] = {"steps": run.step, "words": run.words, "seconds": round(run.seconds, 3), "ended": ended}
    if run.starts:
        used["starts"] = [cost if math.isfinite(cost) else None for cost in run.starts]
    size = {"parameters": model.count(), "kept_step": run.kept.step}
    order = {**chosen, "solved": found.pop("solved"), **used, **size}
    store.write_json(path / store.METRICS, {**order, **added, **found})


def fresh(settings: Settings, model: Any) -> loop.Run:
    """A run that has not made a step yet.

    Raises:
        ConfigError: its optimiser is for matrices, and the model says of none.
    """
    spared = model.interface.actions() if settings.training.decay_spares == "actions" else ()
    muon = settings.training.optimiser == "muon"
    matrices = model.matrices() if muon else ()
    if muon and not matrices:
        rule = f"{settings.model.kind} says of no weights that they are matrices"
        raise ConfigError(f"training.optimiser: muon: {rule}; give adamw, or let its `matrices` say so")
    return loop.Run(model, build_optimiser(settings.training, model.parameters(), spared, matrices))


def go_back(run: loop.Run, path: Path, plan: Plan) -> None:
    """Bring a fresh run to where its folder stands; whether it is over there is for `plan`, its budget may be new.

    Raises:
        RunError: it would have been over before, or nothing is left of it but its result.
    """
    begun = checkpoint.restore(run, path)
    if not begun and store.status(path) is Status.FINISHED:
        raise RunError(f"{path}: cannot go on without its {checkpoint.STATE}; restore it, or give another --run")
    used, stored = (run.step, run.words, run.seconds), Plan(store.read_config(path).settings.training)
    run.over = plan.patient(run.right) or plan.spent(*used)
    if run.over and not (plan.patient(run.right) or stored.spent(*used)):
        had = f"{run.step} steps, {run.words} words and {run.seconds:.0f} seconds"
        raise RunError(f"{path}: has had {had}, all of the budget given or more; give a larger one, or another --run")


def kept(run: loop.Run, path: Path) -> str:
    """What a failed run leaves behind, in words."""
    if not checkpoint.restore(run, path):
        return "no checkpoint had been made yet"
    asks = "generate" if isinstance(run.model, LanguageModel) else "predict"
    return f"its checkpoint of step {run.step} is kept, and `pushpop {asks} {path}` uses it"


def go_on(run: loop.Run, settings: Settings, team: Team, watched: Watched) -> dict[str, Any]:
    """The loop among its observers, until the run is over: each process of the team with its part of every batch.

    Gives what the task has to add to the result.
    """
    plan, device = Plan(settings.training), next(run.model.parameters()).device
    feed = feed_of(settings, team, device, run)
    cost = team.cost(run.model, feed.loss)
    cost(run.model, feed.make(0, 1.0)).backward()  # thrown away: what is compiled or loaded at first takes no time
    with watched(feed, team) as observers, Ahead(feed.make) as batches:
        loop.train(run, batches, cost, plan, observers)
    return feed.found(run)


@contextmanager
def watching(
    path: Path, judge: RunJudge, plan: Plan, title: str, feed: Feed, team: Team
) -> Iterator[list[loop.Observer]]:
    """The observers of the process that has the folder, in the order in which they see a step."""
    with ExitStack() as stack:
        log = Log(path / store.EVENTS)
        stack.callback(log.close)
        board = stack.enter_context(TensorBoard(path, path / store.EVENTS))
        checkpoints = Checkpoints(path, log, plan)
        observers: list[loop.Observer] = [*feed.observers(), Evaluation(judge, plan), Recorder(log, plan, board)]
        observers += feed.starts()
        observers += [stack.enter_context(diary) for diary in feed.diaries(path, plan)]
        observers.append(checkpoints)
        observers.append(stack.enter_context(Interruption(checkpoints.save, team.agree)))
        if title:
            observers.append(stack.enter_context(ProgressBar(title, plan, feed.counted)))
        yield observers


@contextmanager
def heeding(_feed: Feed, team: Team) -> Iterator[list[loop.Observer]]:
    """The one observer of every other process: it does what the first has decided."""
    with Interruption(lambda _: None, team.agree) as interruption:
        yield [interruption]
