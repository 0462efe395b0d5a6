"""The log once more as TensorBoard reads it: `tensorboard --logdir runs`.

The log is the truth: the file is made from it anew whenever a run starts or goes on, so each step is there once.
"""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pushpop.training.durable import events

if TYPE_CHECKING:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter


class TensorBoard:
    """Follows a log. Begins at the first evaluation: tensorboard is imported then (0.2 s without torch's wrapper)."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder, self._log = folder, log
        self._writer: EventFileWriter | None = None
        self._waiting: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> None:
        self._waiting.append(event)
        if "validation" not in event:
            return
        if self._writer is None:
            from tensorboard.summary.writer.event_file_writer import EventFileWriter

            for old in self._folder.glob("events.out.tfevents.*"):
                old.unlink()
            self._writer = EventFileWriter(str(self._folder))
            self._waiting = list(events(self._log))
        for waiting in self._waiting:
            self._write(self._writer, waiting)
        self._waiting.clear()

    def _write(self, writer: "EventFileWriter", event: dict[str, Any]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event  # pyrefly: ignore[missing-module-attribute]
        from tensorboard.compat.proto.summary_pb2 import Summary  # pyrefly: ignore[missing-module-attribute]

        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars(event).items()]
        # The clock of the run itself, from 0: sittings join, and every run starts at the same place.
        writer.add_event(Event(step=event["step"], wall_time=event["seconds"], summary=Summary(value=values)))

    def __enter__(self) -> "TensorBoard":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()


def scalars(event: dict[str, Any]) -> dict[str, float]:
    """The curves of one event: {"validation": {"coarse": 1.0}} is {"validation/coarse": 1.0}.

    >>> scalars({"step": 10, "loss": 0.5, "validation": {"coarse": 1.0}})
    {'loss': 0.5, 'validation/coarse': 1.0}
    """
    found: dict[str, float] = {}
    for name, value in event.items():
        if isinstance(value, dict):
            found |= {f"{name}/{inner}": number for inner, number in value.items()}
        elif name != "step":
            found[name] = value
    return found
