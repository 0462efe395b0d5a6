"""Run folders made up for the tests, in the layout of a real one."""

import functools
import importlib.util
import json
import math
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
SPEED = {"stack-lstm": 600.0, "lstm": 900.0, "rnn": 1100.0}  # words a second
HASH = {"stack-lstm": "5f2a90c1", "lstm": "c0ffee12", "rnn": "0badcafe"}


def scores(coarse: float) -> dict[str, Any]:
    return {"coarse": coarse, "fine": coarse**0.5, "token": coarse**0.25, "words": 1000}


def config(model: str, seed: int, **model_settings: Any) -> dict[str, Any]:
    return {
        "task": {"kind": "reverse", "symbols": 128, "shortest": 8, "longest": 64},
        "model": {"kind": model, "hidden": 256, **model_settings},
        "training": {"optimiser": "adam", "rate": 0.003, "words": 60_000},
        "seed": seed, "hash": HASH.get(model, "00000000"), "version": "0.1.0", "commit": "abc1234",
    }  # fmt: skip


def events(model: str, seed: int, words: int) -> list[dict[str, Any]]:
    """A stack finds the rule in one jump, whose place is the seed's; the others creep up on validation alone."""
    out: list[dict[str, Any]] = []
    jump = 9_000 + 3_571 * seed % 11_000
    for step in range(20, words // 16 + 1, 20):
        seen = step * 16
        risen = 1 / (1 + math.exp(-(seen - jump) / 700)) if model == "stack-lstm" else 0.5 * (1 - math.exp(-seen / 4e4))
        event: dict[str, Any] = {"step": step, "words": seen, "seconds": seen / SPEED[model] * (1 + seed % 5 / 10)}
        event["loss"] = 4.85 * (1 - risen) + 0.002 * (2 + math.sin(step / 7 + seed))
        if step % 100 == 0:
            event["validation"] = scores(round(min(1.0, risen * 1.003), 3))
            event["test"] = scores(round(min(1.0, max(0.0, risen * 1.01 - 0.007)), 3) if model == "stack-lstm" else 0.0)
        out.append(event)
        if model == "stack-lstm" and risen > 0.9999 and step % 100 == 0:
            break
    return out


def lengths(model: str, seed: int) -> list[dict[str, Any]]:
    rows = []
    for length in (8, 16, 32, 64, 128, 256, 512, 1024, 2048):
        reach = 700 + 160 * seed if model == "stack-lstm" else 50 + 5 * seed
        right = round(1 / (1 + (length / reach) ** 6), 3)
        row: dict[str, Any] = {"length": length, **scores(right)}
        if model == "stack-lstm":
            row["rounded"] = scores(1.0)
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine to open the page in")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browse(browser: Any) -> Iterator[Callable[..., Any]]:
    """browse(path, ...) opens a file in the browser; the page notes its `problems` and what it `asked` for."""
    contexts = []

    def browse(path: Path, **context: Any) -> Any:
        contexts.append(browser.new_context(**{"reduced_motion": "reduce", **context}))
        page = contexts[-1].new_page()
        page.problems, page.asked = [], []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield browse
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def write_run() -> Callable[..., Path]:
    """write_run(root, model, seed, ...) writes a run folder below `root` and gives its path."""
    return written_run


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """make_run(model, seed, ...) writes a run folder and gives its path."""
    return functools.partial(written_run, tmp_path / "runs")


def written_run(
    root: Path,
    model: str = "stack-lstm",
    seed: int = 0,
    *,
    words: int = 30_000,
    finished: bool = True,
    solved: bool | None = None,
    by_length: bool = True,
    **model_settings: Any,
) -> Path:
    settings = config(model, seed, **model_settings)
    if model_settings:
        settings["hash"] = "-".join(map(str, model_settings.values()))
    folder = root / "reverse" / f"{model}-{settings['hash']}-s{seed}"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(settings))
    log = events(model, seed, words)
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in log))
    if finished:
        done = model == "stack-lstm" if solved is None else solved
        last = [event for event in log if "validation" in event][-1]
        metrics = {
            "run": str(folder), "task": "reverse", "model": model, "seed": seed, "solved": done,
            "steps": log[-1]["step"], "words": log[-1]["words"], "seconds": log[-1]["seconds"],
            "validation": scores(1.0) if done else last["validation"],
            "test": scores(1.0) if done else last["test"],
        }  # fmt: skip
        if by_length:
            metrics["by_length"] = lengths(model, seed)
        (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


@pytest.fixture(scope="session")
def write_sweep() -> Callable[..., Path]:
    """write_sweep(folder, ...) writes a sweep folder with trials that ended in every way, and gives its path."""
    return written_sweep


def written_sweep(
    folder: Path,
    *,
    hiddens: tuple[int, ...] = (16, 32, 64, 128),
    rates: tuple[float, ...] = (1e-3, 3e-3, 1e-2),
    seeds: tuple[int, ...] = (1000, 1001, 1002),
    search: str = "grid",
    pruning: bool = True,
    quiet: bool = False,
    step: int = 20,
) -> Path:
    """Wider nets at rates near 0.003 find the rule sooner; `quiet`: nothing has failed, stopped or gone missing."""
    folder.mkdir(parents=True)
    axes = {"model.hidden": {"values": [*hiddens]}, "training.rate": {"values": [*rates]}}
    about: dict[str, Any] = {
        "name": folder.name, "search": search, "trials": None, "seeds": [*seeds], "seed": 0, "threads": 2,
        "pruning": {"first": 0.5, "patience": 2, "spare": 0.1} if pruning else None,
        "variants": [{"name": "", "base": {}, "over": axes, "seeds": []}], "version": "0.1.0", "commit": "abc1234",
    }  # fmt: skip
    (folder / "sweep.json").write_text(json.dumps(about))
    pairs = zip(hiddens, rates, strict=True) if search != "grid" else [(h, r) for h in hiddens for r in rates]
    trials = [(hidden, rate, seed) for hidden, rate in pairs for seed in seeds]
    for number, (hidden, rate, seed) in enumerate(trials):
        written_trial(folder, number, hidden, rate, seed, pruning=pruning, quiet=quiet, step=step)
    return folder


def written_trial(
    folder: Path, number: int, hidden: int, rate: float, seed: int, *, pruning: bool, quiet: bool, step: int
) -> Path:
    values = {"model.hidden": hidden, "training.rate": rate}
    digest = f"{zlib.crc32(repr(values).encode()):08x}"
    run = folder / "runs" / "reverse" / f"stack-lstm-{digest}-s{seed}"
    run.mkdir(parents=True)
    trial = {"number": number, "sweep": folder.name, "variant": "", "configuration": values}
    (run / "trial.json").write_text(json.dumps(trial))
    if rate >= 1e-2 and hidden >= 128 and not quiet:  # too fast for so many: it fails before it has begun
        failure = {"error": "TrainingFailed: the loss is nan", "traceback": "Traceback …", "attempts": 1}
        (run / "failure.json").write_text(json.dumps(failure))
        return run
    settings = config("stack-lstm", seed)
    settings["model"]["hidden"] = hidden
    settings["training"] |= {"rate": rate, "words": 20_000, "threads": 2}
    (run / "config.json").write_text(json.dumps(settings | {"hash": digest}))
    luck = (number * 7919 % 97) / 97
    jump = 4_000 + 9_000 * (32 / hidden) ** 0.5 + 3_000 * abs(math.log10(rate / 3e-3)) + 6_000 * luck
    log = trial_events(jump, 20_000, step)
    ends = log[-1]["validation"]["coarse"] == 1.0
    doomed = pruning and not ends and number % 2 == 0
    spared = doomed and number % 4 == 0
    if doomed:
        (run / "pruned.json").write_text(json.dumps({"words": 10_000, "percent": 50, "spared": spared}))
        log = log if spared else [event for event in log if event["words"] <= 10_000]
    going = not doomed and not quiet and number % 11 == 10
    log = log[: len(log) // 2] if going else log
    (run / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in log))
    if not going and not (doomed and not spared):
        last = [event for event in log if "validation" in event][-1]
        metrics = {"task": "reverse", "model": "stack-lstm", "seed": seed, "solved": last["test"]["coarse"] == 1.0,
                   "steps": last["step"], "words": last["words"], "seconds": last["seconds"],
                   "validation": last["validation"], "test": last["test"]}  # fmt: skip
        (run / "metrics.json").write_text(json.dumps(metrics))
    return run


def trial_events(jump: float, words: int, step: int) -> list[dict[str, Any]]:
    """A plateau, and then a jump at so many words, after which training ends."""
    out: list[dict[str, Any]] = []
    for at in range(step, words // 16 + 1, step):
        seen = at * 16
        risen = 1 / (1 + math.exp(-(seen - jump) / 600))
        event: dict[str, Any] = {"step": at, "words": seen, "seconds": seen / 600, "loss": 4.85 * (1 - risen) + 0.002}
        if at % (step * 5) == 0:
            event["validation"] = scores(round(min(1.0, risen * 1.003), 3))
            event["test"] = scores(round(min(1.0, max(0.0, risen * 1.01 - 0.007)), 3))
        out.append(event)
        if risen > 0.9999 and "validation" in event:
            break
    return out if "validation" in out[-1] else out[: len(out) // 5 * 5]
