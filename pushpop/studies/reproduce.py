"""A study from training to table: its sweep is run, its runs are tried and compared, and all of it is written down.

What a study trains is data. A run that fails is recorded, the others go on; called again it does only what is missing.
"""

import json
import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pushpop.errors import ConfigError, RunError
from pushpop.experiments import lengths, scheduler, store
from pushpop.experiments.seeds import seeds_of
from pushpop.experiments.sweep import Sweep
from pushpop.reporting.exports import save_sections
from pushpop.reporting.page import write_sections
from pushpop.reporting.records import read_json
from pushpop.reporting.sections import Section
from pushpop.reporting.writing import Table, markdown
from pushpop.studies import earlier, findings, further
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings
from pushpop.studies.study import Study, Trained
from pushpop.studies.verdicts import judged
from pushpop.training.durable import write_whole

SUMMARY, LOG, ASKED, TABLES, PAGE = "summary.json", "log.jsonl", "study.json", "tables.md", "report.html"
SWEEP, FIGURES = "sweep", "figures"
Tell = Callable[[str], object]


def unheard(line: str) -> None:
    """Nobody listens."""


class Reproduced(NamedTuple):
    """What a study came to: as plain data, and as it is shown."""

    summary: dict[str, Any]
    sections: list[Section]

    @property
    def tables(self) -> list[Table]:
        """Those for a terminal: not verdicts, which are sentences, and not settings, which are too many."""
        shown = [listed for section in self.sections for listed in section.tables]
        return [listed.table for listed in shown if listed.name not in ("verdicts", "settings")]


def run(
    name: str,
    seeds: Iterable[int] | None = None,
    workers: int = 2,
    out: Path | str | None = None,
    resume: bool = False,
    quick: bool = False,
    budget: float = 1.0,
    first: bool = False,
    say: scheduler.Say | None = None,
    tell: Tell = unheard,
) -> Reproduced:
    """Train, score, judge and write down, all in `out`: summary, tables, figures, a page, and the sweep with its runs.

    `budget` is how many times the study's words each run has: given more, finished runs go on. `first` is for the
    rows alone that the study puts first; called again without it, `resume` adds the others. `say` is told where
    the sweep stands, `tell` in lines what comes after it.

    Raises:
        ConfigError: there is no such study, or an impossible number of workers, seeds or words.
        RunError: `out` holds a study already and `resume` was not given, or holds another one.
    """
    study, out = find(name), Path(out if out is not None else Path("runs") / "studies" / name)
    if workers < 1:
        raise ConfigError(f"reproduce.workers: {workers} is no number of runs abreast; give 1 or more")
    chosen = None if seeds is None else seeds_of(seeds, "reproduce.seeds")
    sweep = study.sweep(quick=quick, seeds=chosen, budget=budget, first=first)
    if study.needs and not quick:
        study.needs()
    asked = {"study": name, "quick": quick}
    claim(out, asked, resume)
    earlier.adopt(out, sweep, out / SWEEP)
    began = time.monotonic()
    scheduler.run(sweep, out / SWEEP, workers=workers, retry=resume, say=say)
    results = tried(study, sweep, out, workers, quick, tell)
    if study.after:
        ended = [one for one in results if one["failure"] is None]
        made = [Trained(out / one["run"], one["variant"], str(one["configuration"])) for one in ended]
        study.after(made, quick, tell)
    tell("judging the runs and drawing the report")
    used = {"budget": budget, "first": first, "workers": workers, "seconds": round(time.monotonic() - began, 1)}
    found = summarised(study, sweep, out, {**asked, **used, "trials": results})
    sections = study.shown(found)
    write_down(study, out, found, sections)
    return Reproduced(dict(found.summary), sections)


def tried(study: Study, sweep: Sweep, out: Path, workers: int, quick: bool, tell: Tell) -> list[dict[str, Any]]:
    """What came of each run, far beyond the training lengths too where the study looks there."""
    results = list(findings.rows(sweep, out / SWEEP, out))
    for far in study.tiny_far if quick else study.far:
        runs = {out / one["run"]: one for one in results if one["variant"] in far.variants and not one["failure"]}
        for path, found in further.tried(runs, far, workers, tell).items():
            if isinstance(found, str):
                runs[path]["failure"] = found
            else:
                runs[path]["by_length"] += found
                runs[path]["mismatch"] = lengths.mismatch_of(path / lengths.LENGTHS, path) or None
    return results


def summarised(study: Study, sweep: Sweep, out: Path, begun: dict[str, Any]) -> Findings:
    """All that is known of the study, its claims judged."""
    groups = findings.grouped(sweep, out / SWEEP)
    records = [record for group in groups for record in group.records]
    seconds = sum(record.total("seconds") or 0.0 for record in records)
    summary = {
        **begun,
        **{key: distinct(record.config.get(key) for record in records) for key in ("version", "commit")},
        "machine": machine(),
        "core_hours": round(seconds * sweep.threads / 3600, 2),
        "failed": [f"{one['variant']} seed {one['seed']}" for one in begun["trials"] if one["failure"]],
        "verdicts": [asdict(one) for one in judged(study.claims, records)],
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    found = Findings(sweep, groups, summary)
    return found._replace(summary={**summary, **study.kept(found)}) if study.kept else found


def distinct(values: Iterable[object]) -> str:
    return ", ".join(sorted(set(map(str, values))))


def write_down(study: Study, out: Path, found: Findings, sections: list[Section]) -> None:
    """The summary, the tables, the figures and the page, and a line in the log: a study that is repeated says so."""
    store.write_json(out / SUMMARY, found.summary)
    tables = [listed.table for section in sections for listed in section.tables]
    write_whole(out / TABLES, "\n".join(document(table) for table in tables).encode())
    with (out / LOG).open("a", encoding="utf-8") as log:
        kept = ("ended", "commit", "budget", "seconds", "failed")
        log.write(json.dumps({key: found.summary[key] for key in kept}) + "\n")
    save_sections(sections, out / FIGURES)
    write_sections(found.groups, sections, out / PAGE, above=study.above)


def document(table: Table) -> str:
    return f"## {table.title}\n\n{markdown(table)}\n{table.caption}\n"


def claim(out: Path, asked: dict[str, Any], resume: bool) -> None:
    """Make the folder of a study, or see that it is this very one. RunError otherwise."""
    stored = out / ASKED
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


def machine() -> str:
    """What a time was measured on, as far as it may be told of any machine."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
