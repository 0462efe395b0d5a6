"""A run folder: its name, its lock, what stands in it, and every way in which it can be the wrong one.

The folder is the truth. `config.json` comes first and says what the run is; `metrics.json` comes last and says that it
has ended; what is between is `pushpop.training`'s.
"""

import fcntl
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pushpop
from pushpop.errors import ConfigError, RunError
from pushpop.experiments import packaged
from pushpop.experiments.settings import Settings
from pushpop.models.catalogue import kind_of
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.vocabulary import Vocabulary
from pushpop.training.durable import events, sync_folder, write_whole
from pushpop.training.schedule import Plan
from pushpop.training.settings import TrainingSettings

CONFIG, METRICS, EVENTS, LOCK = "config.json", "metrics.json", "events.jsonl", ".lock"
VOCABULARY, SAMPLES = "vocabulary.json", "samples.jsonl"  # of runs on text
# What a sweep leaves in the folders of its trials.
TRIAL, FAILURE, PRUNED, OUTPUT, JOBS = "trial.json", "failure.json", "pruned.json", "output.txt", "slurm"
SWEEP_S = (TRIAL, FAILURE, PRUNED)
# What a kill or a sweep may leave in a folder before it has become a run.
OURS = {LOCK, OUTPUT, JOBS, VOCABULARY, *SWEEP_S, *(f".{name}.unfinished" for name in (CONFIG, VOCABULARY, *SWEEP_S))}
EARLIER = {"margin": 0.0, "noise": 0.0}  # settings of models that came later: what runs written before did
RESULT = {"solved": bool | None, "steps": int, "words": int, "seconds": float, "validation": dict, "test": dict}
Status = Enum("Status", ["ABSENT", "UNFINISHED", "FINISHED"])


class Held(RunError):
    """Another process holds the folder."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What `config.json` holds: the settings, and what they were made with."""

    settings: Settings
    version: str
    commit: str | None
    words: Mapping[str, str]
    """The hash of each fixed set of words, such as "validation"."""

    def to_dict(self) -> dict[str, Any]:
        made = {"version": self.version, "commit": self.commit, "word_sets": dict(self.words)}
        return {**self.settings.to_dict(), "hash": self.settings.hash(), **made}


def folder_of(settings: Settings, root: Path = Path("runs")) -> Path:
    """Where a run lives unless the user says otherwise: its name follows from its settings alone."""
    return root / settings.task.kind / f"{settings.model.kind}-{settings.hash()}-s{settings.seed}"


def status(path: Path) -> Status:
    """Read off the files.

    Raises:
        RunError: the path is taken by something that is not a run.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path}: a file, where a run needs a folder; give another --run")
    if (path / CONFIG).exists():
        return Status.FINISHED if (path / METRICS).exists() else Status.UNFINISHED
    strange = sorted({entry.name for entry in path.iterdir()} - OURS) if path.is_dir() else []
    if strange:
        raise RunError(f"{path}: holds {strange[0]} but no {CONFIG}, so it is no run; give an empty or a new --run")
    return Status.ABSENT


def read_config(path: Path) -> Config:
    """What a run folder says it is.

    Raises:
        RunError: it is missing or damaged, or of a task that is not known here.
    """
    if not (path / CONFIG).exists():
        what = "no run, it holds no config.json" if path.is_dir() else "no such run folder"
        raise RunError(f"{path}: {what}; give a folder that `pushpop train` made")
    stored = read_json(path / CONFIG)
    try:
        given = {part: stored[part] for part in ("task", "model", "training", "seed")}
        demand_task(path, given["task"]["kind"])
        training = {**TrainingSettings.later, **given["training"]}
        model = {**earlier(given), **given["model"]}
        settings = Settings.from_dict({**given, "model": model, "training": training})
        words = {str(name): str(digest) for name, digest in stored["word_sets"].items()}
        return Config(settings=settings, version=str(stored["version"]), commit=stored["commit"], words=words)
    except (LookupError, AttributeError) as error:
        raise RunError(f"{path / CONFIG}: damaged, {error} is missing or wrong; restore it or train anew") from None
    except ConfigError as error:
        raise RunError(f"{path / CONFIG}: written by another version or damaged: {error}") from None


def demand_task(path: Path, kind: object) -> None:
    """RunError for a run on a task that the catalogue does not have: one of somebody's own, or of another version."""
    if isinstance(kind, str) and kind not in TASKS:
        rule = "the catalogue here has none of that name; put it into pushpop.tasks.catalogue.TASKS first"
        raise RunError(f"{path}: a run on the task {kind!r}, and {rule}, or use the version that trained it")


def earlier(given: Mapping[str, Any]) -> dict[str, float]:
    """What a model's settings were, where they have come since a run was written; ConfigError for no such model."""
    kind = kind_of(given["model"]["kind"], TASKS[given["task"]["kind"]].settings.answers)
    before = {**EARLIER, **getattr(kind.settings, "later", {})}
    return {field.name: before[field.name] for field in fields(kind.settings) if field.name in before}


def read_metrics(path: Path) -> dict[str, Any] | None:
    """The stored result of a finished run, or nothing. Raises RunError if it is damaged."""
    if not (path / METRICS).exists():
        return None
    found = read_json(path / METRICS)
    for name, wanted in RESULT.items():
        if not is_a(found.get(name), wanted):
            what = f"{found[name]!r} is no {name}" if name in found else f"{name} is missing"
            raise RunError(f"{path / METRICS}: damaged, {what}; restore it or train anew in another --run")
    return found


