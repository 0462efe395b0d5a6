"""Where a study is kept, by URL: a journal file, or any database that SQLAlchemy reaches; its failures in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from pushpop.errors import StorageError, meant
from pushpop.experiments.journal import Journal, Reading, replay

JOURNAL = "journal://"
KINDS = "journal:///PATH, sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME"
GO_ON = "what was stored before is whole; mend that and start the same sweep again"
PATIENCE = 10  # seconds until a server that does not answer is out of reach


class Kept(NamedTuple):
    """A storage, and how it is let go of."""

    storage: BaseStorage
    close: Callable[[], None]


def build_storage(url: str, owned: bool = True) -> Kept:
    """The storage at a URL, such as `journal:///home/me/study.journal`; made if it is not there yet.

    A journal has one owner; who does not own it may only read.

    Raises:
        StorageError: the URL is none, its driver is missing, or what it names cannot be opened.
    """
    if url.startswith(JOURNAL):
        path = Path(url.removeprefix(JOURNAL))
        if not path.is_absolute():
            raise StorageError(f"storage {url}: {path} is no absolute path; give journal:///PATH")
        demand_there(url, path, owned)
        with told(url):
            journal = Journal(path) if owned else Reading(path)
            try:
                return Kept(replay(journal), journal.close)
            except BaseException:
                journal.close()
                raise
    place = parse(url)
    if place.get_backend_name() == "sqlite" and place.database and not place.database.startswith((":", "file:")):
        demand_there(url, Path(place.database), owned)
    try:
        with told(url):
            database = RDBStorage(url, engine_kwargs={"connect_args": spoken(place)})
            return Kept(database, lambda: leave(database))
    except ImportError:
        raise StorageError(f"storage {shown(url)}: {driver_missing(place)}") from None
    except (RuntimeError, AssertionError) as error:  # the tables of another version of Optuna, or of something else
        raise StorageError(f"storage {shown(url)}: {one_line(error)}; give another --storage") from None


def demand_there(url: str, path: Path, owned: bool) -> None:
    """A file that is to be made needs a folder, one that is only read must be there. Raises StorageError."""
    if not path.parent.is_dir():
        raise StorageError(
            f"storage {shown(url)}: there is no folder {path.parent}; make it, or give another --storage"
        )
    if not owned and not path.exists():
        raise StorageError(f"storage {shown(url)}: there is no such file; give the --storage that the sweep is kept in")


def leave(database: RDBStorage) -> None:
    """Close every connection."""
    database.remove_session()
    database.engine.dispose()


def parse(url: str) -> URL:
    """The parts of a database's URL. Raises StorageError."""
    kind = url.partition(":")[0]
    hint = meant(kind, ["journal", "sqlite", "postgresql+psycopg"])
    try:
        place = make_url(url)
        place.get_dialect()
    except NoSuchModuleError:
        raise StorageError(f"storage {shown(url)}: {kind} is no kind of storage; {hint}give {KINDS}") from None
    except (ArgumentError, ValueError):
        raise StorageError(f"storage {url!r}: no URL of a storage; {hint}give {KINDS}") from None
    except ImportError:
        raise StorageError(f"storage {shown(url)}: {driver_missing(make_url(url))}") from None
    return place


def spoken(place: URL) -> dict[str, Any]:
    """How a driver speaks with its server: how long it waits, as a host may drop what is sent and two minutes are long;
    and in UTF-8, whatever the database was made with (of one in SQL_ASCII psycopg gives bytes for text)."""
    waits = {"connect_timeout": PATIENCE}
    return {"postgresql": {**waits, "client_encoding": "utf8"}, "mysql": waits}.get(place.get_backend_name(), {})


def driver_missing(place: URL) -> str:
    """A database is reached through a package of its own."""
    if place.get_backend_name() != "postgresql":
        return f"the driver for {place.drivername} is not installed; install it, or give {KINDS}"
    if place.drivername != "postgresql+psycopg":
        return f"{place.drivername} asks for a driver that is not installed; give postgresql+psycopg://..."
    return "needs psycopg; install it with: pip install 'pushpop[postgres]'"


@contextmanager
def told(url: str) -> Iterator[None]:
    """What a storage could not do, as a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"storage {shown(url)}: cannot be written ({error.strerror}); {GO_ON}") from None
    except (StorageInternalError, SQLAlchemyError) as error:
        raise StorageError(f"storage {shown(url)}: {cause(error)}; {GO_ON}") from None


def cause(error: BaseException) -> str:
    """What the database itself said: Optuna wraps SQLAlchemy's error, and that wraps the driver's."""
    while not isinstance(error, DBAPIError) and error.__cause__ is not None:
        error = error.__cause__
    return one_line(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)


def one_line(error: BaseException) -> str:
    """The first line of a message; drivers add hints below it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:;")


def shown(url: str) -> str:
    """The URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url
