"""What holds for every test: one torch thread, a home that is nobody's, and hypothesis without deadlines."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: two workers must not fight over the cores
os.environ.setdefault("MPLBACKEND", "Agg")
# Kernels compiled once serve every test and the programs they start, though these see another home.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
os.environ.setdefault("PUSHPOP_CACHE", str(CACHE / "pushpop"))

# A shell without a terminal starts what it puts in the background with Ctrl-C ignored, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Shapes in annotations are checked while tests run, in the modules that compute with them; never in compiled code.
install_import_hook(["pushpop.memory.eager", "pushpop.memory.engines"], "beartype.beartype")

# No test asserts a time, so no example has a deadline; what is tried is the same each time.
settings.register_profile("pushpop", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pushpop")


@pytest.fixture(autouse=True)
def _home_of_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the settings of whoever runs it."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
