"""`pushpop sweep`: many trials, in parallel, for as long as it takes."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from pushpop.cli.options import whole
from pushpop.errors import ConfigError
from pushpop.experiments.fields import one_of
from pushpop.experiments.launchers import LAUNCHERS

if TYPE_CHECKING:
    from pushpop.experiments.sweep import Sweep


def sweep(
    file: Path,
    /,
    *,
    workers: Annotated[int | None, Parameter(converter=whole, help="Trials abreast; by default one a core.")] = None,
    launcher: Annotated[str, Parameter(help="Where trials run: local, ray or slurm.")] = "local",
    launcher_options: Annotated[str, Parameter(help="Of the launcher, such as partition=gpu,timeout_min=600.")] = "",
    storage: Annotated[str | None, Parameter(help="URL of an Optuna storage; else a journal in the folder.")] = None,
    trials: Annotated[int | None, Parameter(converter=whole, help="In place of the file's; 0: until stopped.")] = None,
    out: Annotated[Path | None, Parameter(help="Folder of the sweep; by default runs/sweeps/NAME.")] = None,
    retry: Annotated[bool, Parameter(help="Begin trials that failed once more.")] = False,
    list_: Annotated[bool, Parameter(name="--list", help="Say where the sweep stands, and do nothing.")] = False,
    quiet: Annotated[bool, Parameter(help="No live table.")] = False,
    json: Annotated[bool, Parameter(help="Print one JSON object and nothing else.")] = False,
) -> int:
    """Train every trial of a sweep file that is still missing: a grid, a random search or Optuna's, over seeds.

    Stopped or killed, it goes on when it is called again. Exit status 1 if a trial failed.

    Parameters
    ----------
    file
        TOML: settings as for `train --config`, and a table [sweep] with search, seeds, trials and axes.
    """
    from pushpop.experiments.sweep import Sweep
    from pushpop.experiments.sweep_folder import folder_of, read_about

    chosen = Sweep.read(file)
    if trials is not None:
        chosen = with_trials(chosen, trials)
    abreast = default_workers(chosen.threads) if workers is None else workers
    look_at_options(launcher, abreast, storage)
    options = options_of(launcher_options)
    folder = out or folder_of(chosen)
    from pushpop.cli.standing import Picture, tell
    from pushpop.experiments import scheduler
    from pushpop.experiments.launchers import choose

    if list_:
        read_about(folder)
        found = scheduler.standing(chosen, folder, storage)
    else:
        at = choose(launcher, abreast, options)
        with Picture(quiet or json) as picture:
            found = scheduler.run(chosen, folder, launcher=at, storage=storage, retry=retry, say=picture)
    tell(found, chosen.name, folder, json=json, everything=list_)
    return int(bool(found.those("failed")))


def with_trials(sweep: "Sweep", trials: int) -> "Sweep":
    """The sweep with another number of configurations. ConfigError that names the option."""
    try:
        return replace(sweep, trials=trials)
    except ConfigError as error:
        raise ConfigError(str(error).replace("sweep.trials:", "--trials:")) from None


def look_at_options(launcher: str, workers: int, storage: str | None) -> None:
    """ConfigError where one cannot be, by its name as it is typed."""
    one_of(launcher, LAUNCHERS, "--launcher")
    if workers < 1:
        raise ConfigError(f"--workers: {workers} is no number of trials abreast; give 1 or more")
    if storage is not None and not storage.strip():
        raise ConfigError(f"--storage: {storage!r} is no URL; leave it out, or give such as sqlite:///study.db")


def default_workers(threads: int) -> int:
    """As many trials abreast as fill the cores."""
    return max(1, len(os.sched_getaffinity(0)) // threads)


def options_of(text: str) -> dict[str, str]:
    """A launcher's options as people write them. Raises ConfigError.

    >>> options_of("partition=gpu, timeout_min=600")
    {'partition': 'gpu', 'timeout_min': '600'}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not (name and equals and value):
            raise ConfigError(f"--launcher-options: {part!r} is no option; give such as partition=gpu,timeout_min=600")
        found[name.strip()] = value.strip()
    return found
