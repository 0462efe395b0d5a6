"""The directive `study`: the tables of a study, made from its summary in `docs/results` as the README's are."""

from pathlib import Path
from typing import Any

from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective

from pushpop.reporting.records import read_json
from pushpop.studies.results import SECTIONS

RESULTS = Path(__file__).parents[1] / "results"
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
        return self.parse_text_to_nodes(tables(name))


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("study", Study)
    return {"parallel_read_safe": True}
