"""Run folders made up for the tests, in the layout of a real one."""

import functools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
