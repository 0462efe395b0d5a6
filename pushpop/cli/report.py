"""`pushpop report`: curves and tables of runs, as one self-contained page."""

import sys
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

REFRESH = 5  # seconds between two looks at runs that are still going


def report(
    *runs: Path,
    out: Annotated[Path | None, Parameter(help="The page; by default report.html in the first folder.")] = None,
    watch: Annotated[bool, Parameter(help="Write it again and again until every run has ended.")] = False,
) -> None:
    """Write a page with the curves and tables of runs.

    Parameters
    ----------
    runs
        Folders that `pushpop train` made, or folders of such folders.
    """
    from pushpop.errors import RunError
    from pushpop.reporting.page import write_report
    from pushpop.reporting.records import read_runs

    if not runs:
        raise RunError("report: no run given; give one or more folders that `pushpop train` made")
    page = out or runs[0] / "report.html"
    while watch and not all(run.finished for run in read_runs(runs)):
        write_report(runs, page, refresh=REFRESH)
        time.sleep(REFRESH)
    write_report(runs, page, say=lambda line: print(f"report: {line}", file=sys.stderr))
    print(f"report: {page}")
