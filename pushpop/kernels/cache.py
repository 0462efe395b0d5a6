"""Compiled kernels on disk: one folder for each version of all kernel sources, numba and the processor.

Numba's own cache looks at one source file only, so that a change in an imported function goes unnoticed, and it
cannot write beside a read-only install. Here the folder's name is a hash of everything that matters. The first process
compiles under a lock; others wait for it, then load.
"""

import fcntl
import functools
import hashlib
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import llvmlite.binding
import numba
from numba.core import caching

LOG = logging.getLogger("pushpop.kernels")


@functools.cache
def version() -> str:
    """A hash of all kernel sources, numba's version and the processor's name and features."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    features = llvmlite.binding.get_host_cpu_features().flatten()
    digest.update(f"{numba.__version__}/{llvmlite.binding.get_host_cpu_name()}/{features}".encode())
    return digest.hexdigest()[:16]


@functools.cache
def folder() -> Path:
    """Where compiled kernels are kept: PUSHPOP_CACHE, or the user's cache folder, or else a temporary one."""
    given, user = os.environ.get("PUSHPOP_CACHE"), os.environ.get("XDG_CACHE_HOME")
    base = Path(given) if given else (Path(user) if user else Path("~/.cache").expanduser()) / "pushpop"
    shared = Path(tempfile.gettempdir()) / f"pushpop-{os.getuid()}"
    for place in (base, shared):
        try:
            place.mkdir(0o700 if place == shared else 0o777, parents=True, exist_ok=True)
            if place == shared and not _private(shared):
                break
            path = place / f"kernels-{version()}"
            path.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                return path
        except OSError:
            LOG.debug("cannot write to %s", place)
    return Path(tempfile.mkdtemp(prefix="pushpop-kernels-"))


def _private(place: Path) -> bool:
    """Whether only this user can write here: what is loaded from a cache is run."""
    seen = place.lstat()
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and not seen.st_mode & 0o022


class _Locator(caching._CacheLocator):  # numba has no public way to say where one function is kept
    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_file = function.__code__.co_filename
        self._line = function.__code__.co_firstlineno

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> "_Locator":
        return cls(py_func)

    def get_cache_path(self) -> Any:
        return str(folder())

    def get_source_stamp(self) -> Any:
        return version()

    def get_disambiguator(self) -> Any:
        return str(self._line)


class _Implementation(caching.CompileResultCacheImpl):
    _locator_classes: ClassVar[list[Any]] = [_Locator]  # pyrefly: ignore[bad-override]


class _Cache(caching.FunctionCache):
    _impl_class = _Implementation

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """None where a file is damaged (a full disk, a power cut): it is compiled again."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:  # unpickling garbage raises anything
            LOG.warning("a compiled kernel in %s is damaged (%r); compiling it again", folder(), error)
            self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep it where that can be done: the kernel at hand works in any case."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            LOG.warning("cannot keep a compiled kernel in %s: %s", folder(), error)


class Kernel:
    """A compiled function that is kept on disk. Its arguments' types choose the version, as with any numba function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name, self.__doc__ = function.__name__, function.__doc__
        self.compiled: Any = numba.njit(nogil=True)(function)
        self._ready: set[Any] = set()
        self._cached = False

    def __call__(self, kind: Any, *arguments: Any) -> None:
        """Run on `arguments`, whose types are all determined by `kind`."""
        if kind not in self._ready:
            self._prepare(arguments)
            self._ready.add(kind)
        self.compiled(*arguments)

    def _prepare(self, arguments: tuple[Any, ...]) -> None:
        if not self._cached:
            self.compiled._cache = _Cache(self.compiled.py_func)
            self._cached = True
        types = tuple(numba.typeof(argument) for argument in arguments)
        with _lock():
            if not any(folder().glob(f"*{self.name}*.nbc")):
                LOG.warning(
                    "compiling the kernel %r (once for a memory and a precision after an install; 1 to 25 s)", self.name
                )
            self.compiled.compile(types)


@contextmanager
def _lock() -> Iterator[None]:
    """One process at a time compiles; the lock dies with its process."""
    with (folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
