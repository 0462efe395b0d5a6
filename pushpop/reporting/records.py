"""Run folders as a report reads them: settings and scores, with nothing of torch and nothing written."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar

from pushpop.errors import RunError
from pushpop.experiments import lengths
from pushpop.experiments.store import CONFIG, EVENTS, FAILURE, METRICS, PRUNED, SAMPLES, TRIAL, read_json, read_metrics
from pushpop.reporting.runs import SPLITS, Group, Record, flat, kind

__all__ = ["SPLITS", "Group", "Record", "apart", "flat", "grouped", "read_json", "read_run", "read_runs"]

SWEEP = "sweep.json"
SIGNS = {CONFIG, TRIAL, FAILURE}  # a folder with one of them is a run, or was to be one
SAID: dict[str, dict[str, type | UnionType]] = {  # what a sweep says of a trial, where it says it
    TRIAL: {"number": int, "sweep": str, "variant": str, "configuration": dict},
    FAILURE: {"error": str, "traceback": str, "attempts": int},
    PRUNED: {"words": int, "percent": int | float, "spared": bool},
}
PARTS = (CONFIG, METRICS, EVENTS, lengths.LENGTHS, SAMPLES, TRIAL, FAILURE, PRUNED)
NAME = re.compile(r"(?P<model>.+)-(?P<hash>[0-9a-f]{8})-s(?P<seed>[0-9]+)")
MOST_TOLD = 4  # settings that a name tells configurations apart by; if there are more, their hash does

Say = Callable[[str], object]
Cache = dict[Path, tuple[object, Record]]
T = TypeVar("T")


def read_run(path: Path, say: Say | None = None) -> Record:
    """One run folder. Raises RunError if it is missing, empty or damaged.

    With `say`, what a sweep or a later measurement left in it may be damaged: that is told, and not shown.
    """
    trial = side(path / TRIAL, say)
    failure = side(path / FAILURE, say, {})  # that it failed is known all the same
    pruned = side(path / PRUNED, say)
    if (path / CONFIG).exists():
        config = read_json(path / CONFIG)
    elif (path / TRIAL).exists() or failure is not None:
        config = from_name(path)
    else:
        what = "not a run folder, it has no config.json" if path.is_dir() else "no such run folder"
        raise RunError(f"{path}: {what}; give a folder that `pushpop train` made")
    if type(config.get("seed", 0)) is not int:
        raise RunError(f"{path / CONFIG}: damaged, seed is no whole number; leave this run out or train it again")
    for part in ("task", "model"):
        if not kind(config, part):
            raise RunError(f"{path / CONFIG}: damaged, names no {part}; leave this run out or train it again")
    metrics = read_metrics(path)
    further = forgiven(lambda: lengths.read(path / lengths.LENGTHS, path), say, []) if metrics is not None else []
    return Record(
        path=path, config=config, metrics=metrics, further=further, trial=trial, failure=failure, pruned=pruned
    )


def side(path: Path, say: Say | None, damaged: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """What a sweep left beside a run, None if nothing; `damaged` in its place if it is, and `say` is told."""
    return forgiven(lambda: read_side(path), say, damaged) if path.exists() else None


def read_side(path: Path) -> dict[str, Any]:
    """Raises RunError where it is no JSON object, or a value in it is no such thing."""
    found = read_json(path)
    for name, wanted in SAID[path.name].items():
        if name in found and not isinstance(found[name], wanted):
            raise RunError(f"{path}: damaged, {found[name]!r} is no {name}; restore it, or leave this run out")
    return found


def forgiven(read: Callable[[], T], say: Say | None, damaged: T) -> T:
    """What is read, or `damaged` where that cannot be and there is someone to be told. Raises RunError."""
    try:
        return read()
    except RunError as error:
        if say is None:
            raise
        say(f"{str(error).partition('; ')[0]}; its run is shown without it")
        return damaged


def from_name(path: Path) -> dict[str, Any]:
    """What the name of a sweep's folder says of a trial that has no config.json: <task>/<model>-<hash>-s<seed>."""
    found = NAME.fullmatch(path.name)
    if found is None:
        raise RunError(f"{path}: a trial without {CONFIG} whose name is no trial's; leave this folder out")
    return {"task": path.absolute().parent.name, **found.groupdict(), "seed": int(found["seed"])}


