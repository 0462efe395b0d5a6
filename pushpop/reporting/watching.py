"""The report of runs that are still going: written again as they go, until all has ended."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from pushpop.experiments.store import held
from pushpop.reporting.page import write_contents
from pushpop.reporting.records import Cache, Say
from pushpop.reporting.runs import Record
from pushpop.reporting.sections import Contents, read_contents
from pushpop.training.durable import write_whole

REFRESH = 5  # seconds between two looks, at least
SHARE = 10  # of the time, one part at most goes into looking and drawing: the runs need the cores
AGAIN = re.compile(r'<meta http-equiv="refresh"[^>]*>\n?|<p class="going">.*?</p>\n?')


def watch(runs: Sequence[Path], out: Path, say: Say | None = None) -> Contents:
    """Write the report again and again while anything is going on, and once more at the end; gives what it then held.

    A sweep goes on as long as a process holds it, another run until it has ended. A folder that is damaged, half
    written or vanishing is left out until it is whole. Interrupted, it leaves the last page, which no longer loads
    itself again. Raises as `write_report` does, but for damaged runs.
    """
    cache: Cache = {}
    told: set[str] = set()
    before: object = None

    def once(line: str) -> None:
        if say and line not in told:
            told.add(line)
            say(line)

    try:
        while True:
            began = time.monotonic()
            contents = read_contents(runs, once, forgiving=True, cache=cache)
            if not going(contents):
                write_contents(contents, out)
                return contents
            now = standing(contents, cache)
            if now != before:
                write_contents(contents, out, REFRESH)
                before = now
            time.sleep(max(REFRESH, SHARE * (time.monotonic() - began)))
    except KeyboardInterrupt:
        settle(out)
        raise


def going(contents: Contents) -> bool:
    """Whether anything may still come."""
    swept = {record.path for sweep in contents.sweeps for record in sweep.records}
    return any(sweep.running for sweep in contents.sweeps) or any(
        record.status == "unfinished" and (record.path not in swept or held(record.path))
        for record in every(contents)
    )  # fmt: skip


def standing(contents: Contents, cache: Cache) -> object:
    """What differs as soon as a page of it would."""
    return [(record.path, cache[record.path][0]) for record in every(contents)], [
        (sweep.path, sweep.running) for sweep in contents.sweeps
    ]


def every(contents: Contents) -> list[Record]:
    return [record for group in contents.groups for record in group.records]


def settle(out: Path) -> None:
    """Let a page that was watched stand still."""
    if out.exists():
        write_whole(out, AGAIN.sub("", out.read_text(encoding="utf-8")).encode())
