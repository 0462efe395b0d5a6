"""What commands say: tables for people on the terminal, or one JSON object and nothing else on stdout."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any


@contextmanager
def only_json(wanted: bool) -> Iterator[None]:
    """Where JSON is wanted, whatever is printed in here (a progress bar, a compiler's notice) goes to stderr."""
    if not wanted:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on one line; a number that is none of JSON's is our bug."""
    print(json.dumps(value, allow_nan=False))


def show(renderable: object) -> None:
    """Print a table or a line for people; a narrow terminal wraps, a file gets it at full width."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 120)
    if isinstance(renderable, Table):  # rich folds a title to the width of its table, however narrow
        title, renderable.title = renderable.title, None
        console.print(title, style="bold")
    console.print(renderable)
