"""`pushpop trace`: the memory at work on one word, as a page."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pushpop.cli.screen import print_json


def trace(
    run: Path,
    /,
    *,
    input: Annotated[str, Parameter(help="One word, such as `5 17 99`.")],  # noqa: A002 - its option's name
    out: Annotated[Path, Parameter(help="The page to write.")] = Path("trace.html"),
    rounded: Annotated[bool, Parameter(help="Push and pop strengths above 1/2 become 1, others 0.")] = False,
    json: Annotated[bool, Parameter(help="Print the trace as one JSON object, and write no page.")] = False,
) -> None:
    """Write a page with the memory, step by step, on one word.

    Parameters
    ----------
    run
        A folder that `pushpop train` made.
    """
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.loading import load
    from pushpop.reporting.trace_page import write_trace
    from pushpop.tasks.files import parse_word

    trained = of_words(load(run), "trace")
    found = trained.trace(parse_word(input, trained.task, "--input"), rounded=rounded)
    if json:
        print_json(found.to_dict())
        return
    chosen = trained.settings
    write_trace(found, out, f"{run} · {chosen.model.kind} on {chosen.task.kind}, seed {chosen.seed}")
    print(f"trace: {out}")
