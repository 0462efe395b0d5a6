"""One run from its settings to its result: `train`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

import pushpop
from pushpop.errors import RunError, TrainingFailed
from pushpop.experiments import store
from pushpop.experiments.convergence import Convergence, steps
from pushpop.experiments.judging import RunJudge, judge_of
from pushpop.experiments.presets import choose
from pushpop.experiments.settings import Settings, merge
from pushpop.experiments.store import Status
from pushpop.experiments.trained import Trained, build_model, load, on_device
from pushpop.kernels.threads import taking
from pushpop.models.contract import SequenceModel
from pushpop.tasks.classification import Classification
from pushpop.tasks.encoding import Batch, some
from pushpop.tasks.words import training_batch
from pushpop.training import checkpoint, loop
from pushpop.training.ahead import Ahead
from pushpop.training.durable import Log, rewind
from pushpop.training.observers import Checkpoints, Evaluation, Interruption, Recorder
from pushpop.training.optimisers import build_optimiser
from pushpop.training.parallel import Team, joined
from pushpop.training.progress import ProgressBar
from pushpop.training.schedule import Plan
from pushpop.training.tensorboard import TensorBoard

__all__ = ["Trained", "load", "train", "train_settings"]

Watched = Callable[[Convergence | None, Team], AbstractContextManager[list[loop.Observer]]]


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
) -> Trained:
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
) -> Trained:
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
    judge = judge_of(settings.task.build(), settings.training.evaluate_words)
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
    with store.locked(path), threads(settings.training.threads, model.fused()):
        now = store.status(path)  # once more: another process may just have begun or ended it
        if now is Status.ABSENT:
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
    run = loop.Run(model, build_optimiser(settings.training, model.parameters()))
    with threads(settings.training.threads, model.fused()):
        if team.begin(run):
            go_on(run, settings, team, heeding)


def placed(settings: Settings, team: Team) -> SequenceModel[Any]:
    """The untrained model, where this process computes."""
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
    run = loop.Run(model, build_optimiser(settings.training, model.parameters()))
    go_back(run, path, plan)
    if run.over and store.status(path) is Status.FINISHED:
        return
    store.open_again(path, config)
    rewind(path / store.EVENTS, run.step)
    title = f"{settings.model.kind} on {settings.task.kind}, seed {settings.seed}"
    team.begin(run)
    try:
        go_on(run, settings, team, partial(watching, path, judge, plan, "" if quiet else title))
    except TrainingFailed as error:
        way_out = "train anew with a lower training.rate or training.clip, or with another seed"
        raise TrainingFailed(f"{path}: {error}; {kept(run, path)}; {way_out}") from None
    assert run.kept is not None, "a run is evaluated when it is over"
    model.load_state_dict(run.kept.weights)
    found = judge.final(model)
    chosen = {"task": settings.task.kind, "model": settings.model.kind, "seed": settings.seed}
    ended = "patience" if plan.patient(run.right) else "budget"
    used = {"steps": run.step, "words": run.words, "seconds": round(run.seconds, 3), "ended": ended}
    size = {"parameters": model.count(), "kept_step": run.kept.step}
    order = {**chosen, "solved": found.pop("solved"), **used, **size}
    converged = {"converged": steps(run)} if run.converged else {}
    store.write_json(path / store.METRICS, {**order, **converged, **found})


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
    return f"its checkpoint of step {run.step} is kept, and `pushpop predict {path}` uses it"


def go_on(run: loop.Run, settings: Settings, team: Team, watched: Watched) -> None:
    """The loop among its observers, until the run is over: each process of the team with its part of every batch."""
    task, plan, device = settings.task.build(), Plan(settings.training), next(run.model.parameters()).device

    def make(step: int, reach: float) -> tuple[tuple[Tensor, Tensor, Tensor, Tensor], float]:
        shortest, longest = task.lengths
        lengths = shortest, shortest + round(reach * (longest - shortest))
        whole = training_batch(task, settings.seed, step, settings.training.batch, lengths)
        part = some(whole, *team.span(len(whole.lengths)))
        return tensors(part, device), len(part.targets) / len(whole.targets)

    rules = Convergence(task, settings.seed, team) if isinstance(task, Classification) else None
    cost = team.cost(run.model, rules.loss if rules else loss)
    cost(run.model, make(0, 1.0)).backward()  # thrown away: what is compiled or loaded at first is no training time
    with watched(rules, team) as observers, Ahead(make) as batches:
        loop.train(run, batches, cost, plan, observers)


@contextmanager
def watching(
    path: Path, judge: RunJudge, plan: Plan, title: str, rules: Convergence | None, team: Team
) -> Iterator[list[loop.Observer]]:
    """The observers of the process that has the folder, in the order in which they see a step."""
    with ExitStack() as stack:
        log = Log(path / store.EVENTS)
        stack.callback(log.close)
        board = stack.enter_context(TensorBoard(path, path / store.EVENTS))
        checkpoints = Checkpoints(path, log, plan)
        observers: list[loop.Observer] = [rules] if rules else []
        observers += [Evaluation(judge, plan), Recorder(log, plan, board), checkpoints]
        observers.append(stack.enter_context(Interruption(checkpoints.save, team.agree)))
        if title:
            observers.append(stack.enter_context(ProgressBar(title, plan)))
        yield observers


@contextmanager
def heeding(_rules: Convergence | None, team: Team) -> Iterator[list[loop.Observer]]:
    """The one observer of every other process: it does what the first has decided."""
    with Interruption(lambda _: None, team.agree) as interruption:
        yield [interruption]


def tensors(batch: Batch, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Symbols [B, T], lengths [B], positions [M] and targets [M] of a batch, on the device."""
    arrays = batch.symbols, batch.lengths, batch.positions, batch.targets
    symbols, lengths, positions, targets = (torch.from_numpy(array).to(device) for array in arrays)
    return symbols, lengths, positions, targets


def loss(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """The model's own: mean cross entropy (nats) at the wanted positions, teacher-forced."""
    return cast("SequenceModel[Any]", model).loss(*batch)
