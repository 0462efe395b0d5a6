"""The studies' tables, from training to table: each run a `pushpop train` of its own, on one thread, several abreast.

What a study trains is data. A run that fails is recorded, the others go on; called again it does only what is missing.
"""

import json
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError, RunError, meant
from pushpop.experiments import lengths
from pushpop.reporting.records import grouped, read_json, read_runs
from pushpop.reporting.tables import headline, seed_by_seed
from pushpop.reporting.writing import Table, markdown
from pushpop.training.durable import write_whole

SUMMARY, LOG = "summary.json", "log.jsonl"
KEPT = ("solved", "steps", "words", "seconds", "validation", "test")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One model of a study: how it is trained, on how many of the seeds, and at which lengths it is tried further."""

    model: str
    options: tuple[str, ...] = ()
    seeds: int | None = None  # the first so many of those asked for; None: all
    far: str = ""
    far_words: int = 100


@dataclass(frozen=True, kw_only=True)
class Study:
    """A table to make, and what it is made of; `quick` is the same in small, to see that all of it works."""

    task: str
    description: str
    parts: tuple[Part, ...]
    quick: tuple[Part, ...]
    seeds: range = range(20)


# The plain nets have the CS281 study's settings and the most words that stack-lstm may use (there: 25 million and more,
# on a GPU). Some 3 minutes (rnn) and 5 minutes (lstm) a seed on a core to itself, by the time of one step.
PLAIN = ("--training.words", "60000", "--training.batch", "50", "--training.evaluate-every", "300")
TINY = ("--task.symbols", "4", "--task.shortest", "2", "--task.longest", "4", "--task.test-shortest", "5",
        "--task.test-longest", "6", "--model.hidden", "8", "--training.words", "64")  # fmt: skip
STUDIES = {
    "reversal-seeds": Study(
        task="reverse",
        description="reverse strings: stack-lstm from seeds 0-19 with defaults, rnn and lstm beside it",
        parts=(
            Part(model="stack-lstm", far="256,512,1024,2048,10000"),
            Part(model="rnn", options=("--model.layers", "4", "--training.rate", "1e-4", *PLAIN), seeds=2),
            Part(model="lstm", options=("--model.layers", "2", "--training.rate", "1e-3", *PLAIN), seeds=2),
        ),
        quick=(
            Part(model="stack-lstm", options=(*TINY, "--model.memory", "8"), far="8,12", far_words=4),
            Part(model="lstm", options=TINY, seeds=1),
        ),
    )
}


def run(
    name: str,
    seeds: Iterable[int] | None = None,
    workers: int = 2,
    out: Path | str | None = None,
    resume: bool = False,
    quick: bool = False,
    say: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Train, score and summarise; `say` is told of each run that ends. The summary is also in `out`, as JSON.

    Raises:
        ConfigError: there is no such study, or an impossible number of workers or seeds.
        RunError: `out` holds a study already and `resume` was not given, or holds another one.
    """
    study, out = find(name), Path(out if out is not None else Path("runs") / "studies" / name)
    chosen = checked(study.seeds if seeds is None else seeds, workers)
    asked = {"study": name, "quick": quick}
    claim(out, asked, resume)
    began = time.monotonic()
    parts = study.quick if quick else study.parts
    trials = [(part, seed) for part in parts for seed in chosen[: part.seeds]]

    def one(trial: tuple[Part, int]) -> dict[str, Any]:
        result = attempt(study.task, *trial, out)
        if say:
            say(outcome(result))
        return result

    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(one, trials))
    summary = {
        **asked,
        **stamps(out, results),
        "machine": machine(),
        "workers": workers,
        "seconds": round(time.monotonic() - began, 1),
        "trials": results,
        "failed": [f"{trial['model']} seed {trial['seed']}" for trial in results if trial["failure"]],
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    store(out, summary)
    return summary


def checked(seeds: Iterable[int], workers: int) -> list[int]:
    """The seeds in order. ConfigError where they, or the number of runs abreast, cannot be."""
    if workers < 1:
        raise ConfigError(f"reproduce.workers: {workers} is no number of runs abreast; give 1 or more")
    chosen = sorted(seeds)
    if not chosen or chosen[0] < 0 or len(set(chosen)) < len(chosen):
        raise ConfigError(f"reproduce.seeds: {chosen} are no seeds; give different whole numbers from 0 up")
    return chosen


def store(out: Path, summary: dict[str, Any]) -> None:
    """Write the summary, the tables as Markdown, and a line in the log: a study that is repeated says so."""
    write_whole(out / SUMMARY, (json.dumps(summary, indent=2) + "\n").encode())
    write_whole(out / "tables.md", "\n".join(document(table) for table in tables(out)).encode())
    with (out / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({key: summary[key] for key in ("ended", "commit", "seconds", "failed")}) + "\n")


def find(name: str) -> Study:
    """The study of that name; ConfigError where there is none."""
    if name not in STUDIES:
        raise ConfigError(f"reproduce: {name!r} is not a study; {meant(name, STUDIES)}there are {', '.join(STUDIES)}")
    return STUDIES[name]


def claim(out: Path, asked: dict[str, Any], resume: bool) -> None:
    """Make the folder of a study, or see that it is this very one. RunError otherwise."""
    stored = out / "study.json"
    if stored.exists():
        if read_json(stored) != asked:
            raise RunError(f"{out}: holds another study, {read_json(stored)}; give another folder with --out")
        if not resume:
            raise RunError(f"{out}: holds this study already; give --resume to go on with it, or another --out")
        return
    if out.exists() and any(out.iterdir()):
        raise RunError(f"{out}: is not empty and holds no study; give an empty or new folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    write_whole(stored, json.dumps(asked).encode())


def attempt(task: str, part: Part, seed: int, out: Path) -> dict[str, Any]:
    """One run: trained (or gone on with, or found finished), tried further, and what came of it."""
    folder = out / f"{part.model}-s{seed}"
    options = [*part.options, "--seed", str(seed), "--run", str(folder), "--resume", "--json"]
    command = ["train", task, "--model", part.model, *options]
    result: dict[str, Any] = {"model": part.model, "seed": seed, "run": folder.name, "failure": None}
    result["command"] = shlex.join(["pushpop", *command])
    try:
        trained = pushpop(command)
        result |= {key: trained.get(key) for key in KEPT}
        result["by_length"] = further(folder, part) if part.far else []
    except RunError as error:
        result["failure"] = str(error)
    return result


def outcome(result: dict[str, Any]) -> str:
    """What came of a run, in a line."""
    who = f"{result['model']} seed {result['seed']}"
    if result["failure"]:
        return f"{who}: {result['failure']}"
    return f"{who}: {'' if result['solved'] else 'not '}solved, {result['words']:,} words, {result['seconds']:.1f} s"


def further(folder: Path, part: Part) -> list[dict[str, Any]]:
    """Scores by length, kept beside the run's folder: on the same weights they are not measured twice."""
    kept = folder.with_name(f"{folder.name}.far.json")
    found = lengths.read(kept, folder, untied=True)  # the first studies' files do not name the weights
    if not found:
        scored = pushpop(["eval", str(folder), "--lengths", part.far, "--words", str(part.far_words), "--json"])
        found = lengths.keep(kept, folder, scored, 0, [row["length"] for row in scored["by_length"]])
    return found


def pushpop(command: Sequence[str]) -> dict[str, Any]:
    """What a command of the program printed as JSON. RunError with its last line where it failed."""
    done = subprocess.run(
        [sys.executable, "-m", "pushpop", *command],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RunError(f"pushpop {command[0]} ended with status {done.returncode}: {last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stamps(out: Path, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Version and commit that the runs were trained with, as their folders say."""
    configs = [out / one["run"] / "config.json" for one in results]
    stored = [read_json(config) for config in configs if config.exists()]
    return {key: ", ".join(sorted({str(config.get(key)) for config in stored})) for key in ("version", "commit")}


def machine() -> str:
    """What a time was measured on, as far as it may be told of any machine."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def tables(out: Path) -> list[Table]:
    """What a finished study shows: by model with the published figures beside ours, by length, and seed by seed."""
    summary = read_json(out / SUMMARY)
    folders = [out / one["run"] for one in summary["trials"]]
    begun = [folder for folder in folders if (folder / "config.json").exists()]
    groups = grouped(read_runs(begun)) if begun else []
    return [headline(groups), *by_length(summary["trials"]), seed_by_seed(groups)]


def by_length(trials: Sequence[dict[str, Any]]) -> list[Table]:
    """Seeds wholly right at each length, soft and rounded; empty where no length was tried."""
    scored = [(one["model"], row) for one in trials for row in one.get("by_length") or []]
    rows = []
    for model, length in dict.fromkeys((model, row["length"]) for model, row in scored):
        own = [row for name, row in scored if (name, row["length"]) == (model, length)]
        hard = [row["rounded"]["coarse"] for row in own if row.get("rounded")]
        soft = [row["coarse"] for row in own]
        rows.append((model, length, len(own), sum(score == 1 for score in soft), min(soft),
                     sum(score == 1 for score in hard) if hard else None))  # fmt: skip
    columns = ("model", "length", "seeds", "wholly right", "lowest coarse", "wholly right, rounded")
    caption = "Seeds whose every word of that length is right, out of those whose training ended, solved or not."
    return [Table("Far beyond the training lengths", columns, tuple(rows), caption)] if rows else []


def document(table: Table) -> str:
    return f"## {table.title}\n\n{markdown(table)}\n{table.caption}\n"
