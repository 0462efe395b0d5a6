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
    rounded: Annotated[bool, Parameter(help="Only rounded: strengths above 1/2 become 1, others 0.")] = False,
    json: Annotated[bool, Parameter(help="Print the trace as one JSON object, and write no page.")] = False,
) -> None:
    """Write a page with the memory, step by step, on one word: as trained, and beside it rounded.

    Parameters
    ----------
    run
        A folder that `pushpop train` made.
    """
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.loading import load
    from pushpop.reporting.trace_page import demand_list, write_trace
    from pushpop.tasks.files import parse_word

    trained = of_words(load(run), "trace")
    word = parse_word(input, trained.task, "--input")
    found = trained.trace(word, rounded=rounded)
    if json:
        print_json(found.to_dict())
        return
    demand_list(found.memory, "trace")
    verdict = trained.verdict()
    chosen = trained.settings
    write_trace(
        found,
        out,
        f"{run} · {chosen.model.kind} on {chosen.task.kind}, seed {chosen.seed}",
        rounded=None if rounded else trained.trace(word, rounded=True),
        decoding=verdict.decoding,
        verdict=verdict.text,
    )
    print(f"verdict: {verdict.text}")
    print(f"trace: {out}")
