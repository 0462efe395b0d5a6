"""Runs of a study, made up: folders as a real run leaves them, with curves to order."""

import json
from pathlib import Path

from pushpop.experiments.settings import Settings


def write_made_up(folder: Path, settings: Settings, fine=(0.0,), test=None, *, coarse=None, losses=None, words=None):
    """A finished run with this fine accuracy at its evaluations, evenly over its words, and at its end."""
    test = [score / 2 for score in fine] if test is None else test
    coarse = [float(score >= 0.999) for score in fine] if coarse is None else coarse
    losses = [4.0 - step for step in range(len(fine))] if losses is None else losses
    used = settings.training.words if words is None else words
    events = []
    for step, (score, far, whole, loss) in enumerate(zip(fine, test, coarse, losses, strict=True), start=1):
        seen = round(used * step / len(fine))
        events.append({"step": step, "words": seen, "seconds": seen / 100, "loss": loss,
                       "validation": scores(score, whole), "test": scores(far, float(far >= 0.999))})  # fmt: skip
    folder.mkdir(parents=True)
    config = {**settings.to_dict(), "hash": settings.hash(), "version": "0.1.0", "commit": "c0ffee" * 6}
    (folder / "config.json").write_text(json.dumps({**config, "word_sets": {"validation": "aa", "test": "bb"}}))
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / "model.safetensors").write_bytes(b"weights")
    end = {split: {**events[-1][split], "words": 1000} for split in ("validation", "test")}
    solved = all(end[split]["coarse"] == 1.0 for split in end)
    metrics = {"solved": solved, "steps": len(fine), "words": used, "seconds": used / 100, "ended": "budget", **end}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def scores(fine, coarse):
    return {"coarse": coarse, "fine": fine, "token": (1 + fine) / 2, "words": 100}
