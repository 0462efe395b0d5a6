"""The directive `study`: the tables of a study, made from its summary in `docs/results` as the README's are."""

from pathlib import Path
from typing import Any

from docutils.nodes import Node, entry, row, table
from sphinx.util.docutils import SphinxDirective

from pushpop.reporting.records import read_json
from pushpop.studies.results import SECTIONS

RESULTS = Path(__file__).parents[1] / "results"
WORDS = 60  # characters of a cell from which on its column is prose
NONE = "No runs of this study are kept yet: `pushpop reproduce {}` makes them.\n"


def tables(name: str) -> str:
    """What there is to show of a study, in Markdown."""
    stored = RESULTS / f"{name}.json"
    return SECTIONS[name](read_json(stored)) if stored.exists() else NONE.format(name)


class Study(SphinxDirective):
    """The tables of the study that is named."""

    required_arguments = 1

    def run(self) -> list[Node]:
        name = self.arguments[0]
        self.env.note_dependency(str(RESULTS / f"{name}.json"))
        found = self.parse_text_to_nodes(tables(name))
        for each in (one for node in found for one in node.findall(table)):
            left_aligned(each)
        return found


def left_aligned(found: table) -> None:
    """Columns of prose begin at the left, where Markdown has all but the first end at the right, as numbers do."""
    rows = [list(one.findall(entry)) for one in found.findall(row)]
    for column in zip(*rows, strict=True):
        if any(len(cell.astext()) > WORDS for cell in column):
            for cell in column:
                cell["classes"] = [name for name in cell["classes"] if name != "text-right"]


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("study", Study)
    return {"parallel_read_safe": True}
