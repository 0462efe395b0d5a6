"""`pushpop inspect`: gradients through time, gates and parameter counts of a run, as a page."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pushpop.cli.screen import only_json, print_json
from pushpop.errors import ConfigError


def inspect(
    run: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="The page; by default inspect.html in the run folder.")] = None,
    spectral: Annotated[str, Parameter(help="Spectral norms to scale a classifier's W_hh to.")] = "0.5,1,2",
    json: Annotated[bool, Parameter(help="Print all of it as one JSON object, and write no page.")] = False,
) -> None:
    """Write a page with gradients through time, gates and parameter counts of a run, and what its memory does.

    Parameters
    ----------
    run
        A folder that `pushpop train` made; or @reverse, @copy or @bigram-flip, networks that come with pushpop.
    """
    norms = norms_of(spectral)
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.inspection import inspect as look
    from pushpop.experiments.loading import load
    from pushpop.experiments.packaged import beside

    with only_json(json):
        found = look(of_words(load(run, "cpu"), "inspect"), norms)
    if json:
        print_json(found)
        return
    from pushpop.reporting.inspect_page import write_inspection

    page = write_inspection(found, out or beside(run, "inspect.html"))
    if found["verdict"]:
        print(f"verdict: {found['verdict']['text']}")
    print(f"inspect: {page}")


def norms_of(text: str) -> list[float]:
    """Spectral norms as people write them. Raises ConfigError.

    >>> norms_of("0.5, 1")
    [0.5, 1.0]
    """
    try:
        return [float(part) for part in text.split(",")] if text.strip() else []
    except ValueError:
        raise ConfigError(f"--spectral: {text!r} is no list of numbers; give such as 0.5,1,2") from None
