"""Public files that are fetched when they are asked for, and kept; whoever asks checks that they are the right ones."""

import http.client
import logging
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

LOG = logging.getLogger("pushpop.corpora")
PATIENCE = 30.0  # seconds without a byte
LARGEST = 1 << 25  # bytes, ten times the largest book
FAILURES = (OSError, http.client.HTTPException)
"""What `download` raises where there is nothing to be had; `reason` says which."""


def folder(name: str) -> Path:
    """Where such files are kept: below PUSHPOP_CACHE, or the user's cache folder, as the compiled kernels are."""
    given, user = os.environ.get("PUSHPOP_CACHE"), os.environ.get("XDG_CACHE_HOME")
    try:
        place = Path(given) if given else (Path(user) if user else Path.home() / ".cache") / "pushpop"
    except RuntimeError:  # a user who is not in the list of users, and has no HOME
        place = Path(tempfile.gettempdir()) / f"pushpop-{os.getuid()}"
    return place / name


def download(address: str) -> bytes:
    """The file at an address, whole. Raises one of FAILURES."""
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        data = answer.read(LARGEST)
        whole = answer.headers.get("Content-Length")
    if whole is not None and whole != str(len(data)):
        raise OSError(f"{len(data)} of {whole} bytes came")
    return data


def reason(error: Exception) -> str:
    """Why a download failed, in a line."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()  # it holds the page that came instead
    elif isinstance(error, urllib.error.URLError):
        error = error.reason if isinstance(error.reason, Exception) else error
    return " ".join(str(error).split()) or type(error).__name__


def keep(path: Path, data: bytes) -> None:
    """Whole or not at all, whoever else does the same; the file at hand serves in any case."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink()
            raise
    except OSError as error:
        LOG.warning("cannot keep a file in %s: %s", path.parent, error)
