"""`pushpop bench` and `pushpop reproduce`: the studies' measurements and tables."""

import re
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pushpop.cli.lists import lines
from pushpop.cli.options import whole
from pushpop.cli.screen import only_json, print_json, show
from pushpop.errors import ConfigError


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
    workers: Annotated[int, Parameter(converter=whole, help="Runs side by side, one thread each.")] = 2,
    out: Annotated[Path | None, Parameter(help="Folder of the study; by default runs/studies/NAME.")] = None,
    resume: Annotated[bool, Parameter(help="Go on with the study in that folder; finished runs stay.")] = False,
    quick: Annotated[bool, Parameter(help="The same in small, to see that all of it works.")] = False,
    json: Annotated[bool, Parameter(help="Print one JSON object and nothing else.")] = False,
) -> int:
    """Make a study's table, from training to table.

    Parameters
    ----------
    name
        A study; without one, the studies there are.
    """
    from pushpop.reporting.writing import terminal
    from pushpop.studies import reproduce as study

    if name is None:
        lines({each: found.description for each, found in study.STUDIES.items()})
        return 0
    folder = out or Path("runs") / "studies" / name
    chosen = seeds_of(seeds) if seeds is not None else None
    found = study.run(
        name, chosen, workers, folder, resume, quick, say=lambda line: print(line, file=sys.stderr, flush=True)
    )
    if json:
        print_json(found)
    else:
        for table in study.tables(folder):
            show(terminal(table))
            show(table.caption)
        print(f"study: {folder}")
    return int(bool(found["failed"]))


def seeds_of(text: str) -> list[int]:
    """Seeds as people write them. Raises ConfigError.

    >>> seeds_of("0-2, 7")
    [0, 1, 2, 7]
    """
    found: list[int] = []
    for part in text.split(","):
        ends = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part)
        if not ends or int(ends[1]) > int(ends[2] or ends[1]):
            raise ConfigError(f"--seeds: {part.strip()!r} is no seed; give such as 0-19 or 0,3,7")
        found += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
    return found