def is_a(value: object, wanted: Any) -> bool:
    """Whether a stored value is what it should be: a whole number serves as any number, scores are numbers by name."""
    if wanted is dict:
        return isinstance(value, dict) and all(is_a(score, float) for score in value.values())
    if wanted == bool | None:
        return value is None or isinstance(value, bool)
    return type(value) is wanted or (wanted is float and type(value) is int)


def read_vocabulary(path: Path) -> Vocabulary:
    """The characters that a run on text knows. Raises RunError if the file is missing or damaged."""
    try:
        return Vocabulary.from_dict(read_json(path / VOCABULARY), str(path / VOCABULARY))
    except ConfigError as error:
        raise RunError(f"{error}; restore it or train anew") from None


def read_samples(path: Path) -> list[dict[str, Any]]:
    """What the model of a run on text has written as it learned, in order; a line that is damaged is left out."""
    return [*events(path / SAMPLES, are_samples)]


def are_samples(row: object) -> bool:
    """Whether this is a line of `samples.jsonl`: where it stands, and texts."""
    if not isinstance(row, dict) or not all(is_a(row.get(name), int) for name in ("step", "words", "part", "of")):
        return False
    texts, measures = row.get("samples"), row.get("qualities")
    listed = isinstance(texts, list) and isinstance(measures, list)
    return (
        listed
        and is_a(row.get("temperature"), float)
        and is_a(row.get("seconds"), float)
        and all(
            isinstance(one, dict) and isinstance(one.get("text"), str) and isinstance(one.get("prefix"), str)
            for one in texts
        )
    )


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file whole."""
    write_whole(path, json.dumps(content, indent=2).encode() + b"\n")


def read_json(path: Path, way_out: str = "restore it or train anew in another --run") -> dict[str, Any]:
    """A JSON object. Raises RunError if the file is not one."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise RunError(f"{path}: damaged, not JSON ({error}); {way_out}") from None
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); mend that or give another folder") from None
    if not isinstance(found, dict):
        raise RunError(f"{path}: damaged, not a JSON object; {way_out}")
    return found


def demand_same(path: Path, stored: Config, wanted: Config) -> None:
    """Refuse to go on with a folder that holds another run.

    Raises:
        RunError: names the settings that differ, or the set of words that is no longer the same.
    """
    there, here = dict(stored.settings.counted()), dict(wanted.settings.counted())
    differ = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    if differ:
        there, here = stored.settings.flat(), wanted.settings.flat()
        said = ", ".join(f"{name} is {there.get(name)!r} there and {here.get(name)!r} here" for name in differ[:3])
        more = f" and {len(differ) - 3} more" if len(differ) > 3 else ""
        raise RunError(f"{path}: holds another run: {said}{more}; give the same settings, or another --run")
    for name, digest in stored.words.items():
        if wanted.words.get(name) != digest:
            if stored.settings.task.settings.answers == "text":
                raise RunError(f"{path}: its corpus has changed; restore it, or train anew in another --run")
            raise RunError(f"{path}: its {name} words were others (pushpop {stored.version}); train anew elsewhere")


def wants_more(path: Path, wanted: TrainingSettings) -> bool:
    """Whether the finished run in a folder ended for want of budget, and would not have ended there with this one."""
    stored, found = read_config(path).settings.training, read_metrics(path)
    if found is None or found.get("ended") == "patience":
        return False
    used = found["steps"], found["words"], found["seconds"] + 1e-3  # it is rounded
    return Plan(stored).spent(*used) and not Plan(wanted).spent(*used)


def complete(path: Path, settings: Settings) -> bool:
    """Whether the folder holds the result of this run, with all of its budget used or no more of it needed."""
    return status(path) is Status.FINISHED and not wants_more(path, settings.training)


def open_again(path: Path, wanted: Config) -> None:
    """Make a run folder one that is being trained, under the budget wanted, whatever stood in it.

    The result goes first: a kill after it leaves the run as it was just before its result was written.
    """
    if (path / METRICS).exists():
        (path / METRICS).unlink()
        sync_folder(path)
    stored, budgets = read_config(path), wanted.settings.training.budgets()
    if stored.settings.training.budgets() != budgets:
        training = replace(stored.settings.training, **budgets)  # type: ignore[arg-type]
        write_json(path / CONFIG, replace(stored, settings=replace(stored.settings, training=training)).to_dict())


@contextmanager
def locked(path: Path, doing: str = "training it", option: str = "run") -> Iterator[None]:
    """Hold a run folder, made if need be, against every other process; the lock dies with this one.

    Raises:
        Held: another process holds it.
        RunError: it cannot be made, or is one of the package's own.
    """
    packaged.demand_elsewhere(path, option)
    try:
        path.mkdir(parents=True, exist_ok=True)
        file = (path / LOCK).open("ab")
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror}); give another --{option}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(f"{path}: another process is {doing}; wait for that one, or give another --{option}") from None
        yield


def held(path: Path) -> bool:
    """Whether a process holds the folder at this moment."""
    try:
        with (path / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def commit() -> str | None:
    """The commit this package runs from, with "-dirty" if files differ from it; None if it is not a clone."""
    root = Path(pushpop.__file__).parent.parent
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip() or None
    except (OSError, subprocess.SubprocessError):
        return None
