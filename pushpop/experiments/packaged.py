"""The trained networks that come with the package: small run folders, for which `@reverse` and the like stand.

The sign is one that no shell changes and no task begins with. These folders are only read: what a command writes into
a run's folder goes to the working folder here. A folder of one's own whose name begins so is given by its whole path.
"""

import json
from pathlib import Path
from typing import Any

import pushpop
from pushpop.errors import RunError, meant

ROOM = Path(pushpop.__file__).parent / "trained"
SIGN = "@"


def names() -> list[str]:
    """Every name, with its sign."""
    return [f"{SIGN}{path.parent.name}" for path in sorted(ROOM.glob("*/config.json"))]


def described() -> dict[str, str]:
    """A line about each."""
    return {name: line(ROOM / name.removeprefix(SIGN)) for name in names()}


def line(folder: Path) -> str:
    """What a folder holds, for people."""
    config, metrics = (part(folder, name) for name in ("config.json", "metrics.json"))
    what = f"{config['model']['kind']} on {config['task']['kind']}, seed {config['seed']}"
    return f"trained, for wherever a run folder is asked: {what}, {metrics['parameters']:,} weights"


def part(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((folder / name).read_bytes())


def is_name(path: Path) -> bool:
    """Whether a path is meant as the name of such a network."""
    return len(path.parts) == 1 and path.name.startswith(SIGN)


def found(path: Path) -> Path:
    """The run folder that a path stands for: its own, unless it is a name. RunError for one that there is not."""
    if not is_name(path):
        return path
    if path.name not in names():
        rule = f"no such network comes with pushpop; {meant(path.name, names())}there are {', '.join(names())}"
        raise RunError(f"{path}: {rule}; or give a folder that `pushpop train` made")
    return ROOM / path.name.removeprefix(SIGN)


def inside(path: Path) -> bool:
    """Whether a path is in the package's room, where nothing is ever written."""
    return ROOM.resolve() in (path.resolve(), *path.resolve().parents)


def told(path: Path) -> str:
    """A run folder as people are told of it: one of these by its name."""
    return f"{SIGN}{path.name}" if inside(path) and path.resolve() != ROOM.resolve() else str(path)


def beside(run: Path, page: str) -> Path:
    """Where a page goes unless the user says otherwise: into the run's folder; of one of these into the working folder,
    as `reverse-report.html`."""
    run = found(run)
    return Path(f"{run.name}-{page}") if inside(run) else run / page


def demand_elsewhere(path: Path, option: str) -> None:
    """RunError for a folder to train in that is one of these, or would be taken for one ever after."""
    if is_name(path) or inside(path):
        what = f"a name that begins with {SIGN} is that of a network that comes with pushpop, which stays as it is"
        raise RunError(f"{path}: {what}; give another --{option}")
