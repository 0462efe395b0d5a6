"""A request to end, as machines that shut down send it, taken like a Ctrl-C."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def asked_to_stop() -> Generator[None]:
    """In here SIGTERM raises KeyboardInterrupt, so that trials under way make their checkpoints.

    Outside the main thread, which alone sees signals, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