def read_runs(
    paths: Iterable[Path], say: Say | None = None, *, forgiving: bool = False, cache: Cache | None = None
) -> list[Record]:
    """Every run in these folders: each is a run folder, or a folder with run folders below it.

    Below a folder a `config.json` that is not a run's is left out, and `say` is told; so is a run there that is damaged
    or vanishes meanwhile, if there is someone to be told; `forgiving`, so is one that was given by itself. `cache` has
    what was read before: what has not changed is not read again. Raises RunError.
    """
    found: dict[Path, Path] = {}  # resolved to as given: a run named twice is still one run
    whole: set[Path] = set()  # those of which nothing may be damaged
    begun = False  # a sweep, though it may have no run yet
    for path in paths:
        inside = sorted(folders(path, SIGNS))
        begun = begun or any(True for _ in folders(path, {SWEEP}))
        for run in inside or ([] if begun else [path]):
            if run == path or (cache and run in cache) or ours(run):
                found.setdefault(run.resolve(), run)
                if not forgiving and (run == path or say is None):
                    whole.add(found[run.resolve()])
            elif say:
                say(f"{run / CONFIG}: is not a run's; left out")
    if not found and not begun:
        raise RunError("report: no run folder given; give one or more folders that `pushpop train` made")
    return [*read_each(found.values(), say or (lambda _: None), whole, {} if cache is None else cache)]


def read_each(runs: Iterable[Path], say: Say, whole: Set[Path], cache: Cache) -> Iterator[Record]:
    """Each run, as far as it can be read; those that are to be `whole` raise RunError instead."""
    for run in runs:
        try:
            seen = signature(run)
            if run not in cache or cache[run][0] != seen:
                cache[run] = seen, read_run(run, None if run in whole else say)
            yield cache[run][1]
        except RunError as error:
            if run in whole:
                raise
            say(f"{error}; left out")


def folders(path: Path, signs: Set[str]) -> Iterator[Path]:
    """Every folder at or below this one that holds one of these files; what vanishes meanwhile is passed by."""
    for where, inside, files in os.walk(path):
        if not signs.isdisjoint(files):
            yield Path(where)
        inside.sort()


def signature(run: Path) -> object:
    """What changes when any file of a run does."""
    seen = []
    for name in PARTS:
        try:
            found = (run / name).stat()
        except OSError:
            continue
        seen.append((name, found.st_mtime_ns, found.st_size, found.st_ino))
    return tuple(seen)


def ours(path: Path) -> bool:
    """Whether the config.json of a folder is a run's; a trial that has none yet says so by its other files."""
    if not (path / CONFIG).exists():
        return NAME.fullmatch(path.name) is not None
    try:
        config = read_json(path / CONFIG)
    except RunError:
        return False
    return all(kind(config, part) for part in ("task", "model"))


def grouped(records: Iterable[Record]) -> list[Group]:
    """Runs put together that differ only in their seed, named by model, and by what sets them apart where needed."""
    together: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        together.setdefault((record.task, record.model, record.hash), []).append(record)
    groups = [
        Group(model, tuple(sorted(members, key=lambda record: (record.seed, str(record.path)))))
        for (_, model, _), members in together.items()
    ]
    families: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        families.setdefault((group.first.task, group.first.model), []).append(group)
    told = {key: varying([group.first for group in family]) for key, family in families.items()}
    return [
        group if len(families[key]) == 1 else Group(f"{group.name} ({apart(group.first, told[key])})", group.records)
        for group in groups for key in [(group.first.task, group.first.model)]
    ]  # fmt: skip


def varying(records: Sequence[Record]) -> list[str]:
    """The settings that are not the same everywhere, those that only some have too, in the order they are met.

    Of a run that failed before its settings were stored, only what its sweep says is known.
    """
    whole = [record.settings for record in records if "training" in record.config]
    known = [record.settings for record in records]
    names = dict.fromkeys(name for one in known for name in one)
    differ = [name for name in names if len({repr(one[name]) for one in known if name in one}) > 1]
    return [name for name in names if name in differ or 0 < sum(name in one for one in whole) < len(whole)]


def apart(record: Record, told: Sequence[str]) -> str:
    """The settings that tell a run from others of the same model, shortly; its hash if they are too many."""
    named = [name for name in told if name in record.settings]
    if not 0 < len(named) <= MOST_TOLD:
        return record.hash
    return ", ".join(f"{name.rpartition('.')[2]} {short(record.settings[name])}" for name in named)


def short(value: object) -> str:
    """A setting as a name has room for it.

    >>> short(0.00123456), short(64), short("adam")
    ('0.00123', '64', 'adam')
    """
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value).rpartition("/")[2] or str(value)  # of the path of a corpus, its file
