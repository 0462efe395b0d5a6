"""The folder of a sweep: what it is (`sweep.json`), its study, and a run folder for each trial."""

import json
from pathlib import Path
from typing import Any

import pushpop
from pushpop.errors import ConfigError, RunError
from pushpop.experiments import store
from pushpop.experiments.settings import BUDGET_PLACES, Settings
from pushpop.experiments.sweep import Sweep

ABOUT, JOURNAL, RUNS = "sweep.json", "study.journal", "runs"
WAY_OUT = "restore it, or give another --out"


def folder_of(sweep: Sweep, root: Path = Path("runs")) -> Path:
    """Where a sweep lives unless the user says otherwise."""
    return root / "sweeps" / sweep.name


def claim(out: Path, sweep: Sweep) -> None:
    """Write down what the sweep in a folder that is ours is; a grid may have grown since, a budget been raised.

    Where the rate falls with the budget, a raised one begins the runs anew, in folders of their own.

    Raises:
        RunError: the folder holds another sweep, or something that is none.
    """
    about = {**sweep.to_dict(), "version": pushpop.__version__, "commit": store.commit()}
    about = json.loads(json.dumps(about))  # as it is read again
    for variant in about["variants"]:  # what is not given may have another default one day
        variant["counted"] = counted(variant)
    if (out / ABOUT).exists():
        demand_same(out, read_about(out), about)
    elif strange := sorted({entry.name for entry in out.iterdir()} - {store.LOCK, f".{ABOUT}.unfinished"}):
        raise RunError(f"{out}: holds {strange[0]} but no {ABOUT}, so it is no sweep; give an empty or a new --out")
    store.write_json(out / ABOUT, about)


def read_about(out: Path) -> dict[str, Any]:
    """What the sweep in a folder is. Raises RunError where there is none, or its file is damaged."""
    if not out.is_dir():
        raise RunError(f"{out}: is no folder of a sweep; begin one without --list, or give another --out")
    if not (out / ABOUT).exists():
        raise RunError(f"{out}: holds no {ABOUT}, so it is no sweep; begin one without --list, or give another --out")
    found = store.read_json(out / ABOUT, WAY_OUT)
    variants = found.get("variants")
    whole = isinstance(variants, list) and variants and all(map(is_variant, variants))
    if not whole:
        raise RunError(f"{out / ABOUT}: damaged, its variants are none; {WAY_OUT}")
    return found


def is_variant(given: object) -> bool:
    """Whether this is a variant as `Sweep.to_dict` gives them."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not isinstance(given.get("over"), dict):
        return False
    if not isinstance(given.get("counted", {}), dict):
        return False
    try:
        Settings.from_dict(given["base"])
    except (ConfigError, KeyError, TypeError, AttributeError):
        return False
    return True


def counted(variant: dict[str, Any]) -> dict[str, Any]:
    """All settings of a variant's base that make a run another run, defaults included."""
    return dict(Settings.from_dict(variant["base"]).counted())


def demand_same(out: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    """RunError, with what differs, where a folder holds another sweep."""
    fixed = ["name", "search", "seed"]
    differ = [name for name in fixed if there.get(name) != here[name]]
    stored = {variant["name"]: variant for variant in there.get("variants", [])}
    for variant in here["variants"]:
        old = stored.get(variant["name"])
        if here["search"] != "grid" and (old is None or old["over"] != variant["over"]):
            differ.append("over")
        if old is not None:
            before, now = old.get("counted") or counted(old), variant["counted"]
            places = [place for place in {**before, **now} if place not in BUDGET_PLACES]
            differ += [place for place in places if before.get(place) != now.get(place)]
    if differ:
        raise RunError(f"{out}: holds another sweep, {', '.join(differ[:3])} differ; give the same, or another --out")
