"""Compiled kernels on disk: found again by the next process, keyed by every source, and never in another's folder."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from pushpop.kernels import cache
from pushpop.kernels.cache import Kernel

SOURCES = sorted(Path(cache.__file__).parent.glob("*.py"))
SCRIPT = """
import sys
import numpy as np
from pushpop.kernels.cache import Kernel

@Kernel
def double(x):
    for i in range(len(x)):
        x[i] *= 2

print("ready", flush=True)
sys.stdin.readline()  # so that two of these begin together
x = np.ones(3)
double("float64", x)
assert x.tolist() == [2, 2, 2]
"""


def double(x):
    for i in range(len(x)):
        x[i] *= 2


def run(kernel: Kernel) -> None:
    x = np.arange(3.0)
    kernel(x.dtype, x)
    assert x.tolist() == [0, 2, 4]


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """PUSHPOP_CACHE for this test, and a temporary folder of its own; nothing is remembered from before or after."""
    monkeypatch.setenv("PUSHPOP_CACHE", str(tmp_path / "cache"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    cache.folder.cache_clear()
    yield tmp_path / "cache"
    cache.folder.cache_clear()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_change_in_any_source_is_another_version(source, monkeypatch, tmp_path):
    shutil.copytree(source.parent, tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "kernels" / "cache.py"))
    assert cache.version.__wrapped__() == cache.version(), "the place of the sources does not matter"
    with (tmp_path / "kernels" / source.name).open("a") as file:
        file.write("# another word\n")
    assert cache.version.__wrapped__() != cache.version()


@pytest.mark.parametrize(
    ("name", "value"),
    [("numba.__version__", "0.0"), ("llvmlite.binding.get_host_cpu_name", lambda: "another processor")],
)
def test_another_numba_or_processor_is_another_version(name, value, monkeypatch):
    monkeypatch.setattr(f"pushpop.kernels.cache.{name}", value)
    assert cache.version.__wrapped__() != cache.version()


def test_the_folder_is_the_one_given_or_the_users(monkeypatch, place, tmp_path):
    name = f"kernels-{cache.version()}"
    assert cache.folder.__wrapped__() == place / name
    monkeypatch.delenv("PUSHPOP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder.__wrapped__() == tmp_path / "xdg" / "pushpop" / name
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.folder.__wrapped__() == tmp_path / "home" / ".cache" / "pushpop" / name


def unusable(tmp_path: Path, how: str) -> Path:
    if how == "below a file":
        (tmp_path / "file").touch()
        return tmp_path / "file" / "cache"
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (tmp_path / "locked").mkdir(0o500)
    return tmp_path / "locked" if how == "read-only" else tmp_path / "locked" / "cache"


@pytest.mark.parametrize("how", ["below a file", "read-only", "below a read-only one"])
def test_without_a_place_to_write_to_it_is_a_temporary_one(how, monkeypatch, tmp_path):
    monkeypatch.setenv("PUSHPOP_CACHE", str(unusable(tmp_path, how)))
    wanted = tmp_path / "temporary" / f"pushpop-{os.getuid()}"
    assert cache.folder() == wanted / f"kernels-{cache.version()}"
    assert wanted.stat().st_mode & 0o777 == 0o700
    run(Kernel(double))
    assert list(cache.folder().glob("*double*.nbc"))


def squat(there: Path, how: str) -> None:
    """Someone else was there first, under the name that everybody can guess."""
    if how == "a file":
        there.touch()
    elif how == "a link":
        there.with_name("theirs").mkdir(0o700)
        there.symlink_to(there.with_name("theirs"))
    else:
        there.mkdir()
        there.chmod(0o777)


@pytest.mark.parametrize("how", ["a file", "a link", "a folder that anybody may write to"])
def test_a_temporary_folder_that_others_could_fill_is_not_used(how, monkeypatch, tmp_path):
    """What is loaded from a cache is run."""
    monkeypatch.setenv("PUSHPOP_CACHE", str(unusable(tmp_path, "below a file")))
    there = tmp_path / "temporary" / f"pushpop-{os.getuid()}"
    squat(there, how)
    assert cache.folder().parent == tmp_path / "temporary"
    assert cache.folder().name.startswith("pushpop-kernels-")
    assert cache.folder().stat().st_mode & 0o777 == 0o700
    assert not there.is_dir() or not list(there.iterdir())


def test_the_first_compiles_and_says_so_and_the_next_loads(caplog):
    caplog.set_level(logging.WARNING, "pushpop")
    first = Kernel(double)
    run(first)
    run(first)
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == ["compiling the kernel 'double'"]
    assert first.compiled.stats.cache_misses
    assert not first.compiled.stats.cache_hits
    caplog.clear()
    second = Kernel(double)  # what another process makes of the same source
    run(second)
    assert not caplog.records
    assert second.compiled.stats.cache_hits
    assert not second.compiled.stats.cache_misses


def test_another_type_is_compiled_too(place):
    kernel = Kernel(double)
    run(kernel)
    x = np.arange(3, dtype=np.float32)
    kernel(x.dtype, x)
    assert x.tolist() == [0, 2, 4]
    assert len(list(place.glob("*/*.nbc"))) == 2


@pytest.mark.parametrize("suffix", ["nbc", "nbi"])
@pytest.mark.parametrize("damage", ["emptied", "cut short", "garbage"])
def test_a_damaged_file_is_made_again(suffix, damage, place, caplog):
    run(Kernel(double))
    (path,) = place.glob(f"*/*.{suffix}")
    whole = path.read_bytes()
    path.write_bytes({"emptied": b"", "cut short": whole[: len(whole) // 2], "garbage": b"no pickle" * 9}[damage])
    run(Kernel(double))
    assert "is damaged" in caplog.text
    hit = Kernel(double)
    run(hit)
    assert hit.compiled.stats.cache_hits


def test_a_full_disk_costs_only_the_next_start(monkeypatch, caplog, place):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    run(Kernel(double))
    assert "cannot keep a compiled kernel" in caplog.text
    assert not list(place.glob("*/*.nbc"))


def test_a_kernel_that_does_not_compile_leaves_no_lock():
    def wrong(x):
        x.no_such_thing()

    with pytest.raises(Exception, match="no_such_thing"):
        Kernel(wrong)(None, np.ones(3))
    run(Kernel(double))


@pytest.mark.long
def test_two_processes_at_once_compile_once_and_a_third_loads(place, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)

    def start() -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen([sys.executable, tmp_path / "script.py"], text=True, **pipes)
        assert process.stdout.readline() == "ready\n"
        return process

    def finish(processes: list[subprocess.Popen[str]]) -> int:
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=120)[1] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes), said
        return sum("compiling the kernel 'double'" in text for text in said)

    assert finish([start(), start()]) == 1
    assert len(list(place.glob("*/*.nbc"))) == 1
    assert finish([start()]) == 0
