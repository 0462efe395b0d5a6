"""Large arrays that are used again: what one training step asks for, the step before asked for too.

The system hands a large array out page by page, as each is first touched: at 256 hidden units that was 7,600 page
faults a step, a twentieth of its time.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

LARGEST = 2**28  # bytes kept in all: a step that takes more is long enough not to notice


class Workspace(threading.local):
    """What is kept, in the order in which it is asked for; each thread has its own."""

    def __init__(self) -> None:
        self.kept: list[np.ndarray[Any, Any]] = []
        self.open = False
        self.given = 0

    def empty(self, size: int, kind: Any) -> np.ndarray[Any, Any]:
        """A flat array with anything in it; inside `reused`, one that is kept, where it is large enough."""
        count = size * np.dtype(kind).itemsize
        if not self.open or sum(len(other) for other in self.kept[: self.given]) + count > LARGEST:
            return np.empty(size, kind)
        place, self.given = self.given, self.given + 1
        if place == len(self.kept):
            self.kept.append(np.empty(count, np.uint8))
        elif len(self.kept[place]) < count:
            self.kept[place] = np.empty(count + count // 8, np.uint8)
        return self.kept[place][:count].view(kind)


_workspace = Workspace()


@contextmanager
def reused() -> Iterator[None]:
    """In here `empty` gives what it gave the last time: nothing made of it may be used outside."""
    if _workspace.open:  # a call within a call has arrays of its own
        yield
        return
    _workspace.open, _workspace.given = True, 0
    try:
        yield
    finally:
        _workspace.open = False


def empty(size: int, kind: Any) -> np.ndarray[Any, Any]:
    """A flat array of `size` numbers, with anything in them."""
    return _workspace.empty(size, kind)


def zeros(size: int, kind: Any) -> np.ndarray[Any, Any]:
    """A flat array of `size` zeros."""
    made = _workspace.empty(size, kind)
    made.fill(0)
    return made
