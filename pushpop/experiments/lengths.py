"""Scores by length that were measured after a run had ended, tied to the weights they are of. Knows no torch."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pushpop.experiments import packaged
from pushpop.experiments.store import Status, read_json, status, write_json

LENGTHS = "lengths.json"  # in the run folder: {"weights": ..., "by_length": [...], "mismatch": {...}}
WEIGHTS = "model.safetensors"

Row = dict[str, Any]


def keep(path: Path, folder: Path, found: Mapping[str, Any], seed: int, lengths: Iterable[int]) -> list[Row]:
    """Store in `path` what was measured at these lengths on the weights in `folder`; gives the rows now there.

    `found` is as `Trained.evaluate` gives it. A row gives way only to one of as many words or more, and so does its
    rounded part by itself; the mismatch of pushes and pops, where there is one, is kept beside them. Of an unfinished
    run nothing is kept; a folder that is read-only, or comes with the package, stays as it is.

    Raises:
        RunError: `path` is there and is no JSON object.
    """
    if status(folder) is not Status.FINISHED:
        return []
    rows = {row["length"]: row for row in read(path, folder)}
    hard = {row["length"]: row for row in found.get("rounded", {}).get("by_length", [])}
    wanted = set(lengths)
    for row in found["by_length"]:
        if (length := row["length"]) in wanted:
            rows[length] = better(rows.get(length, {}), {**row, "seed": seed}, hard.get(length))
    kept = [rows[length] for length in sorted(rows)]
    if wanted and os.access(path.parent, os.W_OK) and not packaged.inside(path.parent):
        missed = found.get("mismatch") or mismatch_of(path, folder)
        more = {"mismatch": missed} if missed else {}
        write_json(path, {"weights": fingerprint(folder), "by_length": kept, **more})
    return kept


def better(old: Mapping[str, Any], new: Mapping[str, Any], hard: Mapping[str, Any] | None) -> Row:
    """The row of more words, and the rounded one of more words with it; of as many, the newer."""
    row = dict(old if old.get("words", 0) > new["words"] else new)
    rounded = old.get("rounded")
    if hard and not (rounded and rounded["words"] > hard["words"]):
        rounded = {**hard, "seed": new["seed"]}
    row.pop("rounded", None)
    return {**row, "rounded": rounded} if rounded else row


def read(path: Path, folder: Path, untied: bool = False) -> list[Row]:
    """The rows kept in `path`, if they are of the weights that `folder` holds now; what is no row is left out.

    `untied`: files that say nothing of weights, as earlier versions wrote them, are taken as well.

    Raises:
        RunError: `path` is no JSON object.
    """
    if not path.exists():
        return []
    stored = read_json(path)
    of = stored.get("weights")
    rows = stored.get("by_length")
    if not isinstance(rows, list) or not (of == fingerprint(folder) if of else untied):
        return []
    return [row for row in rows if is_row(row)]


def timed(path: Path, folder: Path, length: int, seconds: float) -> None:
    """Say beside the row of that length in `path`, if it is there, what measuring it took."""
    rows = read(path, folder)
    if any(row["length"] == length for row in rows):
        rows = [{**row, "seconds": seconds} if row["length"] == length else row for row in rows]
        write_json(path, {**read_json(path), "by_length": rows})


def mismatch_of(path: Path, folder: Path) -> dict[str, float | None]:
    """The mismatch of pushes and pops kept in `path`, if it is of the weights that `folder` holds now; else empty."""
    stored = read_json(path) if path.exists() else {}
    found = stored.get("mismatch")
    return dict(found) if isinstance(found, Mapping) and stored.get("weights") == fingerprint(folder) else {}


def fingerprint(folder: Path) -> str | None:
    """What tells the weights in a run folder from all others; None if there are none."""
    weights = folder / WEIGHTS
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:16] if weights.exists() else None


def is_row(row: object) -> bool:
    """Whether this is a length with its scores, and, if any, its rounded scores."""
    if not isinstance(row, Mapping) or type(row.get("length")) is not int:
        return False
    parts = [row, *([row["rounded"]] if row.get("rounded") is not None else [])]
    return all(isinstance(part, Mapping) and type(part.get("words")) is int and numbers(part) for part in parts)


def numbers(part: Mapping[str, Any]) -> bool:
    return all(type(value) in (int, float) for name, value in part.items() if name != "rounded")
