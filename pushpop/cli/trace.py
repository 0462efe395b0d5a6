"""`pushpop trace`: the memory at work on one word, as a page."""

import shlex
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pushpop.cli.screen import print_json
from pushpop.errors import ConfigError


def trace(
    run: Path,
    /,
    *,
    input: Annotated[  # noqa: A002 - its option's name
        str | None, Parameter(help="One word, such as `5 17 99`; without it one of the run's task is named.")
    ] = None,
    out: Annotated[Path, Parameter(help="The page to write.")] = Path("trace.html"),
    rounded: Annotated[bool, Parameter(help="Only rounded: strengths above 1/2 become 1, others 0.")] = False,
    json: Annotated[bool, Parameter(help="Print the trace as one JSON object, and write no page.")] = False,
) -> None:
    """Write a page with the memory, step by step, on one word: as trained, and beside it rounded.

    Parameters
    ----------
    run
        A folder that `pushpop train` made; or @reverse, @copy or @bigram-flip, networks that come with pushpop.
    """
    from pushpop.evaluation.trace import demand_watchable
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.loading import load
    from pushpop.reporting.run_traces import trace_run
    from pushpop.tasks.files import parse_word, typed
    from pushpop.tasks.words import short_word

    trained = of_words(load(run), "trace")
    trained.demand_watched("trace")
    if input is None:
        example = shlex.quote(typed(short_word(trained.task), trained.task))
        raise ConfigError(f"--input: no word to watch; give one of this run's task, such as --input {example}")
    word = parse_word(input, trained.task, "--input")
    demand_watchable(word, "--input")
    if json:
        print_json(trained.trace(word, rounded=rounded).to_dict())
        return
    verdict = trace_run(trained, word, out, rounded=rounded)
    print(f"verdict: {verdict.text}")
    print(f"trace: {out}")
