"""`pushpop eval` of a run on text: how well it predicts its tail, or a text of the user's."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushpop.errors import ConfigError
from pushpop.tasks import corpora

if TYPE_CHECKING:
    from pushpop.experiments.written import TrainedText
    from pushpop.reporting.writing import Table

COLUMNS = ("characters", "nats", "bits_per_character", "error", "accuracy")


def text_scores(trained: "TrainedText", file: Path | None, windows: str | None) -> dict[str, Any]:
    """Scores with the state carried, and in windows such as "30,256" from a state of zeros.

    Raises:
        ConfigError: no windows, or no text to score.
    """
    try:
        sizes = [int(part) for part in windows.split(",")] if windows else []
    except ValueError:
        sizes = [0]
    if any(not 1 <= size <= 1_000_000 for size in sizes):
        raise ConfigError(f"eval: --windows {windows!r} are no windows; give such as 30,256")
    if file is None:
        return trained.evaluate(windows=sizes)
    chosen = trained.task
    path = f"./{file}" if str(file) in corpora.NAMES else str(file)  # a file, whatever it is called
    try:
        source = corpora.find(path, unit=chosen.unit, encoding=chosen.encoding, licence=chosen.licence)
    except ConfigError as error:  # whose ways out are those of a run yet to be trained
        read = "" if chosen.unit == "bytes" else f" in {chosen.encoding}, as the run's own"
        raise ConfigError(f"eval: --file {str(error).partition('; ')[0]}; give a text{read}") from None
    return trained.evaluate(source.chunks(), sizes)


def text_table(title: str, found: Mapping[str, Any]) -> "Table":
    """One row for each way of reading."""
    from pushpop.reporting.writing import Table

    rows = [("carried", *(found.get(name) for name in COLUMNS))]
    rows += [(f"zero, windows of {row['window']:,}", *(row.get(name) for name in COLUMNS)) for row in found["windows"]]
    return Table(title, ("state", *(name.replace("_", " ") for name in COLUMNS)), tuple(rows))
