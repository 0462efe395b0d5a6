"""Pages out of the package's templates: one file each, everything put into them escaped."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pushpop.errors import ConfigError
from pushpop.reporting.writing import Noted, Spread, written
from pushpop.training.durable import write_whole

if TYPE_CHECKING:
    import jinja2

FOLDER = Path(__file__).parent / "templates"


def write_page(template: str, out: Path, **given: Any) -> Path:
    """Fill a template into the file `out`, whole or not at all. Raises ConfigError if `out` cannot be a file."""
    demand_place(out)
    content = environment().get_template(template).render(**given).encode()
    try:
        write_whole(out, content)
    except OSError as error:
        raise ConfigError(f"out: {out} cannot be written ({error.strerror}); give another file") from error
    return out


def demand_place(out: Path) -> None:
    """Make the folder of a page that is to be written. Raises ConfigError if `out` cannot be a file."""
    if out.is_dir():
        raise ConfigError(f"out: {out} is a folder; give the name of a file, such as {out / 'page.html'}")
    if is_other(out):
        raise ConfigError(f"out: {out} is there and is no page; give the name of a new file, or of a page to replace")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"out: {out.parent} cannot be a folder ({error.strerror}); give another file") from error


def is_other(out: Path) -> bool:
    """Whether something stands there that is no page: a run's own files, say, which nothing else holds."""
    try:
        with out.open("rb") as file:
            head = file.read(4096).strip().lower()
    except OSError:
        return False
    return bool(head) and not head.startswith((b"<!doctype html", b"<html"))


@cache
def environment() -> "jinja2.Environment":
    """Where templates are found, and what they may call."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cast(dict[str, Any], found.globals).update(written=written, paste=paste)
    cast(dict[str, Callable[[object], bool]], found.tests).update(spread=is_spread, amount=is_amount, noted=is_noted)
    return found


def paste(name: str) -> str:
    """A style sheet or script of the package, as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")


def is_spread(cell: object) -> bool:
    return isinstance(cell, Spread)


def is_noted(cell: object) -> bool:
    return isinstance(cell, Noted)


def is_amount(cell: object) -> bool:
    return isinstance(cell, int | float | Spread) and not isinstance(cell, bool)
