"""Speed as ratios: our training step against other ones of the same network, on the same work in one run.

No row is told unless loss and gradients of its two sides agree on words of that very work, or, where these are two
networks, those of each with what `eager` makes of it.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch

import pushpop
from pushpop.errors import ConfigError, meant
from pushpop.experiments.store import commit
from pushpop.reporting.writing import Table, written
from pushpop.studies.comparisons import COMPARISONS, Comparison, Side, spell, told
from pushpop.studies.contest import (
    Contestant,
    Unavailable,
    Work,
    by_length,
    check_agreement,
    middle,
    same_words,
    side_by_side,
)
from pushpop.studies.operations import OPERATIONS, operations, sgemm_speed
from pushpop.studies.peak import peak_of_step
from pushpop.studies.reproduce import machine
from pushpop.studies.ways import TASK, WAYS, network, stirred

SGEMM_SIZE = 1024
TURNS = 5


def run(name: str | None = None, turns: int = TURNS, say: Callable[[str], object] = str) -> dict[str, Any]:
    """All rows, or the one of that name: `rows`, `sgemm_gflops`, `notes` on how they were measured, and by what, where.

    A row that needs what is not here is left out, and stands in `skipped` with the reason. `say` is given a line before
    each row is measured; no side takes more than so many `turns`.

    Raises:
        ConfigError: there is no bench of that name.
        RunError: the two sides of a row do not agree, so that neither is timed.
    """
    if name is not None and name not in COMPARISONS:
        raise ConfigError(f"bench: {name!r} is not known; {meant(name, COMPARISONS)}there are {', '.join(COMPARISONS)}")
    chosen = {name: COMPARISONS[name]} if name else COMPARISONS
    load, before = busy(), sgemm_speed(SGEMM_SIZE, 3 * turns)
    rows: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    for each, comparison in chosen.items():
        say(f"bench: {each}, beside {comparison.baseline}")
        try:
            rows.append(measure(each, replace(comparison, turns=min(turns, comparison.turns))))
        except Unavailable as reason:
            skipped.append({"name": each, "reason": str(reason)})
    sgemm = max(before, sgemm_speed(SGEMM_SIZE, 3 * turns))
    for row in rows:
        row["fraction_of_sgemm"] = row["gflops"] / sgemm
        row |= verdict(chosen[row["name"]], row)
    made = {"version": pushpop.__version__, "commit": commit(), "machine": machine()}
    found = notes([chosen[row["name"]] for row in rows], sgemm, load)
    return {"rows": rows, "sgemm_gflops": sgemm, "skipped": skipped, "notes": found, **made}


def busy() -> str:
    """What else the machine does, as far as it says so."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def notes(measured: list[Comparison], sgemm: float, load: str) -> list[str]:
    """How it was measured."""
    ways = dict.fromkeys(side.way for row in measured for side in (row.ours, row.theirs) if side)
    return [
        "a training step is zeroing gradients, forward, backward, clipping and Adam; warm, the two sides in turns",
        "medians over repetitions, in brackets the spread between quartiles",
        "the same words and sizes of batch; ours dealt out at random, the formulations of others grouped by length",
        *(f"{way}: {WAYS[way].says}" for way in ways if WAYS[way].says),
        "threads: 1 or all, whichever is faster for that side, unless the row says which",
        "memory: what a step adds to its process at the peak, each length in a process of its own",
        OPERATIONS,
        f"sgemm: {SGEMM_SIZE} x {SGEMM_SIZE}, {sgemm:.0f} GFLOP/s with {torch.get_num_threads()} thread(s)",
        f"load of the machine before the first row: {load}",
    ]


def measure(name: str, comparison: Comparison) -> dict[str, Any]:
    """One row, but for what is known in the end.

    Raises:
        Unavailable: it needs what is not here.
        RunError: its sides do not agree.
    """
    sides = [side for side in (comparison.ours, comparison.theirs) if side]
    if comparison.ours.threads == "all" and torch.get_num_threads() == 1:
        raise Unavailable("only one thread is in use here")
    check(name, comparison)
    contestants = [contestant(side, comparison.batches) for side in sides]
    times = [middle(seconds) for seconds in side_by_side(contestants, comparison.turns)]
    (seconds, spread), work = times[0], contestants[0].work
    model = network(comparison.ours.kind, dict(comparison.ours.sizes))
    counted = operations(model, work)
    ratio = times[1][0] / seconds if len(times) > 1 else None
    peaks = memory(sides) if comparison.target.figure == "growth" else None
    return {
        "name": name,
        "model": comparison.ours.kind,
        "sizes": dict(comparison.ours.sizes),
        "batch": comparison.ours.batch,
        "lengths": spell(comparison.ours.lengths),
        "engine": engine(comparison.ours),
        "baseline": comparison.baseline,
        "threads": [one.threads for one in contestants],
        "seconds": seconds / comparison.batches,
        "spread": spread / comparison.batches,
        "words_per_second": work.words / seconds,
        "ratio": ratio,
        "peak_bytes": peaks,
        "operations": counted / comparison.batches,
        "gflops": counted / seconds / 1e9,
    }


