"""`pushpop bench` and `pushpop reproduce`: the studies' measurements and tables."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from pushpop.cli.lists import lines
from pushpop.cli.options import whole
from pushpop.cli.screen import only_json, print_json, show
from pushpop.experiments.seeds import seeds_of

if TYPE_CHECKING:
    from pushpop.studies.reproduce import Reproduced


def bench(
    name: str | None = None,
    /,
    *,
    json: Annotated[bool, Parameter(help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Measure speed against the published formulations, on the same work in one run.

    Parameters
    ----------
    name
        One comparison; all of them if none is named.
    """
    from pushpop.reporting.writing import terminal
    from pushpop.studies import bench as study

    with only_json(json):
        found = study.run(name, say=lambda line: print(line, file=sys.stderr, flush=True))
    if json:
        print_json(found)
        return
    table = study.table(found)
    show(terminal(table))
    show(table.caption)


def reproduce(
    name: str | None = None,
    /,
    *,
    seeds: Annotated[str | None, Parameter(help="Such as 0-19; by default the study's own.")] = None,
    workers: Annotated[
        int | None, Parameter(converter=whole, help="Runs side by side; by default as many as the cores have room for.")
    ] = None,
    budget: Annotated[float, Parameter(help="Times the study's budgets; more of it goes on with what is there.")] = 1.0,
    out: Annotated[Path | None, Parameter(help="Folder of the study; by default runs/studies/NAME.")] = None,
    resume: Annotated[bool, Parameter(help="Go on with the study in that folder; finished runs stay.")] = False,
    first: Annotated[
        bool, Parameter(help="Only the rows that the study puts first; --resume without it adds the others.")
    ] = False,
    quick: Annotated[bool, Parameter(help="The same in small, to see that all of it works.")] = False,
    quiet: Annotated[bool, Parameter(help="No live table.")] = False,
    json: Annotated[bool, Parameter(help="Print one JSON object and nothing else.")] = False,
) -> int:
    """Make a study's tables, from training to tables, figures and a page; a verdict for each claim it has.

    Stopped or killed, it goes on with --resume. Exit status 1 if a run failed.

    Parameters
    ----------
    name
        A study; without one, the studies there are.
    """
    from pushpop.studies.catalogue import STUDIES, find

    if name is None:
        lines({each: found.description for each, found in STUDIES.items()})
        return 0
    from pushpop.cli.standing import Picture
    from pushpop.cli.sweep import default_workers
    from pushpop.studies import reproduce as study

    folder = out or Path("runs") / "studies" / name
    chosen = seeds_of(seeds, "--seeds") if seeds is not None else None
    with Picture(quiet) as picture:
        abreast = default_workers(find(name).sweep().threads) if workers is None else workers
        found = study.run(name, chosen, abreast, folder, resume, quick, budget, first, picture, tell)
    if json:
        print_json(found.summary)
    else:
        told(found, folder)
    return int(bool(found.summary["failed"]))


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def told(found: "Reproduced", folder: Path) -> None:
    """A study on the terminal: verdicts in words, tables, and where the rest is."""
    from pushpop.reporting.writing import terminal
    from pushpop.studies.reproduce import PAGE

    if found.summary["quick"] and found.summary["verdicts"]:
        show("In small, to see that all of it works: these verdicts say nothing.")
    for one in found.summary["verdicts"]:
        show(f"{one['verdict']}: {one['says']}\n  {one['evidence']}")
    for table in found.tables:
        show(terminal(table))
        show(table.caption)
    print(f"study: {folder}, its page {folder / PAGE}")
