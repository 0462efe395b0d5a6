"""The directive `commands`: what `--help` says of each command, as it says it today."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

from docutils.nodes import Node
from rich.console import Console
from sphinx.util.docutils import SphinxDirective

from pushpop.cli.app import COMMANDS, program

WIDTH = 100
EXAMPLES = {"train": ["train", "reverse"]}  # its options are those of the task and the model


def said(name: str) -> str:
    """The help of a command, without colours."""
    argv, out = [*EXAMPLES.get(name, [name]), "--help"], StringIO()
    program(argv)(argv, console=Console(file=out, width=WIDTH, color_system=None))
    return out.getvalue()


def lines() -> Iterator[str]:
    """A section for each command, as Markdown."""
    for name in ("train", *COMMANDS):
        yield f"## {' '.join(['pushpop', *EXAMPLES.get(name, [name])])}\n\n```text\n{said(name).strip()}\n```\n"


class Commands(SphinxDirective):
    """All commands."""

    def run(self) -> list[Node]:
        return self.parse_text_to_nodes("\n".join(lines()), allow_section_headings=True)


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
