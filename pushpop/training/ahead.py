"""Batches made while the step before is computed, so that training does not wait for its data."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

B = TypeVar("B")


class Ahead(Generic[B]):
    """`make(step, reach)` as it is, only sooner: when one batch is asked for, the next is begun in a thread.

    A batch begun for another reach than the one asked for is thrown away, so the result never depends on the thread.
    """

    def __init__(self, make: Callable[[int, float], B]) -> None:
        self._make = make
        self._thread = ThreadPoolExecutor(1, "batches")
        self._begun: tuple[tuple[int, float], Future[B]] | None = None

    def __call__(self, step: int, reach: float) -> B:
        begun, self._begun = self._begun, None
        batch = begun[1].result() if begun and begun[0] == (step, reach) else self._make(step, reach)
        self._begun = (step + 1, reach), self._thread.submit(self._make, step + 1, reach)
        return batch

    def __enter__(self) -> "Ahead[B]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)
