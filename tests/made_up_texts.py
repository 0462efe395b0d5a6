"""Runs on text, made up: folders as a real run leaves them, whose loss falls from that of chance to where it is to."""

import json
import math
from pathlib import Path
from typing import Any

BATCH, WINDOW, STEPS = 32, 64, 200
FLOORS = {
    "counted": 1_003_854,
    "scored": 111_540,
    "rows": [
        {
            "floor": "counts, order 3",
            "order": 3,
            "bits_per_character": 2.559,
            "nats": 1.774,
            "error": 0.04,
            "accuracy": 0.472,
        },
        {
            "floor": "counts, order 4",
            "order": 4,
            "bits_per_character": 2.408,
            "nats": 1.669,
            "error": 0.04,
            "accuracy": 0.527,
        },
        {"floor": "bz2, all of the text", "bits_per_character": 2.356},
        {"floor": "xz, all of the text", "bits_per_character": 2.518},
    ],
}


def write_text_run(
    root: Path,
    model: str = "lstm-lm",
    seed: int = 0,
    *,
    nats: float = 1.5,
    corpus: str = "/somewhere/tinyshakespeare.txt",
    finished: bool = True,
    floors: bool = True,
    samples: bool = True,
    **settings: Any,
) -> Path:
    """A run folder below `root` that ends at so many nats on test, and 0.05 less on validation."""
    digest = f"{abs(hash_of(model, corpus, *settings.items())):08x}"
    folder = root / "text" / f"{model}-{digest}-s{seed}"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config(model, seed, digest, corpus, settings)))
    log = [event(step, nats, seed) for step in range(5, (STEPS if finished else STEPS // 2) + 1, 5)]
    (folder / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log))
    if samples:
        (folder / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in sampled(model)))
    if finished:
        found = {**result(folder, model, seed, nats), **({"floors": FLOORS} if floors else {})}
        (folder / "metrics.json").write_text(json.dumps(found))
    return folder


def hash_of(*parts: object) -> int:
    return sum(ord(letter) * 7919**place for place, letter in enumerate(repr(parts))) % 16**8


def config(model: str, seed: int, digest: str, corpus: str, settings: dict[str, Any]) -> dict[str, Any]:
    task = {"kind": "text", "corpus": corpus, "unit": "characters", "window": WINDOW, "state": "carried"}
    return {
        "task": {**task, **{name: settings[name] for name in task if name in settings}},
        "model": {"kind": model, "hidden": 256, **{name: settings[name] for name in settings if name not in task}},
        "training": {"optimiser": "adamw", "rate": 0.004, "batch": BATCH, "steps": STEPS},
        "seed": seed, "hash": digest, "version": "0.2.0", "commit": "abc1234",
    }  # fmt: skip


def scores(nats: float, characters: int = 111_539) -> dict[str, Any]:
    bits = nats / math.log(2)
    right = math.exp(-nats) ** 0.4
    return {"nats": nats, "bits_per_character": bits, "error": 0.03, "accuracy": right, "characters": characters}


def event(step: int, nats: float, seed: int) -> dict[str, Any]:
    fallen = nats + (4.2 - nats) * math.exp(-step / 25)
    found: dict[str, Any] = {"step": step, "words": step * BATCH, "seconds": step / (2 + seed % 3), "rate": 0.004}
    found |= {"reach": 1.0, "loss": fallen - 0.2 + 0.02 * math.sin(step + seed), "accuracy": math.exp(-fallen) ** 0.4}
    if step % 20 == 0:
        found |= {"validation": scores(fallen - 0.05, 99_000), "test": scores(fallen)}
    return found


def result(folder: Path, model: str, seed: int, nats: float) -> dict[str, Any]:
    spans = ((1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 64), (65, 1024), (1025, 10_000))
    seconds = STEPS / (2 + seed % 3)
    return {
        "task": "text", "model": model, "seed": seed, "solved": None, "steps": STEPS, "words": STEPS * BATCH,
        "seconds": seconds, "ended": "budget", "parameters": 123_456, "kept_step": STEPS,
        "characters": STEPS * BATCH * WINDOW, "characters_per_second": round(STEPS * BATCH * WINDOW / seconds),
        "validation": scores(nats - 0.05, 99_000), "test": scores(nats),
        "windows": [{"window": 30, **scores(nats + 0.1)}, {"window": 256, **scores(nats + 0.02)}],
        "by_distance": [{"from": first, "to": last, "nats": nats + 1.5 / last**0.8, "characters": 64}
                        for first, last in spans],
    }  # fmt: skip


def sampled(model: str) -> list[dict[str, Any]]:
    long = f"{model} & the <king> of\nthe heart, " * 100
    quality = {"known": 0.9, "copied": 21, "repeated": 0.25}
    rows = []
    for third, step in ((1, 67), (2, 134), (3, 200)):
        place = {"step": step, "words": step * BATCH, "seconds": step / 2, "of": 3, "part": third}
        place |= {"weights": step, "characters": step * BATCH * WINDOW}
        greedy = [{"prefix": first, "text": "the constitution of the people"[:30]} for first in "aT,\n9"]
        rows.append({**place, "temperature": 0.0, "samples": greedy, "qualities": [{"characters": 30, **quality}]})
        for temperature in (1.0, 0.5):
            measured = [{"characters": length, **quality} for length in (30, 300, 3_000)]
            samples = [{"prefix": "\n", "text": long[:3_000]}]
            rows.append({**place, "temperature": temperature, "samples": samples, "qualities": measured})
    return rows
