"""Directives that write out the package's tables: `catalogue`, all tasks or models with their settings; `presets`."""

from collections.abc import Iterator, Mapping
from typing import Any

from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective

from pushpop.experiments.presets import PRESETS
from pushpop.models.catalogue import FAMILIES
from pushpop.tasks.catalogue import TASKS


def by_settings(entries: Mapping[str, Any]) -> dict[type, dict[str, str]]:
    """For each class of settings, what has them: names with their descriptions."""
    found: dict[type, dict[str, str]] = {}
    for name, entry in entries.items():
        found.setdefault(entry.settings, {})[name] = entry.description
    return found


class Catalogue(SphinxDirective):
    """All tasks, or the models of tasks with such answers: names above the settings that they share.

    What an earlier table of the same page has shown is only named.
    """

    required_arguments = 1

    def run(self) -> list[Node]:
        name = self.arguments[0]
        return self.parse_text_to_nodes("\n".join(self.lines(TASKS if name == "tasks" else FAMILIES[name])))

    def lines(self, entries: Mapping[str, Any]) -> Iterator[str]:
        """As reStructuredText."""
        shown = self.env.temp_data.setdefault("catalogue", set())
        for settings, names in by_settings(entries).items():
            yield from (f"| ``{name}``: {said}" for name, said in names.items())
            path = f"{settings.__module__}.{settings.__qualname__}"
            yield from ("", f"Settings: :py:class:`~{path}`" if path in shown else f".. autoclass:: {path}", "")
            shown.add(path)


class Presets(SphinxDirective):
    """All presets, one line each."""

    def run(self) -> list[Node]:
        said = (f"* ``{name}``: {preset.description}" for name, preset in PRESETS.items())
        return self.parse_text_to_nodes("\n".join(said))


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("catalogue", Catalogue)
    app.add_directive("presets", Presets)
    return {"parallel_read_safe": True}
