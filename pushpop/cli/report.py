"""`pushpop report`: curves and tables of runs and sweeps, as one self-contained page, and as files."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def report(
    *runs: Path,
    out: Annotated[Path | None, Parameter(help="The page; by default report.html in the first folder.")] = None,
    figures: Annotated[
        Path | None, Parameter(help="A folder for every figure as PNG and SVG, and every table as CSV and Markdown.")
    ] = None,
    traces: Annotated[
        bool, Parameter(help="Write a trace page for the best, median and failed seed of each, and link them.")
    ] = False,
    watch: Annotated[bool, Parameter(help="Write the page again and again until every run has ended.")] = False,
) -> None:
    """Write a page with the curves and tables of runs and sweeps.

    Parameters
    ----------
    runs
        Folders that `pushpop train` or `pushpop sweep` made, or folders of such folders.
    """
    from pushpop.errors import RunError
    from pushpop.experiments.packaged import beside
    from pushpop.reporting import watching
    from pushpop.reporting.exports import save_sections
    from pushpop.reporting.page import write_contents
    from pushpop.reporting.run_traces import write_traces
    from pushpop.reporting.sections import read_contents

    if not runs:
        raise RunError("report: no run given; give one or more folders that `pushpop train` or `pushpop sweep` made")
    page = out or beside(runs[0], "report.html")
    if watch:
        contents = watching.watch(runs, page, say)
    else:
        contents = read_contents(runs, say)
        if not traces:
            write_contents(contents, page)
    if traces:
        write_traces(contents.groups, say)
        write_contents(contents, page)
    print(f"report: {page}")
    if figures:
        files = save_sections(contents.sections, figures)
        print(f"figures: {figures} ({len(files)} files)")


def say(line: str) -> None:
    print(f"report: {line}", file=sys.stderr)
