"""Speed as ratios: our training step against other ones of the same network, on the same work in one run.

No row is told unless loss and gradients of the two sides agree on words of that very work.
"""

import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy, nll_loss

import pushpop
from pushpop.errors import ConfigError, meant
from pushpop.experiments.store import commit
from pushpop.models.augmented import MemoryModel
from pushpop.models.catalogue import build
from pushpop.models.settings import Engine, MemorySettings
from pushpop.reporting.writing import Table
from pushpop.studies.baselines import DenseTriangularStackLSTM, PublishedStackLSTM
from pushpop.studies.contest import (
    Contestant,
    Loss,
    Work,
    by_length,
    check_agreement,
    graded,
    middle,
    same_words,
    side_by_side,
)
from pushpop.studies.reproduce import machine
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse
from pushpop.tasks.task import Word

SGEMM_SIZE = 1024
REPETITIONS = 5
Baseline = Literal["dense-triangular", "dense-triangular-tuned", "eager"]
BASELINES = (
    "dense-triangular: as the 2019 reversal study trains, all of it anew at every step; one length a batch",
    "dense-triangular-tuned: the same stack, all around it as quick as eager PyTorch gets; one length a batch",
)
OPERATIONS = (
    "operations: 3 (forward, and twice that backward) x 2 x (positions x (4h(h + e) + h(e + 2)) + outputs x v(h + e)), "
    "h hidden, e memory, v symbols; of real positions and matrix products alone, a symbol's own part being a look-up"
)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One row: an engine of the default stack-lstm, and what it is compared with."""

    batch: int
    lengths: tuple[int, int] = (8, 64)
    engine: Engine = "fused"
    baseline: Baseline = "dense-triangular"


BENCHES = {
    "dense-50": Bench(batch=50),
    "dense-10": Bench(batch=10),
    "tuned-50": Bench(batch=50, baseline="dense-triangular-tuned"),
    "tuned-10": Bench(batch=10, baseline="dense-triangular-tuned"),
    "eager-50": Bench(batch=50, baseline="eager"),
    "eager-10": Bench(batch=10, baseline="eager"),
}


def run(name: str | None = None, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """All rows, or the one of that name: `rows`, `sgemm_gflops`, `notes` on how they were measured, and by what, where.

    Raises:
        ConfigError: there is no bench of that name.
        RunError: the two sides of a row do not agree, so that neither is timed.
    """
    if name is not None and name not in BENCHES:
        raise ConfigError(f"bench: {name!r} is not known; {meant(name, BENCHES)}there are {', '.join(BENCHES)}")
    chosen = {name: BENCHES[name]} if name else BENCHES
    timed = [measure(each, bench, repetitions) for each, bench in chosen.items()]
    speed = sgemm_speed(3 * repetitions)
    rows = [{**row, "fraction_of_sgemm": row["gflops"] / speed} for row, _ in timed]
    notes = (
        "a training step is forward, backward, clipping and Adam; medians over repetitions, spread between quartiles",
        "ratio: of medians, in turns; the same words and sizes of batch",
        *BASELINES,
        OPERATIONS,
        f"sgemm: {SGEMM_SIZE} x {SGEMM_SIZE}, {speed:.0f} GFLOP/s with {torch.get_num_threads()} thread(s)",
        "threads, the faster of 1 and all for each side: " + "; ".join(note for _, note in timed),
    )
    made = {"version": pushpop.__version__, "commit": commit(), "machine": machine()}
    return {"rows": rows, "sgemm_gflops": speed, "notes": list(notes), **made}


def measure(name: str, bench: Bench, repetitions: int) -> tuple[dict[str, Any], str]:
    """One row, but for what it has of sgemm, and the threads of its two sides."""
    task = Reverse()
    settings = MemorySettings(engine=bench.engine)
    model = build("stack-lstm", settings, vocabulary(task.symbols), SEPARATOR, seed=0)
    assert isinstance(model, MemoryModel)
    mixed, alike = same_words(task, bench.lengths, bench.batch)
    work = Work.of(task, mixed)
    for weights in (model, stirred(model)):
        check(name, bench, weights, mixed[0])
    rival, loss = baseline(bench.baseline, model)
    rival_work = work if bench.baseline == "eager" else Work.of(task, alike)
    ours, theirs = Contestant(model, work), Contestant(rival, rival_work, loss)
    (seconds, spread), (slow, _) = map(middle, side_by_side([ours, theirs], repetitions))
    steps = len(work.batches)
    row = {
        "name": name,
        "batch": bench.batch,
        "lengths": "{}-{}".format(*bench.lengths),
        "engine": "fused" if model.fused() else "eager",  # what ran: without numba nothing is fused
        "baseline": bench.baseline,
        "seconds": seconds / steps,
        "spread": spread / steps,
        "words_per_second": work.words / seconds,
        "ratio": slow / seconds,
        "gflops": operations(work, settings, vocabulary(task.symbols)) / seconds / 1e9,
    }
    return row, f"{name} {ours.threads} and {theirs.threads}"


def check(name: str, bench: Bench, model: MemoryModel, words: Sequence[Word]) -> None:
    """RunError unless the two sides of a row have the same loss and gradients on these words."""
    task = Reverse()
    batches = [words] if bench.baseline == "eager" else by_length(words)
    rival, loss = baseline(bench.baseline, model)
    check_agreement(name, graded(model, Work.of(task, [words])), graded(rival, Work.of(task, batches), loss))


def stirred(model: MemoryModel) -> MemoryModel:
    """A copy that pushes and pops at every strength: with first weights hardly a read depends on a pop."""
    other = deepcopy(model)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in other.interface.parameters():
            weights += torch.empty_like(weights).uniform_(-0.5, 0.5, generator=generator)
    return other


def baseline(name: Baseline, model: MemoryModel) -> tuple[nn.Module, Loss]:
    """The network of `model`, with its weights, in another formulation or on another engine; and the loss it takes."""
    if name == "dense-triangular":
        return PublishedStackLSTM(model), nll_loss
    if name == "dense-triangular-tuned":
        return DenseTriangularStackLSTM(model), cross_entropy
    other = replace(model.settings, engine=name)
    twin = build("stack-lstm", other, model.vocabulary, model.separator, seed=0)
    twin.load_state_dict(model.state_dict())
    return twin, cross_entropy


def operations(work: Work, settings: MemorySettings, symbols: int) -> int:
    """What OPERATIONS says."""
    hidden, memory = settings.hidden, settings.memory
    position = 4 * hidden * (hidden + memory) + hidden * (memory + 2)
    return 6 * (work.positions * position + work.outputs * symbols * (hidden + memory))


def sgemm_speed(repetitions: int) -> float:
    """GFLOP/s of a product of two square float32 matrices."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.rand(SGEMM_SIZE, SGEMM_SIZE, generator=generator) for _ in range(2))
    product = torch.empty_like(a)
    times = []
    for _ in range(repetitions + 1):
        began = time.perf_counter()
        torch.mm(a, b, out=product)
        times.append(time.perf_counter() - began)
    return float(2 * SGEMM_SIZE**3 / middle(times[1:])[0] / 1e9)


def table(result: dict[str, Any]) -> Table:
    """The rows for people."""
    names = ("name", "batch", "lengths", "engine", "baseline", "ratio")
    columns = (*names, "ms a step", "spread", "words/s", "GFLOP/s", "of sgemm")
    rows = tuple(
        (
            *(row[name] for name in names[:-1]), f"{row['ratio']:.1f}x", f"{1000 * row['seconds']:.2f}",
            f"{1000 * row['spread']:.2f}", round(row["words_per_second"]), f"{row['gflops']:.1f}",
            f"{100 * row['fraction_of_sgemm']:.0f} %",
        )
        for row in result["rows"]
    )  # fmt: skip
    return Table("Training step", columns, rows, "\n".join(result["notes"]))