def contestant(side: Side, batches: int) -> Contestant:
    """The side over all its words, from first weights."""
    mixed, alike = same_words(TASK, side.lengths, side.batch, batches)
    way = WAYS[side.way]
    threads = {"best": 0, "all": torch.get_num_threads(), "one": 1}[side.threads]
    return way.enter(network(side.kind, dict(side.sizes)), Work.of(TASK, alike if way.grouped else mixed), threads)


def check(name: str, comparison: Comparison) -> None:
    """RunError unless both sides have the loss and gradients that they should, with first weights and stirred."""
    for one, other in judged(comparison):
        words = same_words(TASK, one.lengths, one.batch, comparison.batches)[0][0][: comparison.checked]
        first = network(one.kind, dict(one.sizes))
        for model in (first, stirred(first)):
            works = [Work.of(TASK, [words] if WAYS[side.way].ragged else by_length(words)) for side in (one, other)]
            got, wanted = (
                WAYS[side.way].enter(model, work, 0).graded() for side, work in zip((one, other), works, strict=True)
            )
            check_agreement(name, got, wanted, works[0].steps)


def judged(comparison: Comparison) -> Iterator[tuple[Side, Side]]:
    """Sides that must agree: the two of the row, if they are one network computed in two ways; or each with `eager`.

    Of two lengths the shorter one's words are checked: for the longer `eager` would need the square of the memory.
    """
    ours, theirs = comparison.ours, comparison.theirs
    if theirs and replace(theirs, way=ours.way) == ours:
        yield ours, theirs
        return
    sides = [side for side in (ours, theirs) if side]
    networks = {(side.kind, side.sizes): side for side in sorted(sides, key=lambda side: -side.lengths[1])}
    for side in networks.values():
        yield side, replace(side, way="eager")


def memory(sides: list[Side]) -> list[int]:
    """Bytes that a step of each side takes at its peak."""
    return [
        peak_of_step(
            kind=side.kind, settings=dict(side.sizes), batch=side.batch, length=side.lengths[1],
            threads=torch.get_num_threads(),
        )
        for side in sides
    ]  # fmt: skip


def engine(side: Side) -> str:
    """What ran: without numba, say, nothing is fused."""
    if side.way != "fused":
        return side.way
    return "fused" if network(side.kind, dict(side.sizes)).fused() else "eager"


def verdict(comparison: Comparison, row: dict[str, Any]) -> dict[str, Any]:
    """What the row is about, what was found, and whether that is where it should be."""
    target = comparison.target
    slower = 1 / row["ratio"] if row["ratio"] else 0.0
    ours, theirs = row["peak_bytes"] or (0, 1)
    figures = {
        "ratio": row["ratio"],
        "time": slower,
        "growth": max(slower, ours / theirs),
        "sgemm": row["fraction_of_sgemm"],
    }
    found = figures[target.figure]
    return {"figure": target.figure, "found": found, "target": str(target) or None, "met": target.met(found)}


def table(result: dict[str, Any]) -> Table:
    """The rows for people."""
    columns = ("name", "sides", "words", "found", "target", "ms a step", "GFLOP/s", "of sgemm")
    rows = tuple(
        (
            row["name"], f"{row['engine']}, {row['baseline']}", f"{row['batch']} of {row['lengths']}", *told(row),
            f"{written(1000 * row['seconds'])} ({written(1000 * row['spread'])})", row["gflops"],
            f"{row['fraction_of_sgemm']:.0%}",
        )
        for row in result["rows"]
    )  # fmt: skip
    skipped = [f"skipped {row['name']}: {row['reason']}" for row in result["skipped"]]
    return Table("Training step", columns, rows, "\n".join([*skipped, *result["notes"]]))
