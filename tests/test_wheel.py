"""What is installed is enough: the wheel, unpacked away from the clone into a folder nothing may write to."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL = ("--model.hidden", "16", "--model.memory", "8", "--steps", "4", "--training.evaluate-every", "4")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder to import from, read-only, and one to work in."""
    source, built, site = (tmp_path_factory.mktemp(name) for name in ("source", "built", "site"))
    for name in ("pushpop", "README.md", "LICENSE", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for path in [site, *site.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield site, tmp_path_factory.mktemp("work")
    for path in [site, *site.rglob("*")]:  # or pytest could not clear it away
        path.chmod(0o755 if path.is_dir() else 0o644)


def pushpop(installed, *argv: str) -> str:
    site, work = installed
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    code = "import sys, pushpop; assert pushpop.__file__.startswith(sys.argv.pop(1)), pushpop.__file__\n"
    code += "from pushpop.cli.app import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, str(site), *argv],
        cwd=work, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_nothing_else(installed):
    site, _ = installed
    assert {path.name.split("-")[0] for path in site.iterdir()} == {"pushpop"}
    ours = {path.relative_to(ROOT) for path in (ROOT / "pushpop").rglob("*") if path.suffix not in {"", ".pyc"}}
    theirs = {path.relative_to(site) for path in (site / "pushpop").rglob("*") if path.is_file()}
    assert ours - theirs == set()


def test_an_installed_package_holds_trained_networks(installed):
    """In folders that nothing may be written to."""
    site, _ = installed
    files = sorted(path.name for path in (site / "pushpop" / "trained").rglob("*") if path.is_file())
    assert files == [
        name for name in ("config.json", "lengths.json", "metrics.json", "model.safetensors") for _ in "123"
    ]
    assert pushpop(installed, "predict", "@reverse", "--input", "5 17 99") == "99 17 5\n"


def test_an_installed_package_trains_predicts_and_reports(installed):
    found = json.loads(pushpop(installed, "train", "reverse", *SMALL, "--run", "run", "--json"))
    assert found["steps"] == 4
    assert pushpop(installed, "predict", "run", "--input", "5 17 99").count("\n") == 1
    assert "trace.html" in pushpop(installed, "trace", "run", "--input", "5 17 99")
    assert "report.html" in pushpop(installed, "report", "run")


@pytest.mark.long
def test_an_installed_package_benches(installed):
    assert json.loads(pushpop(installed, "bench", "dense-50", "--json"))["rows"]
