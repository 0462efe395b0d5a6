"""The report as files: every figure as PNG and SVG, every table as CSV and Markdown, what they show in one text."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pushpop.errors import ConfigError
from pushpop.reporting.canvas import save_figure
from pushpop.reporting.sections import Section, read_contents
from pushpop.reporting.writing import comma_separated, markdown
from pushpop.training.durable import write_whole

CAPTIONS = "figures.md"


def save(runs: Sequence[Path], folder: Path, say: Callable[[str], object] | None = None) -> list[Path]:
    """All that the report of these runs shows, as files in `folder`; gives their paths.

    Raises RunError for runs that are missing or damaged, ConfigError for a folder that cannot be one.
    """
    return save_sections(read_contents(runs, say).sections, folder)


def save_sections(shown: Sequence[Section], folder: Path) -> list[Path]:
    """Any sections as files in `folder`, made if need be; a study can put its own together. Raises ConfigError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [*files(shown, folder)]
    except OSError as error:
        raise ConfigError(f"figures: {folder} cannot be written ({error.strerror}); give another folder") from error


def files(shown: Sequence[Section], folder: Path) -> Iterator[Path]:
    said = ["# Figures\n"]
    for section in shown:
        if section.drawings:
            said.append(f"## {section.heading}\n\n{section.reading}\n")
        for drawing in section.drawings:
            figure = drawing.draw()
            for ending in ("png", "svg"):
                path = folder / f"{drawing.name}.{ending}"
                save_figure(figure, path)
                yield path
            said.append(f"![{drawing.name}]({drawing.name}.svg)\n\n{drawing.caption}\n")
        for listed in section.tables:
            text = f"{markdown(listed.table)}\n{listed.table.caption}\n"
            for ending, content in (("csv", comma_separated(listed.table)), ("md", text)):
                path = folder / f"{listed.name}.{ending}"
                write_whole(path, content.encode())
                yield path
    path = folder / CAPTIONS
    write_whole(path, "\n".join(said).encode())
    yield path
